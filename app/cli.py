"""The command `autopilot`. What a command needs is imported when it is called: all of it takes seconds, which no --help is worth."""

import atexit
import gc
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from app.importing import imported


class Place(NamedTuple):
    """Where a command stands, and what the list of commands says of it."""

    module: str
    name: str
    help: str


COMMANDS = {
    "serve": Place("serve", "serve", "Serve the dashboard and the REST API, and carry out what is asked of them."),
    "worker": Place("worker", "worker", "Carry out what is asked, beside others that share a PostgreSQL database."),
    "demo": Place(
        "demo",
        "demo",
        "Show the whole product: a practice shop, the dashboard, and a WooCommerce setup from consent to products.",
    ),
    "setup": Place("setup", "setup", "Set up a shop: shows what will be done, asks, and does it."),
    "learn": Place("learn", "learn_workflows", "Learn workflows from pytest-playwright tests."),
    "doctor": Place("doctor", "doctor", "Say what is installed, reachable and missing."),
    "workflows": Place("workflows", "commands", "The learnt workflows."),
    "db": Place("database", "commands", "The database: bring it up to date."),
    "audit": Place("audit", "commands", "The audit trail: verify it, export it, and who signs it."),
    "vault": Place("vault", "commands", "The vault: check it, back up its keys, change them."),
    "customers": Place("customers", "commands", "Customers: list, add, export, erase."),
    "consents": Place("consents", "commands", "Consents: list them, get a receipt, verify one, withdraw one."),
    "users": Place("people", "users", "The people who sign in."),
    "tokens": Place("people", "tokens", "Bearer tokens for the REST API."),
}


class Commands(TyperGroup):
    """The commands by name; each is imported only when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """What is told of a command before it is called."""
        place = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=place.help) if place else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, with all that it needs."""
        name, told, rest = super().resolve_command(ctx, args)
        return name, loaded(COMMANDS[name]) if name in COMMANDS else told, rest


def loaded(place: Place) -> Any:
    """The command that stands there."""
    found = getattr(imported(f"app.commands.{place.module}"), place.name)
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command()(found)
    return get_command(alone)


main = typer.Typer(
    name="autopilot", cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@main.callback()
def autopilot() -> None:
    """Sets other services up for your customers, with their consent, in a real browser."""
    atexit.register(gc.freeze)  # Python looks through all that a process holds before it ends: seconds, for nothing
