"""`autopilot users` and `autopilot tokens`: who may sign in, and with what."""

import asyncio
import secrets
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import select

from app.bootstrap import Autopilot, build
from app.commands.shown import errors_shown
from app.settings import Settings
from core.database.session import CustomerSession
from core.database.tables import Customer, User
from core.errors import NotFound
from core.security.people import Visitor

TERMINAL_CUSTOMER, TERMINAL_USER = "This terminal", "terminal@localhost"

users = typer.Typer(no_args_is_help=True, help="The people who sign in.")
tokens = typer.Typer(no_args_is_help=True, help="Bearer tokens for the REST API.")


@users.command("add")
def add_user(
    email: str,
    customer: Annotated[str, typer.Option(help="The company; it is added if there is none of that name.")],
    staff: Annotated[bool, typer.Option(help="May see every customer's statistics.")] = False,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Add a person who may sign in. Without --password-stdin a password is made and shown once."""
    password = typer.get_text_stream("stdin").readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    with errors_shown():
        asyncio.run(_add_user(build(Settings.read()), email, customer, password, staff=staff))
    typer.echo(f"{email} may sign in." + ("" if password_stdin else f" Password, shown once: {password}"))


@tokens.command("add")
def add_token(
    email: str,
    name: Annotated[str, typer.Option(help="What it is for.")] = "cli",
    days: Annotated[int, typer.Option(help="How long it is valid.", min=1, max=365)] = 90,
) -> None:
    """Make a bearer token of the REST API for a person; it is shown once."""
    with errors_shown():
        typer.echo(asyncio.run(_add_token(build(Settings.read()), email, name, timedelta(days=days))))


async def _add_user(autopilot: Autopilot, email: str, customer: str, password: str, *, staff: bool) -> None:
    await autopilot.open()
    people = autopilot.services.people
    customer_id = await customer_named(autopilot, customer)
    await people.add_user(customer_id, email, password, is_staff=staff)


async def _add_token(autopilot: Autopilot, email: str, name: str, valid_for: timedelta) -> str:
    await autopilot.open()
    visitor = await visitor_of(autopilot, email)
    return await autopilot.services.tokens.add(visitor, name, valid_for)


async def customer_named(autopilot: Autopilot, name: str) -> UUID:
    """The customer of that name, added if there is none."""

    def find(session: CustomerSession) -> UUID | None:
        return session.exec(select(Customer.id).where(Customer.name == name)).first()

    services = autopilot.services
    found = await services.database.run_across_customers(find, because="the command line names a customer")
    return found or await services.people.add_customer(name)


async def terminal_visitor(autopilot: Autopilot) -> Visitor:
    """Who acts from the terminal: a user of this machine's own customer, whose password nobody knows."""
    try:
        return await visitor_of(autopilot, TERMINAL_USER)
    except NotFound:
        customer_id = await customer_named(autopilot, TERMINAL_CUSTOMER)
        return await autopilot.services.people.add_user(customer_id, TERMINAL_USER, secrets.token_urlsafe(32))


async def visitor_of(autopilot: Autopilot, email: str) -> Visitor:
    """The person of that address. Raises NotFound."""

    def find(session: CustomerSession) -> User | None:
        return session.exec(select(User).where(User.email == email.strip().lower())).first()

    user = await autopilot.services.database.run_across_customers(find, because="the command line names a person")
    if user is None:
        raise NotFound(because=f"Nobody signs in as {email}. Add them with: autopilot users add")
    return Visitor(user.customer_id, user.id, user.email, user.is_staff)
