"""`autopilot consents`: what was allowed, its receipts, and taking it back; it needs neither the shop nor the model."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from app.bootstrap import build
from app.commands.people import TERMINAL_USER, visitor_of
from app.commands.shown import errors_shown
from app.settings import Settings
from core.errors import BadInput
from core.operations.consent_view import ConsentView
from core.security.people.people import Visitor
from core.services import Services

T = TypeVar("T")

Whose = Annotated[str, typer.Option("--email", help="Whose customer's consents; without it, this terminal's.")]

commands = typer.Typer(no_args_is_help=True, help="Consents: list them, get a receipt, verify one, withdraw one.")


@commands.command("list")
def list_consents(email: Whose = TERMINAL_USER) -> None:
    """Every consent ever given, the newest first."""
    for one in _done(email, lambda services, visitor: services.consents.list(visitor)):
        typer.echo(_line(one))


@commands.command("receipt")
def receipt(consent_id: UUID, email: Whose = TERMINAL_USER) -> None:
    """Print the signed receipt of a consent, to keep."""
    told = _done(email, lambda services, visitor: services.receipts.receipt(visitor, consent_id))
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))


@commands.command("verify")
def verify(file: Path) -> None:
    """Say whether a receipt was signed here and is as it was signed. Ends with 1 if not."""
    with errors_shown():
        receipts = build(Settings.read()).services.receipts
        told = asyncio.run(receipts.verify(_read(file)))
    typer.echo(f"It was signed here: {told['consentTo']} at {told['shop']}, given {told['event']['time']}.")


@commands.command("revoke")
def revoke(
    consent_id: UUID,
    email: Whose = TERMINAL_USER,
    because: Annotated[str, typer.Option(help="Why; no reason is needed.")] = "withdrawn in the terminal",
    keep_credentials: Annotated[bool, typer.Option(help="Keep what is in the vault; it can't be used.")] = False,
) -> None:
    """Withdraw a consent. What runs under it stops within a second; what is in the vault for it is deleted."""

    async def withdraw(services: Services, visitor: Visitor) -> ConsentView:
        return await services.consents.revoke(visitor, consent_id, because, keep_credentials=keep_credentials)

    typer.echo(_line(_done(email, withdraw)))


def _done(email: str, use_case: Callable[[Services, Visitor], Awaitable[T]]) -> T:
    """Open the database and do this for somebody; a server that has it open meanwhile goes on."""

    async def done() -> T:
        autopilot = build(Settings.read())
        await autopilot.open()
        return await use_case(autopilot.services, await visitor_of(autopilot, email))

    with errors_shown():
        return asyncio.run(done())


def _line(one: ConsentView) -> str:
    until = f"until {one.expires_at:%Y-%m-%d}" if one.in_force else f"{one.ended_as or 'expired'}"
    return (
        f"{one.id}  {one.purpose:<13}  {one.service}/{one.operation}  {one.store_url}  text {one.text_version}  {until}"
    )


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(because=f"{file} can't be read as a receipt.") from error
