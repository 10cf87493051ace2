"""The people who sign in, and the companies they belong to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import AuditHead, Customer, User
from core.errors import BadInput, Conflict, Refused
from core.security import audit
from core.security.audit import FIRST, AuditAction, AuditEvent

T = TypeVar("T")

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128  # characters; OWASP ASVS 6.2
FREE_TRIES = 5  # refusals in a row before the next try has to wait
LONGEST_WAIT = timedelta(seconds=60)
HASHES_AT_ONCE = 2  # each takes 64 MiB


class WrongSignIn(Refused):
    """E-mail or password is not right."""

    code: ClassVar[str] = "wrong_sign_in"


class TooManyTries(Refused):
    """There were too many tries."""

    code: ClassVar[str] = "too_many_tries"


class WeakPassword(BadInput):
    """This password can't be used."""

    code: ClassVar[str] = "weak_password"


class EmailTaken(Conflict):
    """Somebody signs in with this e-mail address already."""

    code: ClassVar[str] = "email_taken"


@dataclass(frozen=True)
class Visitor:
    """Who is asking, and for which customer."""

    customer_id: UUID
    user_id: UUID
    email: str
    is_staff: bool = False

    @property
    def actor(self) -> str:
        """The visitor in the audit chain: an id, so that it tells nothing by itself."""
        return f"user:{self.user_id}"


@dataclass
class Tries:
    """Refusals in a row for one address, and when the next try is heard."""

    refused: int = 0
    next_at: datetime | None = None


class People:
    """Adds customers and users, and knows who signs in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hasher = PasswordHasher()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobody = self._hasher.hash("nobody signs in with this")
        self._tries: defaultdict[str, Tries] = defaultdict(Tries)

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

    async def add_user(self, customer_id: UUID, email: str, password: str, *, is_staff: bool = False) -> Visitor:
        """A new person of a customer. Raises WeakPassword, EmailTaken or BadInput."""
        address = email.strip().lower()
        if "@" not in address[1:-1]:
            raise BadInput(because=f"“{email}” is not an e-mail address.")
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise WeakPassword(because=f"It needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
        hashed = await self._in_thread(partial(self._hasher.hash, password))
        now = self._clock.now()
        user = User(
            customer_id=customer_id,
            id=uuid4(),
            email=address,
            password_hash=hashed,
            is_staff=is_staff,
            created_at=now,
        )
        visitor = Visitor(customer_id, user.id, address, is_staff)

        def add(session: CustomerSession) -> None:
            session.add(user)
            event = AuditEvent(AuditAction.USER_ADDED, "system", detail={"user": str(visitor.user_id)})
            audit.record(session, customer_id, event, at=now)

        try:
            await self._database.run(customer_id, add)
        except IntegrityError as error:
            raise EmailTaken from error
        return visitor

    async def check_password(self, email: str, password: str) -> Visitor:
        """Who this is. Raises WrongSignIn or TooManyTries; the work is the same for an address nobody has."""
        address, now = email.strip().lower(), self._clock.now()
        self._refuse_if_too_early(address, now)
        user = await self._database.run_across_customers(
            lambda session: session.exec(select(User).where(col(User.email) == address)).first(),
            because="somebody signs in",
        )
        fits = await self._in_thread(partial(self._fits, user.password_hash if user else self._nobody, password))
        signed_in = user if user and fits and user.disabled_at is None else None
        self._count(address, now, good=signed_in is not None)
        if user:
            action = AuditAction.SIGNED_IN if signed_in else AuditAction.SIGN_IN_REFUSED
            event = AuditEvent(action, f"user:{user.id}")
            customer_id = user.customer_id
            await self._database.run(customer_id, partial(audit.record, customer_id=customer_id, event=event, at=now))
        if signed_in is None:
            raise WrongSignIn(because="Try again.")
        return Visitor(signed_in.customer_id, signed_in.id, signed_in.email, signed_in.is_staff)

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False

    def _refuse_if_too_early(self, address: str, now: datetime) -> None:
        next_at = self._tries[address].next_at if address in self._tries else None
        if next_at and now < next_at:
            raise TooManyTries(because=f"Try again in {round((next_at - now).total_seconds()) or 1} s.")

    def _count(self, address: str, now: datetime, *, good: bool) -> None:
        """Five tries are free; then each waits twice as long as the one before. Nobody is locked out for good."""
        if good:
            self._tries.pop(address, None)
            return
        tries = self._tries[address]
        tries.refused += 1
        if tries.refused >= FREE_TRIES:
            tries.next_at = now + min(LONGEST_WAIT, timedelta(seconds=2 ** min(tries.refused - FREE_TRIES, 6)))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        async with self._hashing:
            return await asyncio.to_thread(work)
