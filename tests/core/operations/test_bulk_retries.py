"""Many tried again at once: by their customer, or by staff who say why, and who get no further by it than was allowed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.agents.agent import StepFailed
from core.agents.person import PersonDeclined
from core.database.roles import Role
from core.database.states import OperationStatus
from core.errors import BadInput
from core.operations.bulk_retries import RetryOutcome
from core.operations.consents import ConsentRequest
from core.operations.runs import MOST_AT_ONCE
from core.security.audit.audit_log import AuditAction
from core.security.people.authorize import NotAllowed, ScopeMissing
from core.security.people.staff_access import BadReason
from core.security.people.visitor import Scope, Visitor
from tests.core.operations.house import OTHER_SHOP, House, visitor
from tests.core.operations.many_runs import operator, put
from tests.core.operations.runs import run_one
from tests.fakes.agents import FakeAgents, raising
from tests.fakes.integration import APPROVED, SERVICE

S = OperationStatus
WRONG = StepFailed("wrong_password", "The shop refused it.")
WHY = "The host of these shops answers again"


async def failed(home: House) -> UUID:
    """One that has failed, whose customer has stored the sign-in since."""
    found = (await run_one(home, FakeAgents(raising(WRONG)))).id
    await home.sign_in()
    return found


async def one(home: House, who: Visitor, operation_id: UUID, because: str = WHY) -> RetryOutcome:
    (outcome,) = await home.bulk_retries.retry(who, [operation_id], because)
    return outcome


async def test_staff_have_it_tried_again_as_far_as_it_was_allowed(home: House) -> None:
    first, staff = await failed(home), await operator(home)
    came_of_it = await one(home, staff, first)
    assert (came_of_it.status, came_of_it.code, came_of_it.customer_id) == (S.PENDING, "", home.visitor.customer_id)
    assert came_of_it.again is not None
    row, before = await home.row(came_of_it.again), await home.row(first)
    assert (row.retry_of, row.permissions, row.store_origin) == (first, before.permissions, before.store_origin)
    assert (row.requested_by, row.consent_id) == (before.requested_by, before.consent_id)
    assert home.queue.woken[-1] == row.id
    assert {first, row.id} <= set(home.told)


async def test_the_customer_reads_who_it_was_and_why(home: House) -> None:
    first, staff = await failed(home), await operator(home)
    await one(home, staff, first, f"  {WHY}\n ")
    retried, asked = (await home.entries())[-2:]
    assert (retried.action, asked.action) == (AuditAction.OPERATION_RETRIED, AuditAction.OPERATION_ASKED)
    assert (retried.actor, asked.actor) == (staff.actor, staff.actor)
    assert retried.detail is not None
    assert retried.detail["because"] == WHY


async def nothing_begins(home: House, operation_id: UUID, code: str) -> None:
    before, woken = await home.entries(), list(home.queue.woken)
    came_of_it = await one(home, await operator(home), operation_id)
    assert (came_of_it.again, came_of_it.code) == (None, code)
    assert came_of_it.because
    assert (await home.entries(), home.queue.woken) == (before, woken)


async def test_where_the_consent_has_ended_nothing_begins(home: House) -> None:
    first = await failed(home)
    await home.consents.revoke(home.visitor, (await home.given()).id, because="enough", keep_credentials=True)
    await nothing_begins(home, first, "consent_ended")


async def test_where_the_sign_in_is_gone_nothing_begins_and_nobody_is_asked(home: House) -> None:
    await nothing_begins(home, (await run_one(home, FakeAgents(raising(WRONG)))).id, "sign_in_gone")


async def test_what_was_tried_already_is_not_tried_twice(home: House) -> None:
    first, staff = await failed(home), await operator(home)
    assert (await one(home, staff, first)).again
    await nothing_begins(home, first, "nothing_to_retry")


async def test_not_while_the_shop_is_busy_with_another(home: House) -> None:
    first = await failed(home)
    await home.ask()
    await nothing_begins(home, first, "operation_running")


@pytest.mark.parametrize("code", ["stopped", PersonDeclined.code])
async def test_what_a_person_did_not_want_staff_do_not_want_for_them(home: House, code: str) -> None:
    await home.allow(OTHER_SHOP)
    await home.sign_in(OTHER_SHOP)
    status = S.CANCELLED if code == "stopped" else S.FAILED
    first = await put(home, home.visitor, failure_code=code, store_origin=OTHER_SHOP, status=status)
    await nothing_begins(home, first, "was_stopped")


async def test_what_its_owner_has_to_approve_is_asked_of_nobody(home: House) -> None:
    permissions = ("create_api_keys", "read_products")
    await home.consents.grant(home.visitor, ConsentRequest(SERVICE, APPROVED, OTHER_SHOP, permissions))
    wanted: dict[str, Any] = {"operation": APPROVED, "store_origin": OTHER_SHOP, "permissions": list(permissions)}
    await nothing_begins(
        home, await put(home, home.visitor, failure_code="approval_missing", **wanted), "owner_approves"
    )


@pytest.mark.parametrize("because", ["", "ticket", "x" * 501])
async def test_without_a_reason_that_a_customer_understands_nothing_begins(home: House, because: str) -> None:
    first = await failed(home)
    with pytest.raises(BadReason):
        await home.bulk_retries.retry(await operator(home), [first], because)
    assert (await home.operations.status(home.visitor, first)).retried_by is None


async def test_who_has_not_the_right_finds_no_operation_of_another(home: House) -> None:
    first = await failed(home)
    for role in (Role.OWNER, Role.MEMBER):
        stranger = await operator(home, role)
        assert await one(home, stranger, first) == absent_as(await one(home, stranger, uuid4()), first)
    with pytest.raises(NotAllowed):
        await home.bulk_retries.retry(await operator(home, Role.AUDITOR), [first], WHY)
    assert (await home.operations.status(home.visitor, first)).retried_by is None


def absent_as(absent: RetryOutcome, named: UUID) -> RetryOutcome:
    assert (absent.code, absent.customer_id, absent.again) == ("not_found", None, None)
    return RetryOutcome(named, code=absent.code, because=absent.because)


async def test_a_token_of_staff_needs_both_scopes(home: House) -> None:
    first, staff = await failed(home), await operator(home)

    def with_scopes(*scopes: Scope) -> Visitor:
        return Visitor(staff.customer_id, staff.user_id, staff.email, staff.role, frozenset(scopes))

    assert (await one(home, with_scopes(Scope.OPERATE), first)).code == "not_found"
    with pytest.raises(ScopeMissing):
        await one(home, with_scopes(Scope.STAFF), first)
    assert (await one(home, with_scopes(Scope.OPERATE, Scope.STAFF), first)).again


async def test_a_customers_own_need_no_reason_and_wait_for_them_where_something_is_missing(home: House) -> None:
    first = (await run_one(home, FakeAgents(raising(WRONG)))).id
    came_of_it = await one(home, home.visitor, first, "")
    assert (came_of_it.status, came_of_it.code) == (S.AWAITING_CONSENT, "")
    assert (await one(home, home.visitor, first, "")).again == came_of_it.again


async def test_one_that_can_not_be_tried_hinders_no_other(home: House) -> None:
    first, staff = await failed(home), await operator(home)
    other = await visitor(home.database, home.clock)
    theirs = await put(home, other, failure_code="shop_error")
    absent = uuid4()
    outcomes = await home.bulk_retries.retry(staff, [theirs, absent, first, first], WHY)
    assert [(done.operation_id, done.code) for done in outcomes] == [
        (theirs, "consent_ended"),
        (absent, "not_found"),
        (first, ""),
    ]


@pytest.mark.parametrize("number", [0, MOST_AT_ONCE + 1])
async def test_no_more_at_once_than_may_be(cottage: House, number: int) -> None:
    with pytest.raises(BadInput):
        await cottage.bulk_retries.retry(cottage.visitor, [uuid4() for _ in range(number)])


async def test_a_consent_that_ran_out_is_none(home: House) -> None:
    first = await failed(home)
    home.clock.move(timedelta(days=400))
    came_of_it = await one(home, await operator(home), first)
    assert (came_of_it.again, came_of_it.code) == (None, "consent_ended")
