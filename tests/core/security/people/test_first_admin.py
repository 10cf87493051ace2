"""The first admin is made with a code of the console: once, in time, and only where there is no staff."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from core.database.roles import Role
from core.database.session import Database
from core.database.tables import FirstAdminCode, User
from core.errors import CoreError
from core.security.people.first_admin import GOOD_FOR, FirstAdmin, WrongFirstCode
from core.security.people.passwords import WeakPassword
from core.security.people.people import EmailTaken, People
from core.security.people.throttle import TooManyTries
from core.security.secret import Secret
from tests.fakes.clock import MovedClock

EMAIL, PASSWORD = "ana@omniops.example", "a long enough one"


@pytest.fixture
def people(database: Database, clock: MovedClock) -> People:
    return People(database, clock)


@pytest.fixture
def first(database: Database, clock: MovedClock, people: People) -> FirstAdmin:
    return FirstAdmin(database, clock, people)


async def code_of(first: FirstAdmin) -> Secret:
    code = await first.code()
    assert code
    return code


async def test_nobody_is_there_by_default(database: Database, first: FirstAdmin) -> None:
    users = await database.run_across_customers(lambda session: session.exec(select(User)).all(), because="a test")
    assert list(users) == []
    assert await first.is_awaited()


async def test_the_code_makes_one_admin_who_then_signs_in(people: People, first: FirstAdmin) -> None:
    code = await code_of(first)
    admin = await first.take(Secret(f" {code.reveal()}\n"), EMAIL, PASSWORD)
    assert admin.role is Role.ADMIN
    assert await people.check_password(EMAIL, PASSWORD) == admin
    assert await first.code() is None
    assert not await first.is_awaited()
    with pytest.raises(WrongFirstCode):
        await first.take(code, "second@omniops.example", PASSWORD)


async def test_it_is_good_for_a_quarter_of_an_hour(first: FirstAdmin, clock: MovedClock) -> None:
    code = await code_of(first)
    clock.move(GOOD_FOR)
    with pytest.raises(WrongFirstCode):
        await first.take(code, EMAIL, PASSWORD)


async def test_another_start_voids_the_code_before(first: FirstAdmin) -> None:
    before, code = await code_of(first), await code_of(first)
    with pytest.raises(WrongFirstCode):
        await first.take(before, EMAIL, PASSWORD)
    await first.take(code, EMAIL, PASSWORD)


async def test_only_its_hash_is_kept(database: Database, first: FirstAdmin) -> None:
    code = await code_of(first)
    kept = await database.run_across_customers(
        lambda session: repr(session.exec(select(FirstAdminCode)).all()), because="a test"
    )
    assert code.reveal() not in kept


async def test_of_two_at_once_one_is_the_first(first: FirstAdmin) -> None:
    code = await code_of(first)

    async def outcome(email: str) -> str:
        try:
            await first.take(code, email, PASSWORD)
        except CoreError as error:
            return error.code
        return "admin"

    found = await asyncio.gather(*(outcome(f"{number}@omniops.example") for number in range(4)))
    assert sorted(found) == ["admin", "wrong_first_code", "wrong_first_code", "wrong_first_code"]


async def test_what_can_not_be_used_leaves_the_code_as_it_is(people: People, first: FirstAdmin) -> None:
    await people.add_user(await people.add_customer("Tea"), "taken@tea.example", PASSWORD)
    code = await code_of(first)
    with pytest.raises(WeakPassword):
        await first.take(code, EMAIL, "short")
    with pytest.raises(EmailTaken):
        await first.take(code, "taken@tea.example", PASSWORD)
    await first.take(code, EMAIL, PASSWORD)


async def test_guessing_gets_slow(first: FirstAdmin) -> None:
    await first.code()
    for _ in range(5):
        with pytest.raises(WrongFirstCode):
            await first.take(Secret("wrong"), EMAIL, PASSWORD)
    with pytest.raises(TooManyTries):
        await first.take(Secret("wrong"), EMAIL, PASSWORD)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.OPERATOR])
async def test_where_there_is_staff_there_is_no_code(people: People, first: FirstAdmin, role: Role) -> None:
    await people.add_user(await people.add_customer("OmniOps"), EMAIL, PASSWORD, role)
    assert await first.code() is None


async def test_customers_and_accounts_of_the_demo_are_no_staff(people: People, first: FirstAdmin) -> None:
    company = await people.add_customer("Tea Shop")
    await people.add_user(company, "owner@tea.example", PASSWORD)
    await people.add_user(company, "demo@tea.example", PASSWORD, Role.ADMIN, demo_only=True)
    assert await first.code() is not None


def test_the_times_are_as_promised() -> None:
    assert timedelta(minutes=15) == GOOD_FOR
