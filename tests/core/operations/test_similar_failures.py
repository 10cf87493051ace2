"""How often it failed like this: the same service, reason and step, at whatever shop; a customer's own, or everybody's."""

from datetime import timedelta
from uuid import UUID

import pytest

from core.database.states import OperationStatus
from core.operations.similar_failures import DAYS, Similar, pattern_of
from core.security.people.visitor import Visitor
from tests.core.operations.house import House, visitor
from tests.core.operations.many_runs import operator, put

STEP = "Sign in as admin"
DAY = 24 * 60  # minutes


async def similar(home: House, who: Visitor, to: UUID) -> Similar:
    return await home.runs.similar(who, await home.operations.status(home.visitor, to))


async def test_a_customer_is_told_of_their_own_and_staff_of_all(home: House) -> None:
    other, staff, now = await visitor(home.database, home.clock), await operator(home), home.clock.now()
    shop = "https://tea.example"
    one = await put(home, home.visitor, 1, STEP, failure_code="wrong_password", store_origin=shop)
    await put(home, home.visitor, 3 * DAY, "Sign in as ana", failure_code="wrong_password", store_origin=shop)
    await put(home, other, 5 * DAY, "Sign in as owner@coffee.example", failure_code="wrong_password")
    own = await similar(home, home.visitor, one)
    assert (own.runs, own.shops, own.last) == (2, 1, now - timedelta(minutes=1))
    of_all = await similar(home, staff, one)
    assert (of_all.runs, of_all.shops, of_all.first) == (3, 2, now - timedelta(days=5))


@pytest.mark.parametrize(
    "unlike",
    [
        {"failure_code": "shop_error"},
        {"service": "other"},
        {"operation": "other"},
        {"status": OperationStatus.CANCELLED},
        {"minutes_ago": DAYS * DAY + 1},
        {"step": "Generate the key"},
        {"step": ""},
    ],
)
async def test_what_is_unlike_in_anything_is_not_counted(home: House, unlike: dict[str, object]) -> None:
    usual = {"minutes_ago": 1, "step": STEP, "failure_code": "wrong_password"}
    one = await put(home, home.visitor, **usual)  # type: ignore[arg-type]
    await put(home, home.visitor, **(usual | unlike))  # type: ignore[arg-type]
    assert (await similar(home, home.visitor, one)).runs == 1


async def test_what_failed_at_no_step_is_like_what_failed_at_none(home: House) -> None:
    one = await put(home, home.visitor, 1, failure_code="api_busy")
    await put(home, home.visitor, 2, failure_code="api_busy")
    await put(home, home.visitor, 3, STEP, failure_code="api_busy")
    assert (await similar(home, home.visitor, one)).runs == 2


@pytest.mark.parametrize(
    ("intent", "pattern"),
    [
        ("Sign in as admin", "Sign in as %"),
        ("Name the key “OmniOps · op 813b4458”", "Name the key %"),
        ("Enter the user name ana", "Enter the user name %"),
        ("Enter the e-mail address a@b.example", "Enter the e-mail address %"),
        ("See the application passwords of ana", "See the application passwords of %"),
        ("Open http://127.0.0.1:8081 now", "Open % now"),
        ("Choose 12 of 100_000 %", "Choose % of %\\_% \\%"),
        ("Open your shop's list of keys", "Open your shop's list of %"),
    ],
)
def test_what_may_be_a_customers_own_matches_anything(intent: str, pattern: str) -> None:
    assert pattern_of(intent) == pattern
