"""The people who sign in, and the companies they belong to."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.clock import Clock
from core.database.changed import changed_one
from core.database.roles import Role, SignedIn
from core.database.session import CustomerSession, Database
from core.database.tables import AuditHead, Customer, User
from core.errors import BadInput, Conflict, NotFound, Refused
from core.security.audit import audit_log
from core.security.audit.audit_log import FIRST, AuditAction, AuditEvent
from core.security.people.accounts import Accounts, person
from core.security.people.authorize import Action, authorize
from core.security.people.passwords import Passwords, WeakPassword
from core.security.people.seen_from import SeenFrom
from core.security.people.sessions import Sessions
from core.security.people.throttle import MOST_IN_A_ROW, Throttle, TooManyTries, Tried, begin_anew, network_of, tries_of
from core.security.people.tokens import revoke_all_of
from core.security.people.visitor import SYSTEM, Visitor

T = TypeVar("T")
NextStep = Callable[[CustomerSession, Visitor], SignedIn]

__all__ = ["People", "TooManyTries", "Visitor", "WeakPassword", "WrongSignIn"]  # others know them from here

PART = r"[^\s@,;:<>()\[\]\"\\]+"  # what parts one address from another, or from a name, is in none
AN_ADDRESS = re.compile(f"{PART}@{PART}")
LONGEST_ADDRESS = 254  # characters; RFC 5321, 4.5.3.1.3, and the column of users


class WrongSignIn(Refused):
    """E-mail or password is not right."""

    code: ClassVar[str] = "wrong_sign_in"


class EmailTaken(Conflict):
    """Somebody signs in with this e-mail address already."""

    code: ClassVar[str] = "email_taken"


@dataclass(frozen=True)
class Try:
    """A try to sign in: with which address, from which network, when."""

    email: str
    network: str
    tried: tuple[Tried, ...]
    at: datetime


@dataclass(frozen=True)
class Begun:
    """A session that was begun: whose, how far they have come with it, and its token, which is kept nowhere else."""

    visitor: Visitor
    signed_in: SignedIn
    token: str


@dataclass(frozen=True)
class NewPassword:
    """A password that takes the place of another: whose, by whom, and what of theirs ends with the one before."""

    of: Visitor
    hashed: str
    by: str
    keeps_session: UUID | None
    revokes_tokens: bool


class People:
    """Adds customers and users, and knows who signs in."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        accounts: Accounts | None = None,
        sessions: Sessions | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts or Accounts()
        self._sessions = sessions or Sessions(database, clock, self._accounts)
        self._passwords = Passwords()
        self._throttle = Throttle(database)
        self._notes: set[asyncio.Task[None]] = set()

    async def add_customer(self, name: str) -> UUID:
        """A new company, with an empty audit chain."""
        if not name.strip():
            raise BadInput(because="A customer needs a name.")
        customer = Customer(id=uuid4(), name=name.strip()[:200], created_at=self._clock.now())

        def add(session: CustomerSession) -> None:
            session.add(customer)
            session.flush()
            session.add(AuditHead(customer_id=customer.id, seq=0, hash=FIRST))

        await self._database.run_across_customers(add, because="a customer is added")
        return customer.id

    async def add_user(
        self,
        customer_id: UUID,
        email: str,
        password: str,
        role: Role = Role.OWNER,
        *,
        by: str = SYSTEM,
        demo_only: bool = False,
    ) -> Visitor:
        """A new person of a customer. Raises WeakPassword, EmailTaken, BadInput, or NotFound if the customer was deleted."""
        address = checked_address(email)
        user = User(
            customer_id=customer_id,
            id=uuid4(),
            email=address,
            password_hash=await self._passwords.hashed(password, about=(address, address.partition("@")[0])),
            is_staff=role.is_staff,
            role=role.value,
            demo_only=demo_only,
            created_at=self._clock.now(),
        )
        added = person(user)

        def add(session: CustomerSession) -> None:
            check_not_deleted(session)
            session.add(user)
            event = AuditEvent(AuditAction.USER_ADDED, by, detail={"user": str(added.user_id), "role": role.value})
            audit_log.record(session, customer_id, event, at=user.created_at)

        try:
            await self._database.run(customer_id, add)
        except IntegrityError as error:
            raise EmailTaken from error
        return added

    async def check_password(self, email: str, password: str, address: str = "") -> Visitor:
        """Who this is; `address` is where the try comes from. Raises WrongSignIn or TooManyTries.

        The work and the words are the same for an e-mail address that nobody has.
        """
        return await self._checked(email, password, address, lambda session, visitor: visitor)

    async def sign_in(
        self, email: str, password: str, address: str, next_step: NextStep, user_agent: str = ""
    ) -> Begun:
        """Begin a session of whoever this is, which needs the next step that is said. Raises as `check_password`.

        One transaction with the check: with a password that was changed meanwhile nobody comes in.
        """

        def begin(session: CustomerSession, visitor: Visitor) -> Begun:
            signed_in = next_step(session, visitor)
            token = self._sessions.add(session, visitor, signed_in, SeenFrom.of(address, user_agent))
            return Begun(visitor, signed_in, token)

        return await self._checked(email, password, address, begin)

    async def change_password(
        self, visitor: Visitor, old: str, new: str, address: str = "", *, revoke_tokens: bool = False
    ) -> None:
        """Choose another password; every other session of theirs ends, and their API tokens if they say so.

        The old one is asked for, and counted like a sign-in: an open browser is no right to keep somebody out. Raises
        NotAllowed, WrongSignIn, TooManyTries or WeakPassword.
        """
        authorize(visitor, Action.OWN_SIGN_IN)
        await self.check_password(visitor.email, old, address)
        hashed = await self._hashed(visitor, new)
        await self._replace(NewPassword(visitor, hashed, visitor.actor, visitor.session_id, revoke_tokens))

    async def set_password(self, of: Visitor, new: str, *, by: str) -> None:
        """Give somebody a password: their sessions and API tokens end, and tries are free again. Raises WeakPassword."""
        await self._replace(NewPassword(of, await self._hashed(of, new), by, keeps_session=None, revokes_tokens=True))

    async def settled(self) -> None:
        """Return once everything that was to be noted after an answer is noted."""
        while self._notes:
            await asyncio.wait(set(self._notes))

    async def _checked(
        self, email: str, password: str, address: str, then: Callable[[CustomerSession, Visitor], T]
    ) -> T:
        """Check a password, and if it is right, do this in the transaction that notes it."""
        user = await self._user_of(email.strip().lower())
        attempt = self._try(email, address, known=user is not None)
        in_a_row = await self._throttle.take_one(attempt.tried, attempt.at)
        fits = await self._passwords.fits(user.password_hash if user else None, password)
        visitor = self._accounts.visitor_from(user)
        if user is None or visitor is None or not fits or in_a_row > MOST_IN_A_ROW:
            if user:
                self._note_refused(person(user), attempt)
            raise WrongSignIn(because="Try again.")
        await self._throttle.give_back(attempt.tried, attempt.at)
        anew = await self._passwords.anew(user.password_hash, password) or user.password_hash
        return await self._database.run(
            visitor.customer_id, partial(self._signed_in, visitor, attempt, (user.password_hash, anew), then)
        )

    def _note_refused(self, of: Visitor, attempt: Try) -> None:
        """Record it beside the answer, and not before: how long that takes would tell that somebody has this address."""
        event = AuditEvent(AuditAction.SIGN_IN_REFUSED, of.actor, detail={"network": attempt.network})
        note = self._record(of.customer_id, event, attempt.at)
        task = asyncio.get_running_loop().create_task(note, name="note a refused sign-in")
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _hashed(self, of: Visitor, new: str) -> str:
        return await self._passwords.hashed(new, about=(of.email, of.email.partition("@")[0]))

    async def _replace(self, new: NewPassword) -> None:
        await self._database.run(new.of.customer_id, partial(self._set_password, new))
        tried = Tried.account(new.of.email, known=True)
        await self._database.run_across_customers(
            lambda session: begin_anew(session, tried), because="tries to sign in are counted"
        )

    async def _user_of(self, email: str) -> User | None:
        return await self._database.read_across_customers(
            lambda session: session.exec(select(User).where(col(User.email) == email)).first(),
            because="somebody signs in",
        )

    def _try(self, email: str, address: str, *, known: bool) -> Try:
        written = email.strip().lower()[:LONGEST_ADDRESS]
        tried = tries_of(Tried.account(written, known=known), address)
        return Try(written, network_of(address), tried, self._clock.now())

    async def _record(self, customer_id: UUID, event: AuditEvent, at: datetime) -> None:
        await self._database.run(customer_id, partial(audit_log.record, customer_id=customer_id, event=event, at=at))

    # What follows runs in a thread, each as part of one transaction.

    def _signed_in(
        self,
        visitor: Visitor,
        attempt: Try,
        hashes: tuple[str, str],
        then: Callable[[CustomerSession, Visitor], T],
        session: CustomerSession,
    ) -> T:
        """Note it, if the password is still the one that was checked, and is now kept anew. Raises WrongSignIn."""
        known, anew = hashes
        checked = update(User).where(col(User.id) == visitor.user_id, col(User.password_hash) == known)
        still_good = changed_one(session, checked, {"password_hash": anew})
        now = self._accounts.visitor_from(session.get(User, (visitor.customer_id, visitor.user_id)))
        if not still_good or now is None:
            raise WrongSignIn(because="Try again.")
        event = AuditEvent(AuditAction.SIGNED_IN, visitor.actor, detail={"network": attempt.network})
        audit_log.record(session, visitor.customer_id, event, at=attempt.at)
        return then(session, now)

    def _set_password(self, new: NewPassword, session: CustomerSession) -> None:
        of, now = new.of, self._clock.now()
        user = session.get_one(User, (of.customer_id, of.user_id), with_for_update=True)  # no sign-in is under way
        user.password_hash = new.hashed
        session.add(user)
        self._sessions.end_all_of(session, of.customer_id, of.user_id, but=new.keeps_session)
        if new.revokes_tokens:
            revoke_all_of(session, of.customer_id, of.user_id, new.by, at=now)
        event = AuditEvent(AuditAction.PASSWORD_CHANGED, new.by, detail={"user": str(of.user_id)})
        audit_log.record(session, of.customer_id, event, at=now)


def check_not_deleted(session: CustomerSession) -> None:
    """Return if the customer is there still, and is until this transaction ends. Raises NotFound."""
    company = session.exec(select(Customer).with_for_update(read=True)).first()
    if company is None or company.deleted_at is not None:
        raise NotFound(because="There is no such customer any more.")


def checked_address(email: str) -> str:
    """An e-mail address as it is kept. Raises BadInput."""
    address = email.strip().lower()
    if not AN_ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise BadInput(because="This is not an e-mail address.")
    return address
