"""What is counted is read from one index: neither the wide rows of operations nor their steps are looked through."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import copy
from typing import Any

from sqlalchemy import event

from core.database.session import CustomerSession, Database
from core.statistics.asked import Asked
from core.statistics.counting import count, rests
from tests.benchmarks.metrics_read import look
from tests.benchmarks.statistics_rate import filled
from tests.core.database.rows import NOW


def test_of_many_operations_the_index_alone_is_read_and_no_step_is_looked_for(
    sqlite_template: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{copy(sqlite_template, tmp_path / 'many.db')}"
    filled(url, 2_000)
    asked: list[tuple[str, Any]] = []
    with closing(Database(url)) as database:

        @event.listens_for(database.engine, "before_cursor_execute")
        def hear(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            if statement.startswith(("SELECT", "WITH")):
                asked.append((statement, parameters))

        def plans(session: CustomerSession) -> list[str]:
            count(session, Asked(service="woocommerce"), NOW - timedelta(days=365), NOW - timedelta(days=730))
            connection = session.connection()
            explain = "EXPLAIN QUERY PLAN "
            return [
                str(row[-1]) for one, given in list(asked) for row in connection.exec_driver_sql(explain + one, given)
            ]

        def rest(session: CustomerSession) -> list[str]:
            asked.clear()
            rests("woocommerce", "api_key_generation", session)
            ((one, given),) = asked
            return [str(row[-1]) for row in session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + one, given)]

        counted, told = look(database, plans), look(database, rest)
    of_operations = [line for line in counted if "autonomous_operations" in line]
    assert of_operations
    assert not [line for line in of_operations if "COVERING INDEX ix_operations_ended" not in line], counted
    assert not [line for line in counted if "operation_steps" in line], counted
    assert not [line for line in told if line.startswith("SCAN operation_steps")], told
