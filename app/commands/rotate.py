"""`autopilot vault rotate`: change the master key in five steps, or a customer's own key, while everything goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from app.commands.shown import errors_shown
from app.opened_vault import NoDatabase, opened_vault
from app.settings import Settings
from core.clock import SystemClock
from core.database.session import Database
from core.database.tables import Customer
from core.errors import NotFound
from core.security.keys.master_keys import MasterView
from core.security.vault.rotation import CustomerRotation, MasterRotation

T = TypeVar("T")

rotate = typer.Typer(no_args_is_help=True, help="Change the master key, step by step, while everything goes on.")


def rotate_customer(
    customer: str,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="Finish one that was interrupted; no further key is made.")
    ] = False,
) -> None:
    """Give a customer a new data key, and seal their secrets anew under it."""
    with errors_shown():
        count = asyncio.run(_rotate_customer(customer, go_on=go_on))
    typer.echo(f"{count} secrets of {customer} were sealed anew.")


@rotate.command("status")
def rotate_status() -> None:
    """The master keys that this database knows, and where their life stands."""
    show_keys()


@rotate.command("begin")
def begin() -> None:
    """Step 1: make the new key. It wraps nothing yet, so that every process can get to know it first."""
    new = _step(lambda rotation: rotation.begin())
    typer.echo(
        f"{new} is to come. Bring it to every machine and into the back-up of keys; then: autopilot vault rotate promote"
    )


@rotate.command("promote")
def promote() -> None:
    """Step 2: let the new key wrap what is new."""
    typer.echo(
        f"{_step(lambda rotation: rotation.promote())} is the primary key now. Next: autopilot vault rotate rewrap"
    )


@rotate.command("rewrap")
def rewrap() -> None:
    """Step 3: wrap every customer's data keys by the new key. Can be interrupted and done again."""
    done = _step(lambda rotation: rotation.rewrap())
    typer.echo(
        f"{done.keys} data keys of {done.customers} customers were wrapped anew. Next: autopilot vault rotate retire"
    )


@rotate.command("retire")
def retire() -> None:
    """Step 4: let the old key open nothing any more. Refused while anything is wrapped by it."""
    old = _step(lambda rotation: rotation.retire())
    typer.echo(f"{old} is retired. Once no back-up that has to be put back needs it: autopilot vault rotate destroy")


@rotate.command("destroy")
def destroy(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Step 5: destroy the old key. Back-ups of the database from before the change can then not be opened by anybody."""
    if not yes:
        typer.confirm("Older back-ups of the database become worthless with it. Destroy it?", abort=True)
    typer.echo(f"{', '.join(_step(lambda rotation: rotation.destroy()))} is destroyed. Export the keys anew.")


def _step(work: Callable[[MasterRotation], Awaitable[T]]) -> T:
    """One step of changing the master key, with what can be said of an error."""

    async def done() -> T:
        async with opened_vault(Settings.read()) as (database, vault):
            return await work(MasterRotation(database, vault, SystemClock()))

    with errors_shown():
        try:
            return asyncio.run(done())
        except SQLAlchemyError as error:
            raise NoDatabase(because=f"{type(error).__name__}.") from error


def show_keys() -> None:
    for one in _step(lambda rotation: rotation.status()):
        typer.echo(_line(one))


def _line(one: MasterView) -> str:
    here = "here" if one.is_here else "not here"
    since = f"since {one.changed_at or one.created_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.key_id}  {one.state:<9}  {here:<8}  wraps {one.wrapped_now} data keys ({one.wraps} in all)  {since}"


async def _rotate_customer(name: str, *, go_on: bool) -> int:
    async with opened_vault(Settings.read()) as (database, vault):
        customer_id = await _customer_named(database, name)
        rotation = CustomerRotation(database, vault, SystemClock())
        return await (rotation.go_on(customer_id) if go_on else rotation.rotate(customer_id))


async def _customer_named(database: Database, name: str) -> UUID:
    ids = await database.run_across_customers(
        lambda session: session.exec(select(Customer.id).where(Customer.name == name)).all(),
        because="the command line names a customer",
    )
    if len(ids) != 1:
        raise NotFound(because=f"{len(ids) or 'No'} customers are called “{name}”.")
    return ids[0]
