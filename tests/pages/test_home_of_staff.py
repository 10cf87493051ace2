"""Home tells staff how all customers' setups stand, in numbers that lead to the list; and customers nothing of others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui import ElementFilter, ui

from core.database.roles import Role
from core.database.states import OperationStatus
from core.security.people.authorize import Action, may
from tests.fakes.clock import MovedClock
from tests.pages.simulation import Person, simulated
from tests.pages.staged import Told, put_run

BLOCK = "Setups of all customers"
SEEN_BY = {Role.OPERATOR, Role.AUDITOR, Role.ADMIN}


@pytest.fixture
async def owner(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Person]:
    async with simulated(tmp_path, sqlite_template, clock) as person:
        yield person


async def put_others(person: Person) -> None:
    """Another company has two setups that run, one that failed and one that waits."""
    people = person.services.people
    other = await people.add_user(await people.add_customer("Coffee Shop"), "o@coffee.example", "a long enough one")
    for status in (OperationStatus.IN_PROGRESS, OperationStatus.IN_PROGRESS, OperationStatus.AWAITING_INPUT):
        await put_run(person, Told("Sign in"), whose=other, status=status, finished_at=None)
    failed = {"failure_code": "shop_error", "failure_sentence": "The shop met an error of its own."}
    await put_run(person, Told("Sign in"), whose=other, status=OperationStatus.FAILED, **failed)


def numbers(person: Person) -> dict[str, str]:
    """Each number as it is read aloud, and where it leads."""
    with person.user:
        links = [one for one in ElementFilter(kind=ui.link) if "figure" in one.classes]
        return {one.props["aria-label"]: one.props["href"] for one in links}


@pytest.mark.parametrize("role", Role)
async def test_staff_see_numbers_of_all_and_customers_of_nobody_else(owner: Person, role: Role) -> None:
    await put_others(owner)
    who = owner.stage.visitor if role is Role.OWNER else await owner.become(role)
    assert may(who, Action.SEE_ALL_CUSTOMERS) is (role in SEEN_BY)
    await owner.open("/")
    if role not in SEEN_BY:
        await owner.sees("Nothing is connected yet")
        await owner.sees_nothing_of(BLOCK)
        assert numbers(owner) == {}
        return
    await owner.sees(BLOCK, "Nothing is connected yet")
    assert numbers(owner) == {
        "2 are carried out now": "/operations?status=in_progress",
        "1 of the last day failed": "/operations?status=failed&days=1",
        "1 waits for somebody": "/operations?status=needs_you",
    }


async def test_the_list_behind_a_number_has_as_many(owner: Person) -> None:
    await put_others(owner)
    await owner.become(Role.OPERATOR)
    await owner.open("/")
    for told, address in numbers(owner).items():
        await owner.open(address)
        await owner.sees("Operations of all customers", "Coffee Shop")
        with owner.user:
            lines = [one for one in ElementFilter(kind=ui.link) if "/operations/" in one.props["href"]]
        assert len(lines) == int(told.split()[0]), told
