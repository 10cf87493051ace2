"""Verifies every chain once a day, remembers what it found, and says loudly if one is not whole or can't be checked."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, update
from sqlmodel import col, select

from core.clock import Clock
from core.database.failures import FAILURES, told
from core.database.session import CustomerSession, Database
from core.database.tables import AuditHead
from core.security.audit import audit_log
from core.security.audit.checkpoints import Checkpoints
from core.security.audit.streams import every_stream
from core.security.audit.verification import Evidence, Verification

log = logging.getLogger(__name__)

VERIFIED_EVERY = timedelta(days=1)
LATE_AFTER = timedelta(days=2)  # a round that comes every hour has failed often by then


@dataclass(frozen=True)
class ChainsStanding:
    """How the chains stood when they were verified last; `oldest` is the verification that is longest ago.

    `is_late` says that it is too long ago, or that the last try failed: what was found then says nothing of today.
    """

    chains: int
    broken: int
    never_verified: int
    oldest: datetime | None
    is_late: bool = False

    @property
    def word(self) -> str:
        """In one word, for whoever watches the service."""
        return "broken" if self.broken else "unverified" if self.never_verified or self.is_late else "intact"


class ChainWatch:
    """Looks after all chains. What has no head to remember it by is remembered here, and looked at in every round."""

    def __init__(self, database: Database, checkpoints: Checkpoints, clock: Clock) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._clock = clock
        self._broken_without_head: frozenset[UUID] = frozenset()
        self._failed = False

    async def verify_due(self) -> None:
        """Verify the chains that were not verified for a day; one that can't be does not keep others from it."""
        try:
            evidence = await self._checkpoints.evidence()
            streams, verified_lately = (
                await every_stream(self._database, evidence.outside),
                await self._verified_lately(),
            )
        except FAILURES as error:
            self._failed = True
            log.error("ALERT: the audit chains can't be checked: %s", told(error))  # noqa: TRY400  known, and said whole
            return
        found = {one: await self._verify_one(one, evidence) for one in streams if not verified_lately.get(one)}
        self._failed = None in found.values()
        without_head = {one for one, what in found.items() if what and not what.intact and one not in verified_lately}
        self._broken_without_head = frozenset(without_head)

    async def _verified_lately(self) -> dict[UUID, bool]:
        """Every chain that has a head, and whether it was verified within a day."""
        now = self._clock.now()
        lately = and_(
            col(AuditHead.verified_at).is_not(None),
            col(AuditHead.verified_at) > now - VERIFIED_EVERY,
            col(AuditHead.verified_at) <= now,  # later, nobody of us has written it
        )
        return await self._database.read_across_customers(
            lambda session: {one: bool(is_so) for one, is_so in session.exec(select(AuditHead.customer_id, lately))},
            because="every chain is verified once a day",
        )

    async def _verify_one(self, customer_id: UUID, evidence: Evidence) -> Verification | None:
        look = partial(audit_log.verify, customer_id=customer_id, evidence=evidence)
        try:
            found = await self._database.read(customer_id, look)
            if not found.intact:
                where = f"entry {found.first_broken}" if found.first_broken else "the checkpoints"
                log.error(
                    "ALERT: the audit chain of customer %s is broken at %s: %s", customer_id, where, found.because
                )
            await self._database.run(
                customer_id, partial(_remember, customer_id=customer_id, found=found, at=self._clock.now())
            )
        except FAILURES as error:
            log.error("ALERT: the audit chain of customer %s can't be checked: %s", customer_id, told(error))  # noqa: TRY400  known, and said whole
            return None
        return found

    async def standing(self) -> ChainsStanding:
        """How they stood when they were verified last."""
        counted: Any = select(
            func.count(),
            func.count(AuditHead.broken_because),  # type: ignore[arg-type]  # a column, once mapped
            func.count(AuditHead.verified_at),  # type: ignore[arg-type]
        ).select_from(AuditHead)
        oldest = select(AuditHead.verified_at).where(col(AuditHead.verified_at).is_not(None))

        def look(session: CustomerSession) -> tuple[int, int, int, datetime | None]:
            chains, broken, verified = session.exec(counted).one()
            return chains, broken, verified, session.exec(oldest.order_by(col(AuditHead.verified_at)).limit(1)).first()

        chains, broken, verified, first = await self._database.read_across_customers(
            look, because="staff see how the chains stand"
        )
        headless = len(self._broken_without_head)
        is_late = self._failed or (first is not None and first < self._clock.now() - LATE_AFTER)
        return ChainsStanding(chains + headless, broken + headless, chains - verified, first, is_late)


def _remember(session: CustomerSession, customer_id: UUID, found: Verification, at: datetime) -> None:
    mine = update(AuditHead).where(col(AuditHead.customer_id) == customer_id)
    values = {"verified_at": at, "broken_at_seq": found.first_broken, "broken_because": found.because or None}
    session.execute(mine.values(**values), execution_options={"synchronize_session": False})
