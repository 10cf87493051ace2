"""`autopilot worker`: carries out what is asked, beside any number of others that share a PostgreSQL database."""

import asyncio
import signal
from typing import Annotated

import typer

from app import logs
from app.alone import place_of_work
from app.bootstrap import Autopilot, Duties, build
from app.commands.shared_database import check_shared
from app.commands.shown import errors_shown
from app.host import keep_memory_private
from app.metrics_port import watched_at_port
from app.settings import Settings

ENDS = (signal.SIGTERM, signal.SIGINT)


def worker(
    at_once: Annotated[int | None, typer.Option(help="Runs at once; each browser context needs about 90 MiB.")] = None,
) -> None:
    """Carry out what is asked, beside others that share a PostgreSQL database."""
    with errors_shown():
        settings = Settings.read()
        check_shared(settings)
    if at_once is not None:
        settings = settings.model_copy(update={"runs_at_once": at_once})
    keep_memory_private()
    logs.set_up(settings.log_format, settings.log_level, settings.own_secrets)
    with errors_shown(), place_of_work(settings) as settings:
        autopilot = build(settings, duties=Duties(looks_after=False))
        Settings.forget_secrets()
        asyncio.run(_work(autopilot))


async def _work(autopilot: Autopilot) -> None:
    """Until somebody ends it: the first signal hands runs back, which takes seconds; others go on with them."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in ENDS:
        loop.add_signal_handler(one, told.set)
    async with autopilot.running() as services, watched_at_port(autopilot.settings, services):
        at_once = autopilot.worker.limits.at_once
        typer.echo(f"Working, on up to {at_once} operations at once (Ctrl-C hands them back and ends it).")
        await told.wait()
