"""A dashboard in a process of its own, with somebody who has something on every page, and what is in its database."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from core.agents.person import ANSWER_WITHIN, QuestionKind
from core.clock import SystemClock
from core.database.roles import Role
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import ConnectionRow, OperationRow, QuestionRow
from core.operations.consents import ConsentRequest
from core.security.certificates import trusted
from core.security.people.sessions import COOKIE
from core.security.people.visitor import Visitor
from tests.app.api.calling import ASKED, PASSWORD, Caller, desk
from tests.app.running import free_port
from tests.attacks.matrix import PAGES
from tests.attacks.test_matrix import DAY
from tests.pages.served import ROOT, environment, opened

SHOP = "https://pressed.example"
# What looking, being refused and keeping the books changes.
BOOKS = {"autonomous_operations_audit", "audit_chain_heads", "audit_checkpoints", "user_sessions", "sign_in_tries"}


@dataclass(frozen=True)
class Somebody:
    """Who has signed in: their user, and the cookie of their session."""

    user: UUID
    cookie: str


@dataclass(frozen=True)
class Dashboard:
    """The running product: where it is, its database, its owners, each signed in, and somebody of another company."""

    web: httpx.AsyncClient
    file: Path
    owners: dict[str, Somebody]
    stranger: Somebody
    addresses: list[str] = field(default_factory=list)

    def change(self, statement: str, user: UUID) -> None:
        """Change rows from outside, as another process would."""
        with closing(opened(self.file)) as database, database:
            assert database.execute(statement, {"user": user.hex, "now": "2001-01-01 00:00:00.000000"}).rowcount

    def digests(self) -> dict[str, str]:
        """All rows of each table, but the books."""
        with closing(sqlite3.connect(self.file, timeout=30)) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {
                name: sha256(repr(sorted(map(repr, database.execute(f"SELECT * FROM {name}")))).encode()).hexdigest()
                for name in names
                if name not in BOOKS
            }


@asynccontextmanager
async def dashboard(folder: Path, database: Path, owners: tuple[str, ...]) -> AsyncIterator[Dashboard]:
    """It serves until the context is left; an owner for each name."""
    async with desk(folder, database, SystemClock()) as call:
        signed_in = {name: await _signed_in(call, name) for name in owners}
        stranger = await _signed_in(call, "stranger", company="Strangers")
        an_owners = [page for page, roles in PAGES.items() if Role.OWNER in roles]
        addresses = [*an_owners, *await _something_of_everything(call)]
    port, file = free_port(), folder / "data" / "autopilot.db"
    settings = environment() | {
        "AUTOPILOT_DATA_DIR": str(folder / "data"),
        "AUTOPILOT_KEY_FILE": str(folder / "key" / "master.key"),
        "AUTOPILOT_PORT": str(port),
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    with (folder / "said.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=settings, stdout=log, stderr=log)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, verify=trusted()) as web:
                await _answering(web, process)
                yield Dashboard(web, file, signed_in, stranger, addresses)
        finally:
            process.terminate()
            await process.wait()


async def _answering(web: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            if (await web.get("/healthz")).status_code == 200:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.1)  # until it listens
    raise AssertionError("it did not begin to serve")


async def _signed_in(call: Caller, name: str, company: str = "") -> Somebody:
    visitor = await call.somebody(f"{name.replace(' ', '-')}@pressed.example", company)
    token = await call.stage.services.sessions.begin(visitor)
    return Somebody(visitor.user_id, f"{COOKIE}={token}")


async def _something_of_everything(call: Caller) -> list[str]:
    """A waiting operation and one that asks, a consent, a secret, a token, a colleague and a shop; the operations' addresses."""
    services, owner = call.stage.services, call.stage.visitor
    waiting = await call.initiate()
    await call.store(PASSWORD)
    await services.consents.grant(owner, ConsentRequest(ASKED["service"], ASKED["operation"], SHOP))
    await services.tokens.add(owner, "pressed", DAY)
    await services.people.add_user(owner.customer_id, "colleague@pressed.example", PASSWORD, Role.MEMBER)
    now = services.clock.now()
    asking = await services.database.run(owner.customer_id, lambda session: _asking(session, owner, now))
    return [f"/operations/{waiting}", f"/operations/{asking}"]


def _asking(session: CustomerSession, owner: Visitor, now: datetime) -> UUID:
    """An operation that asks something and is nobody's, so that none carries it on; and a shop that is connected."""
    operation = OperationRow(
        customer_id=owner.customer_id,
        id=uuid4(),
        requested_by=owner.user_id,
        service=ASKED["service"],
        operation=ASKED["operation"],
        store_origin=SHOP,
        permissions=["create_api_keys", "read_products"],
        status=OperationStatus.AWAITING_INPUT,
        created_at=now,
        started_at=now,
    )
    session.add(operation)
    session.flush()
    session.add(
        QuestionRow(
            customer_id=owner.customer_id,
            operation_id=operation.id,
            position=1,
            kind=QuestionKind.CHOICE,
            words="Which account?",
            options=["admin", "manager"],
            created_at=now,
            expires_at=now + ANSWER_WITHIN,
        )
    )
    session.add(
        ConnectionRow(
            customer_id=owner.customer_id,
            operation_id=operation.id,
            service=ASKED["service"],
            store_origin=SHOP,
            key_hint="1a2b3c4",
            key_permission="read",
            created_at=now,
            product_count=0,
        )
    )
    return operation.id
