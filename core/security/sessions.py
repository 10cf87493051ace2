"""Signed-in browsers: an opaque token in a cookie, its SHA-256 in the database."""

import secrets
from datetime import timedelta
from functools import partial
from hashlib import sha256
from uuid import uuid4

from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import User, UserSession
from core.security.people import Visitor

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_AGAIN_AFTER = timedelta(minutes=1)  # so that not every request writes


class Sessions:
    """Begins, knows and ends the sessions of people."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, visitor: Visitor) -> str:
        """A new session; its token, which is kept nowhere else."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        row = UserSession(
            customer_id=visitor.customer_id,
            id=uuid4(),
            user_id=visitor.user_id,
            token_sha256=digest(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + LONGEST,
        )
        await self._database.run(visitor.customer_id, lambda session: session.add(row))
        return token

    async def visitor_of(self, token: str) -> Visitor | None:
        """Who has this token, if the session is still on."""
        use_case = partial(self._visitor_of, digest(token))
        return await self._database.run_across_customers(use_case, because="a token says whose it is")

    async def end(self, token: str) -> None:
        """Sign out."""
        now = self._clock.now()

        def end(session: CustomerSession) -> None:
            row = _find(session, digest(token))
            if row and row.ended_at is None:
                row.ended_at = now
                session.add(row)

        await self._database.run_across_customers(end, because="a token says whose it is")

    def _visitor_of(self, token_sha256: str, session: CustomerSession) -> Visitor | None:
        row, now = _find(session, token_sha256), self._clock.now()
        if row is None or row.ended_at or now >= row.expires_at or now >= row.last_seen_at + IDLE:
            return None
        user = session.get(User, (row.customer_id, row.user_id))
        if user is None or user.disabled_at:
            return None
        if now >= row.last_seen_at + SEEN_AGAIN_AFTER:
            row.last_seen_at = now
            session.add(row)
        return Visitor(user.customer_id, user.id, user.email, user.is_staff)


def digest(token: str) -> str:
    """How a token is known at rest; 256 random bits need no slow hash."""
    return sha256(token.encode()).hexdigest()


def _find(session: CustomerSession, token_sha256: str) -> UserSession | None:
    return session.exec(select(UserSession).where(col(UserSession.token_sha256) == token_sha256)).first()
