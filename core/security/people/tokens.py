"""Bearer tokens of the REST API: shown once, recognisable by scanners, known by their SHA-256, good for some scopes.

    omni_live_<id, 32 hex>_<secret, 64 hex>_<CRC-32 of id_secret, 8 hex>

The token is found by its id, and its hash compared in constant time. Those of versions before have no id; they are
found by their hash.
"""

import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col, select

from core.clock import Clock
from core.database.changed import changed_one
from core.database.session import CustomerSession, Database
from core.database.tables import ApiToken, User
from core.errors import BadInput, NotFound
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.accounts import Accounts
from core.security.people.authorize import Action, authorize
from core.security.people.proof import NONE_GIVEN, ChecksPasswords, Proof, check_proof
from core.security.people.sessions import digest
from core.security.people.visitor import Scope, Visitor

PREFIX = "omni_live_"
EVERY_SCOPE = frozenset(Scope)
LONGEST_VALID = timedelta(days=365)
USED_AGAIN_AFTER = timedelta(minutes=1)  # so that not every request writes
BY_TOKEN = "a token says whose it is"  # noqa: S105  a reason, and no token


class BadToken(BadInput):
    """Such a token can't be made."""

    code: ClassVar[str] = "bad_token"


@dataclass(frozen=True)
class TokenView:
    """A token as its owner sees it."""

    id: UUID
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """Makes, knows and revokes tokens."""

    def __init__(
        self, database: Database, clock: Clock, people: ChecksPasswords, accounts: Accounts | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._people = people
        self._accounts = accounts or Accounts()

    async def add(
        self,
        visitor: Visitor,
        name: str,
        valid_for: timedelta,
        scopes: Iterable[Scope] = EVERY_SCOPE,
        proof: Proof = NONE_GIVEN,
    ) -> str:
        """A new token, shown this once; in a browser, for whoever shows that it is they.

        Raises NotAllowed, WrongSignIn or TooManyTries, or BadToken for one that is good for nothing or for ever.
        """
        authorize(visitor, Action.MANAGE_TOKENS)
        good_for = sorted(set(scopes))
        if not good_for or not timedelta(0) < valid_for <= LONGEST_VALID:
            raise BadToken(because=f"It needs a scope, and an end within {LONGEST_VALID.days} days.")
        await check_proof(self._people, visitor, proof)
        token_id, now = uuid4(), self._clock.now()
        text = written(token_id, secrets.token_hex(32))
        row = ApiToken(
            customer_id=visitor.customer_id,
            id=token_id,
            user_id=visitor.user_id,
            name=name.strip()[:100] or "token",
            token_sha256=digest(text),
            scopes=" ".join(good_for),
            created_at=now,
            expires_at=now + valid_for,
        )
        event = AuditEvent(AuditAction.TOKEN_ADDED, visitor.actor, detail={"token": str(row.id), "scopes": row.scopes})

        def add(session: CustomerSession) -> None:
            session.add(row)
            audit_log.record(session, visitor.customer_id, event, at=now)

        await self._database.run(visitor.customer_id, add)
        return text

    async def visitor_of(self, text: str) -> Visitor | None:
        """Whose token this is, if it is still good; a mistyped one is not even looked up."""
        named, _, checksum = text.removeprefix(PREFIX).rpartition("_")
        if not text.startswith(PREFIX) or not compare_digest(checksum.encode(), _checksum(named).encode()):
            return None
        use_case = partial(self._visitor_of, _id(named), digest(text))
        found = await self._database.read_across_customers(use_case, because=BY_TOKEN)
        if found is None:
            return None
        visitor, token_id, last_used_at = found
        if last_used_at is None or self._clock.now() >= last_used_at + USED_AGAIN_AFTER:
            await self._database.run_across_customers(partial(self._used, token_id), because=BY_TOKEN)
        return visitor

    async def list(self, visitor: Visitor) -> tuple[TokenView, ...]:
        """A person's tokens, the newest first. Raises NotAllowed."""
        authorize(visitor, Action.MANAGE_TOKENS)
        mine = select(ApiToken).where(col(ApiToken.user_id) == visitor.user_id)
        newest = mine.order_by(col(ApiToken.created_at).desc())
        rows = await self._database.read(visitor.customer_id, lambda session: session.exec(newest).all())
        return tuple(map(_view, rows))

    async def revoke(self, visitor: Visitor, token_id: UUID) -> None:
        """Make a token worthless. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.MANAGE_TOKENS)
        now = self._clock.now()

        def revoke(session: CustomerSession) -> None:
            row = session.get(ApiToken, (visitor.customer_id, token_id))
            if row is None or row.user_id != visitor.user_id:
                raise NotFound(because="There is no such token.")
            revoke_rows(session, [row], visitor.actor, at=now)

        await self._database.run(visitor.customer_id, revoke)

    def _visitor_of(
        self, token_id: UUID | None, token_sha256: str, session: CustomerSession
    ) -> tuple[Visitor, UUID, datetime | None] | None:
        is_it = col(ApiToken.id) == token_id if token_id else col(ApiToken.token_sha256) == token_sha256
        row, now = session.exec(select(ApiToken).where(is_it)).first(), self._clock.now()
        if row is None or not compare_digest(row.token_sha256, token_sha256):
            return None
        if row.revoked_at or now >= row.expires_at:
            return None
        user = session.get(User, (row.customer_id, row.user_id))
        visitor = self._accounts.visitor_from(user, scopes=_scopes(row))
        return (visitor, row.id, row.last_used_at) if visitor else None

    def _used(self, token_id: UUID, session: CustomerSession) -> None:
        """Note that it is in use, unless it was revoked meanwhile."""
        good = update(ApiToken).where(col(ApiToken.id) == token_id, col(ApiToken.revoked_at).is_(None))
        changed_one(session, good, {"last_used_at": self._clock.now()})


def revoke_all_of(session: CustomerSession, customer_id: UUID, user_id: UUID, actor: str, *, at: datetime) -> None:
    """Make all tokens of a person worthless, as part of the caller's transaction."""
    theirs = select(ApiToken).where(col(ApiToken.customer_id) == customer_id, col(ApiToken.user_id) == user_id)
    revoke_rows(session, session.exec(theirs.where(col(ApiToken.revoked_at).is_(None))).all(), actor, at=at)


def revoke_rows(session: CustomerSession, rows: Iterable[ApiToken], actor: str, *, at: datetime) -> None:
    """Make these worthless, each with its entry in the audit; one that is so already is left as it is."""
    for row in rows:
        good = update(ApiToken).where(col(ApiToken.id) == row.id, col(ApiToken.revoked_at).is_(None))
        if changed_one(session, good, {"revoked_at": at}):
            event = AuditEvent(AuditAction.TOKEN_REVOKED, actor, detail={"token": str(row.id)})
            audit_log.record(session, row.customer_id, event, at=at)


def written(token_id: UUID, secret: str) -> str:
    """A token as it is shown and sent."""
    named = f"{token_id.hex}_{secret}"
    return f"{PREFIX}{named}_{_checksum(named)}"


def _id(named: str) -> UUID | None:
    """The id of a token; None for one of versions before."""
    token_id, apart, _ = named.partition("_")
    if not apart:
        return None
    try:
        return UUID(hex=token_id)
    except ValueError:
        return None


def _view(row: ApiToken) -> TokenView:
    return TokenView(row.id, row.name, _scopes(row), row.created_at, row.expires_at, row.last_used_at, row.revoked_at)


def _scopes(row: ApiToken) -> frozenset[Scope]:
    """What it is good for; a word that is none opens nothing."""
    return frozenset(scope for scope in Scope if scope.value in row.scopes.split())


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"
