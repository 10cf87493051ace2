"""The dashboard as it is served, in a process of its own, with an operation that does what standard input says.

    python -m tests.benchmarks.dashboard.dashboard_process FOLDER PORT

Each line of standard input is a question as JSON, and is answered by a line of JSON.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from nicegui import Client, core
from sqlalchemy import event

from app import logs
from app.alone import alone_in
from app.bootstrap import Autopilot, Duties, build
from app.log_choices import LogFormat, LogLevel
from app.server import serve
from app.settings import Settings
from core.database.roles import Role
from core.security.people.tokens import EVERY_SCOPE
from core.security.people.visitor import Visitor
from tests.benchmarks.dashboard.live_run import LiveRun
from tests.benchmarks.processes import own_memory

EMAIL, PASSWORD = "bench@tea.example", "a password for one benchmark"


class Questions:
    """Answers what the benchmark asks; one operation is under way at a time."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._run: LiveRun | None = None
        self._visitor: Visitor | None = None
        self._counted: Counter[str] = Counter()
        event.listen(autopilot.services.database.engine, "before_cursor_execute", self._count_statement)

    @asynccontextmanager
    async def answered(self) -> AsyncIterator[None]:
        """Answer for as long as the dashboard serves."""
        answering = asyncio.get_running_loop().create_task(self._answer())
        try:
            yield
        finally:
            answering.cancel()
            await asyncio.wait({answering})

    async def _answer(self) -> None:
        services = self._autopilot.services
        customer_id = await services.people.add_customer("Tea Shop")
        self._visitor = await services.people.add_user(customer_id, EMAIL, PASSWORD, Role.OWNER)
        self._count_messages()
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        _say({"cookie": await services.sessions.begin(self._visitor)})
        while line := await lines.readline():
            asked: dict[str, Any] = json.loads(line)
            _say(await getattr(self, asked.pop("ask"))(**asked))

    async def operation(self, steps: int, pictures: int, done: int) -> dict[str, Any]:
        """A new operation; so many of its steps are done already."""
        assert self._visitor
        await self.stop()
        self._run = await LiveRun.begun(self._autopilot, self._visitor, steps, pictures)
        for _ in range(done):
            await self._run.step()
        return {"operation": str(self._run.operation_id)}

    async def steps(self, number: int, every: float) -> dict[str, Any]:
        """So many steps, one every so many seconds, whatever that takes: positions, with the moments of their commit."""
        assert self._run
        made, begun = [], time.monotonic()
        for index in range(number):
            await asyncio.sleep(max(0.0, begun + index * every - time.monotonic()))
            made.append(await self._run.step())
        return {"steps": made, "seconds": time.monotonic() - begun}

    async def sessions(self, number: int) -> dict[str, Any]:
        """So many browsers in which the person is signed in."""
        assert self._visitor
        begin = self._autopilot.services.sessions.begin
        return {"sessions": [await begin(self._visitor) for _ in range(number)]}

    async def stop(self) -> dict[str, Any]:
        """End the operation that is under way."""
        if self._run:
            await self._run.end()
        self._run = None
        return {}

    async def token(self) -> dict[str, Any]:
        """What a program shows to ask for this customer's operations."""
        assert self._visitor
        add = self._autopilot.services.tokens.add
        return {"token": await add(self._visitor, "benchmark", timedelta(days=1), EVERY_SCOPE)}

    async def state(self) -> dict[str, Any]:
        """What the process has by now, after a garbage collection."""
        gc.collect()
        joined = sum(one.has_socket_connection for one in Client.instances.values())
        return {
            "memory": own_memory(os.getpid()),
            "pages": len(Client.instances),
            "joined": joined,
            "cpu": time.process_time(),
            **self._counted,
        }

    def _count_statement(self, *_: object) -> None:
        self._counted["statements"] += 1

    def _count_messages(self) -> None:
        emit = core.sio.emit

        async def counted(*given: Any, **named: Any) -> Any:
            self._counted["messages"] += 1
            return await emit(*given, **named)

        core.sio.emit = counted


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(folder: Path, port: int) -> None:
    """Serve, as `autopilot serve` does, but for carrying operations out."""
    logs.set_up(LogFormat.TEXT, LogLevel.WARNING, ())
    settings = Settings(data_dir=folder / "data", key_file=folder / "key" / "master.key", port=port)
    settings.data_dir.mkdir(parents=True)
    with alone_in(settings.data_dir):
        autopilot = build(settings, duties=Duties(works=False))
        serve(autopilot, beside=Questions(autopilot).answered)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
