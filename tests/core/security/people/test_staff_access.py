"""Staff look at a customer's data for a reason and for a while, and the customer finds it in their own audit."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.database.roles import Role
from core.database.session import Database
from core.errors import BadInput, NotFound
from core.security.audit import audit_log
from core.security.people.authorize import Action, NotAllowed, may
from core.security.people.people import People
from core.security.people.staff_access import LONGEST, BadReason, NoAccess, StaffAccess
from core.security.people.visitor import Scope, Visitor
from tests.fakes.clock import MovedClock

REASON = "Ticket 4711: the setup stops at the second page"
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def access(database: Database, clock: MovedClock) -> StaffAccess:
    return StaffAccess(database, clock)


@pytest.fixture
async def customer(database: Database, clock: MovedClock) -> UUID:
    return await People(database, clock).add_customer("Tea Shop")


def staff(role: Role = Role.OPERATOR, scopes: frozenset[Scope] | None = None) -> Visitor:
    return Visitor(uuid4(), uuid4(), "ops@omni.example", role, scopes)


async def told(database: Database, customer: UUID) -> list[tuple[str, str, object]]:
    entries = await database.read(customer, audit_log.read)
    return [(entry.action, entry.actor, (entry.detail or {}).get("reason")) for entry in entries]


async def test_it_is_told_to_the_customer_with_who_why_and_until_when(
    access: StaffAccess, database: Database, customer: UUID, clock: MovedClock
) -> None:
    who = staff()
    opened = await access.open(who, customer, f"  {REASON} ", HALF_AN_HOUR)
    assert opened.expires_at == clock.now() + HALF_AN_HOUR
    assert await told(database, customer) == [("staff_access_opened", who.actor, REASON)]
    await access.end(who, customer, opened.id)
    await access.end(who, customer, opened.id)
    assert [action for action, _, _ in await told(database, customer)] == ["staff_access_ended", "staff_access_opened"]


async def test_whoever_looks_reads_that_customers_data_and_changes_nothing(access: StaffAccess, customer: UUID) -> None:
    who = staff(Role.ADMIN)
    await access.open(who, customer, REASON, HALF_AN_HOUR)
    seen = await access.as_seen_by(who, customer)
    assert (seen.customer_id, seen.user_id) == (customer, who.user_id)
    assert {action for action in Action if may(seen, action)} == {
        Action.WATCH,
        Action.SEE_CONSENTS,
        Action.SEE_CREDENTIALS,
        Action.READ_AUDIT,
    }


async def test_a_token_sees_no_more_of_a_customer_than_it_is_good_for(access: StaffAccess, customer: UUID) -> None:
    who = staff(Role.AUDITOR, frozenset({Scope.STAFF, Scope.READ, Scope.PRIVACY}))
    await access.open(who, customer, REASON, HALF_AN_HOUR)
    seen = await access.as_seen_by(who, customer)
    assert seen.scopes == frozenset({Scope.READ})
    assert not may(seen, Action.READ_AUDIT)


async def test_it_ends_with_its_time_with_its_end_and_was_never_anybody_elses(
    access: StaffAccess, customer: UUID, clock: MovedClock
) -> None:
    who = staff()
    with pytest.raises(NoAccess):
        await access.as_seen_by(who, customer)
    opened = await access.open(who, customer, REASON, HALF_AN_HOUR)
    with pytest.raises(NoAccess):
        await access.as_seen_by(staff(), customer)
    with pytest.raises(NoAccess):
        await access.as_seen_by(who, uuid4())
    with pytest.raises(NotFound):
        await access.end(staff(), customer, opened.id)
    clock.move(HALF_AN_HOUR)
    with pytest.raises(NoAccess):
        await access.as_seen_by(who, customer)
    again = await access.open(who, customer, REASON, HALF_AN_HOUR)
    await access.end(who, customer, again.id)
    with pytest.raises(NoAccess):
        await access.as_seen_by(who, customer)


@pytest.mark.parametrize(
    ("reason", "duration", "refusal"),
    [
        ("ticket", HALF_AN_HOUR, BadReason),
        ("   x        y  ", HALF_AN_HOUR, BadReason),
        ("x" * 501, HALF_AN_HOUR, BadReason),
        (REASON, timedelta(0), BadInput),
        (REASON, -HALF_AN_HOUR, BadInput),
        (REASON, LONGEST + timedelta(seconds=1), BadInput),
    ],
)
async def test_without_a_reason_or_an_end_there_is_none(
    access: StaffAccess, database: Database, customer: UUID, reason: str, duration: timedelta, refusal: type[BadInput]
) -> None:
    with pytest.raises(refusal):
        await access.open(staff(), customer, reason, duration)
    assert await told(database, customer) == []


@pytest.mark.parametrize(
    "who", [staff(Role.OWNER), staff(Role.MEMBER), staff(Role.ADMIN, frozenset({Scope.READ, Scope.AUDIT}))]
)
async def test_nobody_else_opens_or_uses_one(access: StaffAccess, customer: UUID, who: Visitor) -> None:
    with pytest.raises(NotAllowed):
        await access.open(who, customer, REASON, HALF_AN_HOUR)
    with pytest.raises(NotAllowed):
        await access.as_seen_by(who, customer)
    with pytest.raises(NotAllowed):
        await access.customers(who, "", limit=1)
    with pytest.raises(NotAllowed):
        await access.customer(who, customer)


async def test_customers_are_searched_and_paged_by_name(
    access: StaffAccess, database: Database, clock: MovedClock
) -> None:
    people = People(database, clock)
    for name in ("Tea B", "Tea A", "100% Tea", "Ökoladen", "Tea C"):
        await people.add_customer(name)

    async def found(wanted: str, limit: int = 50, skip: int = 0) -> tuple[list[str], int]:
        page = await access.customers(staff(), wanted, limit, skip)
        return [one.name for one in page.customers], page.total

    assert await found("") == (["100% Tea", "Tea A", "Tea B", "Tea C", "Ökoladen"], 5)
    assert await found("tEA", 2) == (["100% Tea", "Tea A"], 4)
    assert await found("tEA", 2, 2) == (["Tea B", "Tea C"], 4)
    assert await found("tEA", 2, 4) == ([], 4)
    assert await found("ökoLADEN") == (["Ökoladen"], 1)
    assert await found("0% t") == (["100% Tea"], 1)
    assert await found("zebra") == ([], 0)


async def test_a_customer_of_the_list_is_found_by_its_id(access: StaffAccess, customer: UUID) -> None:
    found = await access.customer(staff(), customer)
    assert found is not None
    assert (found.name, found.operations) == ("Tea Shop", 0)
    assert await access.customer(staff(), uuid4()) is None


async def test_a_customer_that_is_not_there_is_not_looked_at(access: StaffAccess) -> None:
    with pytest.raises(NotFound):
        await access.open(staff(), uuid4(), REASON, HALF_AN_HOUR)
