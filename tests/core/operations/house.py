"""One customer and the use cases of operations, wired as in production, with fakes for what is outside."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import select

from core.agents.integration import AUTHENTICATOR, Integrations
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import AuditHead, Customer, OperationRow, StepRow, User
from core.operations import lease as leases
from core.operations.answers import QuestionDesk
from core.operations.approvals import ApprovalDesk, ApprovalTools
from core.operations.beginning import Beginning
from core.operations.bulk_retries import BulkRetries
from core.operations.consent_view import ConsentView
from core.operations.consents import ConsentDesk, ConsentRequest, ConsentTools
from core.operations.credentials import CredentialDesk, LastCodes, VaultCredentials
from core.operations.ending import EndingWriter
from core.operations.lease import Lease
from core.operations.progress import InProcessProgress
from core.operations.receipts import ReceiptDesk
from core.operations.retries import RetryDesk
from core.operations.return_address import ReturnAddress
from core.operations.runs import RunList
from core.operations.schedule_rounds import ScheduleRounds
from core.operations.schedules import ScheduleDesk
from core.operations.service import NewOperation, OperationService
from core.operations.trail import AuditTrail
from core.operations.views import OperationView
from core.operations.wordings import Wordings
from core.security.addresses import AddressGuard
from core.security.audit import audit_log
from core.security.audit.audit_log import FIRST, AuditEntry
from core.security.audit.checkpoints import Checkpoints
from core.security.consent.agreement import Purpose, Recipient
from core.security.consent.consent_text import ConsentTexts
from core.security.origin import Origin
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.security.vault.vault import Vault
from tests.fakes.checkpoints import MemoryCheckpoints
from tests.fakes.clock import MovedClock
from tests.fakes.integration import (
    OPERATION,
    PASSWORD,
    SERVICE,
    USERNAME,
    FakeProbe,
    approved_integration,
    checking_integration,
    integration,
)
from tests.fakes.keys import FixedKey, FixedSigningKey
from tests.fakes.queue import MemoryQueue
from tests.fakes.resolver import FakeResolver
from tests.postgres import as_owner

TEXTS = Path(__file__).parents[3] / "data" / "consent"
SHOP, OTHER_SHOP = "https://tea.example", "https://coffee.example"
PUBLIC = ("93.184.215.14",)
SECRETS = {USERNAME: "tea-admin-canary", PASSWORD: "correct horse canary"}


@dataclass
class House:
    """What a test of operations stands on; `told` are the operations that watchers were told of."""

    database: Database
    clock: MovedClock
    visitor: Visitor
    queue: MemoryQueue
    probe: FakeProbe
    vault: Vault
    integrations: Integrations
    endings: EndingWriter
    progress: InProcessProgress
    operations: OperationService
    consents: ConsentDesk
    credentials: CredentialDesk
    approvals: ApprovalDesk
    questions: QuestionDesk
    checkpoints: Checkpoints
    trail: AuditTrail
    wordings: Wordings
    receipts: ReceiptDesk
    retries: RetryDesk
    bulk_retries: BulkRetries
    runs: RunList
    schedules: ScheduleDesk
    rounds: ScheduleRounds
    told: list[UUID] = field(default_factory=list)
    last_codes: LastCodes = field(default_factory=dict)

    async def ask(self, shop: str = SHOP, permissions: tuple[str, ...] = ()) -> OperationView:
        """Ask for a setup. That it was asked for is told as well; `told` is what follows."""
        before = len(self.told)
        asked = await self.operations.initiate(self.visitor, NewOperation(SERVICE, OPERATION, shop, permissions))
        del self.told[before:]
        return asked

    async def allow(self, shop: str = SHOP, permissions: tuple[str, ...] = ()) -> ConsentView:
        """Consent to a setup."""
        return await self.consents.grant(self.visitor, ConsentRequest(SERVICE, OPERATION, shop, permissions))

    async def sign_in(self, shop: str = SHOP) -> None:
        """Put the shop's sign-in into the vault."""
        fields = {name: Secret(value) for name, value in SECRETS.items()}
        await self.credentials.store(self.visitor, SERVICE, shop, fields)

    async def pending(self, shop: str = SHOP) -> OperationView:
        """An operation that is consented to, signed in for, and waits to start."""
        await self.sign_in(shop)
        await self.allow(shop)
        return await self.ask(shop)

    async def claimed(self, shop: str = SHOP) -> Lease:
        """An operation that a worker has."""
        return await self.claim((await self.pending(shop)).id)

    async def claim(self, operation_id: UUID, owner: str = "one") -> Lease:
        """Have a worker take an operation."""
        now = self.clock.now()
        lease = await self.run(lambda session: leases.claim(session, operation_id, owner, now))
        assert isinstance(lease, Lease)
        return lease

    async def take_over(self, lease: Lease) -> Lease:
        """Have another worker take over, as if the first had gone silent."""
        self.clock.move(2 * leases.LEASE)
        return await self.claim(lease.operation_id, "two")

    async def put(self, operation_id: UUID, **values: Any) -> None:
        """Put an operation where a test needs it."""

        def change(session: CustomerSession) -> None:
            row = leases.row_of(session, operation_id)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

        await self.run(change)

    async def run(self, use_case: Any) -> Any:
        """One transaction of this customer."""
        return await self.database.run(self.visitor.customer_id, use_case)

    async def row(self, operation_id: UUID) -> OperationRow:
        """An operation as it stands in the table."""
        return await self.database.read(self.visitor.customer_id, lambda s: leases.row_of(s, operation_id))

    async def steps(self) -> list[StepRow]:
        """Every line of every timeline."""
        lines = select(StepRow).order_by(StepRow.position)  # type: ignore[arg-type]  # a column, once mapped
        return await self.database.read(self.visitor.customer_id, lambda session: list(session.exec(lines)))

    async def entries(self) -> list[AuditEntry]:
        """The audit chain, the oldest entry first."""
        return list(await self.database.read(self.visitor.customer_id, audit_log.read))[::-1]

    async def actions(self) -> list[str]:
        """What was done, the oldest first."""
        return [entry.action for entry in await self.entries()]

    async def signed_in_at(self) -> set[str]:
        """The shops whose sign-in is in the vault."""
        return {stored.origin for stored in await self.credentials.list(self.visitor)}

    def secrets_of(self, lease: Lease, shop: str = SHOP) -> VaultCredentials:
        """The secrets of one run."""
        origin = Origin.of(shop)
        sign_in = frozenset({*SECRETS, AUTHENTICATOR.name})
        made = VaultCredentials(self.database, self.vault, self.clock, lease, SERVICE, origin, self.last_codes)
        return replace(made, sign_in=sign_in)

    async def given(self, purpose: Purpose = Purpose.ACT) -> ConsentView:
        """The newest consent for this purpose."""
        return next(one for one in await self.consents.list(self.visitor) if one.purpose is purpose)


async def house(database: Database, clock: MovedClock) -> House:
    """Everything, for one new customer."""
    vault, queue, progress, probe = Vault(FixedKey()), MemoryQueue(), InProcessProgress(), FakeProbe()
    await database.run_across_customers(lambda s: vault.open_database(s, at=clock.now()), because="a test begins")
    integrations = Integrations([integration(probe), approved_integration(probe), checking_integration(probe)])
    guard = AddressGuard(FakeResolver(**{"tea.example": PUBLIC, "coffee.example": PUBLIC}))
    checkpoints = Checkpoints(database, FixedSigningKey(), MemoryCheckpoints(), clock)
    endings, texts = EndingWriter(vault, integrations, clock, checkpoints), ConsentTexts.from_folder(TEXTS, "2.0")
    ours = ReturnAddress("https://autopilot.example")
    beginning = Beginning(queue, integrations, vault, texts.version)
    retries = RetryDesk(database, queue, progress, beginning, clock)
    wordings = Wordings(texts, model=Recipient("Anthropic", "USA"))
    made = House(
        database=database,
        clock=clock,
        visitor=await visitor(database, clock),
        queue=queue,
        probe=probe,
        vault=vault,
        integrations=integrations,
        endings=endings,
        progress=progress,
        operations=OperationService(
            database, queue, progress, integrations, guard, endings, clock, ours, texts.version
        ),
        consents=ConsentDesk(ConsentTools(database, queue, progress, integrations, wordings, endings, vault, clock)),
        credentials=CredentialDesk(database, vault, integrations, wordings, clock),
        approvals=ApprovalDesk(ApprovalTools(database, queue, progress, integrations, vault, ours, clock)),
        questions=QuestionDesk(database, vault, progress, clock),
        checkpoints=checkpoints,
        trail=AuditTrail(database, checkpoints, clock),
        wordings=wordings,
        receipts=ReceiptDesk(database, FixedSigningKey(), clock),
        retries=retries,
        bulk_retries=BulkRetries(retries),
        runs=RunList(database, clock),
        schedules=ScheduleDesk(database, integrations, clock, texts.version),
        rounds=ScheduleRounds(database, beginning, endings, progress, clock),
    )
    progress.subscribe(made.visitor.customer_id, made.told.append)
    return made


async def visitor(database: Database, clock: MovedClock) -> Visitor:
    """A person of a new company; without a password, because hashing one takes longer than a test."""
    made = Visitor(uuid4(), uuid4(), f"{uuid4().hex}@tea.example")

    def add(session: CustomerSession) -> None:
        session.add(Customer(id=made.customer_id, name="Tea Shop", created_at=clock.now()))
        session.flush()
        session.add(AuditHead(customer_id=made.customer_id, seq=0, hash=FIRST))
        user = User(customer_id=made.customer_id, email=made.email, password_hash="-", created_at=clock.now())
        user.id = made.user_id
        session.add(user)

    await database.run_across_customers(add, because="a test begins")
    return made


def until_somebody_waits(database: Database) -> None:
    """Return once a transaction waits for a lock of another. For PostgreSQL; called in a transaction's own thread."""
    give_up = time.monotonic() + 10
    while not is_waited_for(database):
        assert time.monotonic() < give_up, "nobody waits"


def is_waited_for(database: Database) -> bool:
    """Whether a transaction waits for a lock of another. For PostgreSQL."""
    with as_owner(database).connect() as connection:
        return bool(connection.execute(text("select count(*) from pg_locks where not granted")).scalar_one())


def on_the_way_to(status: OperationStatus) -> tuple[OperationStatus, ...]:
    """The moves that lead a pending operation there."""
    if status in {OperationStatus.PENDING, OperationStatus.CANCELLED}:
        return (status,)
    return (OperationStatus.IN_PROGRESS, status)
