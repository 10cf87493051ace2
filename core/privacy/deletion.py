"""Deleting a customer: all that is known of them goes, and what proves that it went stays.

1. What runs is stopped, and its way to the shop shut.
2. The secrets and the keys of the customer are destroyed: what they sealed opens nowhere any more, in no copy either.
3. Every row goes, and of the audit chain every detail; the chain itself stays and can still be verified.
4. The certificate is signed and kept in the ledger, and all of this is committed: one transaction.
5. Tries to sign in, pictures, copies of the database and what is left in its log go right after. What a crash or a file
   that can't be deleted has left is told, and goes at the next start, or within the hour.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import func
from sqlmodel import SQLModel, col, delete, select

from core.browser.screenshots import PicturesOutOfReach, PicturesUnavailable, ScreenshotStore
from core.clock import Clock
from core.database.erasing import NotErased, erase_what_was_deleted
from core.database.session import CustomerSession, Database
from core.database.tables import AuditCheckpointRow, AuditHead, AuditRow, Customer, OfCustomer, User
from core.operations.queue import JobQueue
from core.operations.service import open_operations
from core.privacy.certificate import Certificate, Deletion
from core.privacy.ledger import DeletionLedger
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.audit.checkpoints import Checkpoints
from core.security.people.throttle import forget_accounts
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
        self._has_left = (
            True  # whether the database's files may still hold who was deleted: a crash may have been before
        )

    async def delete(self, customer_id: UUID, actor: str, because: str = ASKED) -> Certificate:
        """Delete one; the proof of it. Raises LedgerUnusable, and then nothing was deleted."""
        addresses = await self._tools.database.read(customer_id, _addresses)
        await self._forget_tries(addresses)  # before, too: after a crash nobody knows the addresses any more
        use_case = partial(self._delete, customer_id, actor, because)
        certificate = await self._tools.database.run(customer_id, use_case)
        self._has_left = True
        await self._forget_tries(addresses)
        await self._delete_pictures(customer_id)
        await self._erase()
        await self._tools.checkpoints.bring_outside()
        return certificate

    async def again(self) -> int:
        """Delete whom the ledger names and the database still knows, as after a back-up was put back; how many.

        Files that could not be deleted before are tried again. Raises LedgerUnusable: who was deleted must not come back
        because a file can't be read.
        """
        keys = await asyncio.to_thread(self._tools.checkpoints.keys.known)
        ledger = await asyncio.to_thread(self._tools.ledger.read, keys)
        named = {one.deletion.customer_id for one in ledger}
        known = await self._tools.database.run_across_customers(
            partial(_still_known, named), because="whom the ledger names is deleted again"
        )
        for customer_id in known:
            await self.delete(customer_id, SYSTEM, AGAIN)
            log.warning("customer %s was deleted again: %s", customer_id, AGAIN)
        for customer_id in named - known:
            if not await self._delete_pictures(customer_id):
                break
        if ledger and self._has_left:
            await self._erase(max(one.deletion.at for one in ledger))
        return len(known)

    async def _forget_tries(self, addresses: Sequence[str]) -> None:
        await self._tools.database.run_across_customers(
            partial(forget_accounts, addresses=addresses), because="tries to sign in are no customer's rows"
        )

    async def _delete_pictures(self, customer_id: UUID) -> bool:
        """Delete them, or tell that they are still there; whether it is of use to try it with another's right away."""
        try:
            await self._tools.pictures.delete_all(customer_id)
        except PicturesUnavailable as error:  # the rows are gone already: it is told, and tried again
            log.error("ALERT: pictures of the deleted customer %s are still there: %s", customer_id, error)  # noqa: TRY400  said whole
            # Each wait for a silent store takes seconds, and a start waits for all of them.
            return not isinstance(error, PicturesOutOfReach)
        return True

    async def _erase(self, at: datetime | None = None) -> None:
        """What the files of the database still hold; copies from before this moment, or all."""
        try:
            await asyncio.to_thread(erase_what_was_deleted, self._tools.database, at)
        except NotErased as error:
            log.error("ALERT: what was deleted is still in the files of the database: %s", error)  # noqa: TRY400  said whole
        else:
            self._has_left = False

    def _delete(self, customer_id: UUID, actor: str, because: str, session: CustomerSession) -> Certificate:
        now, tools = self._tools.clock.now(), self._tools
        for row in open_operations(session):
            tools.queue.stop(session, row.id, because)
        session.exec(select(Customer).with_for_update()).one()  # who is about to add a row of theirs goes first
        rows = _count_rows(session)
        keys = tools.keys.destroy(session, customer_id, at=now, actor=actor, because=because)
        _delete_rows(session)
        customer = session.exec(select(Customer)).one()  # all that the session knew was put out of it
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


def _addresses(session: CustomerSession) -> Sequence[str]:
    return session.exec(select(User.email)).all()


def _still_known(named: set[UUID], session: CustomerSession) -> set[UUID]:
    """Whom the ledger names and who is no deleted customer, and deleted customers of whom there are rows again."""
    still = set(
        session.exec(select(Customer.id).where(col(Customer.id).in_(named), col(Customer.deleted_at).is_(None)))
    )
    for table in _tables().values():
        left = select(table.customer_id).join(Customer, col(Customer.id) == col(table.customer_id))
        still |= set(session.exec(left.where(col(Customer.deleted_at).is_not(None)).distinct()))
    return still
