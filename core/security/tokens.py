"""Bearer tokens of the REST API: shown once, recognisable by scanners, known by their SHA-256."""

import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import ApiToken, User
from core.errors import NotFound
from core.security import audit
from core.security.audit import AuditAction, AuditEvent
from core.security.people import Visitor
from core.security.sessions import digest

PREFIX = "omni_live_"


@dataclass(frozen=True)
class TokenView:
    """A token as its owner sees it."""

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """Makes, knows and revokes tokens."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, visitor: Visitor, name: str, valid_for: timedelta) -> str:
        """A new token, shown this once."""
        secret, now = secrets.token_hex(32), self._clock.now()
        text = f"{PREFIX}{secret}_{_checksum(secret)}"
        row = ApiToken(
            customer_id=visitor.customer_id,
            id=uuid4(),
            user_id=visitor.user_id,
            name=name.strip()[:100] or "token",
            token_sha256=digest(text),
            created_at=now,
            expires_at=now + valid_for,
        )
        event = AuditEvent(AuditAction.TOKEN_ADDED, visitor.actor, detail={"token": str(row.id)})

        def add(session: CustomerSession) -> None:
            session.add(row)
            audit.record(session, visitor.customer_id, event, at=now)

        await self._database.run(visitor.customer_id, add)
        return text

    async def visitor_of(self, text: str) -> Visitor | None:
        """Whose token this is, if it is still good; a mistyped one is not even looked up."""
        secret, _, checksum = text.removeprefix(PREFIX).partition("_")
        if not text.startswith(PREFIX) or checksum != _checksum(secret):
            return None
        use_case = partial(self._visitor_of, digest(text))
        return await self._database.run_across_customers(use_case, because="a token says whose it is")

    async def list(self, visitor: Visitor) -> tuple[TokenView, ...]:
        """A person's tokens, the newest first."""
        mine = select(ApiToken).where(col(ApiToken.user_id) == visitor.user_id)
        newest = mine.order_by(col(ApiToken.created_at).desc())
        rows = await self._database.read(visitor.customer_id, lambda session: session.exec(newest).all())
        return tuple(
            TokenView(row.id, row.name, row.created_at, row.expires_at, row.last_used_at, row.revoked_at)
            for row in rows
        )

    async def revoke(self, visitor: Visitor, token_id: UUID) -> None:
        """Make a token worthless. Raises NotFound."""
        now = self._clock.now()

        def revoke(session: CustomerSession) -> None:
            row = session.get(ApiToken, (visitor.customer_id, token_id))
            if row is None or row.user_id != visitor.user_id:
                raise NotFound(because="There is no such token.")
            row.revoked_at = row.revoked_at or now
            session.add(row)
            event = AuditEvent(AuditAction.TOKEN_REVOKED, visitor.actor, detail={"token": str(token_id)})
            audit.record(session, visitor.customer_id, event, at=now)

        await self._database.run(visitor.customer_id, revoke)

    def _visitor_of(self, token_sha256: str, session: CustomerSession) -> Visitor | None:
        row = session.exec(select(ApiToken).where(col(ApiToken.token_sha256) == token_sha256)).first()
        now = self._clock.now()
        if row is None or row.revoked_at or now >= row.expires_at:
            return None
        user = session.get(User, (row.customer_id, row.user_id))
        if user is None or user.disabled_at:
            return None
        row.last_used_at = now
        session.add(row)
        return Visitor(user.customer_id, user.id, user.email, user.is_staff)


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"
