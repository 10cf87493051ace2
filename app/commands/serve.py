"""`autopilot serve`: the dashboard and the REST API."""

import asyncio
from typing import Annotated

import typer

from app import server
from app.alone import alone_in
from app.bootstrap import Autopilot, build
from app.commands.shown import errors_shown
from app.settings import Settings
from core.security.secret import Secret


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the dashboard and the REST API, and carry out what is asked of them."""
    with errors_shown():
        settings = Settings.read()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=given)
    with errors_shown():
        autopilot = build(settings)
    with errors_shown(), alone_in(settings.data_dir):
        typer.echo(f"OmniOps Autopilot: http://{settings.host}:{settings.port}  (Ctrl-C ends it)")
        if code := asyncio.run(_first_admin_code(autopilot)):
            typer.echo(f"There is no staff yet. Make the first admin at {settings.own_address}/first-admin")
            typer.echo(f"with this code, within 15 minutes: {code.reveal()}")
        server.serve(autopilot)


async def _first_admin_code(autopilot: Autopilot) -> Secret | None:
    await autopilot.open()
    return await autopilot.services.first_admin.code()
