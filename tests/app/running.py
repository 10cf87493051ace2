"""The whole product for a test: wired as in production, on a folder of its own, beside a practice shop."""

import itertools
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from app.bootstrap import Autopilot, build
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from app.settings import Settings
from core.browser.object_storage.place import ObjectPlace
from core.clock import Clock
from core.database.states import StepState
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.services import Services
from tests.app.watching import until
from tests.marked import marked

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
async def stage(
    folder: Path,
    shop: PracticeShop | None = None,
    *,
    database_url: str | None = None,
    certificate: Path | None = None,
    clock: Clock | None = None,
    model_url: str | None = None,
    pictures: ObjectPlace | None = None,
) -> AsyncIterator[Stage]:
    """Everything running; on another database than a SQLite file of its own, over https, by another clock, with a model at
    this address, with pictures in this place of an object store, if given.
    """
    shop = shop or PracticeShop(passwords={name: marked() for name in ("admin", "manager", "reader")})
    port = free_port()
    chosen = settings(folder, port, database_url)
    if model_url:
        reached = {"anthropic_api_key": SecretStr("sk-made-up"), "anthropic_base_url": model_url}
        chosen = chosen.model_copy(update=reached)
    if pictures:
        chosen = chosen.model_copy(update=kept_in(pictures))
    autopilot = build(chosen, clock)
    async with autopilot.running() as services, serve(shop, port, certificate) as store_url:
        customer_id = await services.people.add_customer("Tea Shop")
        visitor = await services.people.add_user(customer_id, "owner@tea.example", marked())
        yield Stage(autopilot, services, visitor, shop, store_url, folder)


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
