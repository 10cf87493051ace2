"""A healed step proposes a change once, with its outcome; staff decide, and what they accept serves whom they said."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import select

from core.agents.task import PlannedStep, StepOutcome
from core.database.session import CustomerSession, Database
from core.database.states import ChangeState, StepState
from core.database.tables import SharedChangeRow, WorkflowChangeRow
from core.errors import CoreError, NotFound, Refused
from core.operations import changes
from core.operations.changes import AlreadyDecided, ChangeDesk, HealedAt, accepted_changes
from core.operations.sharing import NotForAll, check_for_all
from core.planner.planner import Decision, Rung
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.people import Visitor
from core.workflows.locator import By, Link, Locator
from core.workflows.overlay import laid_over
from core.workflows.registry import WorkflowRegistry
from tests.core.operations.healed import AFTER, BEFORE, EVIDENCE, HEALED, LEARNT, STEP, Staffed, staffed
from tests.core.operations.house import OTHER_SHOP, SHOP, House, house, until_somebody_waits
from tests.core.operations.test_step_log import log_of, recording
from tests.fakes.clock import MovedClock

ELSEWHERE = replace(HEALED, after=Locator.css("#elsewhere"))
DECISIONS: dict[str, Callable[[ChangeDesk, Visitor, UUID], Awaitable[Any]]] = {
    "accept": lambda desk, who, change: desk.accept(who, change),
    "share": lambda desk, who, change: desk.share(who, change),
    "refuse": lambda desk, who, change: desk.refuse(who, change, because="it is another button"),
    "withdraw": lambda desk, who, change: desk.withdraw(who, change, because="it was wrong"),
}
ASKED = DECISIONS | {
    "list": lambda desk, who, _: desk.list(who),
    "picture": lambda desk, who, change: desk.picture(who, change),
}


@pytest.fixture
async def place(home: House) -> Staffed:
    return await staffed(home)


@pytest.fixture
async def small(cottage: House) -> Staffed:
    return await staffed(cottage)


async def rows(place: Staffed) -> list[WorkflowChangeRow]:
    everything = select(WorkflowChangeRow)
    return await place.house.database.run_across_customers(lambda s: list(s.exec(everything)), because="a test looks")


async def shared(place: Staffed) -> list[SharedChangeRow]:
    return await place.house.database.run_across_customers(
        lambda s: list(s.exec(select(SharedChangeRow))), because="a test looks"
    )


async def serving(place: Staffed, customer_id: UUID) -> list[Locator]:
    """The places where a run of this customer looks."""
    found = await place.house.database.read(customer_id, accepted_changes)
    return list(laid_over(LEARNT, found).steps[0].accepted)


async def told(place: Staffed, action: AuditAction) -> list[Any]:
    """What the customer's chain says of it."""
    return [entry.detail for entry in await place.house.entries() if entry.action == action]


async def test_a_healed_step_proposes_a_change_with_its_outcome(place: Staffed) -> None:
    lease = await place.heal()
    (row,) = await rows(place)
    assert (row.customer_id, row.operation_id, row.position) == (lease.customer_id, lease.operation_id, 1)
    assert (row.workflow_id, row.step_order, row.intent, row.rung) == ("make-a-key", 1, STEP.intent, "likeness")
    assert (row.before, row.after, row.evidence) == (BEFORE.to_json(), AFTER.to_json(), EVIDENCE)
    assert (row.state, row.created_at, row.decided_by) == (ChangeState.PROPOSED, place.house.clock.now(), None)
    assert (row.customer_id, row.picture_id) in place.pictures.files
    assert (await place.house.actions())[-2:] == [AuditAction.STEP_CONCLUDED, AuditAction.CHANGE_PROPOSED]
    (detail,) = await told(place, AuditAction.CHANGE_PROPOSED)
    assert detail == {"change": str(row.id), "workflow": "make-a-key", "workflowStep": 1}
    assert await serving(place, lease.customer_id) == []


async def test_without_the_proposal_there_is_no_outcome_either(place: Staffed) -> None:
    with pytest.raises((StatementError, TypeError)):
        await place.heal(replace(HEALED, evidence={"score": object()}))
    assert [step.state for step in await place.house.steps()] == [StepState.RUNNING]
    assert AuditAction.STEP_CONCLUDED not in await place.house.actions()
    assert await rows(place) == []


async def test_what_did_not_hold_is_not_proposed(small: Staffed) -> None:
    await small.heal(done=False)
    assert await rows(small) == []


async def test_a_second_run_that_heals_the_same_way_adds_nothing(place: Staffed) -> None:
    first = await place.heal()
    await place.heal(lease=await place.house.claimed(OTHER_SHOP))
    assert len(await rows(place)) == len(await told(place, AuditAction.CHANGE_PROPOSED)) == 1
    await place.heal(ELSEWHERE, lease=first)
    assert len(await rows(place)) == 2


@pytest.mark.parametrize("how", ["refuse", "withdraw"])
async def test_what_was_refused_is_not_proposed_again(place: Staffed, how: str) -> None:
    change = await place.proposed()
    if how == "withdraw":
        await place.desk.share(place.staff, change)
    await DECISIONS[how](place.desk, place.staff, change)
    place.house.clock.move(timedelta(minutes=1))
    await place.heal(lease=await place.house.claimed(OTHER_SHOP))
    (row,) = await rows(place)
    assert (row.state, row.decided_by) == (ChangeState.REFUSED, place.staff.actor)
    assert len(await told(place, AuditAction.CHANGE_PROPOSED)) == 1


async def test_a_step_that_is_healed_over_an_accepted_change_is_still_that_step(small: Staffed) -> None:
    change = await small.proposed()
    await small.desk.accept(small.staff, change)
    found = await small.house.database.read(small.house.visitor.customer_id, accepted_changes)
    laid = laid_over(LEARNT, found).steps[0]
    await small.heal(replace(ELSEWHERE, step=laid), lease=await small.house.claimed(OTHER_SHOP))
    newer = next(one for one in await small.desk.list(small.staff) if one.id != change)
    assert newer.holds
    small.house.clock.move(timedelta(minutes=1))
    await small.desk.accept(small.staff, newer.id)
    assert await serving(small, small.house.visitor.customer_id) == [AFTER, ELSEWHERE.after]


async def test_two_runs_that_heal_the_same_way_at_once_propose_once(
    postgres_database: Database, clock: MovedClock
) -> None:
    place = await staffed(await house(postgres_database, clock))
    first, second = await place.house.claimed(), await place.house.claimed(OTHER_SHOP)
    log, planned = await log_of(place.house, second), PlannedStep("Begin a new key", "click")
    await log.plan([planned])
    await log.intend(1, planned, Decision(AFTER, Rung.LIKENESS), None)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def conclude(session: CustomerSession) -> None:
        event = AuditEvent(AuditAction.STEP_CONCLUDED, "agent", first.operation_id)
        audit_log.record(session, first.customer_id, event, at=clock.now())
        healed_at = HealedAt(first.customer_id, first.operation_id, 1, "agent")
        changes.propose(session, HEALED, healed_at, at=clock.now())
        loop.call_soon_threadsafe(begun.set)
        until_somebody_waits(place.house.database)

    async def conclude_too() -> None:
        await begun.wait()
        async with recording(log):
            log.conclude(1, StepOutcome(done=True, healing=HEALED))
            await log.settled()

    await asyncio.gather(place.house.run(conclude), conclude_too())
    assert [row.operation_id for row in await rows(place)] == [first.operation_id]
    assert [step.state for step in await place.house.steps()] == [StepState.DONE]


@pytest.mark.parametrize("what", ASKED)
async def test_only_staff_see_and_decide(small: Staffed, what: str) -> None:
    change = await small.proposed()
    before = (await small.house.actions(), (await rows(small))[0].model_dump())
    with pytest.raises(Refused, match="You may not do this"):
        await ASKED[what](small.desk, small.house.visitor, change)
    assert (await small.house.actions(), (await rows(small))[0].model_dump()) == before


@pytest.mark.parametrize("what", [*DECISIONS, "picture"])
async def test_a_change_that_is_not_there_is_not_found(small: Staffed, what: str) -> None:
    with pytest.raises(NotFound):
        await ASKED[what](small.desk, small.staff, uuid4())


async def test_staff_see_every_customers_changes_those_to_decide_on_first(place: Staffed) -> None:
    other = await staffed(await house(place.house.database, place.house.clock))
    lease = await place.heal(ELSEWHERE)
    place.house.clock.move(timedelta(seconds=1))
    await other.heal()
    place.house.clock.move(timedelta(seconds=1))
    await place.heal(lease=lease)
    await place.desk.accept(place.staff, (await place.desk.list(place.staff))[0].id)
    listed = await place.desk.list(place.staff)
    assert [(one.state, one.after) for one in listed] == [
        ("proposed", AFTER),
        ("proposed", ELSEWHERE.after),
        ("accepted", AFTER),
    ]
    newest, _, decided = listed
    assert (newest.customer, newest.store_url, newest.workflow, newest.rung) == (
        "Tea Shop",
        SHOP,
        "Make a key",
        Rung.LIKENESS,
    )
    assert (newest.looked_for, newest.found) == ("“#add-key”", "button “Create an API key”")
    assert (newest.holds, newest.has_picture, newest.touched, newest.decided_by) == (True, True, None, None)
    assert (decided.decided_by, decided.decided_at) == (place.staff.email, place.house.clock.now())


async def test_what_is_touched_is_told_unless_a_click_led_away_from_it(small: Staffed) -> None:
    lease = await small.heal()
    assert (await small.desk.list(small.staff))[0].touched is None

    def fill(session: CustomerSession) -> None:
        changes_step = session.get(type(step), (lease.customer_id, lease.operation_id, 1))
        assert changes_step
        changes_step.action = "fill"
        session.add(changes_step)

    (step,) = await small.house.steps()
    await small.house.run(fill)
    assert (await small.desk.list(small.staff))[0].touched == (10, 20, 30, 40)


async def test_a_change_of_a_step_that_was_learnt_anew_is_said_to_be_void(small: Staffed) -> None:
    await small.heal()
    for learnt in ([], [replace(LEARNT, steps=(replace(STEP, locator=AFTER),))]):
        desk = ChangeDesk(small.house.database, WorkflowRegistry(learnt), small.pictures, small.house.clock)
        assert [one.holds for one in await desk.list(small.staff)] == [False]


async def test_an_accepted_change_serves_its_customer_alone(place: Staffed) -> None:
    other = await house(place.house.database, place.house.clock)
    change = await place.proposed()
    await place.desk.accept(place.staff, change)
    assert await serving(place, place.house.visitor.customer_id) == [AFTER]
    assert await serving(place, other.visitor.customer_id) == []
    assert await shared(place) == []
    assert (await place.house.actions())[-1] == AuditAction.CHANGE_ACCEPTED
    assert (await place.house.entries())[-1].actor == place.staff.actor
    assert await other.actions() == []


@pytest.mark.parametrize("accepted_before", [False, True])
async def test_a_shared_change_serves_everybody_once(place: Staffed, accepted_before: bool) -> None:
    other = await house(place.house.database, place.house.clock)
    change = await place.proposed()
    if accepted_before:
        await place.desk.accept(place.staff, change)
    await place.desk.share(place.staff, change)
    for customer_id in (place.house.visitor.customer_id, other.visitor.customer_id):
        assert await serving(place, customer_id) == [AFTER]
    assert (await place.house.actions())[-1] == AuditAction.CHANGE_SHARED


async def test_what_is_shared_holds_nothing_of_the_customer(place: Staffed) -> None:
    change = await place.proposed()
    await place.desk.share(place.staff, change)
    (row,) = await shared(place)
    assert row.model_dump() == {
        "id": change,
        "workflow_id": LEARNT.id,
        "step_order": 1,
        "step_sha256": (await rows(place))[0].step_sha256,
        "after": AFTER.to_json(),
        "accepted_by": place.staff.actor,
        "accepted_at": place.house.clock.now(),
    }


@pytest.mark.parametrize("own", ["Visit Tea Shop", "tea.example", "Sign in as owner@mail.example", "w" * 61])
async def test_what_is_the_customers_own_is_not_shared_and_may_serve_them(small: Staffed, own: str) -> None:
    await small.heal(replace(HEALED, after=Locator((Link(By.ROLE, "link", own),))))
    change = (await small.desk.list(small.staff))[0].id
    with pytest.raises(NotForAll):
        await small.desk.share(small.staff, change)
    assert ((await rows(small))[0].state, await shared(small)) == (ChangeState.PROPOSED, [])
    assert AuditAction.CHANGE_SHARED not in await small.house.actions()
    await small.desk.accept(small.staff, change)


@pytest.mark.parametrize("accepted", ["accept", "share"])
async def test_what_was_accepted_can_be_withdrawn(place: Staffed, accepted: str) -> None:
    other = await house(place.house.database, place.house.clock)
    change = await place.proposed()
    await DECISIONS[accepted](place.desk, place.staff, change)
    await place.desk.withdraw(place.staff, change, because="it was wrong")
    for customer_id in (place.house.visitor.customer_id, other.visitor.customer_id):
        assert await serving(place, customer_id) == []
    assert ((await rows(place))[0].state, await shared(place)) == (ChangeState.REFUSED, [])
    (detail,) = await told(place, AuditAction.CHANGE_WITHDRAWN)
    assert detail["because"] == "it was wrong"


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ([], "withdraw"),
        (["accept"], "accept"),
        (["accept"], "refuse"),
        (["share"], "share"),
        (["share"], "accept"),
        (["share"], "refuse"),
        (["refuse"], "accept"),
        (["refuse"], "share"),
        (["refuse"], "refuse"),
        (["refuse"], "withdraw"),
    ],
    ids=str,
)
async def test_what_was_decided_is_not_decided_again(small: Staffed, before: list[str], then: str) -> None:
    change = await small.proposed()
    for one in before:
        await DECISIONS[one](small.desk, small.staff, change)
    standing = ((await rows(small))[0].model_dump(), await small.house.actions(), len(await shared(small)))
    with pytest.raises(AlreadyDecided, match=r"It is (proposed|accepted|shared|refused) now"):
        await DECISIONS[then](small.desk, small.staff, change)
    assert ((await rows(small))[0].model_dump(), await small.house.actions(), len(await shared(small))) == standing


@pytest.mark.parametrize("two", [("share", "share"), ("accept", "refuse")], ids=str)
async def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(place: Staffed, two: tuple[str, str]) -> None:
    change = await place.proposed()
    decided: list[Any] = await asyncio.gather(
        *(DECISIONS[one](place.desk, place.staff, change) for one in two), return_exceptions=True
    )
    (loser,) = [one for one in decided if one is not None]
    assert isinstance(loser, AlreadyDecided)
    assert loser.sentence.startswith("Somebody has decided on this change already. It is ")
    actions = {AuditAction.CHANGE_ACCEPTED, AuditAction.CHANGE_SHARED, AuditAction.CHANGE_REFUSED}
    assert len(actions & set(await place.house.actions())) == 1
    assert len(await shared(place)) == (two == ("share", "share"))


async def test_of_two_who_share_at_once_the_later_waits_and_is_told(
    postgres_database: Database, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await staffed(await house(postgres_database, clock))
    change = await place.proposed()
    begun, loop, first = asyncio.Event(), asyncio.get_running_loop(), [True]

    def slow(*args: Any) -> None:
        if first and first.pop():
            loop.call_soon_threadsafe(begun.set)
            until_somebody_waits(place.house.database)
        check_for_all(*args)

    monkeypatch.setattr("core.operations.changes.check_for_all", slow)

    async def share_too() -> None:
        await begun.wait()
        with pytest.raises(AlreadyDecided, match="It is shared now"):
            await place.desk.share(place.staff, change)

    await asyncio.gather(place.desk.share(place.staff, change), share_too())
    assert len(await shared(place)) == 1


async def test_the_picture_is_shown_to_staff_and_the_customer_is_told(place: Staffed) -> None:
    change = await place.proposed()
    ((_, picture),) = place.pictures.files.items()
    assert await place.desk.picture(place.staff, change) == picture.webp
    entry = (await place.house.entries())[-1]
    assert (entry.action, entry.actor) == (AuditAction.CHANGE_PICTURE_SEEN, place.staff.actor)
    with pytest.raises(NotFound):
        await place.pictures.load(place.staff.customer_id, next(iter(place.pictures.files))[1], "full")


async def test_where_there_is_no_picture_none_is_shown(small: Staffed) -> None:
    change = await small.proposed()

    def lose(session: CustomerSession) -> None:
        row = session.exec(select(WorkflowChangeRow)).one()
        row.picture_id = None
        session.add(row)

    await small.house.run(lose)
    with pytest.raises(CoreError, match="There is no picture of it"):
        await small.desk.picture(small.staff, change)
    assert AuditAction.CHANGE_PICTURE_SEEN not in await small.house.actions()
    assert not (await small.desk.list(small.staff))[0].has_picture


async def test_what_staff_decided_stands_in_the_customers_own_unbroken_chain(place: Staffed) -> None:
    change = await place.proposed()
    for one in ("accept", "share", "withdraw"):
        await DECISIONS[one](place.desk, place.staff, change)
    assert (await place.house.actions())[-4:] == [
        AuditAction.CHANGE_PROPOSED,
        AuditAction.CHANGE_ACCEPTED,
        AuditAction.CHANGE_SHARED,
        AuditAction.CHANGE_WITHDRAWN,
    ]
    assert (await place.house.run(lambda s: audit_log.verify(s, place.house.visitor.customer_id))).intact


async def test_what_serves_all_can_be_withdrawn_though_its_customer_is_deleted(small: Staffed) -> None:
    change = await small.proposed()
    await small.desk.share(small.staff, change)
    await small.house.run(lambda session: session.delete(session.exec(select(WorkflowChangeRow)).one()))
    (listed,) = await small.desk.list(small.staff)
    assert (listed.id, listed.state, listed.customer) == (change, ChangeState.SHARED, "a customer who was deleted")
    assert (listed.decided_by, listed.holds, listed.operation_id) == (small.staff.email, True, None)
    with pytest.raises(NotFound):
        await small.desk.refuse(small.staff, change, "no")
    await small.desk.withdraw(small.staff, change, "it does harm")
    assert await serving(small, small.house.visitor.customer_id) == []
    assert await small.desk.list(small.staff) == ()
    (entry, *_) = await small.house.trail.read(small.staff)
    assert entry.detail is not None
    assert (entry.action, entry.detail["because"]) == (AuditAction.CHANGE_WITHDRAWN, "it does harm")
    with pytest.raises(NotFound):
        await small.desk.withdraw(small.staff, change, "again")
