"""The list of operations: filtered and paged in the database, on both; a customer's own, and for staff all customers'."""

from dataclasses import fields
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from core.database.roles import Role
from core.database.states import CHECK, OperationStatus
from core.operations.run_filter import Kind, Mark, RunFilter, Standing
from core.operations.runs import MOST_AT_ONCE, CustomerRun, Cut
from core.security.people.authorize import NotAllowed
from tests.core.operations.house import House, visitor
from tests.core.operations.many_runs import operator, put
from tests.postgres import as_owner

S = OperationStatus
EVERYTHING = RunFilter(kind=Kind.ALL)


async def listed(house: House, wanted: RunFilter, cut: Cut | None = None) -> list[UUID]:
    return [one.id for one in (await house.runs.page(house.visitor, wanted, cut)).runs]


async def test_each_filter_leaves_what_fits_and_all_of_them_leave_what_fits_all(home: House) -> None:
    who = home.visitor
    done = await put(home, who, 5)
    failed = await put(home, who, 4, failure_code="shop_error", store_origin="https://Tea_one.example")
    older = await put(home, who, 3 * 24 * 60, failure_code="wrong_password")
    needs = await put(home, who, 2, status=S.AWAITING_CONSENT, service="other")
    check = await put(home, who, 1, operation=CHECK)
    for wanted, left in (
        (RunFilter(), [needs, failed, done, older]),
        (EVERYTHING, [check, needs, failed, done, older]),
        (RunFilter(kind=Kind.UPKEEP), [check]),
        (RunFilter(status=Standing.FAILED), [failed, older]),
        (RunFilter(status=Standing.OPEN), [needs]),
        (RunFilter(status=Standing.NEEDS_YOU), [needs]),
        (RunFilter(status=Standing.PENDING), []),
        (RunFilter(service="other"), [needs]),
        (RunFilter(failure="shop_error"), [failed]),
        (RunFilter(days=1), [needs, failed, done]),
        (RunFilter(q="tea_ONE"), [failed]),
        (RunFilter(q="tea%one"), []),
        (RunFilter(q=str(older)), [older]),
        (RunFilter(q=older.hex[:9]), [older]),
        (RunFilter(Standing.FAILED, "", "shop_error", 1, Kind.SETUPS, "tea"), [failed]),
        (RunFilter(Standing.FAILED, "", "wrong_password", 1, Kind.SETUPS, "tea"), []),
    ):
        assert await listed(home, wanted) == left, wanted


@pytest.mark.parametrize("text", ["\0", "tea\0", "\ud800"], ids=["nul", "nul at the end", "half a character"])
async def test_what_no_database_can_hold_fits_nothing(home: House, text: str) -> None:
    staff = await operator(home)
    await put(home, home.visitor, 5, failure_code="shop_error")
    for wanted in (RunFilter(service=text), RunFilter(failure=text), RunFilter(q=text), RunFilter(customer=text)):
        assert (await home.runs.page_of_all(staff, wanted)).runs == ()


async def test_pages_stay_where_they_are_while_new_ones_come(home: House) -> None:
    ids = [await put(home, home.visitor, minutes) for minutes in range(7)]
    first = await home.runs.page(home.visitor, EVERYTHING, Cut(size=3))
    assert ([one.id for one in first.runs], first.newer) == (ids[:3], None)
    home.clock.move(timedelta(minutes=1))
    await put(home, home.visitor)
    second = await home.runs.page(home.visitor, EVERYTHING, Cut(before=first.older, size=3))
    assert [one.id for one in second.runs] == ids[3:6]
    last = await home.runs.page(home.visitor, EVERYTHING, Cut(before=second.older, size=3))
    assert ([one.id for one in last.runs], last.older) == (ids[6:], None)
    back = await home.runs.page(home.visitor, EVERYTHING, Cut(after=last.newer, size=3))
    assert [one.id for one in back.runs] == ids[3:6]
    newest = await home.runs.page(home.visitor, EVERYTHING, Cut(after=first.older, size=3))
    assert (len(newest.runs), newest.newer) == (3, None)  # less than a page is newer: so it is the first one, whole


async def test_those_of_one_moment_are_each_on_one_page(home: House) -> None:
    ids = {await put(home, home.visitor, 1) for _ in range(5)}
    seen: list[UUID] = []
    cut = Cut(size=2)
    while True:
        page = await home.runs.page(home.visitor, EVERYTHING, cut)
        seen += [one.id for one in page.runs]
        if page.older is None:
            break
        cut = Cut(before=Mark.read(str(page.older)), size=2)
    assert (len(seen), set(seen)) == (5, ids)


@pytest.mark.parametrize("text", ["", "1", "x-y", f"{9 * 10**17}-{uuid4().hex}", f"٣-{uuid4().hex}", "1-2"])
def test_an_address_that_names_no_place_names_none(text: str) -> None:
    assert Mark.read(text) is None


async def test_nobody_sees_another_companys(home: House) -> None:
    other = await visitor(home.database, home.clock)
    theirs = await put(home, other)
    assert await listed(home, EVERYTHING) == []
    assert await listed(home, RunFilter(q=str(theirs), customer=str(other.customer_id))) == []
    with pytest.raises(NotAllowed):
        await home.runs.page_of_all(home.visitor, EVERYTHING)


async def test_staff_see_whose_each_is_and_how_it_stands(home: House) -> None:
    staff, other = await operator(home, Role.AUDITOR), await visitor(home.database, home.clock)
    failed = await put(home, other, 2, failure_code="shop_error")
    await put(home, other, 1, retry_of=failed, status=S.IN_PROGRESS)
    mine = await put(home, home.visitor, 3)
    page = await home.runs.page_of_all(staff, RunFilter())
    assert [one.customer_id for one in page.runs] == [other.customer_id] * 2 + [home.visitor.customer_id]
    again, before, _ = page.runs
    assert (before.retried_by, before.failure_sentence, before.customer) == (
        again.id,
        "It could not be done.",
        "Tea Shop",
    )
    assert page.open == 1
    of_one = await home.runs.page_of_all(staff, RunFilter(customer=str(home.visitor.customer_id)))
    assert [one.id for one in of_one.runs] == [mine]
    assert len((await home.runs.page_of_all(staff, RunFilter(customer="tea sh"))).runs) == 3
    assert (await home.runs.page_of_all(staff, RunFilter(customer="t%a"))).runs == ()


async def test_staff_are_told_nothing_of_what_was_seen_in_another_companys_shop(home: House) -> None:
    result = {"success": True, "store_url": "https://x.example", "said": "47 products synced.", "api_key": "ck_…1a2b"}
    staff = await operator(home)
    await put(home, home.visitor, result=result, checkpoint={"done": ["canary"]})
    (run,) = (await home.runs.page_of_all(staff, RunFilter())).runs
    assert not [one for one in ("47 products", "ck_", "canary") if one in repr(run)]
    assert not {one.name for one in fields(CustomerRun)} & {
        "steps",
        "result",
        "permissions",
        "checkpoint",
        "left_behind",
    }
    await put(home, staff, -1, result=result)
    own, _ = (await home.runs.page_of_all(staff, RunFilter())).runs
    assert own.said == "47 products synced."


async def test_what_is_chosen_to_be_tried_again_failed_and_was_not_tried_since(cottage: House) -> None:
    who, other = cottage.visitor, await visitor(cottage.database, cottage.clock)
    failed = [await put(cottage, who, minutes, failure_code="shop_error") for minutes in range(MOST_AT_ONCE + 2)]
    await put(cottage, who, -1, retry_of=failed[0])
    await put(cottage, who, -2, failure_code="shop_error", status=S.CANCELLED)
    theirs = await put(cottage, other, -3, failure_code="shop_error")
    wanted = RunFilter(failure="shop_error")
    assert await cottage.runs.to_try_again(who, wanted) == tuple(failed[1 : MOST_AT_ONCE + 1])
    assert (await cottage.runs.to_try_again(await operator(cottage), wanted))[0] == theirs


AS_GOOD = {"ix_operations_setups": "ix_operations_all_setups", "ix_operations_recent": "ix_operations_all"}


@pytest.mark.parametrize(
    ("wanted", "of_all", "index"),
    [
        (RunFilter(), False, "ix_operations_setups"),
        (EVERYTHING, False, "ix_operations_recent"),
        (RunFilter(), True, "ix_operations_all_setups"),
        (EVERYTHING, True, "ix_operations_all"),
        (RunFilter(failure="shop_error", kind=Kind.ALL), True, "ix_operations_failures"),
    ],
)
async def test_no_page_is_read_by_walking_through_the_table(
    home: House, wanted: RunFilter, of_all: bool, index: str
) -> None:
    """What the database says it would do. It is not let sort or walk, as it would with so few rows."""
    asked: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        if "LIMIT" in statement:
            asked.append((statement, parameters))

    event.listen(home.database.engine, "before_cursor_execute", note)
    staff = await operator(home)
    await (home.runs.page_of_all(staff, wanted) if of_all else home.runs.page(home.visitor, wanted))
    event.remove(home.database.engine, "before_cursor_execute", note)
    (statement, parameters), *_ = asked
    with as_owner(home.database).connect() as connection:
        if not home.database.is_sqlite:
            for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET enable_{way} = off")
            if as_good := AS_GOOD.get(index):  # with so few rows; it is back once this connection is closed
                connection.exec_driver_sql(f"DROP INDEX {as_good}")
        explain = "EXPLAIN QUERY PLAN" if home.database.is_sqlite else "EXPLAIN"
        told = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()  # type: ignore[arg-type]
    assert index in {word for line in told for word in str(line[-1]).split()}, told
