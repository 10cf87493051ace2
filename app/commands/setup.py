"""`autopilot setup`: a whole operation from the terminal, consent included."""

import asyncio
import getpass
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape

from app.alone import place_of_work
from app.bootstrap import Autopilot, build
from app.commands.people import terminal_visitor
from app.commands.questions import OnQuestion, whoever_is_there
from app.commands.shown import errors_shown
from app.commands.terminal_run import watch
from app.settings import Settings
from core.agents.integration import Integrations
from core.agents.keys import PASSWORD, USERNAME
from core.database.states import OperationStatus
from core.errors import Refused
from core.integrations.every import every_integration
from core.operations.consents import ConsentBox, ConsentRequest, ConsentSheet
from core.operations.retrying import MOST_TRIES
from core.operations.service import AlreadyOver, AlreadyRunning, NewOperation
from core.operations.views import OperationView
from core.security.addresses import AddressGuard, SystemResolver
from core.security.audit.checkpoint import Checkpoint
from core.security.consent.agreement import Circumstances, Purpose, Surface
from core.security.origin import Origin
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.services import Services

BY_COMMAND = Circumstances(Surface.TERMINAL, "autopilot setup")


class NeedsTheDashboard(Refused):
    """The shop's owner approves this in their own browser, and comes back to the dashboard."""

    code: ClassVar[str] = "needs_the_dashboard"


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    request: ConsentRequest
    username: str
    password: Secret
    granted: frozenset[str]


def setup(  # noqa: PLR0913, PLR0917  a command's parameters are its options
    service: str,
    store_url: Annotated[str, typer.Option(help="The shop's address.")],
    username: Annotated[str, typer.Option(help="Who signs in to the shop.")],
    operation: Annotated[str, typer.Option(help="What is done; without it, the service is set up.")] = "",
    password_stdin: Annotated[bool, typer.Option(help="Read the shop's password from standard input.")] = False,
    grant: Annotated[
        list[str] | None,
        typer.Option(help="A permission you give, or ask_model or keep_pictures; without any, you are asked."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Set up a shop: shows what will be done, asks, and does it."""
    with errors_shown():
        _check_can_be_done_here(service, operation)
    password = sys.stdin.readline().rstrip("\n") if password_stdin else getpass.getpass(f"Password of {username}: ")
    request = ConsentRequest(service, operation, store_url, tuple(grant or ()))
    wanted = Wanted(request, username, Secret(password), frozenset(grant or ()))
    console = Console(stderr=as_json, highlight=False)
    with errors_shown():
        view, signed = asyncio.run(_run(Settings.read(), wanted, console))
    tell(view, console, signed)
    if as_json:
        typer.echo(json.dumps(summary(view)))
    raise typer.Exit(0 if view.status is OperationStatus.COMPLETED else 1)


async def carry_out(
    services: Services, visitor: Visitor, wanted: Wanted, console: Console, on_question: OnQuestion
) -> OperationView:
    """Store the sign-in, consent, start, and show each step until it is over."""
    request = wanted.request
    await services.operations.check_shop(visitor, request.service, request.store_url)
    sign_in = {USERNAME: Secret(wanted.username), PASSWORD: wanted.password}
    await services.credentials.store(visitor, request.service, request.store_url, sign_in, BY_COMMAND)
    await services.consents.agree(visitor, request, BY_COMMAND)
    asked = NewOperation(request.service, request.operation, request.store_url, request.to_act)
    operation = await _begun(services, visitor, asked, console)
    now: UUID | None = operation.id
    try:
        while now:
            operation = await watch(services, visitor, now, console, on_question)
            now = await _tried_again(services, visitor, operation, console)
    except asyncio.CancelledError:
        # Ctrl-C: whoever interrupts it wants nothing left there. A second one leaves at once.
        with suppress(AlreadyOver):
            await services.operations.cancel(visitor, now or operation.id, because="You interrupted it.")
        return await watch(services, visitor, now or operation.id, console)
    return operation


async def _tried_again(services: Services, visitor: Visitor, ended: OperationView, console: Console) -> UUID | None:
    """The operation that tries this one once more by itself, if one does; this process is there for it."""
    if ended.retried_by is None:
        return None
    again = await services.operations.status(visitor, ended.retried_by)
    if ended.failure and again.not_before:
        console.print(f"[yellow]{escape(ended.failure.sentence)}[/]")
        told = f"{again.not_before:%H:%M:%S} UTC ({again.tries} of {MOST_TRIES})"
        console.print(f"Will try again at {told}. Ctrl-C stops it.")
    return again.id


async def _begun(services: Services, visitor: Visitor, asked: NewOperation, console: Console) -> OperationView:
    """The operation that was asked for; or the same one, if an earlier process was killed in the middle of it."""
    try:
        return await services.operations.initiate(visitor, asked)
    except AlreadyRunning:
        store = str(Origin.of(asked.store_url))
        for one in await services.operations.history(visitor):
            same = (one.service, one.operation, one.store_url) == (asked.service, asked.operation, store)
            if same and not one.status.is_over and set(asked.permissions) <= set(one.permissions):
                console.print("It was begun before, and goes on.")
                return one
        raise


def tell(view: OperationView, console: Console, signed: Checkpoint | None = None) -> None:
    """Say how it ended, and what was signed for the record of it: whoever notes that can hold us to it."""
    if view.result:
        try_this = " Try: Show me your best sellers" if view.result.product_count else ""
        console.print(f"\n[bold green]Done! {escape(view.result.said)}{try_this}[/]")
        if view.result.key_can:
            console.print(f"{escape(view.result.api_key)} can {escape(view.result.key_can)}")
        if view.result.left_behind:
            console.print(f"Of your earlier setup: {escape(view.result.left_behind)}")
    elif view.failure:
        console.print(f"\n[bold red]{view.status.words}: {escape(view.failure.sentence)}[/]")
        console.print(escape(view.failure.left_behind) or "Nothing was left behind there.")
    if signed:
        console.print(f"[dim]Recorded and signed: {signed.name}[/]")


def summary(view: OperationView) -> dict[str, object]:
    """An operation as one JSON object."""
    told: dict[str, object] = {
        "status": view.status.value,
        "operationId": str(view.id),
        "productCount": view.result.product_count if view.result else 0,
        "seconds": round(view.seconds, 2) if view.seconds is not None else None,
        "steps": sum(1 for step in view.steps if step.state != "skipped"),
    }
    return told | ({"error": view.failure.code} if view.failure else {})


def _check_can_be_done_here(service: str, operation: str) -> None:
    """Return if no owner has to approve it. Raises NeedsTheDashboard, before anybody is asked for a password."""
    found = Integrations(every_integration(AddressGuard(SystemResolver()))).find(service, operation)
    if found is not None and found.approval:
        raise NeedsTheDashboard(because="Run `autopilot serve`, and begin it there under “Set up”.")


async def _run(settings: Settings, wanted: Wanted, console: Console) -> tuple[OperationView, Checkpoint | None]:
    with place_of_work(settings) as placed:
        autopilot = build(placed)
        async with autopilot.running() as services:
            return await _asked_and_done(autopilot, services, wanted, console)


async def _asked_and_done(
    autopilot: Autopilot, services: Services, wanted: Wanted, console: Console
) -> tuple[OperationView, Checkpoint | None]:
    visitor = await terminal_visitor(autopilot)
    if not wanted.request.operation:
        first = services.integrations.of_service(wanted.request.service)
        wanted = replace(wanted, request=replace(wanted.request, operation=first.operation))
    sheet = services.consents.sheet(wanted.request)
    _consent_or_leave(sheet, wanted, console)
    allowed = wanted.granted | {line.permission for line in sheet.will if not line.optional}
    allowed |= {
        box.purpose.value for box in _boxes(sheet) if box.purpose not in wanted.granted and _agrees_to(box, wanted)
    }
    request = replace(wanted.request, permissions=tuple(sorted(allowed)))
    on_question = whoever_is_there(console, as_json=console.stderr)
    view = await carry_out(services, visitor, replace(wanted, request=request), console, on_question)
    return view, await services.trail.receipt(visitor, view.id)


def _consent_or_leave(sheet: ConsentSheet, wanted: Wanted, console: Console) -> None:
    """Show the consent text; ask, unless every permission it needs was given on the command line."""
    console.print(f"[bold]{escape(sheet.heading)}[/]\n{sheet.intro}\n\nIt will")
    for line in sheet.will:
        asked = not line.optional or line.permission in wanted.granted
        console.print(
            f"  {'+' if asked else ' '} {_plain(line.sentence)}{'' if asked else '  (optional, not asked for)'}"
        )
    console.print("It will not\n" + "\n".join(f"  - {_plain(one)}" for one in sheet.will_not))
    console.print("Kept\n" + "\n".join(f"  · {_plain(one)}" for one in sheet.kept))
    console.print("\n".join(f"  · {_plain(box.sentence)}" for box in sheet.boxes if box.needed))
    for box in _boxes(sheet):
        given = "+" if box.purpose in wanted.granted else " "
        console.print(f"  {given} {_plain(box.sentence)}  (a consent of its own: --grant {box.purpose})")
    needed = {line.permission for line in sheet.will if not line.optional}
    if not needed <= wanted.granted and not typer.confirm(f"Allow for {sheet.days} days?", err=True):
        console.print("Nothing was done.")
        raise typer.Exit(1)


def _boxes(sheet: ConsentSheet) -> tuple[ConsentBox, ...]:
    """The consents of their own that can be left out; the sign-in is given with the command, to be kept until it is over."""
    return tuple(box for box in sheet.boxes if box.purpose is not Purpose.STORE_SIGN_IN)


def _agrees_to(box: ConsentBox, wanted: Wanted) -> bool:
    """Whether who was asked says yes to this, too; whoever names what they give, or is a program, is not asked."""
    return (
        not wanted.granted
        and sys.stdin.isatty()
        and typer.confirm(f"{_plain(box.sentence)} Allow that, too?", err=True)
    )


def _plain(sentence: str) -> str:
    return sentence.replace("**", "")
