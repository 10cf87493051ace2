"""`autopilot users` and `autopilot tokens`: who may sign in, as what, and with what."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from sqlmodel import col, select

from app.bootstrap import Autopilot, build
from app.commands.shown import errors_shown
from app.settings import Settings
from core.database.roles import STAFF, Role
from core.database.session import CustomerSession
from core.database.tables import Customer, User
from core.errors import NotFound
from core.security.people.accounts import person
from core.security.people.members import made_up_password
from core.security.people.tokens import EVERY_SCOPE
from core.security.people.visitor import TERMINAL, Scope, Visitor

T = TypeVar("T")

TERMINAL_CUSTOMER, TERMINAL_USER = "This terminal", "terminal@localhost"

users = typer.Typer(no_args_is_help=True, help="The people who sign in.")
tokens = typer.Typer(no_args_is_help=True, help="Bearer tokens for the REST API.")


@users.command("add")
def add_user(
    email: str,
    customer: Annotated[str, typer.Option(help="The company; it is added if there is none of that name.")],
    role: Annotated[Role, typer.Option(help="What they are; docs/people.md says what each may do.")] = Role.OWNER,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Add a person who may sign in. Without --password-stdin a password is made and shown once."""
    password = typer.get_text_stream("stdin").readline().rstrip("\n") if password_stdin else made_up_password()

    async def add(autopilot: Autopilot) -> None:
        customer_id = await customer_named(autopilot, customer)
        await autopilot.services.people.add_user(customer_id, email, password, role)

    _run(add)
    typer.echo(f"{email} may sign in." + ("" if password_stdin else f" Password, shown once: {password}"))
    if role in STAFF:
        typer.echo("Have an authenticator app at hand: staff sign in with its codes, too.")


@users.command("list")
def list_users() -> None:
    """Everybody who may sign in, or once could: company, e-mail address, role."""
    for company, user in _run(everybody):
        typer.echo(f"{company}  {user.email}  {Role(user.role).words}{'  disabled' if user.disabled_at else ''}")


@users.command("disable")
def disable_user(email: str) -> None:
    """Let a person in no more: their sessions and tokens end at once."""

    async def disable(autopilot: Autopilot, of: Visitor) -> None:
        await autopilot.services.members.disable(at_the_terminal(of), of.user_id)

    _for_person(email, disable)
    typer.echo(f"{email} is let in no more.")


@users.command("enable")
def enable_user(email: str) -> None:
    """Let a person in again who was disabled."""

    async def enable(autopilot: Autopilot, of: Visitor) -> None:
        await autopilot.services.members.enable(at_the_terminal(of), of.user_id)

    _for_person(email, enable)
    typer.echo(f"{email} may sign in.")


@users.command("role")
def change_role(email: str, role: Role) -> None:
    """Give a person another role; they have to sign in anew."""

    async def change(autopilot: Autopilot, of: Visitor) -> None:
        await autopilot.services.members.change_role(at_the_terminal(of), of.user_id, role)

    _for_person(email, change)
    typer.echo(f"{email} is {role.words}.")


@users.command("reset")
def reset_user(
    email: str,
    second_factor: Annotated[bool, typer.Option(help="Ask for no code any more: the app is lost, too.")] = False,
) -> None:
    """Make a new password for a person, shown once: for who has forgotten it, or after 100 wrong tries."""

    async def reset(autopilot: Autopilot, of: Visitor) -> str:
        if second_factor:
            await autopilot.services.second_factors.remove(of, by=at_the_terminal(of).actor)
        return await autopilot.services.members.reset_password(at_the_terminal(of), of.user_id)

    typer.echo(f"Password of {email}, shown once: {_for_person(email, reset)}")


@tokens.command("add")
def add_token(
    email: str,
    name: Annotated[str, typer.Option(help="What it is for.")] = "cli",
    days: Annotated[int, typer.Option(help="How long it is valid.", min=1, max=365)] = 90,
    scope: Annotated[list[Scope] | None, typer.Option(help="What it is good for; without any, for everything.")] = None,
) -> None:
    """Make a bearer token of the REST API for a person; it is shown once."""

    async def add(autopilot: Autopilot, of: Visitor) -> str:
        return await autopilot.services.tokens.add(of, name, timedelta(days=days), scope or EVERY_SCOPE)

    typer.echo(_for_person(email, add))


def _run(use_case: Callable[[Autopilot], Coroutine[Any, Any, T]]) -> T:
    """A use case on the opened database; a known error is told in a sentence."""

    async def opened(autopilot: Autopilot) -> T:
        await autopilot.open()
        return await use_case(autopilot)

    with errors_shown():
        return asyncio.run(opened(build(Settings.read())))


def _for_person(email: str, use_case: Callable[[Autopilot, Visitor], Coroutine[Any, Any, T]]) -> T:
    async def found(autopilot: Autopilot) -> T:
        return await use_case(autopilot, await visitor_of(autopilot, email))

    return _run(found)


def at_the_terminal(of: Visitor) -> Visitor:
    """Whoever has the machine, seeing to somebody's company."""
    return Visitor(of.customer_id, TERMINAL, TERMINAL_USER, Role.ADMIN)


async def everybody(autopilot: Autopilot) -> list[tuple[str, User]]:
    """Everybody there is, with the name of their company."""

    def find(session: CustomerSession) -> list[tuple[str, User]]:
        names = {customer.id: customer.name for customer in session.exec(select(Customer))}
        rows = session.exec(select(User).order_by(col(User.customer_id), col(User.created_at)))
        return [(names[row.customer_id], row) for row in rows]

    return await autopilot.services.database.run_across_customers(find, because="the terminal lists people")


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
    return person(user)
