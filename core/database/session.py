"""The one door to the database: a use case is a plain function of a session, run in a thread as one transaction."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, Update, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlmodel import Session, col

from core.database.tables import OfCustomer
from core.errors import CoreError

T = TypeVar("T")

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=30000",  # milliseconds a writer waits for another
    "foreign_keys=ON",
    "recursive_triggers=ON",  # without it INSERT OR REPLACE goes past the delete triggers
)


class OtherCustomersRow(CoreError):
    """This row belongs to another customer."""

    code = "forbidden"


class CustomerSession(Session):
    """A session of one customer: it reads that customer's rows only and writes no others.

    This holds for statements on the tables' classes and for rows added, changed or deleted; other statements are
    refused. Only a statement given to `connection()` goes past it: that is for core/database and for tests.
    """

    @property
    def customer_id(self) -> UUID | None:
        """Whose rows these are; None in a use case across customers."""
        return self.info.get("customer_id")

    def after_commit(self, wake_up: Callable[[], None]) -> None:
        """Call this on the event loop once the transaction is committed; never if it is rolled back."""
        self.info.setdefault("wake_ups", []).append(wake_up)


@event.listens_for(CustomerSession, "do_orm_execute")
def _only_own_rows(state: ORMExecuteState) -> None:
    customer_id = state.session.info.get("customer_id")
    if customer_id is None or state.is_column_load or state.is_relationship_load:
        return
    if because := _cannot_be_held_to(state):
        raise OtherCustomersRow(because)
    state.statement = state.statement.options(*_rows_of(customer_id))


@lru_cache(maxsize=256)
def _rows_of(customer_id: UUID) -> tuple[LoaderCriteriaOption, ...]:
    """What keeps a statement to one customer's rows. To build it anew for each took a fifth of the time of all statements."""
    return tuple(
        with_loader_criteria(table, col(table.customer_id) == customer_id, include_aliases=True)
        for table in OfCustomer.__subclasses__()
    )


def _cannot_be_held_to(state: ORMExecuteState) -> str:
    """Why a statement can't be kept to one customer's rows, or nothing."""
    if not state.is_orm_statement:
        return "Only statements on the tables' classes are kept to one customer."
    if state.is_insert or isinstance(state.parameters, list):
        return "Rows are added to the session, one by one."
    if isinstance(state.statement, Update) and "customer_id" in state.statement.compile().params:
        return "A row stays with its customer."
    return ""


@event.listens_for(CustomerSession, "before_flush")
def _write_only_own_rows(session: CustomerSession, context: UOWTransaction, instances: Any) -> None:
    customer_id = session.customer_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if customer_id is not None and isinstance(row, OfCustomer) and row.customer_id != customer_id:
            raise OtherCustomersRow


class Database:
    """SQLite or PostgreSQL, by its URL; synchronous underneath, awaited from the loop."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.engine.dialect.name == "sqlite"

    async def run(self, customer_id: UUID, use_case: Callable[[CustomerSession], T]) -> T:
        """One transaction of one customer. What `use_case` raises rolls it back and passes through."""
        return await self._transact(use_case, customer_id, writes=True)

    async def read(self, customer_id: UUID, use_case: Callable[[CustomerSession], T]) -> T:
        """Like run, for use cases that only read: they wait for no writer."""
        return await self._transact(use_case, customer_id, writes=False)

    async def run_across_customers(self, use_case: Callable[[CustomerSession], T], because: str) -> T:
        """A transaction that sees every customer's rows: signing in, sweeping, staff's statistics; the caller says why."""
        return await self._transact(use_case, None, writes=True, because=because)

    async def _transact(
        self, use_case: Callable[[CustomerSession], T], customer_id: UUID | None, *, writes: bool, because: str = ""
    ) -> T:
        result, wake_ups = await asyncio.to_thread(self._in_thread, use_case, customer_id, writes, because)
        for wake_up in wake_ups:
            wake_up()
        return result

    def _in_thread(
        self, use_case: Callable[[CustomerSession], T], customer_id: UUID | None, writes: bool, because: str
    ) -> tuple[T, list[Callable[[], None]]]:
        options = {"sqlite_begin": "IMMEDIATE" if writes else "DEFERRED"}
        info = {"customer_id": customer_id, "because": because}
        with (
            self.engine.connect().execution_options(**options) as connection,
            CustomerSession(connection, expire_on_commit=False, info=info) as session,
            session.begin(),
        ):
            result = use_case(session)
        return result, session.info.get("wake_ups", [])

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN; the driver's own default lost an update silently
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN " + connection.get_execution_options().get("sqlite_begin", "IMMEDIATE"))
