"""The REST API over real HTTP, beside a practice shop."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, cast
from uuid import UUID

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from app import api
from app.bootstrap import build
from app.practice_shop.serving import QuietServer, listening_at, serve_application
from app.practice_shop.shop import PracticeShop
from app.practice_shop.web import create_app
from core.clock import Clock
from core.operations.consents import ConsentRequest
from core.security.certificates import trusted
from core.security.people.people import Visitor
from core.security.people.sessions import COOKIE
from core.security.secret import Secret
from core.services import Services
from tests.app.running import Stage, free_port, settings, stage

API = "/api/autonomous"
PASSWORD = "a long enough one"
OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}  # how a page of ours would call
ASKED = {"service": "woocommerce", "operation": "api_key_generation"}


@dataclass(frozen=True)
class Caller:
    """A client with a bearer token, one with nothing, and what is behind the API."""

    client: httpx.AsyncClient
    anonymous: httpx.AsyncClient
    stage: Stage
    application: FastAPI

    @property
    def asked(self) -> dict[str, Any]:
        """The body of an operation that can be had."""
        return ASKED | {"metadata": {"storeUrl": self.stage.store_url}}

    def over_tls(self) -> httpx.AsyncClient:
        """A client with nothing, that the application sees come over TLS."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.application), base_url="https://us.example", verify=trusted()
        )

    async def initiate(self) -> str:
        """Ask for an operation; its id."""
        answer = await self.client.post(f"{API}/initiate", json=self.asked)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["operationId"])

    async def consent(self, visitor: Visitor | None = None) -> UUID:
        """Consent to it; the consent's id."""
        request = ConsentRequest(ASKED["service"], ASKED["operation"], self.stage.store_url)
        return (await self.stage.services.consents.grant(visitor or self.stage.visitor, request)).id

    async def store(self, secret: str) -> None:
        """Put a sign-in into the vault."""
        fields = {"admin_username": Secret("admin"), "admin_password": Secret(secret)}
        await self.stage.services.credentials.store(self.stage.visitor, "woocommerce", self.stage.store_url, fields)

    async def cookie(self, visitor: Visitor | None = None) -> dict[str, str]:
        """The header of a browser that is signed in."""
        token = await self.stage.services.sessions.begin(visitor or self.stage.visitor)
        return {"Cookie": f"{COOKIE}={token}"}

    async def somebody(self, email: str = "other@x.example", company: str = "") -> Visitor:
        """Another user; of another customer, if a company is given."""
        people = self.stage.services.people
        customer = await people.add_customer(company) if company else self.stage.visitor.customer_id
        return await people.add_user(customer, email, PASSWORD)


@asynccontextmanager
async def caller(folder: Path, shop: PracticeShop | None = None) -> AsyncIterator[Caller]:
    """Everything running, and somebody who may call."""
    async with stage(folder, shop) as play, served(play) as call:
        yield call


@asynccontextmanager
async def desk(
    folder: Path, database: Path | str, clock: Clock, shop: PracticeShop | None = None
) -> AsyncIterator[Caller]:
    """All but the agent: what is asked for is recorded, and stays as it is. The database is a file to copy, or an address."""
    shop, port = shop or PracticeShop(), free_port()
    chosen = settings(folder, port, database if isinstance(database, str) else None)
    chosen.data_dir.mkdir(parents=True)
    if isinstance(database, Path):
        shutil.copy(database, chosen.data_dir / "autopilot.db")
    autopilot = build(chosen, clock)
    await autopilot.open()
    autopilot.queue.start(Idle())
    async with serve_application(WhenVisited(shop), port) as store_url:
        people = autopilot.services.people
        visitor = await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", PASSWORD)
        play = Stage(autopilot, autopilot.services, visitor, shop, store_url, folder)
        async with served(play) as call:
            yield call
    await autopilot.queue.shut_down()
    await autopilot.services.people.settled()
    autopilot.services.database.close()


class WhenVisited:
    """A practice shop whose pages are put together for its first visitor; most tests have none."""

    def __init__(self, shop: PracticeShop) -> None:
        self._shop = shop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._pages(scope, receive, send)

    @cached_property
    def _pages(self) -> FastAPI:
        return create_app(self._shop)


class Idle:
    """A worker that does nothing."""

    async def run_free(self) -> None:
        """Leave it as it is."""

    def look(self, operation_id: UUID) -> None:
        """Nothing runs here."""

    async def stop(self, operation_id: UUID, because: str) -> None:
        """Nothing runs here."""

    async def waiting(self) -> tuple[tuple[UUID, UUID], ...]:
        """Nothing is looked for."""
        return ()


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem that was answered, well formed, without what is new each time."""
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told.keys() == {"type", "title", "status", "detail", "code", "instance", "request_id"}
    assert told["status"] == answer.status_code
    assert told["detail"].endswith((".", "?", "!", ")"))
    assert UUID(told["request_id"])
    assert told.pop("instance") == f"urn:uuid:{told.pop('request_id')}"
    return told


class Latest:
    """The services of the test that runs: the routes are made once a session, which is what costs most."""

    now: ClassVar[Services]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)


@cache
def _application() -> FastAPI:
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    api.install(application, cast("Services", Latest()))
    return application


@asynccontextmanager
async def served(play: Stage) -> AsyncIterator[Caller]:
    """The API of what is wired, over real HTTP."""
    before, Latest.now = getattr(Latest, "now", play.services), play.services
    application = _application()
    config = uvicorn.Config(application, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    listening = listening_at(play.autopilot.settings.port)
    server = QuietServer(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listening]))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    token = await play.services.tokens.add(play.visitor, "test", timedelta(days=1))
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            httpx.AsyncClient(base_url=address, headers=headers, timeout=30, verify=trusted()) as client,
            httpx.AsyncClient(base_url=address, timeout=30, verify=trusted()) as anonymous,
        ):
            yield Caller(client, anonymous, play, application)
    finally:
        server.should_exit = True
        await serving
        Latest.now = before  # whoever is served for longer is so again
