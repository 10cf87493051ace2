"""A customer with a chain, a signing key and a file outside; and what somebody with the database's own rights does to it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, text

from core.database.session import CustomerSession, Database
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent, Verification
from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoint_file import CheckpointFile
from core.security.audit.checkpoints import Checkpoints
from core.security.audit.verification import Evidence
from core.security.keys.signing_file import SigningKeyFile
from core.security.people.people import People
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner

CHAIN = "autonomous_operations_audit"


@dataclass(frozen=True)
class Anchored:
    """One customer's chain, and what it is held against."""

    database: Database
    clock: MovedClock
    checkpoints: Checkpoints
    customer_id: UUID

    @property
    def file(self) -> Path:
        """The copy outside."""
        assert isinstance(self.checkpoints.outside, CheckpointFile)
        return self.checkpoints.outside.path

    async def append(self, entries: int = 1) -> None:
        """Add entries, in one transaction."""

        def add(session: CustomerSession) -> None:
            for number in range(entries):
                event = AuditEvent(AuditAction.PRODUCTS_SYNCED, "agent", detail={"products": number})
                audit_log.record(session, self.customer_id, event, at=self.clock.now())

        await self.database.run(self.customer_id, add)

    async def anchor(self, entries: int = 1) -> Checkpoint:
        """Add entries, and sign for them."""
        await self.append(entries)
        made = await self.checkpoints.keep(self.customer_id)
        assert made is not None
        return made

    async def verified(self, evidence: Evidence | None = None) -> Verification:
        """What verification says; without evidence of the caller's own, with our key and our file."""
        evidence = evidence or await self.checkpoints.evidence()
        look = partial(audit_log.verify, customer_id=self.customer_id, evidence=evidence)
        return await self.database.read(self.customer_id, look)

    def attack(self, *statements: str) -> None:
        """Run these with every guard down; `:us` is the customer."""
        with as_owner(self.database).begin() as connection:
            guards_down(connection)
            for statement in statements:
                ours = self.customer_id.hex if self.database.is_sqlite else str(self.customer_id)
                connection.execute(text(statement.replace(":us", f"'{ours}'")))


def guards_down(connection: Connection) -> None:
    """What somebody does first who may do anything with the database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # neither triggers nor foreign keys
        return
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))


async def anchored(database: Database, clock: MovedClock, folder: Path, name: str = "Tea Shop") -> Anchored:
    """A new customer, with an empty chain."""
    keys, outside = SigningKeyFile(folder / "signing.key"), CheckpointFile(folder / "outside" / "checkpoints.jsonl")
    checkpoints = Checkpoints(database, keys, outside, clock)
    await checkpoints.open()
    return Anchored(database, clock, checkpoints, await People(database, clock).add_customer(name))
