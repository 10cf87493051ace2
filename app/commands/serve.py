"""`autopilot serve`: the dashboard and the REST API."""

import asyncio
import logging
from typing import Annotated

import typer

from app import logs, server
from app.alone import place_of_work
from app.bootstrap import Autopilot, Duties, build
from app.commands.shared_database import check_shared
from app.commands.shown import errors_shown
from app.host import keep_memory_private
from app.settings import Settings
from core.security.audit import checkpoints
from core.security.secret import Secret

KEEP_APART = (
    "Without it nobody can open what the database holds, you included; with both, everybody can. "
    "Back it up (autopilot vault export-key FILE), and never together with the database."
)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    works: Annotated[
        bool, typer.Option("--work/--no-work", help="Carry out what is asked, or leave that to `autopilot worker`.")
    ] = True,
) -> None:
    """Serve the dashboard and the REST API, and carry out what is asked of them."""
    with errors_shown():
        settings = Settings.read()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=given)
    keep_memory_private()
    logs.set_up(settings.log_format, settings.log_level, settings.own_secrets)
    with errors_shown():
        if not works:
            check_shared(settings)
    with errors_shown(), place_of_work(settings) as settings:
        autopilot = build(settings, duties=Duties(works=works))
        Settings.forget_secrets()
        if asyncio.run(autopilot.open()):
            place = "the one in ENCRYPTION_KEY" if settings.encryption_key else f"the file {settings.key_path}"
            typer.echo(f"The key of this database is from now on {place}. {KEEP_APART}")
        typer.echo(f"OmniOps Autopilot: http://{settings.host}:{settings.port}  (Ctrl-C ends it)")
        if code := asyncio.run(_first_admin_code(autopilot)):
            typer.echo(f"There is no staff yet. Make the first admin at {settings.own_address}/first-admin")
            typer.echo(f"with this code, within 15 minutes: {code.reveal()}")
        have_checkpoints_logged()
        server.serve(autopilot)


async def _first_admin_code(autopilot: Autopilot) -> Secret | None:
    return await autopilot.services.first_admin.code()


def have_checkpoints_logged() -> None:
    """Each checkpoint is a line of the log, too: kept elsewhere, it is one more copy that the database's owner has not."""
    logging.getLogger(checkpoints.__name__).setLevel(logging.INFO)
