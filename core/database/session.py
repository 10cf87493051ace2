"""The one door to the database: a use case is a plain function of a session, run in a thread as one transaction."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from core.database.engines import EVERY_CUSTOMER, READS, WHOSE, Whose, app_engine
from core.database.isolation import OtherCustomersRow, keep_sessions_apart, refuse_other_statements
from core.errors import CoreError
from core.measures import Measures, Unmeasured

__all__ = ["CustomerNotSet", "CustomerSession", "Database", "OtherCustomersRow"]

T = TypeVar("T")


class CustomerNotSet(CoreError):
    """Nobody said whose rows these are to be."""

    code: ClassVar[str] = "customer_not_set"


class CustomerSession(Session):
    """A session of one customer: it reads that customer's rows only and writes no others; see isolation.py."""

    @property
    def customer_id(self) -> UUID | None:
        """Whose rows these are; None in a use case across customers."""
        whose: Whose = self.info[WHOSE]
        return None if whose == EVERY_CUSTOMER else whose

    def after_commit(self, wake_up: Callable[[], None]) -> None:
        """Call this on the event loop once the transaction is committed; never if it is rolled back."""
        self.info.setdefault("wake_ups", []).append(wake_up)


keep_sessions_apart(CustomerSession)


class Database:
    """SQLite or PostgreSQL, by its URL; synchronous underneath, awaited from the loop."""

    def __init__(self, url: str, measures: Measures | None = None) -> None:
        self.url = make_url(url)
        self._measures = measures or Unmeasured()
        self.engine = app_engine(url)
        refuse_other_statements(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.engine.dialect.name == "sqlite"

    async def run(self, customer_id: UUID, use_case: Callable[[CustomerSession], T]) -> T:
        """One transaction of one customer. What `use_case` raises rolls it back and passes through."""
        return await self._transact(use_case, customer_id, reads=False)

    async def read(self, customer_id: UUID, use_case: Callable[[CustomerSession], T]) -> T:
        """Like run, for use cases that only read: they wait for no writer."""
        return await self._transact(use_case, customer_id, reads=True)

    async def run_across_customers(self, use_case: Callable[[CustomerSession], T], because: str) -> T:
        """A transaction that sees every customer's rows: signing in, sweeping, staff's statistics; the caller says why."""
        return await self._transact(use_case, EVERY_CUSTOMER, reads=False, because=because)

    async def read_across_customers(self, use_case: Callable[[CustomerSession], T], because: str) -> T:
        """Like run_across_customers, for use cases that only read: they wait for no writer."""
        return await self._transact(use_case, EVERY_CUSTOMER, reads=True, because=because)

    async def _transact(
        self, use_case: Callable[[CustomerSession], T], whose: Whose, *, reads: bool, because: str = ""
    ) -> T:
        """A thread can't be cancelled. What writes is over before whoever was cancelled goes on, however often they were: what
        they do next may be to put right what they did not finish, and would not see it. The database limits how long it takes.
        """
        if not (because or isinstance(whose, UUID)):
            raise CustomerNotSet
        if reads:
            return await self._done(use_case, whose, reads=True, because=because)
        work = asyncio.get_running_loop().create_task(self._done(use_case, whose, reads=False, because=because))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            while not work.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({work})
            if not work.cancelled():
                work.exception()  # there is nobody any more to whom it could be told
            raise

    async def _done(self, use_case: Callable[[CustomerSession], T], whose: Whose, *, reads: bool, because: str) -> T:
        """The transaction, and after its commit the wake-ups."""
        result, wake_ups = await self._timed(use_case, whose, reads=reads, because=because)
        for wake_up in wake_ups:
            wake_up()
        return result

    async def _timed(
        self, use_case: Callable[[CustomerSession], T], whose: Whose, *, reads: bool, because: str
    ) -> tuple[T, list[Callable[[], None]]]:
        """In a thread, which may have to be waited for: that is part of what it takes."""
        began, failed = time.monotonic(), False
        try:
            return await asyncio.to_thread(self._in_thread, use_case, whose, reads, because)
        except SQLAlchemyError:
            failed = True
            raise
        finally:
            self._measures.database_called("read" if reads else "write", time.monotonic() - began, failed=failed)

    def _in_thread(
        self, use_case: Callable[[CustomerSession], T], whose: Whose, reads: bool, because: str
    ) -> tuple[T, list[Callable[[], None]]]:
        options: dict[str, Any] = {WHOSE: whose, READS: reads}
        info = {WHOSE: whose, "because": because}
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
