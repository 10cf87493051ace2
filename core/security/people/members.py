"""Who belongs to a company, and in which role: owners see to their own, admins to staff, and to customers with an access."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from core.clock import Clock
from core.database.changed import changed_one
from core.database.roles import STAFF, Role
from core.database.session import CustomerSession, Database
from core.database.tables import Customer, User
from core.errors import BadInput, Conflict, NotFound
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.accounts import person
from core.security.people.authorize import Action, NotAllowed, authorize, may
from core.security.people.first_admin import OPERATED_BY
from core.security.people.people import People
from core.security.people.sessions import Sessions
from core.security.people.staff_access import StaffAccess
from core.security.people.tokens import revoke_all_of
from core.security.people.visitor import Visitor

OF_COMPANY = (Role.OWNER, Role.MEMBER)  # what owners may make of others
ADMINS = frozenset({Role.ADMIN})
WHO_LETS_IN = frozenset({Role.OWNER, Role.ADMIN})


class LastOne(Conflict):
    """Somebody has to be left who can let others in."""

    code: ClassVar[str] = "last_one"


class RoleElsewhere(BadInput):
    """Nobody has this role in this company."""

    code: ClassVar[str] = "role_elsewhere"


@dataclass(frozen=True)
class Member:
    """Somebody of a company, as those see them who see to it."""

    id: UUID
    customer_id: UUID
    email: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None


class Members:
    """The people of a company. Whoever asks sees to their own company; admins to another while they have an access there.

    What they look at and change stands in that company's own audit.
    """

    def __init__(self, database: Database, clock: Clock, people: People, sessions: Sessions) -> None:
        self._database = database
        self._clock = clock
        self._people = people
        self._sessions = sessions
        self._access = StaffAccess(database, clock)

    async def list(self, visitor: Visitor, customer_id: UUID | None = None) -> tuple[Member, ...]:
        """Everybody of a company, those who came first at the top. Raises NotAllowed or NoAccess."""
        company = await self._company(visitor, customer_id)
        if company != visitor.customer_id:
            seen, now = AuditEvent(AuditAction.PEOPLE_SEEN, visitor.actor), self._clock.now()
            await self._database.run(company, partial(audit_log.record, customer_id=company, event=seen, at=now))
        oldest = select(User).order_by(col(User.created_at), col(User.email))
        rows = await self._database.read(company, lambda session: session.exec(oldest).all())
        return tuple(map(_member, rows))

    async def add(self, visitor: Visitor, email: str, role: Role, customer_id: UUID | None = None) -> str:
        """Let somebody in; the password made for them, told this once.

        Raises NotAllowed, NoAccess, RoleElsewhere, EmailTaken or BadInput.
        """
        company = await self._company(visitor, customer_id)
        self._check_role(visitor, role)
        await self._database.read(company, partial(_check_belongs, role=role))
        password = made_up_password()
        await self._people.add_user(company, email, password, role, by=visitor.actor)
        return password

    async def roles(self, visitor: Visitor, customer_id: UUID | None = None) -> tuple[Role, ...]:
        """What whoever asks may make of somebody in a company. Raises NotAllowed or NoAccess."""
        company = await self._company(visitor, customer_id)
        is_staffs = await self._database.read(company, _is_of_staff)
        if is_staffs and not may(visitor, Action.MANAGE_STAFF):
            return ()
        return tuple(role for role in Role if role.is_staff is is_staffs)

    async def own_company(self, visitor: Visitor) -> str:
        """What the company of whoever is signed in is called. Raises NotAllowed."""
        authorize(visitor, Action.OWN_SIGN_IN)
        return await self._database.read(visitor.customer_id, lambda session: session.exec(select(Customer.name)).one())

    async def change_role(self, visitor: Visitor, user_id: UUID, role: Role, customer_id: UUID | None = None) -> None:
        """Give somebody another role; they have to sign in anew.

        Raises NotAllowed, NoAccess, RoleElsewhere, NotFound or LastOne.
        """
        self._check_role(visitor, role)

        def change(session: CustomerSession) -> None:
            user = self._theirs(session, visitor, user_id)
            if Role(user.role) is role:
                return
            _check_belongs(session, role)
            detail: dict[str, str | int | bool | None] = {"user": str(user_id), "was": user.role, "role": role.value}
            self._write(session, user, {"role": role.value, "is_staff": role.is_staff})
            self._end_access(session, visitor, user)
            event = AuditEvent(AuditAction.ROLE_CHANGED, visitor.actor, detail=detail)
            audit_log.record(session, user.customer_id, event, at=self._clock.now())

        await self._database.run(await self._company(visitor, customer_id), change)

    async def disable(self, visitor: Visitor, user_id: UUID, customer_id: UUID | None = None) -> None:
        """Let somebody in no more: sessions, pages and tokens of theirs end. Raises NotAllowed, NotFound or LastOne."""

        def disable(session: CustomerSession) -> None:
            user = self._theirs(session, visitor, user_id)
            if user.disabled_at is not None:
                return
            self._write(session, user, {"disabled_at": self._clock.now()})
            self._end_access(session, visitor, user)
            self._record(session, visitor, AuditAction.USER_DISABLED, user)

        await self._database.run(await self._company(visitor, customer_id), disable)

    async def enable(self, visitor: Visitor, user_id: UUID, customer_id: UUID | None = None) -> None:
        """Let somebody in again, with the password they had. Raises NotAllowed or NotFound."""

        def enable(session: CustomerSession) -> None:
            user = self._theirs(session, visitor, user_id)
            self._write(session, user, {"disabled_at": None})
            self._record(session, visitor, AuditAction.USER_ENABLED, user)

        await self._database.run(await self._company(visitor, customer_id), enable)

    async def reset_password(self, visitor: Visitor, user_id: UUID, customer_id: UUID | None = None) -> str:
        """Make a new password for somebody, told this once; their sessions end. Raises NotAllowed or NotFound."""
        of = await self._database.read(
            await self._company(visitor, customer_id), lambda session: person(self._theirs(session, visitor, user_id))
        )
        password = made_up_password()
        await self._people.set_password(of, password, by=visitor.actor)
        return password

    async def _company(self, visitor: Visitor, customer_id: UUID | None) -> UUID:
        """The company that is meant, if they see to it. Another's is seen to by admins alone, with a reason and an end."""
        authorize(visitor, Action.MANAGE_PEOPLE)
        if customer_id is None or customer_id == visitor.customer_id:
            return visitor.customer_id
        authorize(visitor, Action.MANAGE_STAFF)
        return (await self._access.as_seen_by(visitor, customer_id)).customer_id

    def _check_role(self, visitor: Visitor, role: Role) -> None:
        """Nobody makes staff of anybody who may not see to staff. Raises NotAllowed."""
        authorize(visitor, Action.MANAGE_PEOPLE)
        if role in STAFF:
            authorize(visitor, Action.MANAGE_STAFF)

    # What follows runs in a thread, each as part of one transaction.

    def _theirs(self, session: CustomerSession, visitor: Visitor, user_id: UUID) -> User:
        """Somebody of this company, all of which is kept from changing: two can't remove each other.

        Raises NotFound, or NotAllowed for staff.
        """
        everybody = session.exec(
            select(User).order_by(col(User.id)).with_for_update()
        ).all()  # in one order, whoever asks
        user = next((one for one in everybody if one.id == user_id), None)
        if user is None:
            raise NotFound(because="There is no such person.")
        if Role(user.role) in STAFF:
            authorize(visitor, Action.MANAGE_STAFF)
        if user.id == visitor.user_id:
            raise NotAllowed(Action.MANAGE_PEOPLE, because="Nobody changes their own access; ask another of you.")
        return user

    def _write(self, session: CustomerSession, user: User, values: dict[str, object]) -> None:
        """Change a row, and see that somebody is left who can let others in. Raises LastOne."""
        needed = ADMINS if Role(user.role) is Role.ADMIN else WHO_LETS_IN
        changed_one(session, update(User).where(col(User.id) == user.id), values)
        session.refresh(user)
        enabled = session.exec(select(User).where(col(User.disabled_at).is_(None))).all()
        if not needed & {Role(one.role) for one in enabled}:
            raise LastOne(because=f"Make somebody else an {' or '.join(sorted(needed))} first.")

    def _end_access(self, session: CustomerSession, visitor: Visitor, user: User) -> None:
        self._sessions.end_all_of(session, user.customer_id, user.id)
        revoke_all_of(session, user.customer_id, user.id, visitor.actor, at=self._clock.now())

    def _record(self, session: CustomerSession, visitor: Visitor, action: AuditAction, user: User) -> None:
        event = AuditEvent(action, visitor.actor, detail={"user": str(user.id)})
        audit_log.record(session, user.customer_id, event, at=self._clock.now())


def _is_of_staff(session: CustomerSession) -> bool:
    """Whether this company is that of staff: where the first admin was put, or where there is nobody but staff."""
    name = session.exec(select(Customer.name)).one()
    roles = {Role(one) for one in session.exec(select(User.role))}
    return name == OPERATED_BY or (bool(roles) and roles <= STAFF)


def _check_belongs(session: CustomerSession, role: Role) -> None:
    """Staff are in the company of staff, and everybody else elsewhere. Raises RoleElsewhere."""
    is_staffs = _is_of_staff(session)
    if role.is_staff is not is_staffs:
        there = "Only staff belong to this company" if is_staffs else "Staff belong to the company that runs this"
        raise RoleElsewhere(because=f"{there}: nobody can be {role.words} here.")


def made_up_password() -> str:
    """A password to be told once, that nobody guesses: 96 random bits."""
    return secrets.token_urlsafe(12)


def _member(user: User) -> Member:
    return Member(user.id, user.customer_id, user.email, Role(user.role), user.created_at, user.disabled_at)
