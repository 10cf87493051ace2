"""`autopilot serve`: the dashboard and the REST API."""

import logging
from typing import Annotated

import typer

from app import server
from app.alone import alone_in
from app.bootstrap import build
from app.commands.shown import errors_shown
from app.settings import Settings
from core.security import checkpoints


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
        have_checkpoints_logged()
        server.serve(autopilot)


def have_checkpoints_logged() -> None:
    """Each checkpoint is a line of the log, too: kept elsewhere, it is one more copy that the database's owner has not."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    told = logging.getLogger(checkpoints.__name__)
    told.setLevel(logging.INFO)
    told.addHandler(handler)
