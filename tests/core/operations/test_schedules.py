"""What is switched on is asked for when it is due: once, as whoever switched it on, and only while somebody allows it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from core.catalog.sync import connection_of
from core.database.session import CustomerSession
from core.database.states import CHECK, OperationStatus
from core.database.tables import ConnectionRow, OperationRow, ScheduleRow, User
from core.errors import NotFound
from core.operations.consents import ConsentRequest
from core.operations.schedule_rounds import ASKED_AGAIN, BUSY_AGAIN, NOBODY_ALLOWS, NOBODY_ASKS, WAITS_FOR
from core.operations.schedules import JITTER, RENEWAL, BadSchedule, NewSchedule, Schedule
from core.security.audit.audit_log import AuditAction
from core.security.consent.consent import ConsentMissing
from core.security.origin import Origin
from core.security.secret import Secret
from core.security.vault.vault import SecretRef
from tests.core.operations.house import OTHER_SHOP, SHOP, House, visitor
from tests.core.operations.runs import worker_of
from tests.fakes.agents import FakeAgents
from tests.fakes.integration import OPERATION, SERVICE

S = OperationStatus
HOUR = timedelta(hours=1)
LITTLE = timedelta(minutes=4)  # more than an hour is jittered


async def connected(home: House) -> None:
    """A shop that was set up, and whose setup is over."""
    asked = await home.pending()
    await worker_of(home, FakeAgents()).run(home.visitor.customer_id, asked.id)

    def connect(session: CustomerSession) -> None:
        values: dict[str, Any] = {
            "service": SERVICE,
            "store_origin": SHOP,
            "key_hint": "abc1234",
            "key_permission": "read",
        }
        session.add(
            ConnectionRow(
                customer_id=home.visitor.customer_id, operation_id=asked.id, created_at=home.clock.now(), **values
            )
        )

    await home.run(connect)


async def allow_checks(home: House) -> None:
    await home.consents.grant(home.visitor, ConsentRequest(SERVICE, CHECK, SHOP))


async def switched_on(home: House) -> Schedule:
    """A connected shop that is looked at every hour."""
    await connected(home)
    await allow_checks(home)
    return await home.schedules.add(home.visitor, NewSchedule(SERVICE, CHECK, SHOP))


async def renewed(home: House) -> Schedule:
    """A connected shop whose key is made anew when it is old."""
    await connected(home)
    return await home.schedules.add(home.visitor, NewSchedule(SERVICE, OPERATION, SHOP))


async def operations(home: House, operation: str = CHECK) -> list[OperationRow]:
    """The oldest first."""
    in_order = select(OperationRow).order_by(col(OperationRow.created_at))
    rows = await home.database.read(home.visitor.customer_id, lambda s: s.exec(in_order).all())
    return [row for row in rows if row.operation == operation]


async def only(home: House) -> Schedule:
    (one,) = await home.schedules.list(home.visitor)
    return one


async def move_to(home: House, moment: datetime) -> None:
    home.clock.move(moment - home.clock.now())
    await home.rounds.round()


async def finish(home: House, operation_id: UUID) -> None:
    await worker_of(home, FakeAgents()).run(home.visitor.customer_id, operation_id)


async def test_nothing_is_asked_for_by_itself_that_nobody_has_switched_on(home: House) -> None:
    await connected(home)
    home.clock.move(RENEWAL * 2)
    await home.rounds.round()
    assert await operations(home) == []


async def test_what_is_due_is_asked_for_as_whoever_switched_it_on(home: House) -> None:
    schedule = await switched_on(home)
    assert abs(schedule.next_at - home.clock.now() - HOUR) <= HOUR * JITTER
    await move_to(home, schedule.next_at - timedelta(seconds=1))
    assert await operations(home) == []

    await move_to(home, schedule.next_at)
    (asked,) = await operations(home)
    assert (asked.status, asked.requested_by, asked.store_origin) == (S.PENDING, home.visitor.user_id, SHOP)
    assert asked.consent_id is not None
    assert home.queue.woken[-1] == asked.id
    entry = (await home.entries())[-1]
    assert (entry.action, entry.actor, entry.operation_id) == ("operation_asked", home.visitor.actor, asked.id)
    assert entry.detail is not None
    assert entry.detail["schedule"] == str(schedule.id)
    after = await only(home)
    assert (after.last_operation_id, abs(after.next_at - home.clock.now() - HOUR) <= LITTLE) == (asked.id, True)


async def test_of_two_rounds_at_once_one_asks(home: House) -> None:
    schedule = await switched_on(home)
    home.clock.move(schedule.next_at - home.clock.now())
    await asyncio.gather(*(home.rounds.round() for _ in range(4)))
    assert len(await operations(home)) == 1


async def test_what_was_missed_is_done_once(home: House) -> None:
    schedule = await switched_on(home)
    await move_to(home, schedule.next_at + timedelta(days=3))
    await finish(home, (await operations(home))[0].id)
    await home.rounds.round()
    assert len(await operations(home)) == 1
    assert (await only(home)).next_at > home.clock.now()


async def test_a_busy_shop_is_come_back_to(home: House) -> None:
    schedule = await switched_on(home)
    other = await home.ask(permissions=("update_products",))
    await move_to(home, schedule.next_at)
    assert await operations(home) == []
    held_up = await only(home)
    assert (held_up.next_at, held_up.held_up_by) == (home.clock.now() + BUSY_AGAIN, other.id)
    assert not held_up.waits  # it is somebody else's that does
    await home.operations.cancel(home.visitor, other.id, because="not now")
    await move_to(home, home.clock.now() + BUSY_AGAIN)
    assert len(await operations(home)) == 1
    assert (await only(home)).held_up_by is None


async def test_without_a_consent_it_is_paused_with_a_sentence_until_it_is_switched_on_anew(home: House) -> None:
    schedule = await switched_on(home)
    await home.consents.revoke(home.visitor, (await home.given()).id, because="enough")
    await move_to(home, schedule.next_at)
    assert await operations(home) == []
    assert (await only(home)).paused_because == NOBODY_ALLOWS
    assert (await home.actions())[-1] == AuditAction.SCHEDULE_PAUSED
    await move_to(home, home.clock.now() + timedelta(days=1))
    assert (await home.actions()).count(AuditAction.SCHEDULE_PAUSED) == 1

    with pytest.raises(ConsentMissing):
        await home.schedules.add(home.visitor, NewSchedule(SERVICE, CHECK, SHOP))
    await allow_checks(home)
    again = await home.schedules.add(home.visitor, NewSchedule(SERVICE, CHECK, SHOP))
    assert (again.id, again.paused_because) == (schedule.id, None)
    await move_to(home, again.next_at)
    assert len(await operations(home)) == 1


async def test_whoever_may_not_ask_any_more_asks_for_nothing(home: House) -> None:
    schedule = await switched_on(home)

    def disable(session: CustomerSession) -> None:
        user = session.get(User, (home.visitor.customer_id, home.visitor.user_id))
        assert user is not None
        user.disabled_at = home.clock.now()
        session.add(user)

    await home.run(disable)
    await move_to(home, schedule.next_at)
    assert await operations(home) == []
    assert (await only(home)).paused_because == NOBODY_ASKS


async def test_a_shop_that_was_forgotten_is_not_looked_at(home: House) -> None:
    schedule = await switched_on(home)

    def forget(session: CustomerSession) -> None:
        session.delete(connection_of(session, SERVICE, Origin.of(SHOP)))

    await home.run(forget)
    await move_to(home, schedule.next_at)
    assert (await operations(home), await home.schedules.list(home.visitor)) == ([], ())
    assert (await home.actions())[-1] == AuditAction.SCHEDULE_REMOVED


async def test_a_key_that_is_old_waits_for_a_person_to_sign_in(home: House) -> None:
    schedule = await renewed(home)
    assert schedule.next_at == home.clock.now() + RENEWAL
    await move_to(home, schedule.next_at)
    asked = (await operations(home, OPERATION))[-1]
    assert asked.status == S.AWAITING_CONSENT
    after = await only(home)
    assert (after.renews, after.waits, after.held_up_by, after.last_operation_id) == (True, True, asked.id, asked.id)


async def test_where_the_sign_in_is_stored_the_key_is_made_anew_by_itself(home: House) -> None:
    schedule = await renewed(home)
    home.clock.move(schedule.next_at - home.clock.now())
    await home.allow()
    await home.sign_in()
    await home.rounds.round()
    assert (await operations(home, OPERATION))[-1].status == S.PENDING


async def test_a_renewal_that_nobody_does_gives_the_shop_free_and_is_asked_for_again(home: House) -> None:
    schedule = await renewed(home)
    await move_to(home, schedule.next_at)
    first = (await operations(home, OPERATION))[-1]
    await move_to(home, home.clock.now() + WAITS_FOR)
    assert (await home.row(first.id)).status == S.CANCELLED
    await move_to(home, home.clock.now() + ASKED_AGAIN)
    assert [row.status for row in await operations(home, OPERATION)].count(S.AWAITING_CONSENT) == 1


async def test_a_renewal_that_somebody_is_at_is_theirs(home: House) -> None:
    """They have signed in after almost a day, and are asked for a code."""
    schedule = await renewed(home)
    await move_to(home, schedule.next_at)
    asked = (await operations(home, OPERATION))[-1]
    await home.allow()
    await home.claim(asked.id)
    await home.put(asked.id, status=S.AWAITING_INPUT.value)
    await move_to(home, home.clock.now() + WAITS_FOR)
    assert (await home.row(asked.id)).status == S.AWAITING_INPUT


async def test_who_switches_on_the_same_at_once_is_given_the_same(home: House) -> None:
    await connected(home)
    await allow_checks(home)
    wanted = NewSchedule(SERVICE, CHECK, SHOP)
    both = await asyncio.gather(*(home.schedules.add(home.visitor, wanted) for _ in range(4)))
    assert {one.id for one in both} == {(await only(home)).id}


async def test_a_key_that_was_made_anew_meanwhile_is_not_old(home: House) -> None:
    schedule = await renewed(home)

    def young(session: CustomerSession) -> None:
        row = connection_of(session, SERVICE, Origin.of(SHOP))
        assert row is not None
        row.created_at = schedule.next_at - timedelta(days=1)
        session.add(row)

    await home.run(young)
    await move_to(home, schedule.next_at)
    assert len(await operations(home, OPERATION)) == 1  # the first setup
    assert (await only(home)).next_at == schedule.next_at - timedelta(days=1) + RENEWAL


@pytest.mark.parametrize("every", [timedelta(seconds=1), timedelta(days=800)])
async def test_too_often_and_too_seldom_are_refused(cottage: House, every: timedelta) -> None:
    await connected(cottage)
    await allow_checks(cottage)
    with pytest.raises(BadSchedule):
        await cottage.schedules.add(cottage.visitor, NewSchedule(SERVICE, CHECK, SHOP, every))


async def test_what_is_not_connected_or_not_allowed_is_not_switched_on(cottage: House) -> None:
    with pytest.raises(NotFound):
        await cottage.schedules.add(cottage.visitor, NewSchedule(SERVICE, CHECK, OTHER_SHOP))
    await connected(cottage)
    with pytest.raises(ConsentMissing):
        await cottage.schedules.add(cottage.visitor, NewSchedule(SERVICE, CHECK, SHOP))
    assert await cottage.schedules.list(cottage.visitor) == ()


async def test_switched_off_it_is_not_asked_for(home: House) -> None:
    schedule = await switched_on(home)
    with pytest.raises(NotFound):
        await home.schedules.remove(await visitor(home.database, home.clock), schedule.id)
    await home.schedules.remove(home.visitor, schedule.id)
    await move_to(home, schedule.next_at)
    assert (await operations(home), await home.schedules.list(home.visitor)) == ([], ())
    with pytest.raises(NotFound):
        await home.schedules.remove(home.visitor, uuid4())
    assert (await home.actions())[-1] == AuditAction.SCHEDULE_REMOVED


async def test_what_fails_for_one_customer_leaves_the_others_their_turn(
    home: House, caplog: pytest.LogCaptureFixture
) -> None:
    schedule = await switched_on(home)

    def unknown(session: CustomerSession) -> None:
        values: dict[str, Any] = {"service": "gone", "operation": CHECK, "store_origin": SHOP, "every_seconds": 60}
        now = home.clock.now()
        whose: dict[str, Any] = {"customer_id": home.visitor.customer_id, "created_by": home.visitor.user_id}
        session.add(ScheduleRow(next_at=now, created_at=now, **values, **whose))
        connected = connection_of(session, SERVICE, Origin.of(SHOP))
        assert connected is not None
        shop: dict[str, Any] = {"service": "gone", "store_origin": SHOP, "key_hint": "x", "key_permission": "x"}
        session.add(
            ConnectionRow(
                customer_id=home.visitor.customer_id, operation_id=connected.operation_id, created_at=now, **shop
            )
        )

    await home.run(unknown)
    await move_to(home, schedule.next_at)
    assert len(await operations(home)) == 1
    assert "ALERT" in caplog.text


async def test_who_allows_no_looks_any_more_keeps_the_key_of_a_setup_whose_consent_has_merely_ended(
    home: House,
) -> None:
    schedule = await switched_on(home)
    ref = SecretRef(SERVICE, Origin.of(SHOP), "consumer_key")
    whose = home.visitor.customer_id
    await home.run(lambda s: home.vault.store(s, whose, ref, Secret("ck_1"), at=home.clock.now(), actor="test"))
    home.clock.move(timedelta(days=29))
    await allow_checks(home)
    home.clock.move(timedelta(days=2))
    await home.consents.revoke(home.visitor, (await home.given()).id, because="enough")
    assert {one.field for one in await home.credentials.list(home.visitor)} == {"consumer_key"}
    assert schedule.paused_because is None


async def test_a_turn_that_another_process_has_taken_is_not_taken_again(home: House) -> None:
    schedule = await switched_on(home)
    key = (home.visitor.customer_id, schedule.id)
    seen = await home.database.read(home.visitor.customer_id, lambda session: session.get(ScheduleRow, key))
    assert seen is not None
    later = schedule.next_at + HOUR
    assert await home.run(lambda session: home.rounds._is_mine(session, seen, later)) is True
    assert await home.run(lambda session: home.rounds._is_mine(session, seen, later)) is False
