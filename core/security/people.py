"""The people who sign in, and the companies they belong to."""

import asyncio
from collections import OrderedDict
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
LONGEST_ADDRESS = 254  # characters; RFC 5321, 4.5.3.1.3, and the column of users
FREE_TRIES = 5  # tries in a row before the next one has to wait
LONGEST_WAIT = timedelta(seconds=60)
MOST_MADE_UP = 10_000  # addresses nobody has whose tries are counted; at most some 13 MiB
HASHES_AT_ONCE = 2  # each takes 64 MiB
HASHER = PasswordHasher()  # Argon2id with the second choice of RFC 9106: three passes over 64 MiB


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
    """Tries in a row that were not right or are not known to be, and when the next one is heard."""

    counted: int = 0
    next_at: datetime | None = None

    def take_one(self, now: datetime) -> None:
        """Five tries are free; then each waits twice as long as the one before. Nobody is locked out for good."""
        if self.next_at and now < self.next_at:
            wait = round((self.next_at - now).total_seconds()) or 1
            raise TooManyTries(because=f"Try again in {wait} s.")
        self.counted += 1
        if self.counted >= FREE_TRIES:
            self.next_at = now + min(LONGEST_WAIT, timedelta(seconds=2 ** min(self.counted - FREE_TRIES, 6)))


class Throttle:
    """Counts a try before it is made, so that many at once are as slow as one after another.

    Addresses nobody has are counted like the others, else the answers would tell them apart. But there is no end of
    them: they have a room of their own, where the one tried longest ago makes room for the next. So they fill no
    memory, and push no real one out.
    """

    def __init__(self) -> None:
        self._of_users: dict[UUID, Tries] = {}
        self._of_nobody: OrderedDict[str, Tries] = OrderedDict()

    def take_one(self, user_id: UUID | None, address: str, now: datetime) -> None:
        """Count a try that is about to be made. Raises TooManyTries, and then it may not be."""
        self._tries_of(user_id, address).take_one(now)

    def give_back(self, user_id: UUID) -> None:
        """It was right: the next wrong one is the first again."""
        self._of_users.pop(user_id, None)

    def _tries_of(self, user_id: UUID | None, address: str) -> Tries:
        if user_id is not None:
            return self._of_users.setdefault(user_id, Tries())
        name = address[:LONGEST_ADDRESS]
        tries = self._of_nobody.setdefault(name, Tries())
        self._of_nobody.move_to_end(name)
        if len(self._of_nobody) > MOST_MADE_UP:
            self._of_nobody.popitem(last=False)
        return tries


class People:
    """Adds customers and users, and knows who signs in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobody = HASHER.hash("nobody signs in with this")
        self._throttle = Throttle()

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
        hashed = await self._in_thread(partial(HASHER.hash, password))
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
        address = email.strip().lower()
        user = await self._database.run_across_customers(
            lambda session: session.exec(select(User).where(col(User.email) == address)).first(),
            because="somebody signs in",
        )
        now = self._clock.now()
        self._throttle.take_one(user.id if user else None, address, now)
        fits = await self._in_thread(partial(self._fits, user.password_hash if user else self._nobody, password))
        signed_in = user if user and fits and user.disabled_at is None else None
        if signed_in:
            self._throttle.give_back(signed_in.id)
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
            return HASHER.verify(hashed, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        async with self._hashing:
            return await asyncio.to_thread(work)
