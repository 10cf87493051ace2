"""A secret that was put back from yesterday is found by whoever uses it and by the check; so is one that is gone."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from core.database.session import CustomerSession, Database
from core.database.tables import AuditRow, CredentialRow
from core.database.tables.vault import VAULT_WRITES
from core.security.audit import audit_log
from core.security.secret import Secret
from core.security.vault import vault_check
from core.security.vault.rollback import WRITES, RolledBack, Written, last_written
from core.security.vault.vault import LimitedSecret, NoCredential
from tests.core.security.vault.strongroom import USERNAME, Strongroom
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner


@pytest.fixture
async def room(database: Database, clock: MovedClock) -> Strongroom:
    room = Strongroom(database, clock)
    await room.open()
    return room


async def test_yesterdays_whole_row_is_refused_and_named(room: Strongroom) -> None:
    tea = await room.customer()
    for value in ("first", "second", "yesterday's"):
        await room.put(tea, value)
    (before,) = await room.rows(tea)
    await room.put(tea, "today's")
    await room.put_back(tea, before)
    with pytest.raises(RolledBack) as refused:
        await room.use(tea)
    assert str(refused.value) == (
        "This secret is not the one that was stored last. “admin_password” for https://tea.example was rolled back "
        "(row v3, audit says v4). Give it anew."
    )
    (fault,) = (await room.check()).faults
    assert (fault.customer_id, fault.service, fault.shop, fault.field, fault.because) == (
        tea, "woocommerce", "https://tea.example", "admin_password", "was rolled back (row v3, audit says v4)",
    )  # fmt: skip


def empty_newest(room: Strongroom, entries: int = 1) -> Callable[[CustomerSession], None]:
    """What the product itself may do, every guard up: an entry loses detail and salt. And no erasure names it."""

    def empty(session: CustomerSession) -> None:
        for row in session.exec(select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(entries)):
            row.detail, row.salt = None, None
            session.add(row)

    return empty


@pytest.mark.parametrize("entries", [1, 2])
async def test_a_row_that_is_put_back_after_its_proof_was_emptied_is_refused(room: Strongroom, entries: int) -> None:
    """Emptied was the newest write, or all that there are."""
    tea = await room.customer()
    await room.put(tea, "yesterday's")
    (before,) = await room.rows(tea)
    await room.put(tea, "today's")
    await room.run(tea, empty_newest(room, entries))
    await room.put_back(tea, before)
    with pytest.raises(RolledBack, match=r"can't be proven \(entry \d of the audit trail was emptied\)"):
        await room.use(tea)
    assert {one.because for one in (await room.check()).faults} == {
        f"can't be proven (entry {(await newest(room, tea))} of the audit trail was emptied)",
        "was emptied, and no erasure names it",
    }
    await room.put(tea, "given anew")
    assert await room.use(tea) == "given anew"


async def newest(room: Strongroom, customer: UUID) -> int:
    written = select(AuditRow.seq).where(col(AuditRow.salt).is_(None)).order_by(col(AuditRow.seq).desc())
    return int(await room.run(customer, lambda session: session.exec(written).first()))


async def test_what_retention_has_erased_is_no_reproach(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "old")
    await room.run(tea, audit_log.erase_details, tea, because="retention", actor="system", at=room.clock.now())
    assert await room.use(tea) == "old"
    await room.put(tea, "admin", USERNAME)
    assert (await room.use(tea), await room.use(tea, USERNAME)) == ("old", "admin")
    report = await room.check()
    assert (report.is_well, report.unproven) == (True, 1)


async def test_an_end_that_was_put_back_can_not_be_moved_on(room: Strongroom) -> None:
    """It would be written into the chain as the newest."""
    tea = await room.customer()
    item = await room.put(tea, "yesterday's")
    (before,) = await room.rows(tea)
    await room.put(tea, "today's")
    await room.put_back(tea, before)
    with pytest.raises(RolledBack, match="was rolled back"):
        await room.run(tea, room.vault.limit, item, None, at=room.clock.now(), actor="user:1")


async def test_who_writes_while_the_check_runs_is_no_fault(
    postgres_database: Database, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stores something waits for the check: between what it reads of the chain and of the rows nothing is written."""
    room = Strongroom(postgres_database, clock)
    await room.open()
    tea = await room.customer()
    await room.put(tea, "before")
    read, writers = vault_check._last_entries, list[threading.Thread]()

    def read_while_somebody_writes(session: CustomerSession) -> tuple[dict[str, Written], int]:
        found = read(session)
        writers.append(threading.Thread(target=lambda: asyncio.run(room.again().put(tea, "meanwhile"))))
        writers[0].start()
        wait_until_written_or_waiting(postgres_database, writers[0])
        return found

    monkeypatch.setattr(vault_check, "_last_entries", read_while_somebody_writes)
    assert (await room.check()).is_well
    writers[0].join(30)
    assert await room.use(tea) == "meanwhile"


def wait_until_written_or_waiting(database: Database, writer: threading.Thread) -> None:
    """Until somebody waits for a lock on this database, or has written without waiting for one."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with as_owner(database).connect() as connection:
        while writer.is_alive() and not connection.execute(waiting).scalar():
            connection.rollback()


async def test_a_deleted_secret_that_was_put_back_is_refused(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    (before,) = await room.rows(tea)
    await room.forget(tea)
    await room.put_back(tea, before)
    with pytest.raises(RolledBack, match=r"was put back after it was deleted \(row v1\)"):
        await room.use(tea)
    assert [one.because for one in (await room.check()).faults] == ["was put back after it was deleted (row v1)"]


async def test_a_secret_that_took_a_deleted_ones_name_is_told_from_it(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "old")
    (before,) = await room.rows(tea)
    await room.forget(tea)
    await room.put(tea, "new")
    assert await room.use(tea) == "new"
    await room.put_back(tea, before)
    with pytest.raises(RolledBack, match="put back"):
        await room.use(tea)
    assert sorted(one.because for one in (await room.check()).faults) == [
        "is not there (audit says v1)",
        "was put back after it was deleted (row v1)",
    ]


async def test_a_secret_that_is_gone_without_an_entry_is_found(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    await room.put(tea, "admin", USERNAME)

    def steal(session: CustomerSession) -> None:
        session.delete(session.exec(select(CredentialRow).where(CredentialRow.field == USERNAME.field)).one())

    await room.run(tea, steal)
    assert [(one.field, one.because) for one in (await room.check()).faults] == [
        ("admin_username", "is not there (audit says v1)")
    ]
    with pytest.raises(NoCredential):
        await room.use(tea, USERNAME)


def flipped(row: CredentialRow) -> None:
    row.envelope = row.envelope[:-4] + ("AAA=" if row.envelope[-4:] != "AAA=" else "BBB=")


def later_version(row: CredentialRow) -> None:
    row.version += 1


def no_end(row: CredentialRow) -> None:
    row.expires_at = None


def later_end(row: CredentialRow) -> None:
    assert row.expires_at
    row.expires_at += timedelta(days=1000)


@pytest.mark.parametrize("tamper", [flipped, later_version, no_end, later_end])
async def test_any_change_of_a_row_is_refused(room: Strongroom, tamper: Callable[[CredentialRow], Any]) -> None:
    """Also of when it ends: nothing in the envelope says it."""
    tea = await room.customer()
    await room.put(tea, LimitedSecret(Secret("hunter22"), room.clock.now() + timedelta(days=7)))

    def change(session: CustomerSession) -> None:
        row = session.exec(select(CredentialRow)).one()
        tamper(row)
        session.add(row)

    await room.run(tea, change)
    with pytest.raises(RolledBack, match="is not what was stored"):
        await room.use(tea)
    assert len((await room.check()).faults) == 1
    await room.put(tea, "given anew")
    assert await room.use(tea) == "given anew"
    assert (await room.check()).is_well


async def test_a_secret_of_before_entries_named_it_can_be_used_and_is_counted_as_unproven(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")

    with as_owner(room.database).begin() as connection:
        where = "" if room.database.is_sqlite else " ON autonomous_operations_audit"
        connection.execute(text(f"DROP TRIGGER audit_changes_nothing{where}"))

    def as_before(session: CustomerSession) -> None:
        row = session.exec(select(AuditRow)).one()
        row.detail = {"service": "woocommerce", "shop": "https://tea.example", "field": "admin_password", "version": 1}
        session.add(row)

    await room.run(tea, as_before)
    assert await room.use(tea) == "hunter22"
    report = await room.check()
    assert (report.is_well, report.opened, report.unproven) == (True, 1, 1)
    await room.put(tea, "hunter23")
    assert (await room.check()).unproven == 0


async def test_the_check_counts_what_it_opened_and_tells_no_value(room: Strongroom) -> None:
    for name in ("Tea", "Coffee"):
        customer = await room.customer(name)
        await room.put(customer, "canary-password")
        await room.put(customer, "canary-name", USERNAME)
        await room.forget(customer, USERNAME)
    await room.customer("Nothing stored")
    report = await room.check()
    assert (report.master_keys, report.customers, report.data_keys, report.opened) == (1, 3, 2, 2)
    assert report.is_well
    assert "canary" not in repr(report)
    before = [await room.actions(customer)]
    await room.check()
    assert before == [await room.actions(customer)]  # to check is no use


async def test_a_damaged_data_key_is_found_though_no_secret_needs_it(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    await room.forget(tea)
    (key,) = await room.data_keys(tea)

    def damage(session: CustomerSession) -> None:
        session.add(key)
        key.wrapped = key.wrapped[:-8] + "AAAAAAA="

    await room.run(tea, damage)
    assert [(one.field, one.because) for one in (await room.check()).faults] == [("data key 1", "does not open")]


def test_the_index_holds_just_the_entries_that_are_looked_up() -> None:
    assert str(VAULT_WRITES) == f"action IN ({', '.join(repr(one.value) for one in WRITES)})"


async def test_the_look_up_goes_by_the_index(sqlite_database: Database, clock: MovedClock) -> None:
    """A customer's chain may have a million entries, of which few are the vault's."""
    room = Strongroom(sqlite_database, clock)
    await room.open()
    tea = await room.customer()
    item = await room.put(tea, "hunter22")
    told: list[str] = []

    def explain(session: CustomerSession) -> None:
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(told.append)
        assert last_written(session, item) is not None
        driver.set_trace_callback(None)
        (statement,) = (one for one in told if "SELECT" in one)
        told[:] = [str(row) for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}")]

    await room.run(tea, explain)
    assert "ix_audit_vault_writes" in " ".join(told)
