"""What a run writes: the intent before the deed, the outcome after it, and nothing once it may not go on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.agents.task import PlannedStep, StepOutcome
from core.browser.page import Picture, RunStopped
from core.browser.screenshots import PicturesOutOfReach, PicturesUnavailable, ScreenshotStore
from core.database.session import CustomerSession, Database
from core.database.states import StepState
from core.operations import lease as leases
from core.operations.lease import LEASE, Lease, LeaseLost
from core.operations.step_log import NOT_KEPT, DatabaseStepLog, FoundTimeline, StepLogTools
from core.operations.views import view_of
from core.planner.planner import Decision, Rung
from core.security.audit.audit_log import AuditAction
from core.security.consent.consent import ConsentExpired, ConsentMissing, ConsentRevoked
from tests.core.operations.house import House, house, is_waited_for
from tests.core.operations.runs import worker_of
from tests.fakes.agents import FakeAgents, raising
from tests.fakes.clock import MovedClock
from tests.fakes.integration import WIDER
from tests.fakes.page import FakePicture
from tests.fakes.screenshots import MemoryScreenshotStore

SIGN_IN, MAKE_KEY = PlannedStep("Sign in", "click", "The dashboard"), PlannedStep("Make the key", "click")
RECORDED = Decision(None, Rung.RECORDED)
UNKNOWN_SINCE = "its worker went away before it had an outcome"
PAGE = "https://tea.example/wp-login.php"


class BrokenStore(MemoryScreenshotStore):
    """Keeps nothing: the disk is full."""

    async def save(self, customer_id: UUID, picture: Picture) -> Any:
        raise OSError("no space left")


@dataclass
class SlowPicture:
    """A picture that is ready once a test says so."""

    may_be_ready: asyncio.Event

    async def ready(self) -> Picture:
        await self.may_be_ready.wait()
        return await FakePicture(PAGE).ready()


async def log_of(house: House, lease: Lease, pictures: ScreenshotStore | None = None) -> DatabaseStepLog:
    """The step log of a run that has begun."""
    tools = StepLogTools(house.database, pictures or MemoryScreenshotStore(), house.progress, house.clock)
    row = await house.row(lease.operation_id)
    assert row.consent_id is not None
    return DatabaseStepLog(tools, lease, FoundTimeline.of(row))


@asynccontextmanager
async def recording(log: DatabaseStepLog) -> AsyncIterator[DatabaseStepLog]:
    """Have outcomes recorded meanwhile."""
    task = asyncio.get_running_loop().create_task(log.record_outcomes())
    try:
        yield log
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def states(house: House) -> list[str]:
    return [row.state for row in await house.steps()]


async def test_what_is_planned_is_to_come(cottage: House) -> None:
    log = await log_of(cottage, await cottage.claimed())
    assert await log.plan([SIGN_IN, MAKE_KEY]) == 1
    assert await log.plan([MAKE_KEY]) == 3
    rows = await cottage.steps()
    assert [(row.position, row.intent, row.state) for row in rows] == [
        (1, "Sign in", StepState.TO_COME),
        (2, "Make the key", StepState.TO_COME),
        (3, "Make the key", StepState.TO_COME),
    ]
    assert (await cottage.row(rows[0].operation_id)).total_steps == 3
    assert len(cottage.told) == 2


async def test_a_resumed_run_finds_its_lines_again(cottage: House) -> None:
    lease = await cottage.claimed()
    log = await log_of(cottage, lease)
    await log.plan([SIGN_IN, MAKE_KEY])
    async with recording(log):
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        log.conclude(1, StepOutcome(done=True))
        await log.settled()
    again = await log_of(cottage, await cottage.take_over(lease))
    assert await again.plan([SIGN_IN, MAKE_KEY]) == 1
    assert await states(cottage) == [StepState.DONE, StepState.TO_COME]


async def test_where_a_run_is_goes_back_with_the_run_and_not_with_a_late_outcome(cottage: House) -> None:
    lease, ready = await cottage.claimed(), asyncio.Event()
    log = await log_of(cottage, lease)
    await log.plan([SIGN_IN, MAKE_KEY])
    at_its_end = await log.plan([SIGN_IN])  # what has to be removed first stands at the end

    async def at() -> int:
        return (await cottage.row(lease.operation_id)).current_step

    async with recording(log):
        await log.intend(at_its_end, SIGN_IN, RECORDED, PAGE)
        log.conclude(at_its_end, StepOutcome(done=True, picture=SlowPicture(ready)))
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        assert await at() == 1
        ready.set()
        await log.settled()
        assert await at() == 1
        log.conclude(1, StepOutcome(done=True))
        log.conclude(2, StepOutcome(done=True, skipped=True))
        await log.settled()
        assert await at() == 2


async def test_where_a_run_is_does_not_go_back_with_an_outcome_that_is_written_at_the_same_time(
    postgres_database: Database, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await house(postgres_database, clock)
    lease = await home.claimed()
    log, loop, write, begun = (
        await log_of(home, lease),
        asyncio.get_running_loop(),
        leases.write,
        list[asyncio.Task[None]](),
    )
    await log.plan([SIGN_IN, MAKE_KEY])

    def write_late(session: CustomerSession, lease: Lease, **values: Any) -> None:
        if values == {"current_step": 1} and not begun:
            begun.append(asyncio.run_coroutine_threadsafe(begin(), loop).result())
            while not (begun[0].done() or is_waited_for(postgres_database)):
                pass
        write(session, lease, **values)

    async def begin() -> asyncio.Task[None]:
        return loop.create_task(log.intend(2, MAKE_KEY, RECORDED, PAGE))

    async with recording(log):
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        monkeypatch.setattr(leases, "write", write_late)
        log.conclude(1, StepOutcome(done=True))
        await log.settled()
        await begun[0]
    assert (await home.row(lease.operation_id)).current_step == 2


async def test_what_nobody_knows_the_outcome_of_is_said_once(cottage: House) -> None:
    lease = await cottage.claimed()
    log = await log_of(cottage, lease)
    await log.plan([SIGN_IN, MAKE_KEY])
    await log.intend(2, MAKE_KEY, RECORDED, PAGE)
    cottage.clock.move(2 * LEASE)
    for deed in (raising(RunStopped(because="The browser went away.")), raising(KeyError("a bug"))):
        await worker_of(cottage, FakeAgents(deed)).run(cottage.visitor.customer_id, lease.operation_id)
    assert (await cottage.row(lease.operation_id)).attempt == 3
    told = [entry for entry in await cottage.entries() if entry.action == AuditAction.STEP_UNKNOWN]
    assert [entry.detail["because"] for entry in told if entry.detail] == [UNKNOWN_SINCE]
    assert await states(cottage) == [StepState.TO_COME] * 2


async def test_what_cleans_up_stands_after_what_was_done(cottage: House) -> None:
    lease = await cottage.claimed()
    log = await log_of(cottage, lease)
    await log.plan([SIGN_IN, MAKE_KEY])
    row = await cottage.row(lease.operation_id)
    found = FoundTimeline.of(row, appends=True)
    cleaning = DatabaseStepLog(log._tools, lease, found)
    assert await cleaning.plan([SIGN_IN]) == 3
    assert [(row.position, row.intent) for row in await cottage.steps()] == [
        (1, "Sign in"),
        (2, "Make the key"),
        (3, "Sign in"),
    ]


async def test_what_a_resumed_run_plans_later_stands_at_the_end(cottage: House) -> None:
    lease = await cottage.claimed()
    log = await log_of(cottage, lease)
    await log.plan([SIGN_IN, MAKE_KEY])
    await log.plan([SIGN_IN])
    again = await log_of(cottage, await cottage.take_over(lease))
    assert await again.plan([SIGN_IN, MAKE_KEY]) == 1
    assert await again.plan([SIGN_IN]) == 4


async def test_a_run_that_lost_its_operation_writes_nothing_else_either(home: House) -> None:
    lease = await home.claimed()
    log = await log_of(home, lease)
    written: list[bool] = []
    await log.write(lambda session: written.append(True))
    await home.take_over(lease)
    with pytest.raises(LeaseLost):
        await log.write(lambda session: written.append(True))
    assert written == [True]


async def test_the_intent_is_recorded_before_the_deed(home: House) -> None:
    lease = await home.claimed()
    log = await log_of(home, lease)
    await log.plan([SIGN_IN])
    await log.intend(1, SIGN_IN, replace(RECORDED, note="healed"), PAGE)
    (row,) = await home.steps()
    assert (row.state, row.decided_by, row.note, row.started_at) == ("running", "recorded", "healed", home.clock.now())
    assert (await home.row(lease.operation_id)).current_step == 1
    entry = (await home.entries())[-1]
    assert (entry.action, entry.actor, entry.operation_id) == (AuditAction.STEP_INTENDED, "agent", lease.operation_id)
    assert entry.detail == {"step": 1, "intent": "Sign in", "does": "click", "decidedBy": "recorded", "page": PAGE}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (StepOutcome(done=True), StepState.DONE),
        (StepOutcome(done=False, seen="another page"), StepState.FAILED),
        (StepOutcome(done=True, skipped=True), StepState.SKIPPED),
    ],
    ids=["done", "failed", "skipped"],
)
async def test_an_outcome_is_recorded_with_its_picture_and_its_time(
    cottage: House, outcome: StepOutcome, state: StepState
) -> None:
    pictures = MemoryScreenshotStore()
    async with recording(await log_of(cottage, await cottage.claimed(), pictures)) as log:
        await log.plan([SIGN_IN])
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        cottage.clock.move(timedelta(milliseconds=1500))
        log.conclude(1, replace(outcome, page_url=PAGE, touched=(1, 2, 3, 4), picture=FakePicture(PAGE)))
        await log.settled()
    (row,) = await cottage.steps()
    assert (row.state, row.touched, row.seen) == (state, [1, 2, 3, 4], outcome.seen or None)
    assert [row.picture_id] == [picture_id for _, picture_id in pictures.files]
    concluded = [entry.detail for entry in await cottage.entries() if entry.action == AuditAction.STEP_CONCLUDED]
    if outcome.skipped:
        assert concluded == []
    else:
        (detail,) = concluded
        assert detail is not None
        assert (detail["done"], detail["milliseconds"], detail["decidedBy"]) == (outcome.done, 1500, "recorded")
        assert len(detail["pictureSha256"]) == 64


@pytest.mark.parametrize("on", ["the picture before", "an earlier one", "none"])
async def test_what_was_pressed_is_on_the_picture_before_if_that_is_where_it_was_seen(cottage: House, on: str) -> None:
    pictures, before = MemoryScreenshotStore(), FakePicture(PAGE)
    touched_on = {"the picture before": before, "an earlier one": FakePicture(PAGE), "none": None}[on]
    async with recording(await log_of(cottage, await cottage.claimed(), pictures)) as log:
        await log.plan([SIGN_IN, SIGN_IN])
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        log.conclude(1, StepOutcome(done=True, picture=before))
        await log.intend(2, SIGN_IN, RECORDED, PAGE)
        pressed = StepOutcome(done=True, touched=(1, 2, 3, 4), touched_on=touched_on, picture=FakePicture(PAGE))
        log.conclude(2, pressed)
        await log.settled()
    first, second = await cottage.steps()
    assert first.picture_id
    assert second.touched_on == (first.picture_id if on == "the picture before" else None)
    assert view_of(await cottage.row(second.operation_id), [first, second]).steps[1].touched_on == second.touched_on


async def test_what_was_filled_in_is_on_the_picture_of_its_own_step(cottage: House) -> None:
    named = PlannedStep("Name the key", "fill")
    async with recording(await log_of(cottage, await cottage.claimed(), MemoryScreenshotStore())) as log:
        await log.plan([named])
        await log.intend(1, named, RECORDED, PAGE)
        log.conclude(1, StepOutcome(done=True, touched=(1, 2, 3, 4), picture=FakePicture(PAGE)))
        await log.settled()
    (row,) = await cottage.steps()
    assert view_of(await cottage.row(row.operation_id), [row]).steps[0].touched_on == row.picture_id is not None


@pytest.mark.parametrize(("rung", "told"), [(Rung.RECORDED, "recorded"), (None, "person")])
async def test_a_conclusion_names_who_decided_the_step_and_not_what_stood_in_between(
    home: House, rung: Rung | None, told: str
) -> None:
    async with recording(await log_of(home, await home.claimed())) as log:
        await log.plan([SIGN_IN])
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        await log.intend(1, PlannedStep("Enter the code", "answer"), Decision(None, Rung.PERSON), PAGE)
        log.conclude(1, StepOutcome(done=True, rung=rung))
        await log.settled()
    (row,) = await home.steps()
    decided = [(entry.action, entry.detail["decidedBy"]) for entry in (await home.entries())[-3:] if entry.detail]
    assert decided == [("step_intended", "recorded"), ("step_intended", "person"), ("step_concluded", told)]
    assert row.decided_by == told


async def test_the_next_step_waits_for_no_picture_and_the_order_is_kept(cottage: House) -> None:
    async with recording(await log_of(cottage, await cottage.claimed())) as log:
        await log.plan([SIGN_IN, MAKE_KEY])
        ready = asyncio.Event()
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        log.conclude(1, StepOutcome(done=True, picture=SlowPicture(ready)))
        await log.intend(2, MAKE_KEY, RECORDED, PAGE)
        log.conclude(2, StepOutcome(done=True))
        assert await states(cottage) == [StepState.RUNNING, StepState.RUNNING]
        ready.set()
        await log.settled()
    concluded = [entry.detail for entry in await cottage.entries() if entry.action == AuditAction.STEP_CONCLUDED]
    assert [detail and detail["step"] for detail in concluded] == [1, 2]


async def test_an_outcome_that_can_not_be_recorded_stops_the_next_step(cottage: House) -> None:
    async with recording(await log_of(cottage, await cottage.claimed(), BrokenStore())) as log:
        await log.plan([SIGN_IN, MAKE_KEY])
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        before = await cottage.actions()
        log.conclude(1, StepOutcome(done=True, picture=FakePicture(PAGE)))
        log.conclude(2, StepOutcome(done=True))
        with pytest.raises(OSError, match="no space"):
            await log.settled()
        with pytest.raises(OSError, match="no space"):
            await log.intend(2, MAKE_KEY, RECORDED, PAGE)
    assert await states(cottage) == [StepState.RUNNING, StepState.TO_COME]
    assert await cottage.actions() == before


class StoreOutOfReach(MemoryScreenshotStore):
    """Keeps nothing, and loses nothing: nobody answers."""

    asked = 0

    async def save(self, customer_id: UUID, picture: Picture) -> Any:
        self.asked += 1
        raise PicturesOutOfReach(because="Nobody answers.")

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        raise PicturesOutOfReach(because="Nobody answers.")


async def test_a_deed_whose_picture_can_not_be_kept_is_recorded_and_is_the_last_one(cottage: House) -> None:
    """What was done stands in the chain; but nothing more is done that nobody could be shown."""
    async with recording(await log_of(cottage, await cottage.claimed(), StoreOutOfReach())) as log:
        await log.plan([SIGN_IN, MAKE_KEY])
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        log.conclude(1, StepOutcome(done=True, picture=FakePicture(PAGE)))
        with pytest.raises(PicturesUnavailable, match="Nobody answers"):
            await log.settled()
        with pytest.raises(PicturesUnavailable, match="Nobody answers"):
            await log.intend(2, MAKE_KEY, RECORDED, PAGE)
    rows = await cottage.steps()
    assert [(row.state, row.note) for row in rows] == [(StepState.DONE, NOT_KEPT), (StepState.TO_COME, None)]
    entry = (await cottage.entries())[-1]
    assert entry.action == AuditAction.STEP_CONCLUDED
    assert entry.detail
    assert (entry.detail["done"], entry.detail["picture"], entry.detail["pictureNotKept"]) == (True, None, True)


async def test_what_was_done_while_the_place_of_pictures_was_waited_for_is_recorded_too(cottage: House) -> None:
    class Slow(StoreOutOfReach):
        given_up, told = asyncio.Event(), asyncio.Event()

        async def save(self, customer_id: UUID, picture: Picture) -> Any:
            await self.given_up.wait()
            self.told.set()
            return await super().save(customer_id, picture)

    store = Slow()
    async with recording(await log_of(cottage, await cottage.claimed(), store)) as log:
        await log.plan([SIGN_IN, MAKE_KEY, MAKE_KEY])
        for position in (1, 2):
            await log.intend(position, SIGN_IN, RECORDED, PAGE)
            log.conclude(position, StepOutcome(done=True, picture=FakePicture(PAGE)))
        store.given_up.set()
        await store.told.wait()
        with pytest.raises(PicturesUnavailable):
            await log.intend(3, MAKE_KEY, RECORDED, PAGE)
    assert await states(cottage) == [StepState.DONE, StepState.DONE, StepState.TO_COME]
    assert (await cottage.actions()).count(AuditAction.STEP_CONCLUDED) == 2
    assert store.asked == 1


async def test_who_cleans_up_goes_on_without_pictures_and_waits_for_their_place_once(cottage: House) -> None:
    lease, store = await cottage.claimed(), StoreOutOfReach()
    found = FoundTimeline.of(await cottage.row(lease.operation_id), appends=True)
    tools = StepLogTools(cottage.database, store, cottage.progress, cottage.clock)
    async with recording(DatabaseStepLog(tools, lease, found)) as log:
        first = await log.plan([SIGN_IN, MAKE_KEY])
        for position in (first, first + 1):
            await log.intend(position, SIGN_IN, RECORDED, PAGE)
            log.conclude(position, StepOutcome(done=True, picture=FakePicture(PAGE)))
            await log.settled()
    assert [(row.state, row.note) for row in await cottage.steps()] == [(StepState.DONE, NOT_KEPT)] * 2
    assert store.asked == 1


async def test_without_a_picture_nothing_is_told_of_one(cottage: House) -> None:
    async with recording(await log_of(cottage, await cottage.claimed(), StoreOutOfReach())) as log:
        await log.plan([SIGN_IN])
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
        log.conclude(1, StepOutcome(done=True))
        await log.settled()
    entry = (await cottage.entries())[-1]
    assert entry.detail
    assert "pictureNotKept" not in entry.detail


async def test_why_an_outcome_may_not_be_recorded_is_told_though_its_picture_can_not_be_deleted(cottage: House) -> None:
    class KeepsAll(StoreOutOfReach):
        async def save(self, customer_id: UUID, picture: Picture) -> Any:
            return await MemoryScreenshotStore.save(self, customer_id, picture)

    lease = await cottage.claimed()
    async with recording(await log_of(cottage, lease, KeepsAll())) as log:
        await log.plan([SIGN_IN])
        await cottage.take_over(lease)
        log.conclude(1, replace(StepOutcome(True), page_url=PAGE, picture=FakePicture(PAGE)))
        with pytest.raises(LeaseLost):
            await log.settled()


async def expire(house: House) -> None:
    house.clock.move(timedelta(days=400))


async def narrow(house: House) -> None:
    (row,) = await house.operations.history(house.visitor)
    await house.put(row.id, permissions=[*row.permissions, WIDER])


async def withdraw_elsewhere(house: House) -> None:
    """As if the operation were left running by a bug; the check of every step still holds."""
    (row,) = await house.operations.history(house.visitor)
    consent_id, fence = row.consent_id, (await house.row(row.id)).fence
    await house.put(row.id, consent_id=None)
    assert consent_id
    await house.consents.revoke(house.visitor, consent_id, because="enough")
    await house.put(row.id, consent_id=consent_id)
    assert (await house.row(row.id)).fence == fence


@pytest.mark.parametrize(
    ("spoil", "error"),
    [(expire, ConsentExpired), (withdraw_elsewhere, ConsentRevoked), (narrow, ConsentMissing)],
    ids=["expired", "withdrawn", "too narrow"],
)
async def test_no_step_is_begun_without_consent(
    home: House, spoil: Callable[[House], Awaitable[None]], error: type[Exception]
) -> None:
    lease = await home.claimed()
    log = await log_of(home, lease)
    await log.plan([SIGN_IN])
    await spoil(home)
    before = await home.actions()
    with pytest.raises(error):
        await log.intend(1, SIGN_IN, RECORDED, PAGE)
    assert (await states(home), await home.actions()) == ([StepState.TO_COME], before)
    assert (await home.row(lease.operation_id)).current_step == 0


async def concluding(log: DatabaseStepLog) -> None:
    async with recording(log):
        log.conclude(1, StepOutcome(done=True))
        await log.settled()


WRITES: dict[str, Callable[[DatabaseStepLog], Awaitable[Any]]] = {
    "plan": lambda log: log.plan([SIGN_IN, MAKE_KEY]),
    "intend": lambda log: log.intend(2, MAKE_KEY, RECORDED, PAGE),
    "conclude": concluding,
    "once": lambda log: log.once("key_kept", lambda session: None),
}


@pytest.mark.parametrize("write", WRITES)
async def test_who_lost_the_operation_writes_nothing(home: House, write: str) -> None:
    lease = await home.claimed()
    log = await log_of(home, lease)
    await log.plan([SIGN_IN])
    await log.intend(1, SIGN_IN, RECORDED, PAGE)
    await home.take_over(lease)
    row, steps, actions, told = (
        await home.row(lease.operation_id),
        await home.steps(),
        await home.actions(),
        len(home.told),
    )
    with pytest.raises(LeaseLost):
        await WRITES[write](log)
    assert (await home.row(lease.operation_id)).model_dump() == row.model_dump()
    assert [one.model_dump() for one in await home.steps()] == [one.model_dump() for one in steps]
    assert (await home.actions(), len(home.told)) == (actions, told)


async def test_once_is_once_also_for_a_resumed_run(cottage: House) -> None:
    lease = await cottage.claimed()
    done: list[str] = []
    log = await log_of(cottage, lease)
    await log.once("made", lambda session: done.append("made"))
    await log.once("made", lambda session: done.append("twice"))
    await log.once("key_kept", lambda session: done.append("key_kept"))
    assert done == ["made", "key_kept"]
    again = await log_of(cottage, await cottage.take_over(lease))
    assert again.done_before == {"made", "key_kept"}
    await again.once("made", lambda session: done.append("twice"))
    assert done == ["made", "key_kept"]


async def test_what_fails_once_is_not_remembered(home: House) -> None:
    lease = await home.claimed()
    log = await log_of(home, lease)

    def fail(session: Any) -> None:
        raise RuntimeError("after all")

    with pytest.raises(RuntimeError):
        await log.once("made", fail)
    assert log.done_before == frozenset()
    assert FoundTimeline.of(await home.row(lease.operation_id)).done == frozenset()


async def test_a_picture_whose_outcome_may_not_be_recorded_is_not_kept(cottage: House) -> None:
    lease, pictures = await cottage.claimed(), MemoryScreenshotStore()
    async with recording(await log_of(cottage, lease, pictures)) as log:
        await log.plan([SIGN_IN])
        await cottage.take_over(lease)
        log.conclude(1, replace(StepOutcome(True), page_url=PAGE, picture=FakePicture(PAGE)))
        with pytest.raises(LeaseLost):
            await log.settled()
    assert pictures.files == {}
