"""What a person finds when they come in: told from the operations as they stand, for their own company alone."""

from datetime import timedelta

import pytest

from core.database.states import CHECK, OperationStatus
from core.operations.overview import LATELY, MOST_DONE, Overview, OverviewDesk
from core.operations.views import OperationView
from core.security.people.authorize import ScopeMissing
from core.security.people.visitor import Visitor
from tests.core.operations.house import OTHER_SHOP, SHOP, House


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


async def test_a_token_without_the_right_sees_nothing(home: House) -> None:
    who = home.visitor
    with pytest.raises(ScopeMissing):
        await OverviewDesk(home.database, home.clock).look(
            Visitor(who.customer_id, who.user_id, who.email, who.role, scopes=frozenset())
        )
