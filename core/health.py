"""How the service is, line by line, with what to do where it is not well: for the terminal's doctor and for staff's page."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.one_at_a_time import OneAtATime
from core.operations.lease import LEASE
from core.readiness import ANSWERS_WITHIN, is_of_this_version
from core.security.audit.chain_watch import ChainsStanding, ChainWatch
from core.security.people.authorize import Action, authorize
from core.security.people.visitor import Visitor
from core.statistics.figures import Present
from core.statistics.standing import Backlog, Standing, Working, standing

FRESH_FOR = 2.0  # seconds; every open page looks every few seconds, and all of them share one look
LONG_WAIT = 60.0  # seconds; what waits for longer than this finds no worker with a place free
LATE = 300.0  # seconds; what is due is sent in the next few, unless nobody sends
GIB = 1024**3
LITTLE, HARDLY_ANY = 2 * GIB, GIB // 4  # bytes free: a day of pictures; not enough for the next run's

NO_WORKER = "None is connected: nobody carries out what is asked."
BEGIN_ONE, BEGIN_ANOTHER = "Begin a worker: autopilot worker", "Begin another worker: autopilot worker"
UPGRADE = "autopilot db upgrade --owner-url …, or begin the new version"


class State(StrEnum):
    """How one thing is."""

    WELL = "well"
    LOOK = "look at it"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is what to do, or the command that does it, if it is not well."""

    name: str
    found: str
    state: State = State.WELL
    mend: str = ""

    @property
    def good(self) -> bool:
        """Whether it can be used."""
        return self.state is not State.BROKEN


def told_ago(length: timedelta) -> str:
    """How long ago something was: whoever looks sits in another time zone than the one who is told, or than the server."""
    return f"{in_words(length)} ago"


def in_words(length: timedelta) -> str:
    """In the largest unit of which there are two at least."""
    seconds = max(0, round(length.total_seconds()))
    for unit, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


Look = Callable[[], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True)
class HealthReport:
    """What was found, and when."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def state(self) -> State:
        """As its worst line is."""
        order = list(State)
        return max((one.state for one in self.findings), key=order.index, default=State.WELL)


@dataclass
class Health:
    """Looks at the database first, then at what only this process knows: `looks` are put in by whoever wires it."""

    database: Database
    clock: Clock
    chains: ChainWatch
    looks: Sequence[Look] = ()
    _known: HealthReport | None = field(default=None, init=False)
    _known_at: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self._stands = OneAtATime(self._read)
        self._looking = OneAtATime(self._look)

    async def report(self, visitor: Visitor) -> HealthReport:
        """How everything is; a database that does not answer is a finding, too. Raises NotAllowed."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        if self._known is None or time.monotonic() - self._known_at >= FRESH_FOR:
            self._known = await self._looking.answer(3 * ANSWERS_WITHIN)
            self._known_at = time.monotonic()
        return self._known

    async def _look(self) -> HealthReport:
        of_database = await self._of_database()
        of_process = [finding for look in self.looks for finding in await look()]
        return HealthReport(self.clock.now(), (*of_database, *of_process))

    async def _of_database(self) -> list[Finding]:
        try:
            stands, chains = await self._stands.answer(ANSWERS_WITHIN)
        except (SQLAlchemyError, TimeoutError):
            return [Finding("Database", "It does not answer.", State.BROKEN, "Look at its server, disk and network.")]
        if stands is None:
            return [Finding("Database", "It is not of this version.", State.BROKEN, UPGRADE)]
        kind = "SQLite, a file" if self.database.is_sqlite else "PostgreSQL"
        return [
            of_workers(stands.working, stands.connected, self.clock.now()),
            of_queue(stands.present),
            of_backlog(stands.backlog),
            Finding("Database", f"{kind} of {size(stands.database_bytes)}, of this version."),
            of_chains(chains),
        ]

    async def _read(self) -> tuple[Standing | None, ChainsStanding]:
        now = self.clock.now()

        def read(session: CustomerSession) -> Standing | None:
            return standing(session, now) if is_of_this_version(session) else None

        found = await self.database.read_across_customers(read, because="staff look how the service is")
        return found, await self.chains.standing()


def of_workers(working: Sequence[Working], connected: Sequence[str] | None, now: datetime) -> Finding:
    """Who has operations, since when nothing was heard of them, and who is connected and has none.

    Where there is but one process, nobody has to be connected.
    """
    if not working and connected is None:
        return Finding("Workers", "None has an operation now.")
    if not working and not connected:
        return Finding("Workers", NO_WORKER, State.BROKEN, BEGIN_ONE)
    by_name: dict[str, list[Working]] = defaultdict(list)
    for one in working:
        by_name[one.name].append(one)
    told, silent = [], False
    for name, theirs in by_name.items():
        unheard = (now - max(one.lease_until for one in theirs) + LEASE).total_seconds()
        silent = silent or unheard > LEASE.total_seconds()
        runs = ", ".join(f"{one.operations} of {one.service}" for one in theirs)
        told.append(f"{name} runs {runs}, heard of {max(0, round(unheard))} s ago")
    idle = [one for one in connected or () if not any(name.startswith(one) for name in by_name)]
    told += [f"{', '.join(idle)} connected, with nothing to do"] if idle else []
    state, mend = (
        (State.LOOK, "Another worker goes on with it in seconds; see why that one is silent.")
        if silent
        else (
            State.WELL,
            "",
        )
    )
    return Finding("Workers", f"{'; '.join(told)}.", state, mend)


def of_queue(now: Present) -> Finding:
    """What waits, for how long, and what nobody holds any more."""
    waiting, oldest = now.open[OperationStatus.PENDING.value], now.oldest_waiting
    told = [f"{waiting:,} waiting" if waiting else "Nothing waits"]
    if oldest is not None:
        told.append(f"the oldest for {oldest:,.0f} s")
    told.append(f"{now.running:,} running")
    if now.lease_run_out:
        told.append(f"{now.lease_run_out:,} whose lease ran out")
    if oldest is not None and oldest > LONG_WAIT:
        return Finding("Queue", f"{', '.join(told)}.", State.LOOK, BEGIN_ANOTHER)
    state = State.LOOK if now.lease_run_out else State.WELL
    return Finding(
        "Queue", f"{', '.join(told)}.", state, "Any worker takes it over; see that one runs." * bool(now.lease_run_out)
    )


def of_backlog(backlog: Backlog) -> Finding:
    """What is to be told by e-mail or webhook, and is late: no receiver's fault, for what failed is not due for a while."""
    if not backlog.due:
        return Finding("Notifications", "None is due.")
    told = f"{backlog.due:,} due, the longest for {backlog.longest:,.0f} s."
    if backlog.longest > LATE:
        return Finding(
            "Notifications", told, State.LOOK, "See that a dashboard runs, and what its rounds say in the log."
        )
    return Finding("Notifications", told)


def of_chains(chains: ChainsStanding) -> Finding:
    """As they were verified last."""
    if chains.broken:
        told = f"{chains.broken:,} of {chains.chains:,} chains not whole."
        return Finding("Audit chains", told, State.BROKEN, "autopilot audit verify names the entry")
    if chains.is_late:
        return Finding("Audit chains", "Verification is late or has failed.", State.LOOK, "Look for ALERT in the log")
    new = f", {chains.never_verified:,} not verified yet" if chains.never_verified else ""
    return Finding("Audit chains", f"{chains.chains:,}, none broken{new}.")


def of_disk(name: str, free: int, total: int) -> Finding:
    """How much room is left."""
    told = f"{size(free)} free of {size(total)}."
    if free < HARDLY_ANY:
        return Finding(name, told, State.BROKEN, "Make room now: runs fail that can't keep their pictures.")
    if free < LITTLE:
        return Finding(name, told, State.LOOK, "Make room, or keep pictures for a shorter time.")
    return Finding(name, told)


def size(number: int) -> str:
    """Bytes as people say them."""
    return f"{number / GIB:,.1f} GiB" if number >= GIB else f"{number / 1024**2:,.1f} MiB"
