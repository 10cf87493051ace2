"""Checkpoints are made when they are due, follow each other, and stand outside once they are committed; never before."""

import asyncio
import logging
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.database.session import Database
from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoint_file import CheckpointFile, NoCheckpointFile, checkpoint_in, line_of
from core.security.audit.checkpoints import AT_LEAST_EVERY, ENTRIES, Checkpoints, OtherSigningKey
from core.security.keys.signing import BadSigningKey
from core.security.keys.signing_file import SigningKeyFile
from tests.core.security.audit.anchoring import Anchored, anchored
from tests.fakes.checkpoints import MemoryCheckpoints
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedSigningKey
from tests.postgres import as_owner

A_CUSTOMER = "5c3b7b0e-7f3d-4d0f-9b59-0d1d3f2f6a11"
ROOT = Path(__file__).parents[4]


@pytest.fixture
async def place(database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    return await anchored(database, clock, tmp_path)


def outside(place: Anchored) -> list[Checkpoint]:
    """What stands in the file of our customer, in its order."""
    return list(place.checkpoints.outside.read().of_stream.get(str(place.customer_id), ()))


async def test_a_checkpoint_says_who_where_when_and_what_came_before(place: Anchored) -> None:
    first = await place.anchor(3)
    second = await place.anchor(2)
    assert first.text.split("\n")[:3] == ["omniops-autopilot/audit/v1", str(place.customer_id), "3"]
    assert first.text.endswith(f"\n{'0' * 64}\n")
    assert (second.number, second.seq, second.previous) == (2, 5, first.sha256)
    assert place.checkpoints.keys.signing_key().public.has_signed(second.text, second.signature)
    assert second.name == f"checkpoint 2, {second.sha256[:8]}…"
    assert outside(place) == [first, second]


async def test_a_checkpoint_is_a_line_of_the_log_from_which_the_file_can_be_made_again(
    place: Anchored, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = await place.anchor(3)
    (line,) = [one.getMessage() for one in caplog.records if one.getMessage().startswith("checkpoint ")]
    assert checkpoint_in(line.removeprefix("checkpoint ").encode()) == made


async def test_without_anything_new_there_is_no_new_checkpoint(place: Anchored) -> None:
    assert await place.checkpoints.keep(place.customer_id) is None
    made = await place.anchor(1)
    assert await place.checkpoints.keep(place.customer_id) == made
    await place.checkpoints.keep_all()
    assert outside(place) == [made]


async def test_one_is_due_after_a_hundred_entries_and_after_a_minute_if_anything_is_new(place: Anchored) -> None:
    await place.anchor(1)
    await place.append(ENTRIES - 1)
    await place.checkpoints.keep_due()
    assert [one.seq for one in outside(place)] == [1]
    await place.append(1)
    await place.checkpoints.keep_due()
    assert [one.seq for one in outside(place)] == [1, ENTRIES + 1]
    place.clock.move(AT_LEAST_EVERY)
    await place.checkpoints.keep_due()
    assert len(outside(place)) == 2
    await place.append(1)
    await place.checkpoints.keep_due()
    assert [one.seq for one in outside(place)] == [1, ENTRIES + 1, ENTRIES + 2]
    await place.append(1)
    place.clock.move(AT_LEAST_EVERY - timedelta(seconds=1))
    await place.checkpoints.keep_due()
    assert len(outside(place)) == 3


async def test_the_first_entries_are_signed_for_at_the_first_look(place: Anchored) -> None:
    await place.append(1)
    await place.checkpoints.keep_due()
    assert [one.seq for one in outside(place)] == [1]


async def test_two_at_once_make_one(place: Anchored) -> None:
    await place.append(5)
    made = await asyncio.gather(*(place.checkpoints.keep(place.customer_id) for _ in range(4)))
    assert {one.number for one in made if one} == {1}
    assert {one.number for one in outside(place)} == {1}
    assert (await place.verified()).intact


@pytest.mark.parametrize("statement", ["UPDATE audit_checkpoints SET seq = 1", "DELETE FROM audit_checkpoints"])
async def test_the_database_refuses_to_change_one(place: Anchored, statement: str) -> None:
    await place.anchor(2)
    with pytest.raises(DatabaseError, match="a checkpoint is never"), as_owner(place.database).begin() as connection:
        connection.execute(text(statement))
    assert (await place.verified()).intact


async def test_a_file_that_can_not_be_written_stops_nobody_is_told_of_and_is_made_up_for(
    database: Database, clock: MovedClock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    made = await anchored(database, clock, tmp_path)
    copy = MemoryCheckpoints()
    place = Anchored(database, clock, Checkpoints(database, made.checkpoints.keys, copy, clock), made.customer_id)
    copy.full = True
    first = await place.anchor(3)
    assert "checkpoints can't be kept outside the database" in caplog.text
    assert (copy.kept, (await place.verified()).intact) == ([], True)
    copy.full = False
    await place.checkpoints.keep_due()
    assert copy.kept == [first]


DIES = """
import asyncio, os, signal, sys
from uuid import UUID
from core.clock import SystemClock
from core.database.session import Database
from core.security.audit.checkpoint_file import CheckpointFile
from core.security.audit.checkpoints import Checkpoints
from core.security.keys.signing_file import SigningKeyFile
from pathlib import Path

class Dying(CheckpointFile):
    def append(self, checkpoints):
        checkpoints = tuple(checkpoints)
        if sys.argv[4] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        super().append(checkpoints)
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path(sys.argv[2])
outside = Dying(folder / "outside" / "checkpoints.jsonl")
checkpoints = Checkpoints(Database(sys.argv[1]), SigningKeyFile(folder / "signing.key"), outside, SystemClock())
asyncio.run(checkpoints.keep(UUID(sys.argv[3])))
"""


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_between_the_database_and_the_file_it_lacks_at_most_the_newest_and_nothing_is_reproached(
    place: Anchored, tmp_path: Path, when: str
) -> None:
    """Before the line is written, and after it but before the head knows: then it is written twice, which says nothing new."""
    first = await place.anchor(3)
    await place.append(2)
    url = place.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", DIES, url, str(tmp_path), str(place.customer_id), when]
    done = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert await done.wait() == -signal.SIGKILL
    found = await place.verified()
    assert (found.intact, found.checkpoint and found.checkpoint.number) == (True, 2)
    assert [one.number for one in outside(place)] == ([1] if when == "before" else [1, 2])
    await place.checkpoints.keep_due()
    assert [one.number for one in outside(place)] == ([1, 2] if when == "before" else [1, 2, 2])
    assert outside(place)[0] == first
    assert (await place.verified()).intact


async def test_another_key_does_not_go_on_with_our_checkpoints(place: Anchored, tmp_path: Path) -> None:
    await place.anchor(1)
    other = Checkpoints(place.database, FixedSigningKey(), place.checkpoints.outside, place.clock)
    with pytest.raises(OtherSigningKey, match="Bring the right key file back"):
        await other.open()
    await place.checkpoints.open()


def checkpoint(number: int) -> Checkpoint:
    return Checkpoint(number, A_CUSTOMER, number, "0" * 64, "then", "1" * 64, "key", "signature")


def test_the_file_is_its_owners_alone_and_only_grows(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "new" / "checkpoints.jsonl")
    file.make()
    assert file.path.stat().st_mode & 0o777 == 0o600
    file.append([checkpoint(1)])
    before = file.path.read_bytes()
    file.append([checkpoint(2), checkpoint(3)])
    assert file.path.read_bytes().startswith(before)
    assert file.read().of_stream[A_CUSTOMER] == (checkpoint(1), checkpoint(2), checkpoint(3))


@pytest.mark.parametrize("torn", ['{"number": 2, "te', "x" * 10_000])
def test_a_line_that_a_crash_has_torn_is_dropped_when_it_is_written_again(tmp_path: Path, torn: str) -> None:
    file = CheckpointFile(tmp_path / "checkpoints.jsonl")
    file.append([checkpoint(1)])
    with file.path.open("a") as half:
        half.write(torn)
    assert (file.read().of_stream[A_CUSTOMER], file.read().unreadable_lines) == ((checkpoint(1),), ())
    file.append([checkpoint(2)])
    assert (file.read().of_stream[A_CUSTOMER], file.read().unreadable_lines) == ((checkpoint(1), checkpoint(2)), ())


def test_a_file_of_nothing_but_a_torn_line_begins_anew(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "checkpoints.jsonl")
    file.path.write_text(line_of(checkpoint(1))[:9])
    file.append([checkpoint(1)])
    assert file.path.read_text() == line_of(checkpoint(1)) + "\n"


def test_what_is_no_file_of_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "link", tmp_path / "pipe", Path("/proc/no/checkpoints.jsonl")):
        with pytest.raises(NoCheckpointFile):
            CheckpointFile(path).append([checkpoint(1)])
    with pytest.raises(NoCheckpointFile):
        CheckpointFile(tmp_path / "nothing").read()
    assert not (tmp_path / "elsewhere").exists()


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = SigningKeyFile(tmp_path / "signing.key")
    with pytest.raises(BadSigningKey, match="There is none at"):
        file.signing_key()
    assert not file.is_there
    file.make()
    key = file.signing_key()
    file.make()
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    assert SigningKeyFile(tmp_path / "signing.key").signing_key().public == key.public


async def test_a_key_that_vanishes_is_not_replaced_by_another(
    database: Database, clock: MovedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither while the process runs nor at the next start, and no entry is lost by it."""
    place, file = await anchored(database, clock, tmp_path), tmp_path / "signing.key"
    await place.anchor()
    away = file.rename(tmp_path / "away.key")
    await place.append()
    await place.checkpoints.keep_all()
    (alert,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "can't be signed: The signing key can't be used. There is none at" in alert.getMessage()
    with pytest.raises(BadSigningKey, match="Bring it back"):
        await place.checkpoints.open()
    assert not file.exists()
    away.rename(file)
    await place.checkpoints.keep_all()
    assert ((await place.verified()).intact, (await place.verified()).unanchored) == (True, 0)


async def test_a_chain_that_can_not_be_signed_keeps_no_other_from_it(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its head holds a time that is none; only SQLite takes it."""
    ours = await anchored(sqlite_database, clock, tmp_path)
    theirs = await anchored(sqlite_database, clock, tmp_path, "Coffee Shop")
    for rounds in (ours.checkpoints.keep_due, ours.checkpoints.keep_all):
        for place in (ours, theirs):
            await place.append()
        bad = min((ours, theirs), key=lambda place: place.customer_id.hex)
        good = theirs if bad is ours else ours
        bad.attack("UPDATE audit_chain_heads SET checkpoint_at = '0' WHERE customer_id = :us")
        clock.move(AT_LEAST_EVERY)
        caplog.clear()
        await rounds()
        assert (await good.verified()).unanchored == 0
        (alert,) = [record for record in caplog.records if record.levelname == "ERROR"]
        assert alert.getMessage() == f"ALERT: the audit chain of customer {bad.customer_id} can't be signed: TypeError"
        bad.attack("UPDATE audit_chain_heads SET checkpoint_at = NULL WHERE customer_id = :us")


async def test_a_change_of_the_key_stands_outside_and_what_was_signed_before_it_still_verifies(
    database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    place, keys = await anchored(database, clock, tmp_path), SigningKeyFile(tmp_path / "signing.key")
    old = keys.signing_key().public
    before = await place.anchor(3)
    done = keys.rotate(clock.now())
    await place.checkpoints.open()
    after = await place.anchor(2)
    assert (before.key_id, after.key_id) == (old.id, done.after.id)
    found = await place.verified()
    assert (found.intact, found.events, found.unanchored) == (True, 5, 0), found.because
    assert place.checkpoints.outside.read().successions == (done,)
    assert place.checkpoints.outside.read().unreadable_lines == ()
    await place.checkpoints.open()
    assert place.checkpoints.outside.read().successions == (done,)


async def test_the_key_before_is_refused_once_another_has_signed(
    database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    place, file = await anchored(database, clock, tmp_path), tmp_path / "signing.key"
    await place.anchor()
    old = file.read_bytes()
    SigningKeyFile(file).rotate(clock.now())
    clock.move(timedelta(seconds=1))
    await place.anchor()
    file.write_bytes(old)
    with pytest.raises(OtherSigningKey, match="Bring the right key file back"):
        await place.checkpoints.open()
