"""`autopilot customers`: the companies, all that is known of one, and that one is forgotten."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

import typer
from sqlmodel import col, select

from app.bootstrap import Autopilot, build
from app.commands.shown import errors_shown
from app.settings import Settings
from core.database.session import CustomerSession
from core.database.tables import Customer
from core.errors import Conflict, NotFound
from core.privacy.certificate import Certificate
from core.security.people.visitor import SYSTEM

T = TypeVar("T")
AT_THE_TERMINAL = "asked for at the terminal"

commands = typer.Typer(no_args_is_help=True, help="Customers: list, add, export, erase.")


class NameTaken(Conflict):
    """There is a customer of this name already."""

    code: ClassVar[str] = "name_taken"


class FileThere(Conflict):
    """This file is there already."""

    code: ClassVar[str] = "file_there"


@commands.command("list")
def list_customers() -> None:
    """Every customer: id, name, and since when."""
    for one in _run(_all):
        ended = f"  deleted {one.deleted_at:%Y-%m-%d}" if one.deleted_at else ""
        typer.echo(f"{one.id}  {one.name}  since {one.created_at:%Y-%m-%d}{ended}")


@commands.command("add")
def add(name: str) -> None:
    """Add a company, with an empty audit chain."""

    async def add_one(autopilot: Autopilot) -> UUID:
        if any(one.name == name.strip() for one in await _all(autopilot)):
            raise NameTaken
        return await autopilot.services.people.add_customer(name)

    typer.echo(f"{name} is {_run(add_one)}.")


@commands.command("export")
def export(
    customer: Annotated[str, typer.Argument(help="A name or an id.")],
    output: Annotated[Path, typer.Option(help="The zip that is written.")],
) -> None:
    """Write all that is known of a customer as a zip; their own owner does so under Settings."""

    async def write(autopilot: Autopilot) -> None:
        found = await _named(autopilot, customer)
        try:
            with output.open("xb") as file:
                output.chmod(0o600)
                await autopilot.exports.write(found.id, SYSTEM, file)
        except FileExistsError:
            raise FileThere(because=f"{output} is not written over.") from None

    _run(write)
    typer.echo(f"{output} holds all that is known of them, and is for them alone.")


@commands.command("erase")
def erase(
    customer: Annotated[str, typer.Argument(help="A name or an id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete all that is known of a customer, for good; prints the signed certificate as one line of JSON."""
    found = _run(lambda autopilot: _named(autopilot, customer))
    if not yes:
        typer.echo(
            f"All data of {found.name} ({found.id}) goes, and the keys that sealed it. This can't be undone.", err=True
        )
        if typer.prompt("Type the name to go on", err=True) != found.name:
            typer.echo("That is not the name; nothing was deleted.", err=True)
            raise typer.Exit(1)

    async def delete(autopilot: Autopilot) -> Certificate:
        return await autopilot.deletions.delete(found.id, SYSTEM, AT_THE_TERMINAL)

    typer.echo(_run(delete).to_json())


def _run(work: Callable[[Autopilot], Coroutine[Any, Any, T]]) -> T:
    async def opened() -> T:
        autopilot = build(Settings.read())
        await autopilot.open()
        return await work(autopilot)

    with errors_shown():
        return asyncio.run(opened())


async def _all(autopilot: Autopilot) -> list[Customer]:
    every = select(Customer).order_by(col(Customer.created_at))

    def look(session: CustomerSession) -> list[Customer]:
        return list(session.exec(every))

    return await autopilot.services.database.run_across_customers(look, because="the terminal names a customer")


async def _named(autopilot: Autopilot, name: str) -> Customer:
    """The customer of that name or id. Raises NotFound, also for one that was deleted."""
    alive = [one for one in await _all(autopilot) if one.deleted_at is None]
    found = [one for one in alive if name in {one.name, str(one.id)}]
    if len(found) > 1:
        raise Conflict(because=f"{len(found)} customers are called “{name}”; give the id.")
    if not found:
        raise NotFound(because=f"There is no customer “{name}”.")
    return found[0]
