"""Signed-in browsers: an opaque token in a cookie, its SHA-256 in the database."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import and_, update
from sqlmodel import col, select

from core.clock import Clock
from core.database.changed import changed_one
from core.database.roles import SignedIn
from core.database.session import CustomerSession, Database
from core.database.tables import User, UserSession
from core.errors import NotFound
from core.security.people.accounts import Accounts
from core.security.people.authorize import Action, authorize
from core.security.people.seen_from import NOWHERE, SeenFrom
from core.security.people.visitor import Visitor
from core.together import Together

COOKIE = "__Host-sid"  # browsers take a name like this from its own host alone, over TLS or on this machine
IDLE = timedelta(minutes=30)
IDLE_OF_STAFF = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
SEEN_AGAIN_AFTER = timedelta(minutes=1)  # so that not every request writes
BY_TOKEN = "a token says whose it is"  # noqa: S105  a reason, and no token

Found: TypeAlias = "tuple[Standing, datetime]"  # who it is, and when they were seen last
Told = Callable[[frozenset[UUID]], None]


@dataclass(frozen=True)
class Standing:
    """Somebody whose password was right, and how far they have come."""

    visitor: Visitor
    signed_in: SignedIn

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is asked of them."""
        return self.signed_in is SignedIn.WHOLLY


@dataclass(frozen=True)
class SignedInBrowser:
    """A browser that somebody is signed in with; `is_whole` says whether it is past the second step, if there is one."""

    id: UUID
    since: datetime
    last_used_at: datetime
    seen_from: SeenFrom
    is_this: bool
    is_whole: bool


class Endings:
    """Tells of sessions, or of staff's accesses, that were ended, so that what is open of theirs is closed: in this
    process, at once.

    Others find out by themselves, because each of a page's handlers asks again.
    """

    def __init__(self) -> None:
        self._told: list[Told] = []

    def subscribe(self, tell: Told) -> None:
        """From now on call this, on the event loop, with the ids of what has ended."""
        self._told.append(tell)

    def publish(self, ended: frozenset[UUID]) -> None:
        """Tell of them."""
        for tell in self._told:
            tell(ended)


class Sessions:
    """Begins, knows and ends the sessions of people."""

    def __init__(self, database: Database, clock: Clock, accounts: Accounts | None = None) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts or Accounts()
        self.endings = Endings()
        self._by_token = Together(self._find_all)

    async def begin(
        self, visitor: Visitor, signed_in: SignedIn = SignedIn.WHOLLY, seen_from: SeenFrom = NOWHERE
    ) -> str:
        """A new session; its token, which is kept nowhere else."""
        return await self._database.run(
            visitor.customer_id, lambda session: self.add(session, visitor, signed_in, seen_from)
        )

    def add(
        self, session: CustomerSession, visitor: Visitor, signed_in: SignedIn, seen_from: SeenFrom = NOWHERE
    ) -> str:
        """The same, as part of the caller's transaction."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        row = UserSession(
            customer_id=visitor.customer_id,
            id=uuid4(),
            user_id=visitor.user_id,
            token_sha256=digest(token),
            signed_in=signed_in.value,
            created_at=now,
            last_seen_at=now,
            network=seen_from.network,
            browser=seen_from.browser,
            expires_at=now + LONGEST,
        )
        session.add(row)
        return token

    async def visitor_of(self, token: str) -> Visitor | None:
        """Who has this token, if the session is still on, and they have signed in wholly."""
        found = await self.standing_of(token)
        return found.visitor if found and found.is_whole else None

    async def standing_of(self, token: str) -> Standing | None:
        """Who has this token, if the session is still on, and how far they have signed in."""
        if not token:
            return None
        found = await self._by_token.answer(digest(token))
        if found is None:
            return None
        standing, last_seen_at = found
        if self._clock.now() >= last_seen_at + SEEN_AGAIN_AFTER:
            await self._database.run_across_customers(partial(self._seen, standing.visitor), because=BY_TOKEN)
        return standing

    async def _find_all(self, digests: frozenset[str]) -> dict[str, Found]:
        """Many pages may ask at once: whoever watches what changes."""
        return await self._database.read_across_customers(partial(self._found, digests), because=BY_TOKEN)

    async def end(self, token: str, *, quietly: bool = False) -> None:
        """Sign out; quietly, where the browser is on its way to a new session, and its pages are not to be led away."""
        await self._database.run_across_customers(partial(self._end, digest(token), quietly), because=BY_TOKEN)

    async def list(self, visitor: Visitor) -> tuple[SignedInBrowser, ...]:
        """Where somebody is signed in, the one that was used last first. Raises NotAllowed."""
        authorize(visitor, Action.OWN_SIGN_IN)
        return await self._database.read(visitor.customer_id, partial(self._list, visitor))

    async def end_one(self, visitor: Visitor, session_id: UUID) -> None:
        """Sign out another browser of theirs; one that has ended by now stays so. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.OWN_SIGN_IN)
        await self._database.run(visitor.customer_id, partial(self._end_one, visitor, session_id))

    async def end_others(self, visitor: Visitor) -> None:
        """Sign out everywhere but here. Raises NotAllowed."""
        authorize(visitor, Action.OWN_SIGN_IN)
        end = partial(self.end_all_of, customer_id=visitor.customer_id, user_id=visitor.user_id, but=visitor.session_id)
        await self._database.run(visitor.customer_id, end)

    def end_all_of(
        self, session: CustomerSession, customer_id: UUID, user_id: UUID, *, but: UUID | None = None
    ) -> None:
        """End a person's sessions, as part of the caller's transaction; all, or all but one."""
        mine = select(UserSession).where(
            col(UserSession.customer_id) == customer_id,
            col(UserSession.user_id) == user_id,
            col(UserSession.ended_at).is_(None),
        )
        self._end_rows(session, (row for row in session.exec(mine).all() if row.id != but))

    # What follows runs in a thread, each as part of one transaction.

    def _found(self, digests: frozenset[str], session: CustomerSession) -> dict[str, Found]:
        """The sessions that are on, by the digests of their tokens."""
        whose = and_(col(User.customer_id) == col(UserSession.customer_id), col(User.id) == col(UserSession.user_id))
        these = select(UserSession, User).join(User, whose).where(col(UserSession.token_sha256).in_(digests))
        now, found = self._clock.now(), {}
        for row, user in session.exec(these):
            visitor = self._accounts.visitor_from(user, session_id=row.id)
            if visitor is None or row.ended_at or now >= min(row.expires_at, row.last_seen_at + idle(visitor)):
                continue
            found[row.token_sha256] = Standing(visitor, SignedIn(row.signed_in)), row.last_seen_at
        return found

    def _seen(self, visitor: Visitor, session: CustomerSession) -> None:
        """Note that it is in use, unless it was ended meanwhile."""
        on = update(UserSession).where(col(UserSession.id) == visitor.session_id, col(UserSession.ended_at).is_(None))
        changed_one(session, on, {"last_seen_at": self._clock.now()})

    def _list(self, visitor: Visitor, session: CustomerSession) -> tuple[SignedInBrowser, ...]:
        now = self._clock.now()
        mine = select(UserSession).where(
            col(UserSession.user_id) == visitor.user_id,
            col(UserSession.ended_at).is_(None),
            col(UserSession.expires_at) > now,
            col(UserSession.last_seen_at) > now - idle(visitor),
        )
        rows = session.exec(mine.order_by(col(UserSession.last_seen_at).desc(), col(UserSession.id))).all()
        return tuple(_browser(row, visitor) for row in rows)

    def _end_one(self, visitor: Visitor, session_id: UUID, session: CustomerSession) -> None:
        row = session.get(UserSession, (visitor.customer_id, session_id))
        if row is None or row.user_id != visitor.user_id:
            raise NotFound(because="There is no such session.")
        self._end_rows(session, [row])

    def _end(self, token_sha256: str, quietly: bool, session: CustomerSession) -> None:
        row = _find(session, token_sha256)
        self._end_rows(session, [row] if row else [], quietly=quietly)

    def _end_rows(self, session: CustomerSession, rows: Iterable[UserSession], *, quietly: bool = False) -> None:
        ended = set()
        for row in rows:
            on = update(UserSession).where(col(UserSession.id) == row.id, col(UserSession.ended_at).is_(None))
            if changed_one(session, on, {"ended_at": self._clock.now()}):
                ended.add(row.id)
        if ended and not quietly:
            session.after_commit(partial(self.endings.publish, frozenset(ended)))


def idle(visitor: Visitor) -> timedelta:
    """How long a session may rest: staff's sees more than one company, and ends sooner."""
    return IDLE_OF_STAFF if visitor.is_staff else IDLE


def _browser(row: UserSession, visitor: Visitor) -> SignedInBrowser:
    seen_from, is_whole = SeenFrom(row.network, row.browser), row.signed_in == SignedIn.WHOLLY
    return SignedInBrowser(row.id, row.created_at, row.last_seen_at, seen_from, row.id == visitor.session_id, is_whole)


def digest(token: str) -> str:
    """How a token is known at rest; 256 random bits need no slow hash."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _find(session: CustomerSession, token_sha256: str) -> UserSession | None:
    return session.exec(select(UserSession).where(col(UserSession.token_sha256) == token_sha256)).first()
