"""What failed and may pass is tried again by itself: later, a few times, and only while everybody still allows it."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from core.agents.agent import StepFailed
from core.browser.find_browser import NoBrowser
from core.browser.launched import SandboxRefused
from core.browser.page import OriginRefused
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.errors import CoreError
from core.integrations.calling import ShopApiBusy, ShopApiRefused, ShopApiUnreachable
from core.operations import lease as leases
from core.operations.consents import ConsentRequest
from core.operations.ending import Ending
from core.operations.lease import LEASE
from core.operations.retrying import JITTER, LONGEST_PAUSE, MOST_TRIES, pause_before
from core.operations.service import NewOperation
from core.security.audit.audit_log import AuditAction, AuditEntry
from core.security.consent.agreement import Purpose
from core.security.consent.consent import ConsentMissing
from core.security.vault.vault import NoCredential
from tests.core.operations.house import SHOP, House
from tests.core.operations.runs import made_something, run_one, worker_of
from tests.fakes.agents import FakeAgents, raising
from tests.fakes.integration import APPROVED, SERVICE, what_is_left

S = OperationStatus
BUSY = StepFailed("shop_error", "The shop met an error.", passes=True)


def usually(low: float, high: float) -> float:
    """No chance at all."""
    return (low + high) / 2


async def again_after(home: House, error: Exception = BUSY, **put: Any) -> OperationRow | None:
    """The operation that tries one again that ended with this error, if there is one."""
    failed = await run_one(home, FakeAgents(raising(error)), **put)
    return await retry(home, failed.id)


async def retry(home: House, operation_id: UUID) -> OperationRow | None:
    by = (await home.operations.status(home.visitor, operation_id)).retried_by
    return await home.row(by) if by else None


def of(entries: list[AuditEntry], operation_id: UUID) -> list[str]:
    return [entry.action for entry in entries if entry.operation_id == operation_id]


@pytest.mark.parametrize(("number", "seconds"), [(1, 30), (2, 120), (3, 480)])
def test_each_pause_is_four_times_the_one_before(number: int, seconds: int) -> None:
    assert pause_before(number, None, usually) == timedelta(seconds=seconds)
    assert pause_before(number, None, min) == timedelta(seconds=seconds * (1 - JITTER))
    assert pause_before(number, None, max) == timedelta(seconds=seconds * (1 + JITTER))


@pytest.mark.parametrize(("asked", "seconds"), [(0, 30), (10, 30), (90, 90), (3600, 3600), (1e9, 3600)])
def test_a_shop_that_says_how_long_to_wait_is_obeyed_up_to_an_hour(asked: float, seconds: int) -> None:
    assert pause_before(1, asked, usually) == timedelta(seconds=seconds)
    assert timedelta(hours=1) == LONGEST_PAUSE


async def test_it_is_tried_again_later_on_the_same_consent_and_sign_in(home: House) -> None:
    before = home.clock.now()
    failed = await run_one(home, FakeAgents(raising(BUSY)))
    again = await retry(home, failed.id)
    assert again is not None
    assert again.not_before is not None
    assert timedelta(seconds=24) <= again.not_before - before <= timedelta(seconds=36)
    assert (again.status, again.tries, again.retry_of, again.attempt) == (S.PENDING, 1, failed.id, 0)
    assert (again.consent_id, again.permissions) == (failed.consent_id, failed.permissions)
    assert (again.store_origin, again.requested_by) == (failed.store_origin, failed.requested_by)
    assert await home.signed_in_at() == {SHOP}
    assert (await home.given(Purpose.STORE_SIGN_IN)).in_force


async def test_both_chains_of_events_tell_of_it(home: House) -> None:
    failed = await run_one(home, FakeAgents(raising(BUSY)))
    again = await retry(home, failed.id)
    assert again is not None
    entries = await home.entries()
    assert of(entries, failed.id)[-2:] == [AuditAction.OPERATION_FAILED, AuditAction.OPERATION_RETRIED]
    assert of(entries, again.id) == [AuditAction.OPERATION_ASKED]
    retried, asked = (entry.detail for entry in entries[-2:])
    assert retried is not None
    assert asked is not None
    assert (retried["retriedBy"], retried["try"]) == (str(again.id), f"1 of {MOST_TRIES}")
    assert asked["retryOf"] == str(failed.id)


async def test_nobody_has_it_before_its_time(home: House) -> None:
    again = await again_after(home)
    assert again is not None
    assert again.not_before is not None
    worker = worker_of(home, FakeAgents(raising(AssertionError("it is not its time"))))
    await worker.run(home.visitor.customer_id, again.id)
    assert (await home.row(again.id)).status == S.PENDING
    assert await worker.waiting() == ()

    home.clock.move(again.not_before - home.clock.now())
    assert await worker.waiting() == ((home.visitor.customer_id, again.id),)
    await worker_of(home, FakeAgents()).run(home.visitor.customer_id, again.id)
    assert (await home.row(again.id)).status == S.COMPLETED
    assert await home.signed_in_at() == set()


async def test_it_is_tried_three_times_and_no_more(cottage: House) -> None:
    failed, pauses = await run_one(cottage, FakeAgents(raising(BUSY))), []
    while again := await retry(cottage, failed.id):
        assert again.not_before is not None
        pauses.append((again.not_before - cottage.clock.now()).total_seconds())
        cottage.clock.move(again.not_before - cottage.clock.now())
        await worker_of(cottage, FakeAgents(raising(BUSY))).run(cottage.visitor.customer_id, again.id)
        failed = await cottage.row(again.id)
    assert (failed.tries, failed.status, len(pauses)) == (MOST_TRIES, S.FAILED, 3)
    assert pauses == sorted(pauses)
    assert await cottage.signed_in_at() == set()
    assert not (await cottage.given(Purpose.STORE_SIGN_IN)).in_force


@pytest.mark.parametrize(
    "error",
    [
        BUSY,
        ShopApiBusy("It said 429."),
        ShopApiUnreachable(because="It broke off."),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_may_pass_is_tried_again(cottage: House, error: Exception) -> None:
    assert await again_after(cottage, error) is not None


@pytest.mark.parametrize(
    "error",
    [
        StepFailed("wrong_password", "The shop refused the password."),
        StepFailed("gave_up", "It was tried too often."),
        StepFailed("nobody_answered", "Nobody answered."),
        StepFailed("page_not_recognised", "Seen: something else."),
        StepFailed("person_declined", "You said no."),
        ShopApiRefused(because="It said 401."),
        OriginRefused(because="It went elsewhere."),
        ConsentMissing(),
        NoCredential(),
        NoBrowser(because="There is none."),
        SandboxRefused(because="It may not."),
        KeyError("a bug"),
        CoreError("anything else"),
    ],
    ids=lambda error: getattr(error, "failure_code", type(error).__name__),
)
async def test_what_does_not_pass_is_not_tried_again_and_its_sign_in_goes(cottage: House, error: Exception) -> None:
    assert await again_after(cottage, error) is None
    assert await cottage.signed_in_at() == set()


async def test_what_a_person_has_stopped_is_not_tried_again(cottage: House) -> None:
    assert await again_after(cottage, stop_asked_because="You stopped it.") is None
    assert await cottage.signed_in_at() == set()


async def test_what_is_asked_of_another_worker_to_stop_is_not_tried_again_when_it_fails(cottage: House) -> None:
    lease = await cottage.claimed()
    await cottage.put(lease.operation_id, stop_asked_because="You stopped it.")
    await cottage.run(partial(cottage.endings.write, lease, Ending.by(BUSY)))
    assert await retry(cottage, lease.operation_id) is None


async def test_what_its_owner_has_to_approve_waits_for_no_retry_by_itself(cottage: House) -> None:
    await cottage.consents.grant(cottage.visitor, ConsentRequest(SERVICE, APPROVED, SHOP))
    asked = await cottage.operations.initiate(cottage.visitor, NewOperation(SERVICE, APPROVED, SHOP))
    await cottage.put(asked.id, status=S.PENDING)  # as if it had been approved
    lease = await cottage.claim(asked.id)
    await cottage.run(partial(cottage.endings.write, lease, Ending.by(BUSY)))
    assert (await cottage.row(asked.id)).status == S.FAILED
    assert await retry(cottage, asked.id) is None


async def test_without_a_consent_it_is_not_tried_again(home: House) -> None:
    asked = await home.pending()
    await home.put(asked.id, permissions=["create_api_keys", "read_products", "update_products"])
    lease = await home.claim(asked.id)
    await home.run(partial(home.endings.write, lease, Ending.by(BUSY)))
    assert await retry(home, asked.id) is None
    assert await home.signed_in_at() == set()


@pytest.mark.parametrize("purpose", [Purpose.ACT, Purpose.STORE_SIGN_IN])
async def test_withdrawing_cancels_a_try_that_waits_and_deletes_the_sign_in_at_once(
    home: House, purpose: Purpose
) -> None:
    again = await again_after(home)
    assert again is not None
    await home.consents.revoke(home.visitor, (await home.given(purpose)).id, because="changed my mind")
    assert (await home.row(again.id)).status == S.CANCELLED
    assert await home.signed_in_at() == set()


async def test_stopping_a_try_that_waits_deletes_the_sign_in(cottage: House) -> None:
    again = await again_after(cottage)
    assert again is not None
    await cottage.operations.cancel(cottage.visitor, again.id, because="Not today.")
    assert (await cottage.row(again.id)).status == S.CANCELLED
    assert await cottage.signed_in_at() == set()


async def test_who_lost_the_operation_begins_no_other(home: House) -> None:
    lost = await home.claimed()
    await home.take_over(lost)
    with pytest.raises(leases.LeaseLost):
        await home.run(partial(home.endings.write, lost, Ending.by(BUSY)))
    assert await retry(home, lost.operation_id) is None


async def test_one_that_was_handed_back_is_taken_at_once_and_not_after_its_time_anew(cottage: House) -> None:
    again = await again_after(cottage)
    assert again is not None
    assert again.not_before is not None
    cottage.clock.move(again.not_before - cottage.clock.now())
    lease = await cottage.claim(again.id)
    await cottage.run(partial(leases.give_back, lease=lease))
    assert (await cottage.claim(again.id, "two")).fence == lease.fence + 1
    cottage.clock.move(2 * LEASE)
    assert (await cottage.claim(again.id, "three")).fence == lease.fence + 2


async def test_what_an_earlier_try_left_is_named_until_it_is_gone(home: House) -> None:
    async def nothing_works(lease: leases.Lease) -> str:
        return what_is_left(lease.operation_id)

    asked = await home.pending()
    await made_something(home, asked.id)
    await worker_of(home, FakeAgents(raising(BUSY), nothing_works)).run(home.visitor.customer_id, asked.id)
    again = await retry(home, asked.id)
    assert again is not None
    assert again.not_before is not None
    home.clock.move(again.not_before - home.clock.now())
    wrong = StepFailed("wrong_password", "The shop refused it.")
    await worker_of(home, FakeAgents(raising(wrong))).run(home.visitor.customer_id, again.id)
    assert (await home.row(again.id)).left_behind == what_is_left(asked.id)


async def test_the_database_refuses_a_second_try_of_the_same(home: House) -> None:
    again = await again_after(home)
    assert again is not None
    await home.operations.cancel(home.visitor, again.id, because="Not today.")

    def once_more(session: CustomerSession) -> None:
        values = again.model_dump(exclude={"id", "status"}) | {"status": S.PENDING}
        session.add(OperationRow(**values))

    with pytest.raises(Exception, match=r"(?i)unique"):
        await home.run(once_more)


async def test_another_shop_can_be_set_up_while_one_waits(cottage: House) -> None:
    again = await again_after(cottage)
    assert again is not None
    assert (await cottage.pending("https://coffee.example")).service == SERVICE
