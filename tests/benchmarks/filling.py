"""Fills a database past its guards and keys, in SQL alone: a million rows in seconds, as no use case could."""

from collections.abc import Callable

from sqlalchemy import Connection, event

from core.database.engines import plain_engine


def filled_by(url: str, fill: Callable[[Connection, bool], None]) -> None:
    """Have this database filled in one transaction, and tell its planner; `fill` is told whether it is SQLite."""
    engine = plain_engine(url)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA foreign_keys=OFF"))
    with engine.begin() as connection:
        if is_sqlite:
            for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        fill(connection, is_sqlite)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")
    engine.dispose()
