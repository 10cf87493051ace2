"""What PostgreSQL offers to processes that share a database: a lock until the commit, news with the commit, one leader.

A SQLite file has one writer and one process (docs/operations.md), so nothing of this is needed there.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg
import psycopg.sql
from sqlalchemy import text
from sqlalchemy.engine import URL

from core.database.engines import GIVEN_UP
from core.database.session import CustomerSession

log = logging.getLogger(__name__)

NEWS = "autopilot_news"  # the channel; of one database, so that others on the server hear nothing
LIVE = "autopilot_live"  # the channel of the live pictures, who watches them and how they stand: often, and of a moment
LEADERSHIP = 7_221_096  # any number of our own
LEADS_UNHEARD = "30s"  # a leader that is asleep, or whose machine is gone, leads no longer
AGAIN_AFTER = 1.0  # seconds until a connection that was lost is tried anew
WORKER = "autopilot worker "  # how the connections of one are called; its own name follows
LONGEST_NAME = 63  # bytes that PostgreSQL keeps of it
ALIVE_EVERY = 10.0  # seconds between two looks whether a silent connection is still there


# Of what is worth nothing a moment later: milliseconds for a statement, and for somebody's lock.
HURRIES = "SELECT set_config('statement_timeout', '2000', true), set_config('lock_timeout', '500', true)"


@dataclass(frozen=True)
class News:
    """What is told to every process: that something about an operation has changed, or that its run has to be looked at.

    Ids alone: whoever may sign in to the database can listen.
    """

    customer_id: UUID
    operation_id: UUID
    look: bool = False

    @property
    def text(self) -> str:
        """As it is sent."""
        return json.dumps({name: value if name == "look" else value.hex for name, value in asdict(self).items()})

    @classmethod
    def read(cls, text: str) -> "News | None":
        """What was sent; None if it is not ours."""
        try:
            told = json.loads(text)
            return cls(UUID(str(told["customer_id"])), UUID(str(told["operation_id"])), bool(told["look"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None


def send(session: CustomerSession, news: News) -> None:
    """Tell every process that listens, once this transaction is committed, and never if it is not."""
    say(session, NEWS, news.text)


def say(session: CustomerSession, channel: str, words: str) -> None:
    """The same, in words of its own; PostgreSQL takes up to 8,000 bytes."""
    session.connection().exec_driver_sql("SELECT pg_notify(%s, %s)", (channel, words))


def hurry(session: CustomerSession) -> None:
    """Let this transaction fail soon, rather than wait: what it is for is of a moment."""
    session.connection().exec_driver_sql(HURRIES)


def locked_until_commit(session: CustomerSession, what: int, whose: UUID) -> bool:
    """Have this lock until the transaction ends; False if somebody else has it, who may be asleep."""
    if session.connection().dialect.name != "postgresql":  # SQLite has one writer at a time
        return True
    lock = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"
    return bool(session.connection().exec_driver_sql(lock, (what, whose.hex)).scalar_one())


class Listener:
    """Hears what is sent on these channels, over a connection of its own that is made anew whenever it is lost."""

    def __init__(self, url: URL, hear: Mapping[str, Callable[[str], None]], missed: Callable[[], Any]) -> None:
        self._url = url
        self._hear = hear
        self._missed = missed
        self.is_listening = asyncio.Event()

    async def listen(self) -> None:
        """Until cancelled. After a connection was lost, `missed` is called: what was sent meanwhile is gone."""
        while True:
            try:
                async with _connection(self._url) as connection:
                    for channel in self._hear:
                        await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                    self._missed()
                    self.is_listening.set()
                    await self._hear_all(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("nobody is heard for a moment: %s", type(error).__name__)
            self.is_listening.clear()
            await asyncio.sleep(AGAIN_AFTER)

    async def _hear_all(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        while True:
            async for notice in connection.notifies(timeout=ALIVE_EVERY):
                self._hear[notice.channel](notice.payload)
            await connection.execute("SELECT 1")  # a connection that died says nothing, either


class Leadership:
    """That one process among many does what only one should: whoever has the lock, which is let go with the connection."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._asking = asyncio.Lock()

    async def is_ours(self) -> bool:
        """Whether this process leads, as of now; it takes the lead if nobody has it."""
        async with self._asking:
            try:
                if self._connection is not None:
                    await self._connection.execute("SELECT 1")
                    return True
                return await self._take()
            except (psycopg.Error, OSError) as error:
                log.warning("the lead is lost, or can't be had: %s", type(error).__name__)
                await self._drop()
                return False

    async def resign(self) -> None:
        """Let another process lead."""
        async with self._asking:
            await self._drop()

    async def _take(self) -> bool:
        self._connection = await _connect(self._url)
        await self._connection.execute(f"SET idle_session_timeout = '{LEADS_UNHEARD}'")
        told = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", (LEADERSHIP,))
        row = await told.fetchone()
        if not (row and row[0]):
            await self._drop()
            return False
        log.info("this process does the rounds from now on")
        return True

    async def _drop(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error, OSError):
                await self._connection.close()
            self._connection = None


@asynccontextmanager
async def _connection(url: URL) -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
    connection = await _connect(url)
    try:
        yield connection
    finally:
        with suppress(psycopg.Error, OSError):
            await connection.close()


async def _connect(url: URL) -> "psycopg.AsyncConnection[Any]":
    return await psycopg.AsyncConnection.connect(libpq_url(url), autocommit=True, **GIVEN_UP)


def worker_is_named(name: str) -> str:
    """What the server knows a worker's connections by, so that all see that it is there."""
    return f"{WORKER}{name}"[:LONGEST_NAME]


def workers_connected(session: CustomerSession) -> tuple[str, ...] | None:
    """The names of the workers that are connected to the server now, cut if they are long; None if it is a file's."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    connected = text(
        "SELECT DISTINCT application_name FROM pg_stat_activity "
        "WHERE datname = current_database() AND starts_with(application_name, :worker) ORDER BY 1"
    )
    return tuple(str(name).removeprefix(WORKER) for name in session.execute(connected, {"worker": WORKER}).scalars())


def libpq_url(url: URL) -> str:
    """The address as PostgreSQL's own clients write it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
