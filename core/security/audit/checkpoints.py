"""Signs how the chains stand: at the end of each run, soon after every hundred entries, and once a minute if there are new ones.

A checkpoint is a row of the transaction that makes it. Its copy outside is written after the commit, and the head of
the chain remembers how far that went; so a crash in between leaves the copy one short, and the next round adds it.
"""

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import col, select

from core.clock import Clock
from core.database.failures import FAILURES, told
from core.database.session import CustomerSession, Database
from core.database.tables import AuditCheckpointRow, AuditHead
from core.errors import CoreError
from core.security.audit import audit_log
from core.security.audit.chain import FIRST
from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoint_file import CheckpointCopy, NoCheckpointFile, Outside, line_of
from core.security.audit.verification import Evidence
from core.security.keys.signing_file import SigningKeyProvider

log = logging.getLogger(__name__)

ENTRIES = 100  # after so many, a checkpoint is due at once
AT_LEAST_EVERY = timedelta(seconds=60)  # if there are new entries


class OtherSigningKey(CoreError):
    """The signing key is not the one that signed this database's checkpoints."""

    code: ClassVar[str] = "other_signing_key"


@dataclass(frozen=True)
class Checkpoints:
    """Makes checkpoints, and brings them outside."""

    database: Database
    keys: SigningKeyProvider
    outside: CheckpointCopy
    clock: Clock

    async def open(self) -> None:
        """Be ready to sign. Raises BadSigningKey, OtherSigningKey or NoCheckpointFile: without proof, nothing starts.

        A key is made here alone, and only while nothing is signed.
        """
        if await self._newest_key() is None:
            await asyncio.to_thread(self.keys.make)
        known = await asyncio.to_thread(self.keys.known)
        await asyncio.to_thread(self.outside.make)
        await asyncio.to_thread(self.outside.note, self.keys.successions())
        await self.check_key(known)

    async def check_key(self, known: Collection[str]) -> str | None:
        """Which key signed the newest checkpoint, if there is one. Raises OtherSigningKey if it is none of these ids."""
        signed_by = await self._newest_key()
        if signed_by is not None and signed_by not in known:
            got = next(iter(known))
            raise OtherSigningKey(because=f"Expected {signed_by}, got {got}. Bring the right key file back.")
        return signed_by

    async def _newest_key(self) -> str | None:
        newest = select(AuditCheckpointRow.key_id).order_by(col(AuditCheckpointRow.at).desc()).limit(1)
        return await self.database.read_across_customers(
            lambda session: session.exec(newest).first(), because="the signing key is checked at start"
        )

    def sign(self, session: CustomerSession, customer_id: UUID) -> Checkpoint | None:
        """Sign how a chain stands, as part of this transaction; None if nothing was added since the last time."""
        head = audit_log.locked_head(session, customer_id)
        if head.seq <= head.checkpoint_seq:
            return None
        newest = _newest(session, customer_id)
        now, key = self.clock.now(), self.keys.signing_key()
        made = Checkpoint(
            number=(newest.number if newest else 0) + 1,
            stream=str(customer_id),
            seq=head.seq,
            hash=head.hash,
            at=now.astimezone(UTC).isoformat(timespec="microseconds"),
            previous=newest.sha256 if newest else FIRST,
        )
        session.add(
            AuditCheckpointRow(
                customer_id=customer_id,
                number=made.number,
                seq=made.seq,
                hash=made.hash,
                at=made.at,
                previous=made.previous,
                key_id=key.public.id,
                signature=key.sign(made.text),
            )
        )
        head.checkpoint_number, head.checkpoint_seq, head.checkpoint_at = made.number, made.seq, now
        session.add(head)
        session.flush()
        return _newest(session, customer_id)

    async def keep(self, customer_id: UUID) -> Checkpoint | None:
        """Sign how a customer's chain stands, in the database and outside; the newest checkpoint."""
        made = await self.database.run(customer_id, partial(self._sign_or_newest, customer_id=customer_id))
        await self.bring_outside()
        return made

    async def keep_due(self) -> None:
        """One round over all customers: sign what is due, and bring outside what is not there yet."""
        await self._sign_each(_due(self.clock.now()), because="chains with new entries are signed")

    async def keep_all(self) -> None:
        """Sign every chain that has new entries: before the process ends."""
        unsigned = col(AuditHead.seq) > col(AuditHead.checkpoint_seq)
        await self._sign_each(unsigned, because="every chain is signed before the process ends")

    async def _sign_each(self, which: ColumnElement[bool], because: str) -> None:
        """Sign these chains, and bring outside what is not there yet; one that can't be signed is told of, and the others are."""
        for customer_id in await self._customers(which, because):
            try:
                await self.database.run(customer_id, partial(self.sign, customer_id=customer_id))
            except FAILURES as error:
                log.error("ALERT: the audit chain of customer %s can't be signed: %s", customer_id, told(error))  # noqa: TRY400  known, and said whole
        await self.bring_outside()

    async def bring_outside(self) -> None:
        """Append what is committed and not outside yet. A file that can't be written is logged, and tried again."""
        behind = col(AuditHead.checkpoint_number) > col(AuditHead.outside_number)
        for customer_id in await self._customers(behind, because="checkpoints are copied out of the database"):
            try:
                await self._bring_outside(customer_id)
            except NoCheckpointFile as error:
                log.error("checkpoints can't be kept outside the database: %s", error)  # noqa: TRY400  known, and said whole
                return
            except FAILURES as error:
                log.error("ALERT: the checkpoints of customer %s can't be copied: %s", customer_id, told(error))  # noqa: TRY400  known, and said whole

    async def _bring_outside(self, customer_id: UUID) -> None:
        made = await self.database.read(customer_id, partial(_not_outside, customer_id=customer_id))
        await asyncio.to_thread(self.outside.append, made)
        for one in made:
            log.info("checkpoint %s", line_of(one))
        if made:
            await self.database.run(customer_id, partial(_are_outside, customer_id=customer_id, up_to=made[-1].number))

    async def evidence(self, customer_id: UUID | None = None) -> Evidence:
        """What chains are held against here, one customer's or all: our own keys, and our own file.

        Raises NoCheckpointFile or BadSigningKey.
        """
        outside, brought = await self.copy_outside(customer_id)
        return Evidence(await asyncio.to_thread(self.keys.known), outside, brought)

    async def copy_outside(self, customer_id: UUID | None = None) -> tuple[Outside, dict[str, int]]:
        """The copy, and up to which checkpoint it goes by customer; that is read first, for the copy only grows."""
        heads = select(AuditHead.customer_id, AuditHead.outside_number).where(col(AuditHead.outside_number) > 0)
        if customer_id is None:
            found = await self.database.read_across_customers(
                lambda session: session.exec(heads).all(), because="every chain is held against the file outside"
            )
        else:
            found = await self.database.read(customer_id, lambda session: session.exec(heads).all())
        brought = {str(one): number for one, number in found}
        if not brought and not self.outside.is_there:
            return Outside(), brought
        return await asyncio.to_thread(self.outside.read, str(customer_id) if customer_id else None), brought

    def _sign_or_newest(self, session: CustomerSession, customer_id: UUID) -> Checkpoint | None:
        return self.sign(session, customer_id) or _newest(session, customer_id)

    async def _customers(self, which: ColumnElement[bool], because: str) -> tuple[UUID, ...]:
        heads = select(AuditHead.customer_id).where(which)
        return await self.database.read_across_customers(lambda session: tuple(session.exec(heads)), because=because)


def checkpoint_over(session: CustomerSession, customer_id: UUID, seq: int) -> Checkpoint | None:
    """The first checkpoint that was signed for this entry, if there is one yet."""
    over = select(AuditCheckpointRow).where(
        col(AuditCheckpointRow.customer_id) == customer_id, col(AuditCheckpointRow.seq) >= seq
    )
    row = session.exec(over.order_by(col(AuditCheckpointRow.number)).limit(1)).first()
    return Checkpoint.of(row) if row else None


def _due(now: datetime) -> ColumnElement[bool]:
    new = col(AuditHead.seq) - col(AuditHead.checkpoint_seq)
    long_ago = or_(col(AuditHead.checkpoint_at).is_(None), col(AuditHead.checkpoint_at) <= now - AT_LEAST_EVERY)
    return or_(new >= ENTRIES, and_(new > 0, long_ago))


def _newest(session: CustomerSession, customer_id: UUID) -> Checkpoint | None:
    mine = select(AuditCheckpointRow).where(col(AuditCheckpointRow.customer_id) == customer_id)
    row = session.exec(mine.order_by(col(AuditCheckpointRow.number).desc()).limit(1)).first()
    return Checkpoint.of(row) if row else None


def _not_outside(session: CustomerSession, customer_id: UUID) -> tuple[Checkpoint, ...]:
    head = session.get(AuditHead, customer_id)
    mine = select(AuditCheckpointRow).where(
        col(AuditCheckpointRow.customer_id) == customer_id,
        col(AuditCheckpointRow.number) > (head.outside_number if head else 0),
    )
    return tuple(Checkpoint.of(row) for row in session.exec(mine.order_by(col(AuditCheckpointRow.number))))


def _are_outside(session: CustomerSession, customer_id: UUID, up_to: int) -> None:
    """Remember how far the copy goes. Another process may have brought more; then nothing changes."""
    mine = update(AuditHead).where(col(AuditHead.customer_id) == customer_id, col(AuditHead.outside_number) < up_to)
    session.execute(mine.values(outside_number=up_to), execution_options={"synchronize_session": False})
