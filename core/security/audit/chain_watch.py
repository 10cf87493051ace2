"""Verifies every chain once a day, remembers what it found, and says loudly if one is not whole."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, update
from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import AuditHead
from core.security.audit import audit_log
from core.security.audit.checkpoints import Checkpoints
from core.security.audit.verification import Evidence, Verification

log = logging.getLogger(__name__)

VERIFIED_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class ChainsStanding:
    """How the chains stood when they were verified last; `oldest` is the verification that is longest ago."""

    chains: int
    broken: int
    never_verified: int
    oldest: datetime | None

    @property
    def word(self) -> str:
        """In one word, for whoever watches the service."""
        return "broken" if self.broken else "unverified" if self.never_verified else "intact"


class ChainWatch:
    """Looks after all chains."""

    def __init__(self, database: Database, checkpoints: Checkpoints, clock: Clock) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._clock = clock

    async def verify_due(self) -> None:
        """Verify the chains that were not verified for a day."""
        long_ago = self._clock.now() - VERIFIED_EVERY
        due = or_(col(AuditHead.verified_at).is_(None), col(AuditHead.verified_at) <= long_ago)
        heads = select(AuditHead.customer_id).where(due)
        customers = await self._database.run_across_customers(
            lambda session: session.exec(heads).all(), because="every chain is verified once a day"
        )
        if not customers:
            return
        evidence = await self._checkpoints.evidence()
        for customer_id in customers:
            await self._verify_one(customer_id, evidence)

    async def _verify_one(self, customer_id: UUID, evidence: Evidence) -> None:
        look = partial(audit_log.verify, customer_id=customer_id, evidence=evidence)
        found = await self._database.read(customer_id, look)
        if not found.intact:
            where = f"entry {found.first_broken}" if found.first_broken else "the checkpoints"
            log.error("ALERT: the audit chain of customer %s is broken at %s: %s", customer_id, where, found.because)
        await self._database.run(
            customer_id, partial(_remember, customer_id=customer_id, found=found, at=self._clock.now())
        )

    async def standing(self) -> ChainsStanding:
        """How they stood when they were verified last."""
        counted: Any = select(
            func.count(),
            func.count(AuditHead.broken_because),  # type: ignore[arg-type]  # a column, once mapped
            func.count(AuditHead.verified_at),  # type: ignore[arg-type]
        ).select_from(AuditHead)
        oldest = select(AuditHead.verified_at).where(col(AuditHead.verified_at).is_not(None))

        def look(session: CustomerSession) -> ChainsStanding:
            chains, broken, verified = session.exec(counted).one()
            first = session.exec(oldest.order_by(col(AuditHead.verified_at)).limit(1)).first()
            return ChainsStanding(chains, broken, chains - verified, first)

        return await self._database.run_across_customers(look, because="staff see how the chains stand")


def _remember(session: CustomerSession, customer_id: UUID, found: Verification, at: datetime) -> None:
    mine = update(AuditHead).where(col(AuditHead.customer_id) == customer_id)
    values = {"verified_at": at, "broken_at_seq": found.first_broken, "broken_because": found.because or None}
    session.execute(mine.values(**values), execution_options={"synchronize_session": False})
