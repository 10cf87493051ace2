"""The people who sign in, and the companies they belong to."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.clock import Clock
from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.tables import AuditHead, Customer, User
from core.errors import BadInput, Conflict, NotFound, Refused
from core.security.audit import audit_log
from core.security.audit.audit_log import FIRST, AuditAction, AuditEvent
from core.security.people.accounts import Accounts, person
from core.security.people.passwords import Passwords, WeakPassword
from core.security.people.sessions import Sessions
from core.security.people.throttle import MOST_IN_A_ROW, Throttle, TooManyTries, Tried, begin_anew, network_of, tries_of
from core.security.people.visitor import SYSTEM, Visitor

__all__ = ["People", "TooManyTries", "Visitor", "WeakPassword", "WrongSignIn"]  # others know them from here

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
        user = await self._user_of(email.strip().lower())
        attempt = self._try(email, address, known=user is not None)
        in_a_row = await self._throttle.take_one(attempt.tried, attempt.at)
        fits = await self._passwords.fits(user.password_hash if user else None, password)
        visitor = self._accounts.visitor_from(user)
        if user is None or visitor is None or not fits or in_a_row > MOST_IN_A_ROW:
            if user:
                event = AuditEvent(AuditAction.SIGN_IN_REFUSED, person(user).actor, detail={"network": attempt.network})
                await self._record(user.customer_id, event, attempt.at)
            raise WrongSignIn(because="Try again.")
        await self._throttle.give_back(attempt.tried, attempt.at)
        await self._signed_in(visitor, attempt, await self._passwords.anew(user.password_hash, password))
        return visitor

    async def change_password(self, visitor: Visitor, old: str, new: str, address: str = "") -> None:
        """Choose another password; every other session of theirs ends. Raises WrongSignIn, TooManyTries or WeakPassword.

        The old one is asked for, and counted like a sign-in: an open browser is no right to keep somebody out.
        """
        await self.check_password(visitor.email, old, address)
        await self.set_password(visitor, new, by=visitor.actor, but=visitor.session_id)

    async def set_password(self, of: Visitor, new: str, *, by: str, but: UUID | None = None) -> None:
        """Give somebody a password; their sessions end, all but one, and tries are free again. Raises WeakPassword."""
        hashed = await self._passwords.hashed(new, about=(of.email, of.email.partition("@")[0]))
        await self._database.run(of.customer_id, partial(self._set_password, of, hashed, by, but))
        tried = Tried.account(of.email, known=True)
        await self._database.run_across_customers(
            lambda session: begin_anew(session, tried), because="tries to sign in are counted"
        )

    async def _user_of(self, email: str) -> User | None:
        return await self._database.run_across_customers(
            lambda session: session.exec(select(User).where(col(User.email) == email)).first(),
            because="somebody signs in",
        )

    def _try(self, email: str, address: str, *, known: bool) -> Try:
        written = email.strip().lower()[:LONGEST_ADDRESS]
        tried = tries_of(Tried.account(written, known=known), address)
        return Try(written, network_of(address), tried, self._clock.now())

    async def _signed_in(self, visitor: Visitor, attempt: Try, hashed_anew: str | None) -> None:
        event = AuditEvent(AuditAction.SIGNED_IN, visitor.actor, detail={"network": attempt.network})

        def note(session: CustomerSession) -> None:
            if hashed_anew:
                user = session.get_one(User, (visitor.customer_id, visitor.user_id))
                user.password_hash = hashed_anew
                session.add(user)
            audit_log.record(session, visitor.customer_id, event, at=attempt.at)

        await self._database.run(visitor.customer_id, note)

    async def _record(self, customer_id: UUID, event: AuditEvent, at: datetime) -> None:
        await self._database.run(customer_id, partial(audit_log.record, customer_id=customer_id, event=event, at=at))

    def _set_password(self, of: Visitor, hashed: str, by: str, but: UUID | None, session: CustomerSession) -> None:
        user = session.get_one(User, (of.customer_id, of.user_id))
        user.password_hash = hashed
        session.add(user)
        self._sessions.end_all_of(session, of.customer_id, of.user_id, but=but)
        event = AuditEvent(AuditAction.PASSWORD_CHANGED, by, detail={"user": str(of.user_id)})
        audit_log.record(session, of.customer_id, event, at=self._clock.now())


def check_not_deleted(session: CustomerSession) -> None:
    """Return if the customer is there still, and is until this transaction ends. Raises NotFound."""
    company = session.exec(select(Customer).with_for_update(read=True)).first()
    if company is None or company.deleted_at is not None:
        raise NotFound(because="There is no such customer any more.")


def checked_address(email: str) -> str:
    """An e-mail address as it is kept. Raises BadInput."""
    address = email.strip().lower()
    if "@" not in address[1:-1] or len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise BadInput(because="This is not an e-mail address.")
    return address
