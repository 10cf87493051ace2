"""`autopilot db`: the tables, brought up to date by whoever owns them."""

from contextlib import closing
from typing import Annotated, ClassVar

import typer
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from app.commands.shown import errors_shown
from app.settings import Settings
from core.database.server_roles import WrongRole
from core.database.session import Database
from core.database.upgrade import upgrade
from core.errors import BadInput, Unavailable

commands = typer.Typer(no_args_is_help=True, help="The database: bring it up to date.")


class NoOwner(BadInput):
    """It takes the owner of the tables to upgrade a PostgreSQL database."""

    code: ClassVar[str] = "no_owner"


class NotUpgraded(Unavailable):
    """The database was not upgraded, and is as it was."""

    code: ClassVar[str] = "not_upgraded"


@commands.callback()
def database() -> None:
    """The database."""


@commands.command("upgrade")
def upgrade_database(
    owner_url: Annotated[
        str | None,
        typer.Option(
            help="Who may make roles and tables on PostgreSQL; or DATABASE_OWNER_URL, which no list of processes shows."
        ),
    ] = None,
) -> None:
    """Bring the database to the newest tables, with what protects its rows. All or nothing; twice does no harm.

    On PostgreSQL it makes the roles, and the one that DATABASE_URL signs in as, if there is none of that name.
    """
    with errors_shown():
        settings = Settings.read()
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        typer.echo(_upgrade(settings, owner_url or settings.database_owner_url))


def _upgrade(settings: Settings, owner_url: str | None) -> str:
    try:
        login = make_url(settings.database)
        if login.get_backend_name() == "sqlite":
            with closing(Database(settings.database)) as file:
                upgrade(file)
            return f"{login.database} is up to date."
        with closing(Database(_owner_of(login, owner_url))) as server:
            upgrade(server, login=login)
    except DBAPIError as error:
        raise NotUpgraded(because=str(error.orig).splitlines()[0]) from error
    except (ArgumentError, SQLAlchemyError, ImportError, ValueError) as error:  # its text may hold a password
        raise NotUpgraded(because="DATABASE_URL or its owner's is no address that is known here.") from error
    return f"{login.render_as_string(hide_password=True)} is up to date; Autopilot signs in as {login.username}."


def _owner_of(login: URL, owner_url: str | None) -> str:
    """The owner's address. Raises NoOwner or WrongRole: who signs in for the product must not own its tables."""
    if owner_url is None:
        raise NoOwner(because="Give --owner-url or DATABASE_OWNER_URL: postgresql+psycopg://owner:…@host/database.")
    owner = make_url(owner_url)
    if owner.username == login.username:
        raise WrongRole(because="DATABASE_URL names the owner itself. Name another user there; it is made for you.")
    if (owner.host, owner.port, owner.database) != (login.host, login.port, login.database):
        raise NoOwner(because="The owner's address is another database than DATABASE_URL.")
    return owner_url
