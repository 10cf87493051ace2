"""Deleting a customer: all that is known of them goes, and what proves that it went stays.

1. What runs is stopped, and its way to the shop shut.
2. The secrets and the keys of the customer are destroyed: what they sealed opens nowhere any more, in no copy either.
3. Every row goes, and of the audit chain every detail; the chain itself stays and can still be verified.
4. The certificate is signed and kept in the ledger, and all of this is committed: one transaction.
5. The pictures are deleted. A crash before that is made up for at the next start.
"""

import logging
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import func
from sqlmodel import SQLModel, col, delete, select

from core.browser.screenshots import ScreenshotStore
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import AuditCheckpointRow, AuditHead, AuditRow, Customer, OfCustomer
from core.operations.queue import JobQueue
from core.operations.service import open_operations
from core.privacy.certificate import Certificate, Deletion
from core.privacy.ledger import DeletionLedger
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.audit.checkpoints import Checkpoints
from core.security.vault.customer_keys import CustomerKeys

log = logging.getLogger(__name__)

KEPT = frozenset({AuditRow, AuditHead, AuditCheckpointRow})  # the chain, and what it was signed with
NAMELESS = "deleted"
SYSTEM = "system"
ASKED = "the customer asked for it"
AGAIN = "it was deleted before, and a back-up has brought it back"


@dataclass(frozen=True)
class DeletionTools:
    """What deleting works with."""

    database: Database
    keys: CustomerKeys
    checkpoints: Checkpoints
    pictures: ScreenshotStore
    queue: JobQueue
    ledger: DeletionLedger
    clock: Clock


class Deletions:
    """Deletes customers, and deletes them again."""

    def __init__(self, tools: DeletionTools) -> None:
        self._tools = tools

    async def delete(self, customer_id: UUID, actor: str, because: str = ASKED) -> Certificate:
        """Delete one; the proof of it. Raises LedgerUnusable, and then nothing was deleted."""
        use_case = partial(self._delete, customer_id, actor, because)
        certificate = await self._tools.database.run(customer_id, use_case)
        await self._tools.pictures.delete_all(customer_id)
        await self._tools.checkpoints.bring_outside()
        return certificate

    async def again(self) -> int:
        """Delete whom the ledger names and the database still knows, as after a back-up was put back; how many.

        Raises LedgerUnusable: who was deleted must not come back because a file can't be read.
        """
        named = {one.deletion.customer_id for one in self._tools.ledger.read(self._tools.checkpoints.keys.known())}
        known = await self._tools.database.run_across_customers(
            partial(_still_known, named), because="whom the ledger names is deleted again"
        )
        for customer_id in known:
            await self.delete(customer_id, SYSTEM, AGAIN)
            log.warning("customer %s was deleted again: %s", customer_id, AGAIN)
        for customer_id in named - known:
            await self._tools.pictures.delete_all(customer_id)
        return len(known)

    def _delete(self, customer_id: UUID, actor: str, because: str, session: CustomerSession) -> Certificate:
        now, tools = self._tools.clock.now(), self._tools
        for row in open_operations(session):
            tools.queue.stop(session, row.id, because)
        rows = _count_rows(session)
        keys = tools.keys.destroy(session, customer_id, at=now, actor=actor, because=because)
        _delete_rows(session)
        customer = session.exec(select(Customer)).one()
        customer.name, customer.deleted_at = NAMELESS, now
        session.add(customer)
        audit_log.erase_details(session, customer_id, because=because, actor=actor, at=now)
        event = AuditEvent(AuditAction.CUSTOMER_DELETED, actor, detail={"rows": sum(rows.values()), "ground": because})
        audit_log.record(session, customer_id, event, at=now)
        tools.checkpoints.sign(session, customer_id)
        head = audit_log.locked_head(session, customer_id)
        deletion = Deletion(customer_id, now, actor, keys, rows, head.seq, head.hash)
        certificate = Certificate.signed(deletion, tools.checkpoints.keys.signing_key())
        session.flush()
        tools.ledger.add(
            certificate
        )  # the last thing before the commit: what is in it is done, now or at the next start
        return certificate


def _tables() -> dict[str, type[OfCustomer]]:
    """Every table of customers but the chain's, those that refer to others first."""
    by_name = {str(table.__tablename__): table for table in OfCustomer.__subclasses__() if table not in KEPT}
    return {one.name: by_name[one.name] for one in reversed(SQLModel.metadata.sorted_tables) if one.name in by_name}


def _count_rows(session: CustomerSession) -> dict[str, int]:
    counted = {name: session.exec(select(func.count()).select_from(table)).one() for name, table in _tables().items()}
    return {name: number for name, number in counted.items() if number}


def _delete_rows(session: CustomerSession) -> None:
    for table in _tables().values():
        session.exec(delete(table), execution_options={"synchronize_session": False})
    session.expunge_all()


def _still_known(named: set[UUID], session: CustomerSession) -> set[UUID]:
    still = select(Customer.id).where(col(Customer.id).in_(named), col(Customer.deleted_at).is_(None))
    return set(session.exec(still))
