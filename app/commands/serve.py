"""`autopilot serve`: the dashboard and the REST API."""

from typing import Annotated

import typer

from app import server
from app.bootstrap import build
from app.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the dashboard and the REST API, and carry out what is asked of them."""
    settings = Settings.read()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=given)
    typer.echo(f"OmniOps Autopilot: http://{settings.host}:{settings.port}  (Ctrl-C ends it)")
    server.serve(build(settings))
