"""A person has an operation tried once more: with the same scope, once, and never behind the back of a consent."""

from uuid import UUID, uuid4

import pytest

from core.agents.agent import StepFailed
from core.database.roles import Role
from core.database.states import OperationStatus
from core.errors import NotFound
from core.operations.retries import NothingToRetry
from core.operations.service import AlreadyRunning
from core.security.audit.audit_log import AuditAction
from core.security.people.authorize import NotAllowed
from core.security.people.visitor import Visitor
from tests.core.operations.house import SHOP, House, visitor
from tests.core.operations.runs import run_one, worker_of
from tests.fakes.agents import FakeAgents, raising

S = OperationStatus
WRONG = StepFailed("wrong_password", "The shop refused it.")
BUSY = StepFailed("shop_error", "The shop met an error.", passes=True)


async def failed(home: House) -> UUID:
    return (await run_one(home, FakeAgents(raising(WRONG)))).id


async def test_it_is_a_new_operation_linked_to_the_old_one_that_begins_at_once(home: House) -> None:
    first = await failed(home)
    await home.sign_in()
    again = await home.retries.retry(home.visitor, first)
    assert (again.status, again.retry_of, again.tries, again.not_before) == (S.PENDING, first, 0, None)
    row, before = await home.row(again.id), await home.row(first)
    assert (row.permissions, row.store_origin, row.consent_id) == (
        before.permissions,
        before.store_origin,
        before.consent_id,
    )
    assert (await home.operations.status(home.visitor, first)).retried_by == again.id
    assert {one.id: one.retried_by for one in await home.operations.history(home.visitor)}[first] == again.id
    assert home.queue.woken[-1] == again.id
    assert {first, again.id} <= set(home.told)
    assert (await home.actions())[-2:] == [AuditAction.OPERATION_RETRIED, AuditAction.OPERATION_ASKED]
    assert {entry.actor for entry in (await home.entries())[-2:]} == {home.visitor.actor}


async def test_without_the_sign_in_it_waits_for_a_person(home: House) -> None:
    again = await home.retries.retry(home.visitor, await failed(home))
    assert again.status is S.AWAITING_CONSENT
    assert again.id not in home.queue.woken
    await home.sign_in()
    await home.consents.grant_for(home.visitor, again.id)
    assert (await home.row(again.id)).status == S.PENDING


async def test_without_a_consent_it_waits_for_one(home: House) -> None:
    first = await failed(home)
    await home.sign_in()
    await home.consents.revoke(home.visitor, (await home.given()).id, because="enough", keep_credentials=True)
    again = await home.retries.retry(home.visitor, first)
    assert (again.status, again.consent_id) == (S.AWAITING_CONSENT, None)


async def test_one_that_was_stopped_can_be_tried_again(cottage: House) -> None:
    asked = await cottage.pending()
    await cottage.operations.cancel(cottage.visitor, asked.id, because="Not now.")
    assert (await cottage.retries.retry(cottage.visitor, asked.id)).retry_of == asked.id


async def test_who_presses_twice_is_given_the_same_one(home: House) -> None:
    first = await failed(home)
    again = await home.retries.retry(home.visitor, first)
    assert (await home.retries.retry(home.visitor, first)).id == again.id
    assert (await home.actions()).count(AuditAction.OPERATION_RETRIED) == 1


async def test_once_that_try_is_over_it_is_the_one_to_try_again(cottage: House) -> None:
    first = await failed(cottage)
    again = await cottage.retries.retry(cottage.visitor, first)
    await cottage.operations.cancel(cottage.visitor, again.id, because="Not now.")
    with pytest.raises(NothingToRetry) as refused:
        await cottage.retries.retry(cottage.visitor, first)
    assert str(again.id) in refused.value.sentence
    assert (await cottage.retries.retry(cottage.visitor, again.id)).retry_of == again.id


@pytest.mark.parametrize("status", [S.AWAITING_CONSENT, S.PENDING, S.IN_PROGRESS, S.COMPLETED])
async def test_what_is_not_over_or_is_done_is_not_tried_again(cottage: House, status: OperationStatus) -> None:
    asked = await (cottage.ask() if status is S.AWAITING_CONSENT else cottage.pending())
    if status is S.IN_PROGRESS:
        await cottage.claim(asked.id)
    if status is S.COMPLETED:
        await worker_of(cottage, FakeAgents()).run(cottage.visitor.customer_id, asked.id)
    with pytest.raises(NothingToRetry, match=status.words.lower()):
        await cottage.retries.retry(cottage.visitor, asked.id)


async def test_not_while_the_shop_is_busy_with_another(home: House) -> None:
    first = await failed(home)
    await home.ask()
    with pytest.raises(AlreadyRunning):
        await home.retries.retry(home.visitor, first)


@pytest.mark.parametrize("pressed_on", ["the one before", "the one that waits"])
async def test_one_that_waits_for_its_time_begins_now(home: House, pressed_on: str) -> None:
    first = (await run_one(home, FakeAgents(raising(BUSY)))).id
    waits = (await home.operations.status(home.visitor, first)).retried_by
    assert waits is not None
    pressed = first if pressed_on == "the one before" else waits
    again = await home.retries.retry(home.visitor, pressed)
    assert (again.id, again.status, again.waits_until, again.tries) == (waits, S.PENDING, None, 1)
    assert home.queue.woken[-1] == waits
    assert (await home.actions())[-1] == AuditAction.OPERATION_TRIED_NOW
    await home.claim(waits)


async def test_who_may_only_look_and_another_customer_try_nothing(home: House) -> None:
    first = await failed(home)
    auditor = Visitor(home.visitor.customer_id, uuid4(), "a@x.example", Role.AUDITOR)
    with pytest.raises(NotAllowed):
        await home.retries.retry(auditor, first)
    with pytest.raises(NotFound):
        await home.retries.retry(await visitor(home.database, home.clock), first)
    assert await home.signed_in_at() == set()
    assert SHOP in {one.store_url for one in await home.operations.history(home.visitor)}
