"""Several processes on one PostgreSQL database: this one asks and watches, real `autopilot worker`s carry out."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import httpx
from sqlmodel import col, select

from app.bootstrap import Autopilot, Duties, build
from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from app.settings import Settings
from core.database.tables import OperationRow
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.services import Services
from tests.app.running import free_port
from tests.app.watching import until
from tests.faults.beginning import Begin, Begun, Told, commanded
from tests.marked import marked
from tests.pages.served import environment

SERVICE, OPERATION = "woocommerce", "api_key_generation"
PERMITTED = ("create_api_keys", "read_products")
BEGIN: Begin = commanded
SAYS_WITHIN = 60  # seconds
ENDED_WITHIN = 30  # seconds a worker may take to hand its runs back


@dataclass
class WorkerProcess:
    """One `autopilot worker` or dashboard, and what it has said."""

    process: Begun
    log: Path

    def kill(self) -> None:
        """End it in the middle of whatever it does. Its browser's driver sees its pipe close, and ends the browser."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(ENDED_WITHIN)

    def stop(self) -> int:
        """Ask it to end, as a service manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(ENDED_WITHIN)

    async def says(self, words: str) -> None:
        """Return once it has said this. Raises TimeoutError, or AssertionError if it has ended."""
        async with asyncio.timeout(SAYS_WITHIN):
            while words not in self.said:
                assert self.process.poll() is None, self.said
                await asyncio.sleep(0.05)

    @property
    def said(self) -> str:
        """Its standard output and error so far."""
        return self.log.read_text()


@dataclass
class Several:
    """One database and as many shops as are opened; `services` belong to this process, which only asks."""

    folder: Path
    settings: Settings
    autopilot: Autopilot
    services: Services
    ports: tuple[int, ...]
    workers: list[WorkerProcess] = field(default_factory=list)

    def worker(self, at_once: int = 4, **environment: str) -> WorkerProcess:
        """Start another worker."""
        return self._start(["worker", "--at-once", str(at_once)], environment)

    def dashboard(self, port: int) -> WorkerProcess:
        """Start a dashboard that carries nothing out, with a folder of its own for what people set on its pages."""
        own = {"AUTOPILOT_PORT": str(port), "AUTOPILOT_DATA_DIR": str(self.folder / f"dashboard-{port}")}
        return self._start(["serve", "--no-work"], own)

    def _start(self, words: list[str], environment: dict[str, str]) -> WorkerProcess:
        log = self.folder / f"process-{len(self.workers)}.log"
        process = BEGIN(Told("app.cli", words, log, self._environment() | environment))
        self.workers.append(WorkerProcess(process, log))
        return self.workers[-1]

    async def ready(self, worker: WorkerProcess) -> None:
        """Return once a worker takes what there is."""
        await worker.says("Working")

    async def serves(self, port: int) -> None:
        """Return once the dashboard at this port is ready for people. Raises TimeoutError."""
        async with asyncio.timeout(SAYS_WITHIN), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == HTTPStatus.OK:
                        return
                await asyncio.sleep(0.05)

    async def customer(self, name: str = "Tea Shop") -> Visitor:
        """A new customer, and who acts for them."""
        customer_id = await self.services.people.add_customer(name)
        return await self.services.people.add_user(customer_id, f"{customer_id.hex}@tea.example", marked())

    async def agree(self, visitor: Visitor, shop: PracticeShop, store_url: str) -> None:
        """Store the sign-in and consent, as a customer does."""
        sign_in = {"admin_username": Secret("admin"), "admin_password": Secret(shop.password_of("admin"))}
        await self.services.credentials.store(visitor, SERVICE, store_url, sign_in)
        await self.services.consents.grant(visitor, ConsentRequest(SERVICE, OPERATION, store_url, PERMITTED))

    async def ask(self, visitor: Visitor, shop: PracticeShop, store_url: str) -> OperationView:
        """Agree and ask."""
        await self.agree(visitor, shop, store_url)
        return await self.services.operations.initiate(visitor, NewOperation(SERVICE, OPERATION, store_url, PERMITTED))

    async def ended(self, visitor: Visitor, operation_id: UUID) -> OperationView:
        """The operation, once it is over."""
        return await until(self.services, visitor, operation_id, lambda view: view.status.is_over)

    async def row(self, visitor: Visitor, operation_id: UUID) -> OperationRow:
        """An operation as it stands in the table."""
        wanted = select(OperationRow).where(col(OperationRow.id) == operation_id)
        return await self.services.database.read(visitor.customer_id, lambda session: session.exec(wanted).one())

    def _environment(self) -> dict[str, str]:
        chosen = self.settings
        told = {
            "DATABASE_URL": chosen.database,
            "AUTOPILOT_DATA_DIR": str(chosen.data_dir),
            "AUTOPILOT_SCREENSHOTS": str(chosen.data_dir / "pictures"),
            "AUTOPILOT_KEY_FILE": str(chosen.key_file),
            "AUTOPILOT_ALLOWED_HOSTS": chosen.allowed_hosts,
        }
        return environment() | told


@asynccontextmanager
async def several(folder: Path, database_url: str, ports: tuple[int, ...] = ()) -> AsyncIterator[Several]:
    """Everything but the workers, which a test starts; they are gone afterwards."""
    settings = Settings(
        data_dir=folder / "data",
        key_file=folder / "key" / "master.key",
        allowed_hosts=",".join(f"127.0.0.1:{port}" for port in ports),
        database_url=database_url,
        port=free_port(),
    )
    autopilot = build(settings, duties=Duties(works=False))
    async with autopilot.running() as services:
        made = Several(folder, settings, autopilot, services, ports)
        try:
            yield made
        finally:
            for worker in made.workers:
                _end(worker)


@contextmanager
def shop_at(port: int, shop: PracticeShop | None = None) -> Iterator[tuple[PracticeShop, str]]:
    """A practice shop with a password of its own, served beside the test's loop."""
    shop = shop or PracticeShop(passwords={name: marked() for name in ("admin", "manager", "reader")})
    with serve_in_thread(shop, port) as url:
        yield shop, url


def _end(worker: WorkerProcess) -> None:
    with suppress(ProcessLookupError):
        worker.process.send_signal(signal.SIGCONT)
        worker.process.kill()
    worker.process.wait(ENDED_WITHIN)
