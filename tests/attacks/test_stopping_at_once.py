"""A stop holds within a second, whatever the page does: by the shop's own clock, nothing of the run arrives any later."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from core.agents.agent import AgentResult
from core.browser.actions import Open
from core.browser.egress import EgressProxy
from core.browser.scope import PageLimits, RunScope
from core.browser.sessions import Browsers
from core.database.session import Database
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.operations.lease import Lease
from core.operations.worker import OperationWorker, StartedRun, WorkerTools
from core.security.addresses import AddressGuard, SystemResolver
from core.security.consent.agreement import Purpose
from core.security.origin import Origin
from core.workflows.step import Check, Matcher
from tests.attacks.channels import worker
from tests.attacks.hostile_pages import HEADING, later
from tests.core.browser.shown import SOON, css
from tests.core.operations.house import House, house
from tests.fakes.agents import RESULT, ToldAgent, leave_nothing
from tests.fakes.clock import MovedClock
from tests.fakes.secrets import FakeSecrets

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMISED = 1.0  # seconds after a stop; what the product promises
ENDED_WITHIN = 60.0  # seconds; takes a tenth of one
BUSY_ENOUGH = 20  # requests of a page that goes on by itself

# Asks its shop without a pause, from a worker that no script of the page can hold up.
ASKING = worker("(async()=>{for(;;)await fetch('SHOP/ping',{mode:'no-cors'}).catch(()=>0)})()")


@dataclass
class Shop:
    """Serves hostile pages, and notes when anything arrives, on the clock that the test reads."""

    origin: Origin
    pages: dict[str, str] = field(default_factory=dict)
    arrived: list[tuple[float, str]] = field(default_factory=list)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, enough: Callable[[list[str]], bool]) -> None:
        """Return once enough has arrived."""
        async with asyncio.timeout(ENDED_WITHIN), self._more:
            await self._more.wait_for(lambda: enough([path for _, path in self.arrived]))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, if there is a page for it; whatever has none waits for ever."""
        try:
            line = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split(" ", 2)
            async with self._more:
                self.arrived.append((time.monotonic(), line[1]))
                self._more.notify_all()
            if line[1] not in self.pages:
                await reader.read()
                return
            body = self.pages[line[1]].replace("SHOP", str(self.origin)).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest_asyncio.fixture(loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    shop = Shop(Origin("http", "127.0.0.1", 0))
    server = await asyncio.start_server(shop.serve, "127.0.0.1", 0)
    shop.origin = Origin("http", "127.0.0.1", server.sockets[0].getsockname()[1])
    shop.pages = {
        "/ping": "pong",
        "/": HEADING + ASKING,
        "/circles": HEADING + ASKING + later("for(;;);"),
    }
    yield shop
    server.close()


class BrowsingAgents:
    """Agents that open one page, and then wait for what is never shown; given their browser as the app gives it."""

    def __init__(self, browsers: Browsers, origin: Origin, path: str) -> None:
        self._browsers, self._origin, self._path = browsers, origin, path
        self.ended = 0.0

    @asynccontextmanager
    async def __call__(self, lease: Lease, row: OperationRow, *, cleans_up: bool = False) -> AsyncIterator[StartedRun]:
        guard = AddressGuard(SystemResolver(), frozenset({self._origin.host_port}))
        egress = await self._browsers.egress(frozenset({self._origin}), guard)
        async with AsyncExitStack() as opened:

            async def browse(_: Lease) -> AgentResult:
                try:
                    return await self._browse(opened, egress)
                finally:
                    self.ended = time.monotonic()

            try:
                yield StartedRun(ToldAgent(lease, browse, leave_nothing), shut=egress.gate.shut)
            finally:
                egress.gate.shut(because="the run is over")

    async def _browse(self, opened: AsyncExitStack, egress: EgressProxy) -> AgentResult:
        run = await opened.enter_async_context(
            self._browsers.run(RunScope(self._origin, FakeSecrets(), limits=PageLimits()), egress)
        )
        await run.page.perform(Open("/"))
        await run.page.perform(Open(self._path))
        await run.page.expect(Check(Matcher.VISIBLE, css("h2")), SOON * 6)
        return RESULT


@pytest.mark.parametrize("path", ["/hangs", "/circles"])
async def test_nothing_arrives_later_than_a_second_after_a_stop(
    browsers: Browsers, shop: Shop, sqlite_database: Database, clock: MovedClock, path: str
) -> None:
    """A page that hangs while the one before it goes on asking, and one whose script runs in circles while its worker asks."""
    cottage, launched = await house(sqlite_database, clock), await browsers._launched()
    agents = BrowsingAgents(browsers, shop.origin, path)
    worker = OperationWorker(WorkerTools(cottage.database, cottage.endings, cottage.progress, cottage.clock), agents)
    operation = await cottage.pending()
    running = asyncio.ensure_future(worker.run(cottage.visitor.customer_id, operation.id))
    await shop.until(lambda paths: path in paths and paths[paths.index(path) :].count("/ping") > BUSY_ENOUGH)
    stopped = time.monotonic()
    await worker.stop(operation.id, because="the customer withdrew consent")
    async with asyncio.timeout(ENDED_WITHIN):
        await running
    assert agents.ended - stopped < PROMISED
    assert max(at for at, _ in shop.arrived) - stopped < PROMISED
    assert launched.browser.contexts == []  # no script of it runs on behind the gate
    row = await cottage.row(operation.id)
    assert (row.status, row.failure_sentence) == (OperationStatus.CANCELLED, "the customer withdrew consent")


async def withdraw_acting(cottage: House) -> None:
    """In another process: nobody tells the worker."""
    await cottage.consents.revoke(cottage.visitor, (await cottage.given()).id, because="enough")


async def withdraw_sign_in(cottage: House) -> None:
    """The one to keep the sign-in alone, in another process."""
    kept = await cottage.given(Purpose.STORE_SIGN_IN)
    await cottage.consents.revoke(cottage.visitor, kept.id, because="enough")


async def expire(cottage: House) -> None:
    """Nobody does anything: its day is over in mid-run."""
    cottage.clock.move((await cottage.given()).expires_at - cottage.clock.now())


@pytest.mark.parametrize("ends", [withdraw_acting, withdraw_sign_in, expire])
async def test_nothing_arrives_later_than_a_second_after_a_consent_has_ended(
    browsers: Browsers,
    shop: Shop,
    sqlite_database: Database,
    clock: MovedClock,
    ends: Callable[[House], Awaitable[None]],
) -> None:
    """Whichever consent it is, whoever ends it, and also if the worker is told nothing: it looks by itself."""
    cottage = await house(sqlite_database, clock)
    agents = BrowsingAgents(browsers, shop.origin, "/circles")
    worker = OperationWorker(WorkerTools(cottage.database, cottage.endings, cottage.progress, cottage.clock), agents)
    operation = await cottage.pending()
    running = asyncio.ensure_future(worker.run(cottage.visitor.customer_id, operation.id))
    await shop.until(
        lambda paths: "/circles" in paths and paths[paths.index("/circles") :].count("/ping") > BUSY_ENOUGH
    )
    await ends(cottage)
    ended = time.monotonic()
    async with asyncio.timeout(ENDED_WITHIN):
        await running
    assert max(at for at, _ in shop.arrived) - ended < PROMISED
    assert (await cottage.row(operation.id)).status == OperationStatus.CANCELLED
    assert await cottage.signed_in_at() == set()
