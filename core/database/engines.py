"""How connections are made, and for whom each transaction acts: one customer, every customer, or nobody.

    option `whose`     a customer's id        EVERY_CUSTOMER        none
    SQLite             app_customer() = id    app_customer() = *    app_customer() is null: the triggers refuse
    PostgreSQL         role app_rw, its id    role app_ops          role app_rw, no id: the policies show no row

What is not told whose it is reaches nothing. On PostgreSQL role and id hold for the transaction only, so that the next
user of a pooled connection does not inherit them.
"""

import sqlite3
from contextlib import suppress
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, Engine, NullPool, Pool, create_engine, event

EVERY_CUSTOMER: Final = "*"
Whose = UUID | Literal["*"]
WHOSE = "whose"  # the execution option, and the key in a SQLite connection's info
READS = "reads"  # the execution option of a transaction that only reads

RW, OPS, OWNER = (
    "app_rw",
    "app_ops",
    "app_owner",
)  # PostgreSQL's roles: one customer's rows, everybody's, the tables' owner

SQLITE_PRAGMAS = (
    "busy_timeout=30000",  # milliseconds a writer waits for another; before all that may have to wait
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten: else it stays readable in the file's free places
    "recursive_triggers=ON",  # without it INSERT OR REPLACE goes past the delete triggers
)
# A server that is gone without a word would be waited for a quarter of an hour: seconds to connect, milliseconds unheard. And the
# server would wait two hours for a machine of ours that is gone, with all its locks.
GIVEN_UP: dict[str, Any] = {
    "connect_timeout": 10,
    "tcp_user_timeout": 15_000,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}
LOCKED_FOR, IDLE_FOR = (
    "10s",
    "10s",
)  # waits of a writer: for somebody's lock; and of the server, for a writer that does nothing
ACT_AS = "SELECT set_config('role', %s, true), set_config('app.customer_id', %s, true)"
# A process that is stopped in the middle of a transaction would keep its locks for as long as it sleeps.
LETS_GO = f"{ACT_AS}, set_config('lock_timeout', '{LOCKED_FOR}', true), set_config('idle_in_transaction_session_timeout', '{IDLE_FOR}', true)"


def app_engine(url: str, pool: type[Pool] | None = None) -> Engine:
    """Connections of the product itself. Raises what SQLAlchemy raises for an address it does not know."""
    on_server = not url.startswith("sqlite")
    engine = create_engine(
        url, hide_parameters=True, poolclass=pool, pool_pre_ping=on_server, connect_args=GIVEN_UP if on_server else {}
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def plain_engine(url: str) -> Engine:
    """Connections to look at the tables' state and to upgrade them: on PostgreSQL as who signs in, acting for nobody.

    None is kept open.
    """
    if url.startswith("sqlite"):
        return app_engine(url, NullPool).execution_options(**{WHOSE: EVERY_CUSTOMER})
    return create_engine(url, hide_parameters=True, poolclass=NullPool)


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN; the driver's own default lost an update silently
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    # The mode is the file's. Where two switch a new file over at once, SQLite refuses one of them without waiting.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")
    connection.create_function("app_customer", 0, lambda: record.info.get(WHOSE))


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    whose: Whose | None = options.get(WHOSE)
    connection.info[WHOSE] = whose.hex if isinstance(whose, UUID) else whose
    connection.exec_driver_sql("BEGIN DEFERRED" if options.get(READS) else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    whose: Whose | None = options.get(WHOSE)
    role, customer = (OPS, "") if whose == EVERY_CUSTOMER else (RW, str(whose or ""))
    connection.exec_driver_sql(ACT_AS if options.get(READS) else LETS_GO, (role, customer))
