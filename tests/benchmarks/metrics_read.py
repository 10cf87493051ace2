"""What one look at the metrics costs a database with many operations.

    python -m tests.benchmarks.metrics_read [OPERATIONS] [DATABASE_URL]

Without a URL: a SQLite file in a folder that is removed. Each operation has twelve steps and one entry that says how it ended.
On PostgreSQL: an empty database, as its owner.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from core.database.engines import EVERY_CUSTOMER, READS, WHOSE
from core.database.session import CustomerSession, Database
from core.database.upgrade import upgrade
from core.statistics import figures
from tests.benchmarks.filling import filled_by
from tests.core.database.rows import NOW

STEPS = 12
WIDE = json.dumps({"seen": "x" * 400})
MOMENT = NOW.isoformat(sep=" ")[:19]


def filled(url: str, operations: int, steps: int = STEPS) -> None:
    """Fill a database past its guards and keys, in SQL alone; one in a thousand operations waits, one in a thousand runs."""
    filled_by(url, lambda connection, is_sqlite: _fill(connection, operations, steps, is_sqlite=is_sqlite))


def _fill(connection: Connection, operations: int, steps: int, *, is_sqlite: bool) -> None:
    numbers, counted = _series(operations, "n", is_sqlite), _series(steps, "p", is_sqlite)
    ids = {}

    def run(statement: str) -> None:
        connection.exec_driver_sql(statement if is_sqlite else statement.replace("%", "%%"))

    for name, of in (("customer", "n % 200"), ("operation", "n")):
        kind = "1" if name == "operation" else "0"
        ids[name] = (
            f"printf('{kind}0000000000040008000%012d', {of})"
            if is_sqlite
            else f"('{kind}0000000-0000-4000-8000-' || lpad(({of})::text, 12, '0'))::uuid"
        )
    customer, operation = ids["customer"], ids["operation"]
    ended = "CASE WHEN n % 10 < 8 THEN 'completed' WHEN n % 10 = 8 THEN 'failed' ELSE 'cancelled' END"
    status = f"CASE WHEN n % 1000 = 0 THEN 'pending' WHEN n % 1000 = 1 THEN 'in_progress' ELSE {ended} END"
    run(
        "INSERT INTO autonomous_operations (customer_id, id, requested_by, service, operation, store_origin, permissions,"
        " status, current_step, total_steps, checkpoint, result, model_calls, model_tokens, model_millionths, fence,"
        " attempt, created_at, lease_owner, lease_until)"
        f" SELECT {customer}, {operation}, {operation}, 'woocommerce', 'setup', 'https://' || n || '.example', '[]',"
        f" {status}, 12, 12, '{WIDE}', '{WIDE}', n % 3, n % 1000, n % 5000, 1, 1, '{MOMENT}', 'w' || (n % 3), '{MOMENT}'"
        f" FROM {numbers}"
    )
    rung = "CASE p % 4 WHEN 0 THEN 'recorded' WHEN 1 THEN 'alternative' WHEN 2 THEN 'likeness' ELSE 'model' END"
    run(
        "INSERT INTO operation_steps (customer_id, operation_id, position, intent, action, state, decided_by, page_url)"
        f" SELECT {customer}, {operation}, p, 'Click “Add key” under “REST API”', 'click', 'done', {rung},"
        f" 'https://tea.example/wp-admin/admin.php?page=wc-settings' FROM {numbers}, {counted}"
    )
    for action, share in (
        ("step_intended", "n % 2 = 0"),
        ("operation_completed", "true"),
        ("operation_failed", "n % 5 = 0"),
    ):
        offset = {"step_intended": 0, "operation_completed": operations, "operation_failed": 2 * operations}[action]
        run(
            "INSERT INTO autonomous_operations_audit (customer_id, seq, at, actor, action, operation_id, detail,"
            " detail_digest, previous, hash)"
            f" SELECT {customer}, n + {offset}, '{MOMENT}', 'agent', '{action}', {operation}, '{WIDE}', 'd', 'p', 'h'"
            f" FROM {numbers} WHERE {share}"
        )


def _series(most: int, name: str, is_sqlite: bool) -> str:
    if not is_sqlite:
        return f"generate_series(1, {most}) AS of_{name}({name})"
    rows = f"WITH RECURSIVE s({name}) AS (SELECT 1 UNION ALL SELECT {name} + 1 FROM s WHERE {name} < {most})"
    return f"({rows} SELECT {name} FROM s) AS of_{name}"


def look(database: Database, use_case: Callable[[CustomerSession], Any]) -> Any:
    """One look, as the product takes it."""
    options: dict[str, Any] = {WHOSE: EVERY_CUSTOMER, READS: True}
    with (
        database.engine.connect().execution_options(**options) as connection,
        CustomerSession(connection, info={WHOSE: EVERY_CUSTOMER, "because": "it is measured"}) as session,
        session.begin(),
    ):
        return use_case(session)


def quickest(database: Database, use_case: Callable[[CustomerSession], Any]) -> float:
    """The quickest of five looks, in seconds."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        look(database, use_case)
        times.append(time.perf_counter() - began)
    return min(times)


def main(operations: int = 100_000, url: str | None = None) -> None:
    """Fill a database, and say what the two looks take."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'many.db'}")
        upgrade(database)
        filled(database.url.render_as_string(hide_password=False), operations)
        for name, read in (("present", figures.present), ("totals", figures.totals)):
            seconds = quickest(database, lambda session, read=read: read(session, NOW))  # type: ignore[misc]
            sys.stdout.write(f"{name}: {seconds * 1000:.1f} ms, of {operations:,} operations\n")
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else None)
