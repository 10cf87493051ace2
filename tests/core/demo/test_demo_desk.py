"""A demo is switched, begun and reset: the shop is as at first, what was done there is forgotten, and the chain says so."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, select

from core.browser.page import Picture
from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.states import ConsentEnding, OperationStatus
from core.database.tables import (
    ConnectionRow,
    CredentialRow,
    OfCustomer,
    OperationRow,
    ProductRow,
    ScheduleRow,
)
from core.demo import desk as demo_desk
from core.demo.desk import DemoDesk, DemoTools, NoSuchPace, StillUnderWay
from core.demo.forgetting import BECAUSE, OF_OPERATIONS
from core.errors import NotFound
from core.operations.consents import ConsentRequest
from core.operations.ending import Ending
from core.operations.picture_check import check_pictures
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent, verify
from core.security.consent.agreement import Circumstances, Surface
from core.security.people.authorize import NotAllowed
from core.security.people.visitor import Visitor
from core.security.secret import Secret
from tests.core.database.full import values_of
from tests.core.operations.house import OTHER_SHOP, SECRETS, SHOP, House, house
from tests.core.operations.test_connections import connected
from tests.fakes.clock import MovedClock
from tests.fakes.integration import OPERATION, SERVICE
from tests.fakes.practice_room import FakeRoom
from tests.fakes.screenshots import MemoryScreenshotStore

S = OperationStatus
BY_DEMO = Circumstances(Surface.DEMO, "demo-run")


@dataclass
class Shown:
    """A house in which a demo is given."""

    home: House
    room: FakeRoom
    pictures: MemoryScreenshotStore
    desk: DemoDesk


@pytest.fixture
async def demo(database: Database, clock: MovedClock) -> Shown:
    home, pictures = await house(database, clock), MemoryScreenshotStore()
    sign_in = {name: Secret(value) for name, value in SECRETS.items()}
    room = FakeRoom(ConsentRequest(SERVICE, OPERATION, SHOP, ("create_api_keys", "read_products")), sign_in)
    tools = DemoTools(
        home.database, home.operations, home.consents, home.credentials, home.vault, pictures, home.progress, clock
    )
    return Shown(home, room, pictures, DemoDesk(room, tools))


def test_everything_that_refers_to_an_operation_goes_with_it() -> None:
    """By the tables themselves, so that one that is added later turns this red."""
    refer = {
        table
        for table in OfCustomer.__subclasses__()
        for key in SQLModel.metadata.tables[str(table.__tablename__)].foreign_keys
        if key.column.table.name == OperationRow.__tablename__
    }
    names = {table.__name__ for table in refer}
    assert names - {table.__name__ for table in OF_OPERATIONS} == {"ConnectionRow", "OperationRow", "ScheduleRow"}


async def test_a_fault_is_switched_and_what_does_not_fit_goes_off(demo: Shown) -> None:
    demo.desk.set_fault(demo.home.visitor, "renamed", True)
    faults = demo.desk.set_fault(demo.home.visitor, "down", True)
    assert {one.name: one.is_on for one in faults} == {"renamed": False, "down": True}
    with pytest.raises(NotFound):
        demo.desk.set_fault(demo.home.visitor, "none", True)


async def test_the_pace_is_one_of_those_there_are(demo: Shown) -> None:
    demo.desk.set_pace(demo.home.visitor, 2.0)
    assert (demo.desk.pace, demo.room.pace.seconds) == (2.0, 2.0)
    with pytest.raises(NoSuchPace):
        demo.desk.set_pace(demo.home.visitor, 3600.0)


async def test_who_only_looks_switches_and_resets_nothing(demo: Shown) -> None:
    auditor = replace(demo.home.visitor, role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        demo.desk.set_fault(auditor, "down", True)
    with pytest.raises(NotAllowed):
        demo.desk.set_pace(auditor, 1.0)
    with pytest.raises(NotAllowed):
        demo.desk.one_time_code(auditor)
    with pytest.raises(NotAllowed):
        await demo.desk.begin(auditor, BY_DEMO)
    with pytest.raises(NotAllowed):
        await demo.desk.reset(auditor)
    assert (demo.room.begun, demo.room.resets, await demo.home.actions()) == (0, 0, [])


async def test_it_begins_with_the_shops_sign_in_and_a_consent_of_the_demo(demo: Shown) -> None:
    begun = await demo.desk.begin(demo.home.visitor, BY_DEMO, ("keep_pictures",))
    assert (begun.status, begun.store_url, demo.room.begun) == (S.PENDING, SHOP, 1)
    assert await demo.home.signed_in_at() == {SHOP}
    granted = [one for one in await demo.home.entries() if one.action == AuditAction.CONSENT_GRANTED]
    assert {one.detail["surface"] for one in granted if one.detail} == {"demo"}
    under_way = await demo.desk.under_way(demo.home.visitor)
    assert under_way
    assert under_way.id == begun.id


async def test_what_waited_for_the_consent_is_what_begins(demo: Shown) -> None:
    waiting = await demo.home.ask()
    assert waiting.status is S.AWAITING_CONSENT
    assert await demo.desk.under_way(demo.home.visitor) is None
    assert (await demo.desk.begin(demo.home.visitor, BY_DEMO)).id == waiting.id


async def test_what_waits_to_be_tried_again_gives_way(demo: Shown) -> None:
    first = await demo.desk.begin(demo.home.visitor, BY_DEMO)
    await demo.home.put(first.id, not_before=demo.home.clock.now(), tries=1)
    assert await demo.desk.under_way(demo.home.visitor) is None
    second = await demo.desk.begin(demo.home.visitor, BY_DEMO)
    assert second.id != first.id
    assert (await demo.home.row(first.id)).status == S.CANCELLED


async def shown_around(demo: Shown) -> UUID:
    """A setup that is over, with a row in every table that refers to it, and a picture that the chain has, too."""
    home, customer_id = demo.home, demo.home.visitor.customer_id
    operation_id = await connected(home)
    await home.sign_in()
    picture = Picture(b"a picture of the tea shop", b"small", 2, 1, (), f"{SHOP}/wp-admin/")
    stored = await demo.pictures.save(customer_id, picture)
    own = {"customer_id": customer_id, "operation_id": operation_id, "user_id": home.visitor.user_id}

    def add(session: CustomerSession) -> None:
        now = home.clock.now()
        for table in OF_OPERATIONS:
            values = values_of(table, now) | own | {"picture_id": stored.id, "webhook_id": None}
            session.add(table(**{name: value for name, value in values.items() if name in table.model_fields}))
        schedule = values_of(ScheduleRow, now) | own | {"store_origin": SHOP, "last_operation_id": operation_id}
        session.add(ScheduleRow(**schedule | {"created_by": home.visitor.user_id, "next_at": now + timedelta(days=1)}))
        detail: dict[str, str | int | bool | None] = {"picture": stored.id.hex, "pictureSha256": stored.sha256}
        audit_log.record(
            session, customer_id, AuditEvent(AuditAction.STEP_CONCLUDED, "agent", operation_id, detail), at=now
        )

    await home.run(add)
    return operation_id


async def rows(home: House) -> dict[str, int]:
    """How many rows there are of what a demo leaves."""
    tables = (*OF_OPERATIONS, OperationRow, ConnectionRow, ProductRow, ScheduleRow, CredentialRow)

    def count(session: CustomerSession) -> dict[str, int]:
        return {one.__name__: session.exec(select(func.count()).select_from(one)).one() for one in tables}

    counted = await home.run(count)
    return {name: number for name, number in counted.items() if number}


async def test_a_reset_forgets_all_that_was_done_there_and_the_chain_stays_whole(demo: Shown) -> None:
    home = demo.home
    await shown_around(demo)
    before = await home.entries()
    demo.desk.set_fault(home.visitor, "renamed", True)
    demo.desk.set_pace(home.visitor, 1.0)

    gone = await demo.desk.reset(home.visitor)

    assert (gone.operations, gone.products, await rows(home)) == (1, 3, {})
    assert (demo.room.resets, demo.desk.pace, [one for one in demo.desk.faults() if one.is_on]) == (1, 0.0, [])
    entries = await home.entries()
    assert entries[: len(before)] == before
    assert (entries[-1].action, entries[-1].actor) == (AuditAction.DEMO_RESET, home.visitor.actor)
    assert entries[-1].detail == {"shop": SHOP, "operations": 1, "products": 3}
    verified = await home.run(lambda session: verify(session, home.visitor.customer_id))
    assert verified.intact


async def test_a_reset_takes_its_pictures_along_and_says_so(demo: Shown) -> None:
    await shown_around(demo)
    assert len(demo.pictures.files) == 1
    await demo.desk.reset(demo.home.visitor)
    assert demo.pictures.files == {}
    assert await check_pictures(demo.home.database, demo.pictures, demo.home.visitor.customer_id) is None


async def test_a_reset_ends_the_consents_and_keeps_them_on_record(demo: Shown) -> None:
    await shown_around(demo)
    await demo.desk.reset(demo.home.visitor)
    given = await demo.home.consents.list(demo.home.visitor)
    assert not any(one.in_force for one in given)
    assert [one.ended_as for one in given].count(ConsentEnding.WITHDRAWN) == 2  # to act, and to keep the sign-in


async def test_another_shop_and_another_customer_keep_theirs(demo: Shown, clock: MovedClock) -> None:
    await connected(demo.home, OTHER_SHOP)
    neighbour = await house(demo.home.database, clock)
    await connected(neighbour)
    kept, theirs = await rows(demo.home), await rows(neighbour)
    await shown_around(demo)
    await demo.desk.reset(demo.home.visitor)
    assert (await rows(demo.home), await rows(neighbour)) == (kept, theirs)
    assert await demo.home.signed_in_at() == {OTHER_SHOP}


async def test_what_is_under_way_is_stopped_and_waited_for(demo: Shown) -> None:
    lease = await demo.home.claimed()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        asked = asyncio.Event()
        demo.home.progress.subscribe(demo.home.visitor.customer_id, lambda _: asked.set())
        resetting = group.create_task(demo.desk.reset(demo.home.visitor))
        await asked.wait()
        assert (await demo.home.row(lease.operation_id)).stop_asked_because == BECAUSE
        assert demo.room.resets == 0
        ending = Ending.stopped(BECAUSE)

        def end(session: CustomerSession) -> None:
            demo.home.endings.write(lease, ending, session)
            demo.home.progress.publish(session, lease.customer_id, lease.operation_id)

        await demo.home.run(end)
    assert resetting.result().operations == 1
    assert await rows(demo.home) == {}


async def test_what_does_not_end_is_told_and_nothing_is_forgotten(demo: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_desk, "STOPPED_WITHIN", 0.05)
    await demo.home.claimed()
    with pytest.raises(StillUnderWay):
        await demo.desk.reset(demo.home.visitor)
    assert (demo.room.resets, (await rows(demo.home))["OperationRow"]) == (0, 1)


async def test_what_begins_while_it_is_reset_is_not_forgotten_under_its_worker(
    demo: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(visitor: Visitor) -> None:
        """Nothing was under way yet."""

    monkeypatch.setattr(demo.desk, "_stop_what_is_under_way", nothing)
    await demo.home.claimed()
    with pytest.raises(StillUnderWay):
        await demo.desk.reset(demo.home.visitor)
    assert (demo.room.resets, (await rows(demo.home))["OperationRow"]) == (0, 1)


async def test_screens_of_every_operation_draw_anew_after_a_reset(demo: Shown) -> None:
    gone = await shown_around(demo)
    demo.home.told.clear()
    await demo.desk.reset(demo.home.visitor)
    assert demo.home.told
    assert gone not in demo.home.told


async def test_the_tour_is_offered_until_it_was_begun_or_declined(demo: Shown) -> None:
    assert demo.desk.invites(demo.home.visitor)
    demo.desk.has_invited(demo.home.visitor)
    assert not demo.desk.invites(demo.home.visitor)
    assert demo.desk.invites(replace(demo.home.visitor, user_id=uuid4()))


async def test_the_newest_of_this_shop_is_told(demo: Shown) -> None:
    assert await demo.desk.newest(demo.home.visitor) is None
    here = await demo.home.ask()
    demo.home.clock.move(timedelta(minutes=1))
    await demo.home.ask(OTHER_SHOP)
    newest = await demo.desk.newest(demo.home.visitor)
    assert newest
    assert newest.id == here.id
