"""Keeps the newest frame of each run that is watched in another process: one row, which the next frame takes the place of.

PostgreSQL writes no log of the table, so that a frame is in no replica and no archive, and is gone after a crash. What is
written is told with the commit. Each transaction is one of its own, and gives up soon: a database that is slow costs frames.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import col, delete, select, update

from core.database.between_processes import LIVE, hurry, say
from core.database.session import CustomerSession, Database
from core.database.tables import LiveFrameRow
from core.errors import NotFound
from core.operations.live_news import Shown, Whose
from core.operations.live_pictures import NONE_NOW, LiveState

UNHEARD = timedelta(seconds=6)  # a process that says nothing for so long shows nothing any more


@dataclass(frozen=True)
class Look:
    """How a run looks: its frame, unless it is paused; whether that is another than was put last."""

    frame: bytes | None
    is_new: bool
    is_paused: bool


class LiveFrames:
    """The rows, as one process writes and reads them."""

    def __init__(self, database: Database, process: UUID) -> None:
        self._database = database
        self._process = process

    async def put(self, whose: Whose, look: Look) -> None:
        """This is how it looks now; also said again, it tells that the process lives. Raises what SQLAlchemy raises."""
        await self._database.run(whose[0], partial(self._put, whose, look))

    async def clear(self, whose: Whose) -> None:
        """There is nothing to be seen any more. Another process that has taken the run over keeps its own."""
        await self._database.run(whose[0], partial(self._clear, whose))

    async def newest(self, whose: Whose) -> bytes:
        """The newest frame, as a WebP file. Raises NotFound, also once its process was not heard of for a while."""
        webp = await self._database.read(whose[0], partial(_newest, whose[1]))
        if webp is None:
            raise NotFound(because=NONE_NOW)
        return webp

    async def clear_leftovers(self) -> None:
        """Delete what processes have left that died: it is not shown any more, and is not kept either."""
        await self._database.run_across_customers(_clear_leftovers, because="frames of dead processes are deleted")

    def _put(self, whose: Whose, look: Look, session: CustomerSession) -> None:
        hurry(session)
        its = col(LiveFrameRow.operation_id) == whose[1]
        now = {"process": self._process, "is_paused": look.is_paused, "seen_at": func.now()}
        if look.is_new:
            now |= {"webp": look.frame, "number": col(LiveFrameRow.number) + 1}
        changed = update(LiveFrameRow).where(its).values(**now).returning(col(LiveFrameRow.number))
        number = session.exec(changed, execution_options={"synchronize_session": False}).scalar_one_or_none()
        if number is None:
            number = self._add(whose, look, session)
        say(session, LIVE, Shown(self._process, whose, LiveState(number, look.is_paused)).text)

    def _add(self, whose: Whose, look: Look, session: CustomerSession) -> int:
        row = LiveFrameRow(
            customer_id=whose[0],
            operation_id=whose[1],
            process=self._process,
            number=int(look.frame is not None),
            is_paused=look.is_paused,
            webp=look.frame,
            seen_at=func.now(),  # type: ignore[arg-type]  # the database's own clock, asked as the row is written
        )
        session.add(row)
        session.flush()
        return int(look.frame is not None)

    def _clear(self, whose: Whose, session: CustomerSession) -> None:
        hurry(session)
        ours = col(LiveFrameRow.operation_id) == whose[1], col(LiveFrameRow.process) == self._process
        gone = session.exec(delete(LiveFrameRow).where(*ours), execution_options={"synchronize_session": False})
        if gone.rowcount:
            say(session, LIVE, Shown(self._process, whose, LiveState()).text)


def _newest(operation_id: UUID, session: CustomerSession) -> bytes | None:
    its = col(LiveFrameRow.operation_id) == operation_id
    return session.exec(select(LiveFrameRow.webp).where(its, ~_unheard())).one_or_none()


def _clear_leftovers(session: CustomerSession) -> None:
    session.exec(delete(LiveFrameRow).where(_unheard()), execution_options={"synchronize_session": False})


def _unheard() -> ColumnElement[bool]:
    """By the database's own clock: those of several machines differ."""
    return col(LiveFrameRow.seen_at) < func.now() - UNHEARD
