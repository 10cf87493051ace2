"""The first admin: where there is no staff yet, a code printed on the console makes one. No account is there by default."""

import secrets
from datetime import timedelta
from functools import partial
from typing import ClassVar

from sqlalchemy import update
from sqlmodel import col, select

from core.clock import Clock
from core.database.changed import changed_one
from core.database.roles import STAFF, Role
from core.database.session import CustomerSession, Database
from core.database.tables import Customer, FirstAdminCode, User
from core.errors import Refused
from core.security.people import passwords
from core.security.people.people import EmailTaken, People, checked_address
from core.security.people.sessions import digest
from core.security.people.throttle import Throttle, Tried, tries_of
from core.security.people.visitor import Visitor
from core.security.secret import Secret

GOOD_FOR = timedelta(minutes=15)
OPERATED_BY = "OmniOps"  # the company that staff belong to
BECAUSE = "there is no staff yet"


class WrongFirstCode(Refused):
    """This code makes nobody an admin."""

    code: ClassVar[str] = "wrong_first_code"


class FirstAdmin:
    """Makes the code, and takes it once."""

    def __init__(self, database: Database, clock: Clock, people: People) -> None:
        self._database = database
        self._clock = clock
        self._people = people
        self._throttle = Throttle(database)

    async def is_awaited(self) -> bool:
        """Whether there is no staff yet."""
        return await self._database.run_across_customers(_is_awaited, because=BECAUSE)

    async def code(self) -> Secret | None:
        """A new code for the console, good for 15 minutes and once; those before are void. None if there is staff."""
        code = Secret(secrets.token_urlsafe(24))
        made = await self._database.run_across_customers(partial(self._make, code), because=BECAUSE)
        return code if made else None

    async def take(self, code: Secret, email: str, password: str, address: str = "") -> Visitor:
        """The first admin. Raises WrongFirstCode, TooManyTries, WeakPassword, EmailTaken or BadInput.

        What can't be used leaves the code as it is.
        """
        tried = tries_of(Tried.account("", known=True, kind="first admin"), address)
        await self._throttle.take_one(tried, self._clock.now())
        written = checked_address(email)
        passwords.check(password, (written, written.partition("@")[0]))
        await self._database.run_across_customers(partial(self._use, code, written), because=BECAUSE)
        await self._throttle.give_back(tried, self._clock.now())
        found = await self._database.run_across_customers(_company, because=BECAUSE)
        company = found.id if found else await self._people.add_customer(OPERATED_BY)
        return await self._people.add_user(company, email, password, Role.ADMIN)

    def _make(self, code: Secret, session: CustomerSession) -> bool:
        if not _is_awaited(session):
            return False
        for before in session.exec(select(FirstAdminCode)):
            session.delete(before)
        now = self._clock.now()
        session.add(FirstAdminCode(code_sha256=digest(code.reveal()), expires_at=now + GOOD_FOR))
        return True

    def _use(self, code: Secret, email: str, session: CustomerSession) -> None:
        if session.exec(select(User).where(col(User.email) == email)).first():
            raise EmailTaken
        now = self._clock.now()
        good = update(FirstAdminCode).where(
            col(FirstAdminCode.code_sha256) == digest(code.reveal().strip()),
            col(FirstAdminCode.used_at).is_(None),
            col(FirstAdminCode.expires_at) > now,
        )
        if not (_is_awaited(session) and changed_one(session, good, {"used_at": now})):
            raise WrongFirstCode(because="Start the server anew: it prints another, which is good for 15 minutes.")


def _is_awaited(session: CustomerSession) -> bool:
    staff = select(User).where(col(User.role).in_([role.value for role in STAFF]), ~col(User.demo_only))
    return session.exec(staff).first() is None


def _company(session: CustomerSession) -> Customer | None:
    return session.exec(select(Customer).where(col(Customer.name) == OPERATED_BY)).first()
