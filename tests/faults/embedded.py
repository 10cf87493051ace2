"""A shop that stays, and the product beside it in one process after the other, each of which may die."""

import asyncio
import json
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from app.bootstrap import build
from app.commands.people import terminal_visitor
from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve_application_in_thread
from app.practice_shop.shop import PracticeShop
from app.practice_shop.web import create_app
from app.settings import Settings
from core.operations.consents import ConsentRequest
from core.operations.retrying import MOST_TRIES
from core.operations.service import NewOperation
from core.security.consent.agreement import BY_PROGRAM
from core.security.secret import Secret
from tests.app.running import PERMITTED, settings
from tests.faults.agreement import descendants, disagreements, processes_of
from tests.faults.beginning import Begin, Begun, Told, commanded
from tests.faults.fault_case import LOST, Tried
from tests.faults.unwell import Trouble, UnwellShop
from tests.marked import marked

BEGIN: Begin = commanded
EMPTY: Path | None = None  # an upgraded file, to begin with a copy of it
SERVICE, OPERATION = "woocommerce", "api_key_generation"
OVER_WITHIN = 600.0  # seconds a process may take for the whole operation: four tries, at a shop that lets each wait for a minute or two
ENDS_WITHIN = 30.0  # seconds until a process that is done has put everything away


class CountingShop(PracticeShop):
    """A practice shop that knows how many keys there were at most at once."""

    most_keys = most_of_a_name = 0

    def make_key(self, description: str, login: str, permission: str):  # type: ignore[no-untyped-def]  # as its parent's
        """A new key pair, counted."""
        made = super().make_key(description, login, permission)
        self.most_keys = max(self.most_keys, len(self.keys))
        of_this_name = sum(key.description == description for key in self.keys)
        self.most_of_a_name = max(self.most_of_a_name, of_this_name)
        return made


@dataclass(frozen=True)
class Event:
    """One line that a process said: what happened, about what, at which moment of the monotonic clock."""

    event: str
    about: str
    at: float

    @classmethod
    def of(cls, line: bytes) -> Self:
        """As the child writes it."""
        told = json.loads(line)
        return cls(told["event"], told["about"], told["at"])


@dataclass
class Life:
    """One process of the product, and what it has said so far."""

    process: Begun
    says: asyncio.StreamReader
    hears: asyncio.StreamWriter
    began: float
    log: Path
    events: list[Event] = field(default_factory=list)

    async def until(self, event: str, number: int = 1) -> bool:
        """Read on until it has said this so often; False if it has ended before."""
        while sum(one.event == event for one in self.events) < number:
            if not (line := await self._line()):
                return False
            self.events.append(Event.of(line))
        return True

    async def another(self, event: str, number: int = 1) -> bool:
        """The same, so often from now on; in time. Raises TimeoutError."""
        async with asyncio.timeout(OVER_WITHIN):
            return await self.until(event, number + sum(one.event == event for one in self.events))

    async def ended(self) -> int:
        """Read on until it has ended; its exit code."""
        await self.until("nothing that it says")
        return await asyncio.to_thread(self.process.wait)

    async def told(self, line: str) -> None:
        """Say something to it; one that has ended hears nothing."""
        with suppress(ConnectionError):
            self.hears.write(f"{line}\n".encode())
            await self.hears.drain()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.process.kill()

    async def gone(self) -> None:
        """End it, if it has not ended, and its line."""
        self.kill()
        await asyncio.to_thread(self.process.wait)
        self.hears.close()

    async def _line(self) -> bytes:
        """The next that it says; nothing once it has ended, also if it has left what it was told unread."""
        with suppress(ConnectionError):
            return await self.says.readline()
        return b""

    def kill_below(self, words: str) -> bool:
        """End the processes that it has begun whose command holds these words; whether there was one."""
        found = [number for number, command in descendants(self.process.pid).items() if words in command]
        for one in found:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        return bool(found)

    def first(self, *events: str) -> float | None:
        """When it first said one of these."""
        return next((one.at for one in self.events if one.event in events), None)

    @property
    def started(self) -> float | None:
        """Seconds from its start until it was up."""
        up = self.first("up")
        return None if up is None else up - self.began

    @property
    def went_on(self) -> float | None:
        """Seconds from when it was up to its first intent, or to the end if nothing was left to do."""
        up, next_one = self.first("up"), self.first("intent", "over")
        return None if up is None or next_one is None else max(0.0, next_one - up)


@dataclass
class Play:
    """One operation that was asked for, at one shop."""

    folder: Path
    settings: Settings
    shop: CountingShop
    unwell: UnwellShop
    url: str
    changed: Mapping[str, Any] = field(default_factory=dict)
    tries: int = MOST_TRIES
    lives: list[Life] = field(default_factory=list)

    async def ask(self, *apart: str) -> None:
        """Store the sign-in, consent and ask, in a process that works on nothing."""
        if EMPTY:
            self.settings.data_dir.mkdir(exist_ok=True)
            shutil.copy(EMPTY, self.settings.data_dir)
        autopilot = build(self.settings)
        await autopilot.open()
        try:
            services, visitor = autopilot.services, await terminal_visitor(autopilot)
            sign_in = {"admin_username": Secret("admin"), "admin_password": Secret(self.shop.password_of("admin"))}
            await services.credentials.store(visitor, SERVICE, self.url, sign_in)
            if apart:
                request = ConsentRequest(SERVICE, OPERATION, self.url, apart)
                await services.consents.agree(visitor, request, BY_PROGRAM)
            await services.consents.grant(visitor, ConsentRequest(SERVICE, OPERATION, self.url, PERMITTED))
            await services.operations.initiate(visitor, NewOperation(SERVICE, OPERATION, self.url, PERMITTED))
        finally:
            autopilot.services.database.close()

    async def begin(self, *points: str) -> Life:
        """Start a process, which dies at the first of these points that it comes to."""
        log = self.folder / f"life-{len(self.lives)}.log"
        port = self.url.rpartition(":")[2]
        dies = [word for point in points for word in ("--die", point)]
        plain = {name: str(getattr(value, "get_secret_value", lambda: value)()) for name, value in self.changed.items()}  # noqa: B023
        words = [str(self.folder), port, *dies, "--changed", json.dumps(plain), "--tries", str(self.tries)]
        ours, theirs = socket.socketpair()
        with theirs:
            process = BEGIN(Told("tests.faults.child", words, log, dict(os.environ), theirs))
        line = await asyncio.open_unix_connection(sock=ours)
        self.lives.append(Life(process, *line, asyncio.get_running_loop().time(), log))
        return self.lives[-1]

    async def killed_at(self, *points: str) -> bool:
        """A process that dies at a point; whether it came there."""
        life = await self.begin(*points)
        async with asyncio.timeout(OVER_WITHIN):
            return await life.ended() == -signal.SIGKILL

    async def finish(self) -> Tried:
        """A process that nothing happens to any more, to the end; what came of all."""
        life = await self.begin()
        return await self.over(life)

    async def over(self, life: Life) -> Tried:
        """Wait until this process has ended it, and hold everything against each other."""
        try:
            async with asyncio.timeout(OVER_WITHIN):
                await life.until("over")
            async with asyncio.timeout(ENDS_WITHIN):
                code = await life.ended()
        except TimeoutError:
            await life.gone()
            return Tried(LOST, self.shop.most_keys, (f"it hung; {life.events[-1:]}",), life.started, life.went_on)
        ended = next((one.about for one in life.events if one.event == "over"), LOST)
        wrong = await disagreements(self.settings, self.shop)
        if code:
            wrong.append(f"the last process ended with {code}")
        return Tried(ended, self.shop.most_keys, tuple(wrong), life.started, life.went_on)

    def log(self) -> str:
        """What all processes have written."""
        return "\n".join(life.log.read_text() for life in self.lives)


@asynccontextmanager
async def play(
    folder: Path,
    faults: Sequence[Fault] = (),
    troubles: Sequence[Trouble] = (),
    *,
    latency_seconds: float = 0.0,
    apart: Sequence[str] = (),
    changed: Mapping[str, Any] | None = None,
    tries: int = MOST_TRIES,
) -> AsyncIterator[Play]:
    """A shop, and an operation that is asked for there, with these settings changed, and tried again by itself so often.

    No process of it is left afterwards.
    """
    shop = CountingShop(faults, latency_seconds, passwords={name: marked() for name in ("admin", "manager", "reader")})
    unwell = UnwellShop(create_app(shop), list(troubles))
    with serve_application_in_thread(unwell) as url:
        chosen = settings(folder, int(url.rpartition(":")[2])).model_copy(update=changed or {})
        made = Play(folder, chosen, shop, unwell, url, changed or {}, tries)
        try:
            await made.ask(*apart)
            yield made
        finally:
            for life in made.lives:
                await life.gone()
            for number in processes_of(made.settings):
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
