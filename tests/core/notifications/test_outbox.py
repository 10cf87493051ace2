"""What is to be told is written where it happens, for who wants to know it, and never for what was rolled back."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from core.agents.person import QuestionKind
from core.database.session import CustomerSession
from core.database.states import CHECK, OperationStatus
from core.database.tables import User
from core.operations.consents import ConsentRequest
from core.operations.ending import Ending
from core.operations.questions import ASKS
from core.operations.schedules import NewSchedule
from core.operations.service import NewOperation
from core.security.people.visitor import Scope, Visitor
from tests.core.notifications.receiver import Receiver
from tests.core.notifications.telling import EVERYTHING, REFUSED, E, Telling, telling
from tests.core.operations.asking import APPROVAL, CODE, asking
from tests.core.operations.house import OTHER_SHOP, SHOP, House, house
from tests.core.operations.many_runs import put
from tests.core.operations.test_schedules import connected, move_to, only, switched_on
from tests.fakes.agents import RESULT
from tests.fakes.integration import OPERATION, SERVICE

BY_TOKEN = frozenset(Scope)


async def everything_chosen(home: House) -> Telling:
    """Whoever lives here is told of everything by e-mail."""
    told = telling(home)
    await told.desk.choose_emails(home.visitor, EVERYTHING)
    return told


async def told_of(told: Telling) -> list[tuple[str, str, str]]:
    return [(row.event, row.status, row.sentence) for row in await told.outbox()]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (None, [("finished", "completed", "47 products synced.")]),
        (REFUSED, [("failed", "failed", "The shop refused it.")]),
        (REFUSED.leaving("A key may be there."), [("failed", "failed", "The shop refused it. A key may be there.")]),
        (Ending.stopped("not today"), []),
    ],
)
async def test_how_an_operation_ended_is_told_unless_somebody_stopped_it(
    home: House, ending: Ending | None, expected: list[tuple[str, str, str]]
) -> None:
    told = await everything_chosen(home)
    operation_id = await told.ended(ending)
    assert await told_of(told) == expected
    assert {row.operation_id for row in await told.outbox()} <= {operation_id}
    assert {row.user_id for row in await told.outbox()} <= {home.visitor.user_id}


async def test_a_failure_that_is_tried_again_by_itself_is_told_once_it_is_not(cottage: House) -> None:
    told = await everything_chosen(cottage)
    await told.ended(replace(REFUSED, passes=True))
    assert await told_of(told) == []


async def test_what_is_rolled_back_is_told_to_nobody(home: House) -> None:
    told = await everything_chosen(home)
    lease = await home.claimed()

    def break_off(session: CustomerSession) -> None:
        home.endings.write(lease, REFUSED, session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await home.run(break_off)
    assert await told_of(told) == []


async def test_only_what_was_chosen_is_told_and_only_to_who_has_chosen_it(cottage: House, listening: Receiver) -> None:
    told = telling(cottage, listening)
    await told.ended()
    await told.desk.choose_emails(cottage.visitor, [E.NEEDS_YOU])
    added = await told.hook(listening, [E.FINISHED])
    await told.ended(REFUSED)
    assert await told.outbox() == []
    await told.ended()
    (row,) = await told.outbox()
    assert (row.event, row.webhook_id, row.user_id) == ("finished", added.webhook.id, None)


async def test_who_was_disabled_is_told_nothing(cottage: House) -> None:
    told = await everything_chosen(cottage)
    await cottage.run(lambda session: _disable(session, cottage.visitor))
    await told.ended()
    assert await told.outbox() == []


async def test_nobody_is_told_of_another_company(home: House) -> None:
    told = await everything_chosen(home)
    others = telling(await house(home.database, home.clock))
    await others.ended(shop=OTHER_SHOP)
    assert await told.outbox() == await others.outbox() == []


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (CODE, "The shop asks for a one-time code. It waits for 10 minutes."),
        (APPROVAL, "Somebody has to say whether it may go on. It waits for 10 minutes."),
    ],
)
async def test_a_question_is_told_without_what_a_page_could_have_put_into_it(
    home: House, question: Any, sentence: str
) -> None:
    told = await everything_chosen(home)
    async with asking(home, await home.claimed(), question):
        assert await told_of(told) == [("needs_you", "awaiting_input", sentence)]


def test_every_kind_of_question_can_be_told() -> None:
    assert ASKS.keys() == set(QuestionKind)


async def test_what_a_program_asked_for_and_nobody_allows_yet_is_told(home: House) -> None:
    told = await everything_chosen(home)
    await home.ask()
    assert await told_of(told) == []
    program = replace(home.visitor, scopes=BY_TOKEN)
    asked = await home.operations.initiate(program, NewOperation(SERVICE, OPERATION, OTHER_SHOP))
    ((event, status, sentence),) = await told_of(told)
    assert (event, status) == ("needs_you", "awaiting_consent")
    assert "allows it" in sentence
    assert [row.operation_id for row in await told.outbox()] == [asked.id]


async def test_what_an_owner_has_to_approve_is_told_if_a_program_allowed_it(home: House) -> None:
    told = await everything_chosen(home)
    approved = next(one for one in home.integrations.all() if one.approval)
    request = NewOperation(approved.service, approved.operation, SHOP)
    await home.operations.initiate(home.visitor, request)
    program = replace(home.visitor, scopes=BY_TOKEN)
    await home.consents.grant(program, ConsentRequest(approved.service, approved.operation, SHOP))
    ((event, status, sentence),) = await told_of(told)
    assert (event, status) == ("needs_you", "awaiting_input")
    assert "owner of the shop" in sentence


async def test_a_renewal_that_waits_for_somebody_is_told(home: House) -> None:
    await connected(home)
    told = await everything_chosen(home)
    await home.schedules.add(home.visitor, NewSchedule(SERVICE, OPERATION, SHOP))
    await move_to(home, (await only(home)).next_at)
    assert [(event, status) for event, status, _ in await told_of(told)] == [("needs_you", "awaiting_consent")]


async def test_hourly_upkeep_tells_no_success_and_one_failure_until_it_goes_well_again(home: House) -> None:
    await switched_on(home)
    told = await everything_chosen(home)
    for ending in (None, REFUSED, REFUSED, None, REFUSED):
        await _next_check(home, ending)
    assert await told_of(told) == [("failed", "failed", "The shop refused it.")] * 2


async def test_a_first_try_of_upkeep_that_was_tried_again_by_itself_is_no_failure_before(home: House) -> None:
    await switched_on(home)
    told = await everything_chosen(home)
    await _next_check(home, None)
    await _next_check(home, replace(REFUSED, passes=True))
    assert await told_of(told) == []
    home.clock.move(timedelta(minutes=20))  # longer than it waits
    await _ended(home, REFUSED)
    assert await told_of(told) == [("failed", "failed", "The shop refused it.")]


async def test_what_failed_at_one_shop_keeps_no_failure_at_another_from_being_told(home: House) -> None:
    await switched_on(home)
    told = await everything_chosen(home)
    await _next_check(home, REFUSED)
    other = await put(home, home.visitor, operation=CHECK, store_origin=OTHER_SHOP, status=OperationStatus.PENDING)
    await _ended(home, REFUSED)
    first, second = await told.outbox()
    assert (second.operation_id, second.event) == (other, "failed")
    assert first.operation_id != other


async def test_upkeep_that_nobody_allows_any_more_is_told(home: House) -> None:
    await switched_on(home)
    await _next_check(home, None)
    told = await everything_chosen(home)
    given = next(one for one in await home.consents.list(home.visitor) if one.operation == CHECK)
    await home.consents.revoke(home.visitor, given.id, because="no more")
    await move_to(home, (await only(home)).next_at)
    ((event, _, sentence),) = await told_of(told)
    assert event == "needs_you"
    assert "Nobody allows it any more" in sentence


async def _next_check(home: House, ending: Ending | None) -> None:
    """The next look at the connection ends like this, some time after it began."""
    await move_to(home, (await only(home)).next_at)
    await _ended(home, ending)


async def _ended(home: House, ending: Ending | None) -> None:
    """What waits for a worker ends like this."""
    asked = next(one for one in await home.operations.history(home.visitor) if one.status is OperationStatus.PENDING)
    lease = await home.claim(asked.id)
    home.clock.move(timedelta(seconds=5))
    await home.run(partial(home.endings.write, lease, ending or Ending.of(RESULT)))


def _disable(session: CustomerSession, user: Visitor) -> None:
    row = session.get_one(User, (user.customer_id, user.user_id))
    row.disabled_at = row.created_at
    session.add(row)
