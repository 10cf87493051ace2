"""What is told to whoever watches: counted over all customers, quickly, and what ended never becomes less."""

from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any
from uuid import uuid4

from sqlalchemy import event

from core.database.session import CustomerSession, Database
from core.database.states import ApprovalEnding, OperationStatus, StepState
from core.database.tables import AuditHead, ConsentRow, OperationRow, OwnerApprovalRow, StepRow
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.statistics.figures import PRESENT_WITHIN, Present, Totals, present, totals, waited
from tests.benchmarks.metrics_read import filled, look
from tests.core.database.rows import NOW, Company, company, operation
from tests.postgres import PostgresServer, as_product

S = OperationStatus
WHY = "the test looks"


async def looked(database: Database, seconds: float = 0) -> tuple[Present, Totals]:
    at = NOW + timedelta(seconds=seconds)
    return (
        await database.read_across_customers(partial(present, now=at), because=WHY),
        await database.read_across_customers(partial(totals, now=at), because=WHY),
    )


async def test_of_nothing_there_is_nothing(database: Database) -> None:
    now, whole = await looked(database)
    assert now.open == dict.fromkeys(("awaiting_consent", "pending", "in_progress", "awaiting_input"), 0)
    assert now.finished == whole.finished == dict.fromkeys(("completed", "failed", "cancelled"), 0)
    assert (now.running, now.lease_run_out, now.workers, now.oldest_waiting, now.chains) == (0, 0, 0, None, 0)
    assert (whole.steps, whole.model_calls, whole.consents, whole.products) == ({}, 0, 0, 0)


async def add(database: Database, of: Company, *rows: Any) -> None:
    def use_case(session: CustomerSession) -> None:
        for row in rows:
            session.add(row)
            session.flush()

    await database.run(of.id, use_case)


def run(of: Company, shop: str, status: OperationStatus, **values: Any) -> OperationRow:
    row = operation(of, shop=shop)
    row.status = status
    for name, value in values.items():
        setattr(row, name, value)
    return row


async def test_all_customers_are_counted_together(database: Database) -> None:
    tea, coffee = await company(database, "tea"), await company(database, "coffee")  # each has one that waits
    soon, past = NOW + timedelta(seconds=15), NOW - timedelta(seconds=1)
    await add(
        database,
        tea,
        run(tea, "a.example", S.IN_PROGRESS, lease_owner="one", lease_until=soon, model_calls=2, model_tokens=70),
        run(tea, "b.example", S.AWAITING_INPUT, lease_owner="one", lease_until=soon),
        run(tea, "c.example", S.AWAITING_INPUT),  # for its owner's approval: nobody runs it
        run(tea, "d.example", S.COMPLETED, model_millionths=1_500_000),
        StepRow(
            customer_id=tea.id, operation_id=tea.operation_id, position=0, intent="Do it", action="click",
            state=StepState.DONE, decided_by="likeness",
        ),
    )  # fmt: skip
    await add(database, coffee, run(coffee, "a.example", S.IN_PROGRESS, lease_owner="two", lease_until=past))
    now, whole = await looked(database)
    assert now.open == {"awaiting_consent": 0, "pending": 2, "in_progress": 2, "awaiting_input": 2}
    assert (now.running, now.lease_run_out, now.workers) == (3, 1, 1)
    assert whole.finished == {"completed": 1, "failed": 0, "cancelled": 0}
    assert (whole.steps, whole.model_calls, whole.model_tokens) == ({"likeness": 1}, 2, 70)
    assert whole.model_millionths == 1_500_000


async def test_it_waits_since_it_might_have_begun(database: Database) -> None:
    tea = await company(database, "tea")
    assert (await looked(database, 60))[0].oldest_waiting == 60
    consent = consented(tea, NOW + timedelta(seconds=20))
    await add(database, tea, consent)
    await put(database, tea, consent_id=consent.id)
    now, whole = await looked(database, 60)
    assert (now.oldest_waiting, whole.consents) == (40, 1)
    await add(database, tea, approved(tea, NOW + timedelta(seconds=50)))
    assert (await looked(database, 60))[0].oldest_waiting == 10
    await put(database, tea, started_at=NOW + timedelta(seconds=55), status=S.IN_PROGRESS)
    assert await database.read(tea.id, partial(waited, tea.operation_id)) == 5
    assert await database.read(tea.id, partial(waited, uuid4())) is None
    assert (await looked(database, 60))[0].oldest_waiting is None
    assert (await looked(database, 10_000))[1].consents == 0  # it is over by then


def consented(of: Company, at: Any) -> ConsentRow:
    return ConsentRow(
        customer_id=of.id, id=uuid4(), user_id=of.user_id, service="woocommerce", operation="api_key_generation",
        store_origin="https://tea.example", permissions=[], text_version="2.0", text_sha256="-", granted_at=at,
        expires_at=at + timedelta(hours=1),
    )  # fmt: skip


def approved(of: Company, at: Any) -> OwnerApprovalRow:
    return OwnerApprovalRow(
        customer_id=of.id, operation_id=of.operation_id, store_origin="https://tea.example", scope="read",
        state_sha256=uuid4().hex, created_at=NOW, expires_at=at, ended_at=at, ending=ApprovalEnding.GIVEN,
    )  # fmt: skip


async def put(database: Database, of: Company, **values: Any) -> None:
    def change(session: CustomerSession) -> None:
        row = session.get(OperationRow, (of.id, of.operation_id))
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)

    await database.run(of.id, change)


async def test_what_ended_is_counted_from_what_is_never_deleted(database: Database) -> None:
    tea = await company(database, "tea")
    ends = (AuditAction.OPERATION_COMPLETED, AuditAction.OPERATION_COMPLETED, AuditAction.OPERATION_CANCELLED)

    def end(session: CustomerSession) -> None:
        for action in (AuditAction.OPERATION_STARTED, *ends):
            audit_log.record(session, tea.id, AuditEvent(action, "agent", tea.operation_id, {}), at=NOW)

    def forget(session: CustomerSession) -> None:
        session.delete(session.get(OperationRow, (tea.id, tea.operation_id)))
        head = session.get(AuditHead, tea.id)
        assert head
        head.broken_because = "somebody was here"

    await database.run(tea.id, end)
    await database.run(tea.id, forget)
    now, whole = await looked(database)
    assert now.finished == {"completed": 2, "failed": 0, "cancelled": 1}
    assert (sum(now.open.values()), sum(whole.finished.values())) == (0, 0)
    assert (now.chains, now.chains_broken) == (1, 1)


async def test_on_postgresql_the_server_gives_it_up_in_time(postgres_database: Database) -> None:
    def settings(session: CustomerSession) -> tuple[str, str]:
        present(session, NOW)
        connection = session.connection()
        inside = str(connection.exec_driver_sql("SHOW statement_timeout").scalar_one())
        return inside, ""

    assert (await postgres_database.read_across_customers(settings, because=WHY))[0] == f"{PRESENT_WITHIN}ms"
    after = await postgres_database.read_across_customers(
        lambda session: session.connection().exec_driver_sql("SHOW statement_timeout").scalar_one(), because=WHY
    )
    assert after == "0"


OPERATIONS = 20_000


def test_of_many_operations_sqlite_reads_the_indexes_alone(sqlite_template: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{copy(sqlite_template, tmp_path / 'many.db')}"
    filled(url, OPERATIONS, steps=1)
    with closing(Database(url)) as database:
        plan = plans(database, "EXPLAIN QUERY PLAN ")
    assert not [line for line in plan if line.startswith("SCAN autonomous_operations") and "INDEX" not in line], plan
    assert any("uq_operations_one_open_per_shop" in line for line in plan)
    assert any("ix_audit_ends" in line for line in plan)


def test_of_many_operations_postgresql_reads_the_indexes_alone(
    postgres: PostgresServer, postgres_template: str
) -> None:
    with postgres.database(like=postgres_template) as url:
        filled(url, OPERATIONS, steps=1)
        with closing(Database(as_product(url))) as database:
            plan = plans(database, "EXPLAIN ")
    assert not [line for line in plan if "Seq Scan on autonomous_operations" in line], plan
    assert any("uq_operations_one_open_per_shop" in line for line in plan)
    assert any("ix_audit_ends" in line for line in plan)


def plans(database: Database, explain: str) -> list[str]:
    """How the database goes about each statement of a look at how it stands now."""
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def hear(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT") and not statement.startswith("SELECT set_config"):
            asked.append((statement, parameters))

    def explained(session: CustomerSession) -> list[str]:
        assert present(session, NOW).open["pending"] == OPERATIONS // 1000
        connection = session.connection()
        return [
            str(row[-1]) for one, given in list(asked) for row in connection.exec_driver_sql(explain + one, given).all()
        ]

    found: list[str] = look(database, explained)
    return found
