"""How the service is: a line for each thing, with a state and what to do; a database that is gone is a line, too."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import NotificationRow, OperationRow
from core.health import (
    LATE,
    Finding,
    Health,
    HealthReport,
    State,
    of_backlog,
    of_chains,
    of_disk,
    of_queue,
    of_workers,
    size,
    told_ago,
)
from core.operations.lease import LEASE
from core.security.audit.chain_watch import ChainsStanding
from core.security.people.authorize import NotAllowed
from core.statistics.figures import Present
from core.statistics.standing import Backlog, Working
from tests.core.database.rows import NOW, Company, company, operation
from tests.core.statistics.test_statistics import somebody
from tests.fakes.clock import MovedClock

GIB = 1024**3


class IntactChains:
    """Chains of which none is broken."""

    async def standing(self) -> ChainsStanding:
        return ChainsStanding(1, 0, 0, NOW)


async def look() -> Sequence[Finding]:
    return (Finding("Browser", "None was found.", State.BROKEN, "scripts/install"),)


def health(database: Database, *, looks: bool = False) -> Health:
    return Health(database, MovedClock(NOW), IntactChains(), (look,) if looks else ())  # type: ignore[arg-type]


def lines(report: HealthReport) -> dict[str, tuple[State, str]]:
    return {one.name: (one.state, one.found) for one in report.findings}


async def run(database: Database, of: Company, shop: str, **values: object) -> None:
    row: OperationRow = operation(of, shop=shop)
    for name, value in values.items():
        setattr(row, name, value)

    def add(session: CustomerSession) -> None:
        session.add(row)

    await database.run(of.id, add)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-3, "0 s ago"),
        (119, "119 s ago"),
        (120, "2 min ago"),
        (7199, "119 min ago"),
        (7200, "2 h ago"),
        (172_800, "2 days ago"),
    ],
)
def test_how_long_ago_is_told_in_the_unit_that_fits(seconds: int, told: str) -> None:
    assert told_ago(timedelta(seconds=seconds)) == told


async def test_workers_queue_database_and_chains_have_a_line_each(database: Database) -> None:
    tea, staff = await company(database, "tea"), await somebody(database, is_staff=True)
    held = {"status": OperationStatus.IN_PROGRESS, "lease_owner": "one", "lease_until": NOW + LEASE}
    await run(database, tea, "a.example", **held)
    await run(database, tea, "b.example", **held)
    told = lines(await health(database).report(staff))
    assert list(told) == ["Workers", "Queue", "Notifications", "Database", "Audit chains"]
    assert told["Workers"] == (State.WELL, "one runs 2 of woocommerce, heard of 0 s ago.")
    assert told["Queue"] == (State.WELL, "1 waiting, the oldest for 0 s, 2 running.")
    assert told["Notifications"] == (State.WELL, "None is due.")
    kind = "SQLite, a file of" if database.is_sqlite else "PostgreSQL of"
    assert told["Database"][1].startswith(kind)
    assert told["Audit chains"] == (State.WELL, "1, none broken.")


async def test_what_is_to_be_told_and_is_late_is_told(database: Database) -> None:
    """Of every customer; what was sent, given up, or is tried again later is not due."""
    tea, pots = await company(database, "tea"), await company(database, "pots")
    staff = await somebody(database, is_staff=True)
    late = timedelta(minutes=7)
    for of, ago, ended in [
        (tea, late, None),
        (pots, timedelta(0), None),
        (tea, -late, None),
        (tea, 2 * late, "sent_at"),
        (pots, 2 * late, "given_up_at"),
    ]:
        row = NotificationRow(
            customer_id=of.id, user_id=of.user_id, event="failed", status="failed", sentence="It failed.",
            created_at=NOW - 3 * late, next_at=NOW - ago,
        )  # fmt: skip
        if ended:
            setattr(row, ended, NOW)
        await database.run(of.id, partial(CustomerSession.add, instance=row))
    told = lines(await health(database).report(staff))
    assert told["Notifications"] == (State.LOOK, "2 due, the longest for 420 s.")


def test_notifications_are_to_be_looked_at_once_one_has_been_due_for_minutes() -> None:
    assert of_backlog(Backlog(1, LATE)).state is State.WELL
    assert of_backlog(Backlog(1, LATE + 1)).state is State.LOOK


async def test_the_whole_is_as_its_worst_line_is(database: Database) -> None:
    staff = await somebody(database, is_staff=True)
    report = await health(database, looks=True).report(staff)
    assert report.state is State.BROKEN
    assert report.findings[-1].mend == "scripts/install"


async def test_looks_that_come_close_together_are_one(sqlite_database: Database) -> None:
    staff = await somebody(sqlite_database, is_staff=True)
    looked: list[int] = []

    async def counted() -> Sequence[Finding]:
        looked.append(1)
        return ()

    watched = Health(sqlite_database, MovedClock(NOW), IntactChains(), (counted,))  # type: ignore[arg-type]
    first = await watched.report(staff)
    assert await watched.report(staff) is first
    assert looked == [1]


async def test_a_database_of_another_version_is_told_and_what_is_in_it_is_not_read(sqlite_database: Database) -> None:
    staff = await somebody(sqlite_database, is_staff=True)
    await sqlite_database.run_across_customers(
        lambda session: session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'"),
        because="the test makes it old",
    )
    told = lines(await health(sqlite_database).report(staff))
    assert told == {"Database": (State.BROKEN, "It is not of this version.")}


async def test_a_database_that_does_not_answer_hides_no_other_line(tmp_path: object) -> None:
    nowhere = Database(f"sqlite:///{tmp_path}/no/such/folder/autopilot.db")
    watched = health(nowhere, looks=True)
    report = await watched._look()
    assert lines(report)["Database"] == (State.BROKEN, "It does not answer.")
    assert "Browser" in lines(report)


async def test_it_is_for_staff_alone(sqlite_database: Database) -> None:
    with pytest.raises(NotAllowed):
        await health(sqlite_database).report(await somebody(sqlite_database))


def test_a_worker_that_is_silent_for_longer_than_its_lease_is_to_be_looked_at() -> None:
    silent = Working("two", "pretix", 1, NOW - timedelta(seconds=3))
    found = of_workers([Working("one", "pretix", 1, NOW + LEASE), silent], None, NOW)
    assert found.state is State.LOOK
    assert f"two runs 1 of pretix, heard of {LEASE.total_seconds() + 3:.0f} s ago" in found.found


def test_workers_that_have_nothing_to_do_are_told_and_that_none_is_there_is() -> None:
    assert of_workers([], None, NOW) == Finding("Workers", "None has an operation now.")
    gone = of_workers([], [], NOW)
    assert (gone.state, gone.mend) == (State.BROKEN, "Begin a worker: autopilot worker")
    idle = of_workers([], ["one", "two"], NOW)
    assert (idle.state, idle.found) == (State.WELL, "one, two connected, with nothing to do.")
    works = of_workers([Working("one-of-a-long-name", "pretix", 1, NOW + LEASE)], ["one-of-a-long", "two"], NOW)
    assert works.found.startswith("one-of-a-long-name runs 1 of pretix, heard of 0 s ago; two ")
    assert works.found.endswith("; two connected, with nothing to do.")
    asleep = of_workers([Working("one", "pretix", 1, NOW + LEASE)], [], NOW)
    assert (asleep.state, asleep.found) == (State.WELL, "one runs 1 of pretix, heard of 0 s ago.")


def present(waiting: int, oldest: float | None, lease_run_out: int = 0) -> Present:
    return Present({"pending": waiting}, 0, lease_run_out, 0, oldest, {}, 1, 0)


def test_a_queue_is_to_be_looked_at_once_somebody_waits_for_a_minute_or_nobody_holds_what_runs() -> None:
    assert of_queue(present(0, None)).state is State.WELL
    assert of_queue(present(3, 60.0)).state is State.WELL
    assert (of_queue(present(3, 61.0)).state, of_queue(present(3, 61.0)).mend) == (
        State.LOOK,
        "Begin another worker: autopilot worker",
    )
    assert of_queue(present(0, None, lease_run_out=1)).state is State.LOOK


def test_a_chain_that_is_broken_or_can_t_be_vouched_for_is_told() -> None:
    assert of_chains(ChainsStanding(3, 1, 0, NOW)).state is State.BROKEN
    assert of_chains(ChainsStanding(3, 0, 0, NOW, is_late=True)).state is State.LOOK
    assert of_chains(ChainsStanding(3, 0, 2, NOW)).found == "3, none broken, 2 not verified yet."


def test_a_disk_is_well_with_two_gibibytes_free_and_broken_with_hardly_any() -> None:
    assert of_disk("Disk", 2 * GIB, 9 * GIB).state is State.WELL
    assert of_disk("Disk", 2 * GIB - 1, 9 * GIB).state is State.LOOK
    assert of_disk("Disk", GIB // 8, 9 * GIB).state is State.BROKEN
    assert (size(GIB), size(GIB // 2)) == ("1.0 GiB", "512.0 MiB")
