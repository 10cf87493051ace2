"""Owners see to their own company's people, admins to everybody's; somebody is always left who can."""

import asyncio
from datetime import timedelta

import pytest

from core.database.roles import STAFF, Role
from core.database.session import Database
from core.errors import CoreError, NotFound
from core.security.audit import audit_log
from core.security.people.authorize import NotAllowed
from core.security.people.members import LastOne, Member, Members, RoleElsewhere
from core.security.people.people import EmailTaken, People, WrongSignIn
from core.security.people.sessions import Sessions
from core.security.people.staff_access import NoAccess, StaffAccess
from core.security.people.tokens import Tokens
from core.security.people.visitor import Visitor
from tests.fakes.clock import MovedClock

PASSWORD = "a long enough one"


class Company:
    """People, and what lets them in."""

    def __init__(self, database: Database, clock: MovedClock) -> None:
        self.database, self.clock = database, clock
        self.sessions = Sessions(database, clock)
        self.people = People(database, clock, sessions=self.sessions)
        self.tokens = Tokens(database, clock, self.people)
        self.members = Members(database, clock, self.people, self.sessions)

    async def add(self, role: Role, company: Visitor | None = None) -> Visitor:
        customer = company.customer_id if company else await self.people.add_customer("Tea Shop")
        count = len(await self.members.list(Visitor(customer, customer, "", Role.ADMIN)))
        return await self.people.add_user(customer, f"{role}-{count}-{customer}@tea.example", PASSWORD, role)

    async def opened(self, by: Visitor, of: Visitor) -> None:
        """Have an admin look at another company."""
        reason = "Ticket 4711: nobody of theirs can sign in"
        await StaffAccess(self.database, self.clock).open(by, of.customer_id, reason, timedelta(minutes=15))

    async def actions(self, of: Visitor) -> list[str]:
        return [entry.action for entry in await self.database.read(of.customer_id, audit_log.read)]


@pytest.fixture
def house(database: Database, clock: MovedClock) -> Company:
    return Company(database, clock)


async def test_the_roles_that_are_offered_are_those_that_somebody_can_have_there(house: Company) -> None:
    owner, admin = await house.add(Role.OWNER), await house.add(Role.ADMIN)
    assert await house.members.roles(owner) == (Role.OWNER, Role.MEMBER)
    assert set(await house.members.roles(admin)) == STAFF
    with pytest.raises(NoAccess):
        await house.members.roles(admin, owner.customer_id)
    await house.opened(admin, owner)
    assert await house.members.roles(admin, owner.customer_id) == (Role.OWNER, Role.MEMBER)
    for role in await house.members.roles(admin):
        await house.members.add(admin, f"{role}@omni.example", role)


async def test_an_owner_lets_somebody_in_with_a_password_told_once(house: Company) -> None:
    owner = await house.add(Role.OWNER)
    password = await house.members.add(owner, "New@tea.example", Role.MEMBER)
    added = await house.people.check_password("new@tea.example", password)
    assert (added.role, added.customer_id) == (Role.MEMBER, owner.customer_id)
    assert {one.email for one in await house.members.list(owner)} == {owner.email, "new@tea.example"}
    with pytest.raises(EmailTaken):
        await house.members.add(owner, "new@tea.example", Role.OWNER)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OPERATOR, Role.AUDITOR])
async def test_nobody_else_sees_to_people(house: Company, role: Role) -> None:
    owner = await house.add(Role.OWNER)
    somebody = await house.add(role, owner)
    for tried in (
        house.members.list(somebody),
        house.members.add(somebody, "x@tea.example", Role.MEMBER),
        house.members.disable(somebody, owner.user_id),
        house.members.change_role(somebody, owner.user_id, Role.MEMBER),
        house.members.reset_password(somebody, owner.user_id),
        house.members.enable(somebody, owner.user_id),
    ):
        with pytest.raises(NotAllowed):
            await tried


async def test_an_owner_makes_nobody_staff_and_touches_no_staff(house: Company) -> None:
    owner = await house.add(Role.OWNER)
    member, admin = await house.add(Role.MEMBER, owner), await house.add(Role.ADMIN, owner)
    for role in (Role.OPERATOR, Role.AUDITOR, Role.ADMIN):
        with pytest.raises(NotAllowed):
            await house.members.add(owner, "x@tea.example", role)
        with pytest.raises(NotAllowed):
            await house.members.change_role(owner, member.user_id, role)
    for tried in (house.members.disable(owner, admin.user_id), house.members.reset_password(owner, admin.user_id)):
        with pytest.raises(NotAllowed):
            await tried


async def test_another_companys_people_are_not_there_and_only_admins_may_name_it(house: Company) -> None:
    owner, stranger = await house.add(Role.OWNER), await house.add(Role.OWNER)
    with pytest.raises(NotFound):
        await house.members.disable(owner, stranger.user_id)
    with pytest.raises(NotAllowed):
        await house.members.list(owner, stranger.customer_id)
    admin = await house.add(Role.ADMIN)
    for tried in (
        house.members.list(admin, owner.customer_id),
        house.members.reset_password(admin, owner.user_id, owner.customer_id),
        house.members.add(admin, "x@tea.example", Role.OWNER, owner.customer_id),
        house.members.disable(admin, owner.user_id, owner.customer_id),
    ):
        with pytest.raises(NoAccess):
            await tried
    await house.opened(admin, owner)
    assert [one.id for one in await house.members.list(admin, owner.customer_id)] == [owner.user_id]
    password = await house.members.reset_password(admin, owner.user_id, owner.customer_id)
    assert await house.people.check_password(owner.email, password) == owner
    entries = await house.database.read(owner.customer_id, audit_log.read)
    told = [(one.action, one.actor) for one in entries if one.action in {"people_seen", "password_changed"}]
    assert told == [("password_changed", admin.actor), ("people_seen", admin.actor)]
    house.clock.move(timedelta(minutes=15))
    with pytest.raises(NoAccess):
        await house.members.list(admin, owner.customer_id)


async def test_staff_belong_to_their_company_and_customers_to_theirs(house: Company) -> None:
    owner, admin = await house.add(Role.OWNER), await house.add(Role.ADMIN)
    member, operator = await house.add(Role.MEMBER, owner), await house.add(Role.OPERATOR, admin)
    await house.opened(admin, owner)
    for role in STAFF:
        with pytest.raises(RoleElsewhere):
            await house.members.add(admin, "x@tea.example", role, owner.customer_id)
        with pytest.raises(RoleElsewhere):
            await house.members.change_role(admin, member.user_id, role, owner.customer_id)
    for role in (Role.OWNER, Role.MEMBER):
        with pytest.raises(RoleElsewhere):
            await house.members.add(admin, "x@tea.example", role)
        with pytest.raises(RoleElsewhere):
            await house.members.change_role(admin, operator.user_id, role)
    await house.members.add(admin, "auditor@omni.example", Role.AUDITOR)
    await house.members.add(admin, "new@tea.example", Role.OWNER, owner.customer_id)


async def test_who_is_disabled_is_out_at_once(house: Company) -> None:
    owner, other = await house.add(Role.OWNER), None
    other = await house.add(Role.OWNER, owner)
    session, token = await house.sessions.begin(other), await house.tokens.add(other, "x", timedelta(days=1))
    told: list[int] = []
    house.sessions.endings.subscribe(lambda ended: told.append(len(ended)))
    await house.members.disable(owner, other.user_id)
    await house.members.disable(owner, other.user_id)
    assert await house.sessions.visitor_of(session) is None
    assert await house.tokens.visitor_of(token) is None
    assert told == [1]
    with pytest.raises(WrongSignIn):
        await house.people.check_password(other.email, PASSWORD)
    await house.members.enable(owner, other.user_id)
    assert await house.people.check_password(other.email, PASSWORD) == other
    assert await house.tokens.visitor_of(token) is None
    actions = await house.actions(owner)
    assert (actions.count("user_disabled"), actions.count("user_enabled")) == (1, 1)


async def test_another_role_ends_what_was_begun_in_the_one_before(house: Company) -> None:
    owner = await house.add(Role.OWNER)
    other = await house.add(Role.OWNER, owner)
    session, token = await house.sessions.begin(other), await house.tokens.add(other, "x", timedelta(days=1))
    await house.members.change_role(owner, other.user_id, Role.MEMBER)
    assert await house.sessions.visitor_of(session) is None
    assert await house.tokens.visitor_of(token) is None
    assert (await house.people.check_password(other.email, PASSWORD)).role is Role.MEMBER


async def test_nobody_changes_their_own_access(house: Company) -> None:
    owner = await house.add(Role.OWNER)
    for tried in (
        house.members.disable(owner, owner.user_id),
        house.members.change_role(owner, owner.user_id, Role.MEMBER),
    ):
        with pytest.raises(NotAllowed, match="own access"):
            await tried


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
async def test_the_last_of_them_stays(house: Company, role: Role) -> None:
    last, boss = await house.add(role), await house.add(Role.ADMIN)
    await house.opened(boss, last)
    less = Role.AUDITOR if role is Role.ADMIN else Role.MEMBER
    with pytest.raises(LastOne):
        await house.members.disable(boss, last.user_id, last.customer_id)
    with pytest.raises(LastOne):
        await house.members.change_role(boss, last.user_id, less, last.customer_id)
    found = await house.members.list(boss, last.customer_id)
    assert [(one.role, one.disabled_at) for one in found] == [(role, None)]


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
async def test_two_who_disable_each_other_at_once_are_not_both_gone(house: Company, role: Role) -> None:
    one = await house.add(role)
    other = await house.add(role, one)

    async def outcome(by: Visitor, of: Visitor) -> str:
        try:
            await house.members.disable(by, of.user_id)
        except CoreError as error:
            return error.code
        return "disabled"

    found = await asyncio.gather(outcome(one, other), outcome(other, one))
    assert sorted(found) == ["disabled", "last_one"]
    left: list[Member] = [
        member
        for member in await house.members.list(Visitor(one.customer_id, one.customer_id, "", Role.ADMIN))
        if member.disabled_at is None
    ]
    assert len(left) == 1
