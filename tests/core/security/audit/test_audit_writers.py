"""Many processes write to one chain, and some are killed in the middle: no gap, and what was acknowledged is there."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from core.database.session import CustomerSession, Database
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from tests.core.security.audit.anchoring import CHAIN, Anchored, anchored
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner

ROOT = Path(__file__).parents[4]
WRITERS, ENOUGH = 4, 25  # processes; acknowledged entries of one before it is killed

# Writes entries one after the other, and says the number of each once it is committed.
WRITER = """
import asyncio, sys
from functools import partial
from uuid import UUID
from core.clock import SystemClock
from core.database.session import Database
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent

async def write(database, customer_id):
    for number in range(int(sys.argv[3])):
        event = AuditEvent(AuditAction.PRODUCTS_SYNCED, "agent", detail={"writer": sys.argv[4], "number": number})
        record = partial(audit_log.record, customer_id=customer_id, event=event, at=SystemClock().now())
        print(await database.run(customer_id, record), number, flush=True)

asyncio.run(write(Database(sys.argv[1]), UUID(sys.argv[2])))
"""


async def test_processes_that_are_killed_leave_no_gap_and_nothing_that_was_acknowledged_is_lost(
    database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    place = await anchored(database, clock, tmp_path)
    acknowledged = await asyncio.gather(*(killed_writer(place, str(number)) for number in range(WRITERS)))
    found = await place.verified()
    assert (found.intact, found.because) == (True, "")
    told = {seq: (name, number) for writer in acknowledged for seq, name, number in writer}
    assert len(told) >= WRITERS * ENOUGH
    stored = {entry.seq: entry.detail for entry in await read_all(place, found.events)}
    assert sorted(stored) == list(range(1, found.events + 1))
    for seq, (name, number) in told.items():
        assert stored[seq] == {"writer": name, "number": number}
    assert found.events - len(told) <= WRITERS  # each may have committed one more than it could say
    await place.anchor(1)
    assert (await place.verified()).unanchored == 0


async def killed_writer(place: Anchored, name: str) -> list[tuple[int, str, int]]:
    """What a writer acknowledged before it was killed."""
    url = place.database.url.render_as_string(hide_password=False)
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, url, str(place.customer_id), "100000", name),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert writer.stdout is not None
    acknowledged, last = [], ENOUGH + 7 * int(name)
    while line := await writer.stdout.readline():
        if not line.endswith(b"\n"):
            break
        seq, number = line.split()
        acknowledged.append((int(seq), name, int(number)))
        if len(acknowledged) == last:
            writer.kill()
    assert await writer.wait() == -signal.SIGKILL
    return acknowledged


async def read_all(place: Anchored, events: int) -> tuple[audit_log.AuditEntry, ...]:
    return await place.database.read(place.customer_id, partial(audit_log.read, limit=events + 1))


class Undone(Exception):
    """A transaction that is rolled back."""


class Writers(RuleBasedStateMachine):
    """Whatever is appended, undone, erased and signed for, the chain is whole; whatever is tampered with is found."""

    template: ClassVar[Path]  # an upgraded, empty file

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self._clock = MovedClock()
        database = Database(f"sqlite:///{shutil.copy(self.template, folder)}")
        self.place = asyncio.run(anchored(database, self._clock, folder))
        self.expected: list[str | None] = []  # what each entry's detail says; None once it was erased
        self.signed = 0

    def teardown(self) -> None:
        self.place.database.close()
        self._folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self._append(["the first"])

    @rule(words=st.lists(st.text(max_size=20), min_size=1, max_size=4))
    def append(self, words: list[str]) -> None:
        self._append(words)

    @rule(words=st.text(max_size=5))
    def append_and_undo(self, words: str) -> None:
        def undo(session: CustomerSession) -> None:
            self._record(session, words)
            raise Undone

        with pytest.raises(Undone):
            self._run(undo)

    @rule(part=st.floats(0, 1))
    def erase(self, part: float) -> None:
        up_to = round(part * len(self.expected))
        erase = partial(
            audit_log.erase_details,
            customer_id=self.place.customer_id,
            up_to=up_to,
            because="a test",
            actor="system",
            at=self._clock.now(),
        )
        erasable = [n for n, words in enumerate(self.expected[:up_to]) if words not in {None, "(erasure)"}]
        assert self._run(erase).details == len(erasable)
        for number in erasable:
            self.expected[number] = None
        if erasable:
            self.expected.append("(erasure)")

    @rule()
    def sign(self) -> None:
        asyncio.run(self.place.checkpoints.keep(self.place.customer_id))
        self.signed = len(self.expected)

    @rule(seconds=st.integers(0, 90))
    def let_time_pass(self, seconds: int) -> None:
        self._clock.move(timedelta(seconds=seconds))

    @precondition(lambda self: self.expected)
    @rule(part=st.floats(0, 1), column=st.sampled_from(["actor", "action", "at", "hash", "previous", "detail_digest"]))
    def tamper_and_put_right(self, part: float, column: str) -> None:
        """Found at that entry, and no longer once it is as it was."""
        seq = 1 + min(round(part * len(self.expected)), len(self.expected) - 1)
        kept = self._column(column, seq)
        self._set(column, seq, "tampered")
        found = asyncio.run(self.place.verified())
        assert (found.intact, found.first_broken) == (False, seq)
        self._set(column, seq, kept)

    @invariant()
    def it_is_whole_and_says_what_was_written(self) -> None:
        found = asyncio.run(self.place.verified())
        assert (found.intact, found.because, found.events) == (True, "", len(self.expected))
        assert found.unanchored == len(self.expected) - self.signed
        entries = asyncio.run(read_all(self.place, found.events))[::-1]
        for entry, words in zip(entries, self.expected, strict=True):
            if words == "(erasure)":
                assert entry.action == AuditAction.DETAILS_ERASED
            else:
                assert (entry.detail or {}).get("words") == words

    def _append(self, words: list[str]) -> None:
        self._run(lambda session: [self._record(session, one) for one in words])
        self.expected += [one.replace("\0", "\ufffd") for one in words]

    def _record(self, session: CustomerSession, words: str) -> int:
        event = AuditEvent(AuditAction.STEP_CONCLUDED, "agent", detail={"words": words})
        return audit_log.record(session, self.place.customer_id, event, at=self._clock.now())

    def _run(self, use_case: Any) -> Any:
        return asyncio.run(self.place.database.run(self.place.customer_id, use_case))

    def _column(self, column: str, seq: int) -> str:
        with as_owner(self.place.database).connect() as connection:
            return str(connection.execute(text(f"SELECT {column} FROM {CHAIN} WHERE seq = {seq}")).scalar_one())

    def _set(self, column: str, seq: int, value: str) -> None:
        with as_owner(self.place.database).begin() as connection:
            guard = connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name = 'audit_changes_nothing'")
            ).scalar_one()
            connection.execute(text("DROP TRIGGER audit_changes_nothing"))
            connection.execute(text(f"UPDATE {CHAIN} SET {column} = :value WHERE seq = {seq}"), {"value": value})
            connection.execute(text(str(guard)))


@pytest.mark.timeout(120)
def test_whatever_writers_do_in_whichever_order_the_chain_is_whole(sqlite_template: Path) -> None:
    Writers.template = sqlite_template
    chosen = settings(
        phases=(Phase.explicit, Phase.generate),  # to shrink what it has found takes minutes
        max_examples=12,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=True,
        database=None,
    )
    run_state_machine_as_test(Writers, settings=chosen)
