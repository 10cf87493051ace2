"""What the statistics cost a database with many operations, beside a statement that asks for nothing.

    python -m tests.benchmarks.statistics_rate [OPERATIONS] [sqlite|postgresql]

A database that is removed afterwards, of each kind or of one: 100,000 operations of 200 customers, spread over a year,
ten steps and ten entries of the audit to each. Everything is asked as the product asks it.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from core.database.roles import Role
from core.database.session import Database
from core.database.upgrade import upgrade
from core.security.people.visitor import Visitor
from core.statistics.asked import Asked
from core.statistics.statistics import Statistics
from core.statistics.workflow_health import WorkflowHealth
from tests.benchmarks.filling import filled_by
from tests.core.database.rows import NOW
from tests.fakes.clock import MovedClock
from tests.postgres import as_product, binaries, postgres_server

STEPS, ENTRIES, CUSTOMERS, DAYS = 10, 10, 200, 365
WIDE = json.dumps({"seen": "x" * 400})
TRIES = 15
# Few setups climb the ladder: one in twenty is healed, one in two hundred asks the model.
DECIDED = (
    'CASE WHEN n % 200 = 7 THEN \'{"code": 3, "model": 1, "recorded": 6}\''
    ' WHEN n % 20 = 7 THEN \'{"code": 3, "likeness": 1, "recorded": 6}\' ELSE \'{"code": 3, "recorded": 7}\' END'
)
FURTHEST = "CASE WHEN n % 200 = 7 THEN 'model' WHEN n % 20 = 7 THEN 'likeness' ELSE 'recorded' END"


def filled(url: str, operations: int) -> None:
    """Fill a database past its guards and keys, in SQL alone; nine of ten setups succeed, in ten to sixty seconds."""

    def fill(connection: Connection, is_sqlite: bool) -> None:
        for statement in _statements(operations, is_sqlite=is_sqlite):
            connection.exec_driver_sql(statement if is_sqlite else statement.replace("%", "%%"))

    filled_by(url, fill)


def _statements(operations: int, *, is_sqlite: bool) -> tuple[str, ...]:
    numbers, steps = _series(operations, "n", is_sqlite), _series(STEPS, "p", is_sqlite)
    customer, operation = _id("0", f"n % {CUSTOMERS}", is_sqlite), _id("1", "n", is_sqlite)
    length = "(10 + (n * 7919) % 5000 / 100.0)"
    ended = _ago(f"(n % {DAYS}) * 86400 + (n * 31) % 80000", is_sqlite)
    began = _ago(f"(n % {DAYS}) * 86400 + (n * 31) % 80000 + {length}", is_sqlite)
    service = "CASE n % 3 WHEN 0 THEN 'woocommerce' WHEN 1 THEN 'wordpress' ELSE 'pretix' END"
    reason = "CASE WHEN n % 10 = 8 THEN CASE n % 4 WHEN 0 THEN 'wrong_password' ELSE 'no_rights' END END"
    return (
        f"INSERT INTO customers (id, name, created_at) SELECT DISTINCT {customer}, 'Customer ' || (n % {CUSTOMERS}), {began}"
        f" FROM {_series(CUSTOMERS, 'n', is_sqlite)}",
        "INSERT INTO autonomous_operations (customer_id, id, requested_by, service, operation, store_origin, permissions,"
        " status, tries, current_step, total_steps, checkpoint, result, failure_code, model_calls, model_tokens,"
        " model_millionths, workflow_id, workflow_version, service_version, took_seconds, decided_steps, furthest_rung, fence, attempt,"
        " created_at, started_at, finished_at)"
        f" SELECT {customer}, {operation}, {operation}, {service}, 'api_key_generation', 'https://' || n || '.example',"
        f" '[]', CASE n % 10 WHEN 8 THEN 'failed' ELSE 'completed' END, 0, 10, 10, '{WIDE}', '{WIDE}', {reason}, 0, 0,"
        f" CASE WHEN n % 200 = 7 THEN 4200 ELSE 0 END, ({service}) || '-setup', 'version-' || (n % 4),"
        f" 'WooCommerce 11.' || (n % 5), {length}, {_json(DECIDED, is_sqlite)}, {FURTHEST}, 1, 1, {began}, {began}, {ended}"
        f" FROM {numbers}",
        "INSERT INTO operation_steps (customer_id, operation_id, position, intent, action, state, decided_by, page_url,"
        " started_at, finished_at)"
        f" SELECT {customer}, {operation}, p, 'Click “Add key” under “REST API”', 'click', 'done', 'recorded',"
        f" 'https://tea.example/wp-admin/admin.php?page=wc-settings', {ended}, {ended} FROM {numbers}, {steps}",
        "INSERT INTO autonomous_operations_audit (customer_id, seq, at, actor, action, operation_id, detail,"
        " detail_digest, previous, hash)"
        f" SELECT {customer}, n * {ENTRIES} + p, '{NOW.isoformat()}', 'agent', CASE p WHEN 1 THEN 'operation_completed'"
        f" ELSE 'step_intended' END, {operation}, '{WIDE}', 'd', 'p', 'h' FROM {numbers}, {_series(ENTRIES, 'p', is_sqlite)}",
    )


def _series(most: int, name: str, is_sqlite: bool) -> str:
    if not is_sqlite:
        return f"generate_series(1, {most}) AS of_{name}({name})"
    rows = f"WITH RECURSIVE s({name}) AS (SELECT 1 UNION ALL SELECT {name} + 1 FROM s WHERE {name} < {most})"
    return f"({rows} SELECT {name} FROM s) AS of_{name}"


def _id(kind: str, number: str, is_sqlite: bool) -> str:
    if is_sqlite:
        return f"printf('{kind}0000000000040008000%012d', {number})"
    return f"('{kind}0000000-0000-4000-8000-' || lpad(({number})::text, 12, '0'))::uuid"


def _ago(seconds: str, is_sqlite: bool) -> str:
    moment = NOW.isoformat(sep=" ")[:19]
    if is_sqlite:
        return f"strftime('%Y-%m-%d %H:%M:%f000', '{moment}', '-' || ({seconds}) || ' seconds')"
    return f"'{moment}+00'::timestamptz - ({seconds}) * interval '1 second'"


def _json(told: str, is_sqlite: bool) -> str:
    return told if is_sqlite else f"({told})::jsonb"


async def timed(ask: Callable[[], Awaitable[object]]) -> tuple[float, float, float]:
    """The middle and the slowest but one in twenty of so many tries, and what this process itself worked, in milliseconds."""
    times = []
    worked = time.process_time()
    for _ in range(TRIES):
        began = time.perf_counter()
        await ask()
        times.append(1000 * (time.perf_counter() - began))
    worked = 1000 * (time.process_time() - worked) / TRIES
    return statistics.median(times), statistics.quantiles(times, n=20, method="inclusive")[-1], worked


async def measure(database: Database) -> None:
    """Say what each question takes."""
    clock = MovedClock(NOW + timedelta(hours=1))
    asked = Statistics(database, clock)
    staff = Visitor(uuid4(), uuid4(), "staff@omniops.example", Role.ADMIN)
    owner = Visitor(UUID("00000000-0000-4000-8000-000000000007"), uuid4(), "owner@tea.example", Role.OWNER)
    nothing = partial(
        database.read_across_customers,
        lambda session: session.execute(text("SELECT 1")).one(),
        because="it is measured",
    )
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "SELECT 1": nothing,
        "summary, 30 days, staff": lambda: asked.summary(staff, Asked(days=30)),
        "summary, 365 days, staff": lambda: asked.summary(staff, Asked(days=365)),
        "summary, 365 days, one service": lambda: asked.summary(staff, Asked(days=365, service="woocommerce")),
        "summary, 365 days, a named customer": lambda: asked.summary(staff, Asked(days=365, customer="Customer 7")),
        "summary, 365 days, a customer's own": lambda: asked.summary(owner, Asked(days=365)),
        "rows for a spreadsheet, 365 days": lambda: asked.rows(staff, Asked(days=365)),
        "usual rest of an operation": lambda: asked.usual_rest("woocommerce", "api_key_generation"),
        "workflow health": lambda: WorkflowHealth(database, clock).lines(staff),
    }
    for name, ask in questions.items():
        await ask()  # once to warm up
        median, slow, worked = await timed(ask)
        sys.stdout.write(f"{name:38} p50 {median:8.1f} ms   p95 {slow:8.1f} ms   of the processor {worked:8.1f} ms\n")
        sys.stdout.flush()


def main(operations: int = 100_000, kinds: str = "sqlite postgresql") -> None:
    """Each kind of database in turn."""
    if "sqlite" in kinds:
        with tempfile.TemporaryDirectory() as folder:
            _run(f"sqlite:///{Path(folder) / 'many.db'}", operations)
    if "postgresql" in kinds:
        found = binaries()
        if found is None:
            sys.exit("There is no PostgreSQL here.")
        with postgres_server(found) as server, server.database() as url:
            _run(url, operations)


def _run(url: str, operations: int) -> None:
    with closing(Database(url)) as database:
        upgrade(database, login=None if database.is_sqlite else make_url(as_product(url)))
    filled(url, operations)
    with closing(Database(url if url.startswith("sqlite") else as_product(url))) as database:
        sys.stdout.write(f"{database.engine.dialect.name}: {operations:,} operations, {operations * STEPS:,} steps, ")
        sys.stdout.write(f"{operations * ENTRIES:,} audit rows\n")
        asyncio.run(measure(database))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else "sqlite postgresql")
