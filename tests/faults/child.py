"""The whole product in a process of its own: it carries out what is pending, and dies at the point it was told to.

    python -m tests.faults.child FOLDER SHOP_PORT [--die before:intent:3] [--changed '{"model_timeout": 3}']

On its output stands a line of JSON for each thing that whoever started it waits for, with the moment of the machine's
monotonic clock. Nothing of this is in the product: its methods are wrapped here. At its input it takes `stop`, `revoke`
and `decline`, each on a line, and does what a customer does who clicks that.
"""

import argparse
import asyncio
import inspect
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Self

from sqlmodel import col, select

from app.alone import place_of_work
from app.bootstrap import Autopilot, build
from app.commands.people import terminal_visitor
from app.settings import Settings
from core.browser.playwright_page import PlaywrightPage
from core.browser.screenshots import FolderScreenshotStore
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.operations import ending, retrying
from core.operations.attempt import Attempts
from core.operations.ending import EndingWriter
from core.operations.step_log import DatabaseStepLog
from core.operations.worker import OperationWorker
from core.security.audit.checkpoints import Checkpoints
from tests.app.running import settings

# The points of a run, in its order. What ends in `ing` is the same within its transaction: what was written is not committed.
PLACES: dict[str, tuple[type, str]] = {
    "claiming": (OperationWorker, "_claim"),
    "claim": (OperationWorker, "_claimed"),
    "planning": (DatabaseStepLog, "_plan"),
    "plan": (DatabaseStepLog, "plan"),
    "intending": (DatabaseStepLog, "_intend"),
    "intent": (DatabaseStepLog, "intend"),
    "deed": (PlaywrightPage, "perform"),
    "picture": (FolderScreenshotStore, "_save"),
    "concluding": (DatabaseStepLog, "_conclude"),
    "outcome": (DatabaseStepLog, "_record"),
    "checkpointing": (DatabaseStepLog, "_once"),
    "checkpoint": (DatabaseStepLog, "once"),
    "clean-up": (Attempts, "_clean_up"),
    "ending": (EndingWriter, "write"),
    "signing": (Checkpoints, "sign"),
    "finish": (Attempts, "carry_out"),
}


PAUSE = timedelta(seconds=0.5)  # before what failed is tried again; people wait half a minute, then longer


@dataclass(frozen=True)
class Point:
    """Where to die: `before` or `after` a place, the so-manieth time, or the time that it is about this."""

    when: str
    place: str
    which: str

    @classmethod
    def of(cls, words: str) -> Self:
        """As it stands on the command line: `before:intent:3`, `after:deed:capture`, `after:checkpoint:made`."""
        when, place, which = words.split(":")
        return cls(when, place, which)

    def is_here(self, count: int, arguments: tuple[Any, ...]) -> bool:
        """Whether this is the time."""
        about = {one if isinstance(one, str) else type(one).__name__.lower() for one in arguments}
        return self.which == str(count) or self.which in about


def die(words: str) -> None:
    """End this process as `kill -9` does, with what was said."""
    say("dies", words)
    os.kill(os.getpid(), signal.SIGKILL)


def dying(words: str) -> None:
    """Have this process die at this point."""
    point = Point.of(words)
    owner, name = PLACES[point.place]
    original: Callable[..., Any] = inspect.getattr_static(owner, name)
    count = 0

    def comes(when: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        count += when == "before"
        if when == point.when and point.is_here(count, arguments):
            die(words)

    @wraps(original)
    def plain(*arguments: Any, **named: Any) -> Any:
        comes("before", arguments[1:])
        made = original(*arguments, **named)
        comes("after", arguments[1:])
        return made

    @wraps(original)
    async def awaited(*arguments: Any, **named: Any) -> Any:
        comes("before", arguments[1:])
        made = await original(*arguments, **named)
        comes("after", arguments[1:])
        return made

    setattr(owner, name, awaited if inspect.iscoroutinefunction(original) else plain)


def say(event: str, about: str = "") -> None:
    """One line for whoever started this, whole in whichever thread it is said."""
    line = json.dumps({"event": event, "about": about, "at": time.monotonic()})
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def telling_intents() -> None:
    """Say each intent once it is committed."""
    original = DatabaseStepLog.intend

    @wraps(original)
    async def told(log: DatabaseStepLog, *arguments: Any) -> None:
        await original(log, *arguments)
        say("intent", str(arguments[1].intent))

    DatabaseStepLog.intend = told  # type: ignore[assignment]  # the same, and told


async def carry_out(chosen: Settings) -> None:
    """Do what is pending until it is over; then end as a service does."""
    autopilot = build(chosen)
    with place_of_work(chosen):
        async with autopilot.running():
            say("up")
            listening = asyncio.create_task(listen(autopilot))
            await over(autopilot)
            listening.cancel()
        say("down")


async def over(autopilot: Autopilot) -> None:
    """Return once the operation is over, and nothing is tried any more."""
    services = autopilot.services
    visitor = await terminal_visitor(autopilot)
    changed = asyncio.Event()
    services.progress.subscribe(visitor.customer_id, lambda _: changed.set())
    asked = ""
    while True:
        changed.clear()
        row = await the_operation(autopilot)
        if OperationStatus(row.status).is_over:
            return say("over", row.status)
        view = await services.operations.status(visitor, row.id)
        if view.question is not None and str(view.question.id) != asked:
            asked = str(view.question.id)
            say("asks", view.question.words)
        await changed.wait()


async def listen(autopilot: Autopilot) -> None:
    """Do what is said at the input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    services, visitor = autopilot.services, await terminal_visitor(autopilot)
    while line := (await reader.readline()).decode().strip():
        row = await the_operation(autopilot)
        if line == "stop":
            await services.operations.cancel(visitor, row.id, because="stopped by its owner")
        elif line == "revoke" and row.consent_id is not None:
            await services.consents.revoke(visitor, row.consent_id, because="enough")
        elif line == "decline":
            view = await services.operations.status(visitor, row.id)
            if view.question is not None:
                await services.questions.decline(visitor, row.id, view.question.id)
        say("done", line)


async def the_operation(autopilot: Autopilot) -> OperationRow:
    """The newest of its tries."""
    newest = select(OperationRow).order_by(col(OperationRow.created_at).desc()).limit(1)
    return await autopilot.services.database.read_across_customers(
        lambda session: session.exec(newest).one(), because="a test has one operation"
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("shop_port", type=int)
    parser.add_argument("--die", action="append", default=[])
    parser.add_argument("--changed", type=json.loads, default={})
    parser.add_argument("--tries", type=int, default=retrying.MOST_TRIES)
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    retrying.FIRST_PAUSE, retrying.GROWS = PAUSE, 1
    setattr(ending, "MOST_TRIES", given.tries)  # noqa: B010  it is not its own
    telling_intents()
    for words in given.die:
        dying(words)
    chosen = settings(given.folder, given.shop_port)
    chosen = Settings(**{**chosen.model_dump(exclude_unset=True), **given.changed})
    asyncio.run(carry_out(chosen))


if __name__ == "__main__":
    main()
