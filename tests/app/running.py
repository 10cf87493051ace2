"""The whole product for a test: wired as in production, on a folder of its own, beside a practice shop."""

import asyncio
import itertools
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import AsyncMock, patch

from pydantic import SecretStr

from app.bootstrap import Autopilot, build
from app.ladder import ladder_of
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from app.settings import Settings
from core.agents.task import PlannedStep
from core.browser.object_storage.place import ObjectPlace
from core.clock import Clock
from core.database.session import Database
from core.database.states import StepState
from core.database.upgrade import make_current
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.operations.step_log import DatabaseStepLog
from core.operations.views import OperationView
from core.planner.planner import Decision
from core.planner.recorded import PATIENCE
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.services import Services
from tests.app.watching import until
from tests.marked import marked

SOON = timedelta(seconds=2.5)  # a shop that is not slow has shown by then what it has
PERMITTED = ("create_api_keys", "read_products")


@dataclass(frozen=True)
class Stage:
    """One product, one customer, one shop."""

    autopilot: Autopilot
    services: Services
    visitor: Visitor
    shop: PracticeShop
    store_url: str
    folder: Path

    async def begin(
        self, password: str | None = None, permissions: tuple[str, ...] = (), operation: str = "api_key_generation"
    ) -> OperationView:
        """Store the sign-in, consent and start, as a customer does."""
        sign_in = {
            "admin_username": Secret("admin"),
            "admin_password": Secret(password or self.shop.password_of("admin")),
        }
        await self.services.credentials.store(self.visitor, "woocommerce", self.store_url, sign_in)
        await self.services.consents.grant(
            self.visitor, ConsentRequest("woocommerce", operation, self.store_url, permissions)
        )
        wanted = NewOperation("woocommerce", operation, self.store_url, permissions)
        return await self.services.operations.initiate(self.visitor, wanted)

    async def ended(self, operation: OperationView) -> OperationView:
        """The operation, once it is over."""
        return await until(self.services, self.visitor, operation.id, lambda view: view.status.is_over)

    async def at_step(self, operation: OperationView, words: str) -> OperationView:
        """The operation, once this step has begun."""

        def begun(view: OperationView) -> bool:
            return any(words in step.intent and step.state is not StepState.TO_COME for step in view.steps)

        return await until(self.services, self.visitor, operation.id, begun)

    @asynccontextmanager
    async def held_at(self, words: str) -> AsyncIterator[OperationView]:
        """A setup that has just begun this step, and does it when the context is left, however fast it is otherwise."""
        go_on, intend = asyncio.Event(), DatabaseStepLog.intend

        async def held(
            log: DatabaseStepLog, position: int, step: PlannedStep, decision: Decision, page_url: str | None
        ) -> None:
            await intend(log, position, step, decision, page_url)
            if words in step.intent:
                await go_on.wait()

        with patch.object(DatabaseStepLog, "intend", held):
            yield await self.at_step(await self.begin(), words)
            go_on.set()


@asynccontextmanager
async def stage(
    folder: Path,
    shop: PracticeShop | None = None,
    *,
    database_url: str | None = None,
    certificate: Path | None = None,
    clock: Clock | None = None,
    model_url: str | None = None,
    pictures: ObjectPlace | None = None,
    patience: timedelta = PATIENCE,
) -> AsyncIterator[Stage]:
    """Everything running; on another database than a SQLite file of its own, over https, by another clock, with a model at
    this address, with pictures in this place of an object store, with less patience for what is not there, if given.
    """
    shop = shop or PracticeShop(passwords={name: marked() for name in ("admin", "manager", "reader")})
    port = free_port()
    chosen = settings(folder, port, database_url)
    if database_url is None:
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
        (chosen.data_dir / "autopilot.db").write_bytes(upgraded())
    if model_url:
        reached = {"anthropic_api_key": SecretStr("sk-made-up"), "anthropic_base_url": model_url}
        chosen = chosen.model_copy(update=reached)
    if pictures:
        chosen = chosen.model_copy(update=kept_in(pictures))
    async with at_work(chosen, clock, patience) as autopilot, serve(shop, port, certificate) as store_url:
        services = autopilot.services
        customer_id = await services.people.add_customer("Tea Shop")
        visitor = await services.people.add_user(customer_id, "owner@tea.example", marked())
        yield Stage(autopilot, services, visitor, shop, store_url, folder)


@asynccontextmanager
async def at_work(
    chosen: Settings, clock: Clock | None = None, patience: timedelta = PATIENCE
) -> AsyncIterator[Autopilot]:
    """The product with these settings. Its browser is launched by the first run that needs one, and not before."""
    autopilot = build(chosen, clock, None if patience is PATIENCE else ladder_of(chosen, patience))
    with patch.object(autopilot.browsers, "prepare", AsyncMock()):
        async with autopilot.running():
            yield autopilot


@cache
def upgraded() -> bytes:
    """An upgraded, empty SQLite database."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "autopilot.db"
        with closing(Database(f"sqlite:///{file}")) as database:
            make_current(database)
        return file.read_bytes()


def kept_in(place: ObjectPlace) -> dict[str, object]:
    """The settings that have pictures kept there."""
    assert place.access.keys is not None
    return {
        "screenshots": f"s3://{place.root}",
        "aws_endpoint_url_s3": place.access.endpoint,
        "aws_access_key_id": SecretStr(place.access.keys.id.reveal()),
        "aws_secret_access_key": SecretStr(place.access.keys.secret.reveal()),
    }


def settings(folder: Path, shop_port: int, database_url: str | None = None) -> Settings:
    """Settings that reach one shop on this machine, and nothing of the machine's own configuration."""
    return Settings(
        data_dir=folder / "data",
        key_file=folder / "key" / "master.key",
        allowed_hosts=f"127.0.0.1:{shop_port}",
        database_url=database_url,
        port=free_port(),
    )


# Below the ports that systems give to whoever connects and those of real sites, and from another one on in each process.
PORTS = itertools.islice(itertools.cycle(range(12_000, 24_000)), os.getpid() * 613 % 12_000, None)


def free_port() -> int:
    """A port that nobody listens at, and that nobody else of the suite is about to take."""
    for port in PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("there is always one")
