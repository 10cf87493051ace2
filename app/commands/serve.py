"""`autopilot serve`: the dashboard and the REST API."""

from typing import Annotated

import typer

from app import server
from app.alone import alone_in
from app.bootstrap import build
from app.commands.shown import errors_shown
from app.settings import Settings


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
        server.serve(autopilot)
