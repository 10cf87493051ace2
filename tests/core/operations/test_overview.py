"""What a person finds when they come in: told from the operations as they stand, for their own company alone."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from core.database.roles import Role
from core.database.states import CHECK, OperationStatus
from core.operations.overview import LATELY, MOST, MOST_DONE, OF_ALL, CustomersOverview, Overview, OverviewDesk
from core.operations.views import OperationView
from core.security.people.authorize import NotAllowed, ScopeMissing
from core.security.people.visitor import Visitor
from tests.core.operations.house import OTHER_SHOP, SHOP, House, visitor
from tests.core.operations.many_runs import operator, put

S = OperationStatus
DAY = 24 * 60  # minutes


async def found(home: House) -> Overview:
    return await OverviewDesk(home.database, home.clock).look(home.visitor)


async def ended(home: House, status: OperationStatus, shop: str = SHOP, **more: object) -> OperationView:
    """A setup that has ended this way, a minute after whatever was before."""
    home.clock.move(timedelta(minutes=1))
    asked = await home.pending(shop)
    await home.put(asked.id, status=OperationStatus.IN_PROGRESS.value)
    await home.put(asked.id, status=status.value, finished_at=home.clock.now(), **more)
    return asked


async def test_at_the_beginning_there_is_nothing(home: House) -> None:
    assert (await found(home)).is_empty


async def test_what_waits_for_a_person_is_told_apart_from_what_runs(home: House) -> None:
    waiting = await home.ask(OTHER_SHOP)
    running = await home.claimed(SHOP)
    overview = await found(home)
    assert [one.id for one in overview.waiting] == [waiting.id]
    assert [one.id for one in overview.running] == [running.operation_id]


async def test_a_failure_is_told_until_something_comes_after_it_or_it_is_old(home: House) -> None:
    failed = await ended(home, OperationStatus.FAILED)
    elsewhere = await ended(home, OperationStatus.COMPLETED, OTHER_SHOP)
    overview = await found(home)
    assert ([one.id for one in overview.failed], [one.id for one in overview.done]) == ([failed.id], [elsewhere.id])

    await ended(home, OperationStatus.CANCELLED)
    assert (await found(home)).failed == ()


async def test_an_old_failure_is_history(home: House) -> None:
    await ended(home, OperationStatus.FAILED)
    home.clock.move(LATELY + timedelta(seconds=1))
    assert (await found(home)).failed == ()


async def test_hourly_checks_are_no_setups(home: House) -> None:
    failed = await ended(home, OperationStatus.FAILED)
    await ended(home, OperationStatus.FAILED, operation=CHECK)
    await ended(home, OperationStatus.COMPLETED, operation=CHECK)
    overview = await found(home)
    assert [one.id for one in overview.failed] == [failed.id]
    assert overview.done == ()


async def test_of_many_the_newest_are_told(home: House) -> None:
    every = [await ended(home, OperationStatus.COMPLETED) for _ in range(MOST_DONE + 1)]
    assert [one.id for one in (await found(home)).done] == [one.id for one in reversed(every)][:MOST_DONE]


async def test_what_is_open_at_a_shop_is_found_whatever_is_newer_elsewhere(home: House) -> None:
    asked = await home.pending(SHOP)
    await ended(home, OperationStatus.COMPLETED, OTHER_SHOP)
    for number in range(MOST + 1):
        home.clock.move(timedelta(minutes=1))
        await home.put((await home.ask(OTHER_SHOP)).id, store_origin=f"https://shop{number}.example")
    desk = OverviewDesk(home.database, home.clock)
    assert asked.id not in {one.id for one in (await desk.look(home.visitor)).running}
    found = await desk.open_at(home.visitor, asked.service, SHOP)
    assert found is not None
    assert found.id == asked.id
    assert await desk.open_at(home.visitor, asked.service, OTHER_SHOP) is None
    assert await desk.open_at(home.visitor, "pretix", SHOP) is None


async def test_a_token_without_the_right_sees_nothing(home: House) -> None:
    who = home.visitor
    with pytest.raises(ScopeMissing):
        await OverviewDesk(home.database, home.clock).look(
            Visitor(who.customer_id, who.user_id, who.email, who.role, scopes=frozenset())
        )


async def test_staff_are_told_how_many_of_all_customers_run_failed_and_wait(home: House) -> None:
    staff, other = await operator(home, Role.AUDITOR), await visitor(home.database, home.clock)
    desk = OverviewDesk(home.database, home.clock)
    assert await desk.look_at_all(staff) == CustomersOverview()
    for whose in (home.visitor, other):
        await put(home, whose, 9, status=S.IN_PROGRESS)
        await put(home, whose, 3 * DAY, status=S.AWAITING_INPUT)
        await put(home, whose, 9, failure_code="shop_error")
    await put(home, other, 2 * DAY, status=S.IN_PROGRESS)  # however long it takes
    await put(home, other, 9, status=S.AWAITING_CONSENT)
    await put(home, other, DAY + 1, failure_code="shop_error")
    for status in (S.PENDING, S.COMPLETED, S.CANCELLED):
        await put(home, other, 9, status=status)
    await put(home, other, 9, operation=CHECK, failure_code="shop_error")
    found = await desk.look_at_all(staff)
    assert found == CustomersOverview(running=3, failed=2, waiting=3)
    for name, wanted in OF_ALL.items():
        listed = await home.runs.page_of_all(staff, wanted)
        assert len(listed.runs) == getattr(found, name), name


async def test_all_of_them_are_counted_by_one_statement(home: House) -> None:
    staff, asked = await operator(home), list[str]()
    for _ in range(5):
        await put(home, home.visitor, 9, status=S.IN_PROGRESS)

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(home.database.engine, "before_cursor_execute", note)
    await OverviewDesk(home.database, home.clock).look_at_all(staff)
    event.remove(home.database.engine, "before_cursor_execute", note)
    assert [one.count("count(") for one in asked if "autonomous_operations" in one] == [3]


@pytest.mark.parametrize("role", [Role.OWNER, Role.MEMBER])
async def test_no_customer_is_told_of_others(home: House, role: Role) -> None:
    who = home.visitor
    with pytest.raises(NotAllowed):
        await OverviewDesk(home.database, home.clock).look_at_all(
            Visitor(who.customer_id, who.user_id, who.email, role)
        )
