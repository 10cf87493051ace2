"""An export verifies by itself: with a bare Python and cryptography, and nothing of ours."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from core.database.session import Database
from core.security.audit import audit_export, audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.keys.signing_file import SigningKeyFile
from tests.core.security.audit.anchoring import Anchored, anchored
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedSigningKey

Entries = list[dict[str, Any]]


@dataclass(frozen=True)
class Unpacked:
    """A folder with what was in the zip."""

    folder: Path

    def check(self, *words: str) -> tuple[int, str]:
        """Run the verifier as an auditor does: exit code, and what it said."""
        command = [sys.executable, "-I", "verify_export.py", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, env={})
        assert done.stderr == ""
        return done.returncode, done.stdout.strip()

    def entries(self) -> Entries:
        return [json.loads(line) for line in (self.folder / "audit.jsonl").read_text("utf-8").split("\n")[:-1]]

    def change(self, change: Callable[[Entries], Entries]) -> None:
        lines = [json.dumps(one) for one in change(self.entries())]
        (self.folder / "audit.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")


@pytest.fixture
async def place(database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    return await twelve(database, clock, tmp_path)


@pytest.fixture
async def one_place(sqlite_database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    """For what is done to an export: what a database of either kind exports is the same, as the first test shows."""
    return await twelve(sqlite_database, clock, tmp_path)


async def twelve(database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    """Twelve entries of which ten are signed for; one of them is of an operation, and in other scripts."""
    made = await anchored(database, clock, tmp_path)
    detail = {"seen": "Grüner Tee 🍵 \u2028 “quoted”", "page": None, "done": True, "milliseconds": 12}
    event = AuditEvent(AuditAction.STEP_CONCLUDED, "agent", made.customer_id, detail)
    await database.run(
        made.customer_id, partial(audit_log.record, customer_id=made.customer_id, event=event, at=clock.now())
    )
    await made.anchor(4)
    await made.anchor(5)
    await made.append(2)
    return made


async def export(place: Anchored, folder: Path) -> Unpacked:
    write = partial(
        audit_export.write,
        customer_id=place.customer_id,
        keys=audit_export.Signers.of(place.checkpoints.keys),
        at=place.clock.now(),
    )
    with (folder / "audit.zip").open("wb") as file:
        await place.database.read(place.customer_id, lambda session: write(session, file=file))
    with ZipFile(folder / "audit.zip") as archive:
        archive.extractall(folder / "unpacked")
    return Unpacked(folder / "unpacked")


@pytest.fixture
async def unpacked(one_place: Anchored, tmp_path: Path) -> Unpacked:
    return await export(one_place, tmp_path)


async def test_what_was_exported_verifies(place: Anchored, tmp_path: Path) -> None:
    unpacked = await export(place, tmp_path)
    code, told = unpacked.check()
    assert code == 0
    assert told.startswith(
        "OK: 12 entries, 0 of them with an erased detail; the last checkpoint is over entry 10, "
        "and 2 after it are not signed for; keys "
    )
    assert unpacked.entries()[0]["detail"]["seen"] == "Grüner Tee 🍵 \u2028 “quoted”"
    assert "python verify_export.py" in (unpacked.folder / "README.txt").read_text()


async def test_who_knows_the_key_before_or_the_one_after_verifies_all_of_it(place: Anchored, tmp_path: Path) -> None:
    keys, known = SigningKeyFile(tmp_path / "signing.key"), tmp_path / "known.pem"
    old = keys.signing_key().public
    done = keys.rotate(place.clock.now())
    await place.anchor()
    unpacked = await export(place, tmp_path)
    for key in (old, done.after):
        known.write_text(key.pem())
        assert unpacked.check("--public-key", str(known))[0] == 0
    line = unpacked.folder / "keys.jsonl"
    line.write_text(line.read_text().replace('"before": "', '"before": "AAAA'))
    assert unpacked.check("--public-key", str(known)) == (
        1,
        "BROKEN: line 1 of the keys: not both keys have signed it",
    )
    line.write_text("")
    code, told = unpacked.check("--public-key", str(known))
    assert (code, "it is not signed by this key" in told) == (1, True)


def set_in(number: int, **values: Any) -> Callable[[Entries], Entries]:
    return lambda entries: [one | values if one["seq"] == number else one for one in entries]


def swapped(entries: Entries) -> Entries:
    return [*entries[:3], entries[4], entries[3], *entries[5:]]


TAMPERED: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "a field": (set_in(4, actor="user:1"), "entry 4: it was changed"),
    "a time": (set_in(4, at="2020-01-01T00:00:00.000000+00:00"), "entry 4: it was changed"),
    "a number as text": (set_in(4, seq="4"), "entry 4: it is missing"),
    "a detail": (set_in(4, detail={"products": 99}), "entry 4: its detail was changed"),
    "a salt": (set_in(4, salt="no hexadecimal"), "entry 4: its detail was changed"),
    "a detail gone": (set_in(4, detail=None, salt=None), "entry 4: its detail was removed without an erasure record"),
    "half a detail gone": (set_in(4, detail=None), "entry 4: its detail was changed"),
    "an entry deleted": (lambda entries: [*entries[:3], *entries[4:]], "entry 4: it is missing"),
    "two swapped": (swapped, "entry 4: it is missing"),
    "an entry twice": (lambda entries: [*entries[:4], *entries[3:]], "entry 5: it is missing"),
    "one added": (lambda entries: [*entries, entries[-1] | {"seq": 13}], "entry 13: it does not follow"),
    "the end cut off": (lambda entries: entries[:8], "entry 9: it is missing; entry 10 was signed for"),
    "nothing left": (lambda entries: [], "entry 1: it is missing; entry 10 was signed for"),
    "a column too few": (lambda entries: [{"seq": 1}], "entry 1: its line is no entry"),
}


@pytest.mark.parametrize("change", TAMPERED)
def test_what_was_tampered_with_is_named(unpacked: Unpacked, change: str) -> None:
    tamper, because = TAMPERED[change]
    unpacked.change(tamper)
    code, told = unpacked.check()
    assert (code, told.startswith(f"BROKEN: {because}")) == (1, True), told


def test_what_was_cut_after_the_last_checkpoint_is_not_noticed_and_its_length_is_told(unpacked: Unpacked) -> None:
    unpacked.change(lambda entries: entries[:10])
    code, told = unpacked.check()
    assert (code, "OK: 10 entries" in told, "and 0 after it" in told) == (0, True, True)


DEEP = b"[" * 100_000 + b"\n"


@pytest.mark.parametrize(
    ("name", "line", "because"),
    [
        ("audit.jsonl", b"\xff\n", "line 2 of audit.jsonl: it is no text"),
        ("audit.jsonl", DEEP, "entry 2: its line is no JSON"),
        ("checkpoints.jsonl", b"\xff\n", "line 2 of checkpoints.jsonl: it is no text"),
        ("checkpoints.jsonl", DEEP, "checkpoint 2: its line holds none"),
    ],
)
def test_a_line_that_no_export_has_is_told_and_no_crash(
    unpacked: Unpacked, name: str, line: bytes, because: str
) -> None:
    file = unpacked.folder / name
    first, _, *rest = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join((first, line, *rest)))
    assert unpacked.check() == (1, f"BROKEN: {because}")


@pytest.mark.parametrize("actor", ["\ud800", {"deep": 1}])
def test_a_field_that_no_entry_has_is_told_and_no_crash(unpacked: Unpacked, actor: Any) -> None:
    unpacked.change(set_in(4, actor=actor))
    assert unpacked.check() == (1, "BROKEN: entry 4: it was changed")


def test_emptied_files_are_nothing_that_is_well(unpacked: Unpacked) -> None:
    for name in ("audit.jsonl", "checkpoints.jsonl"):
        (unpacked.folder / name).write_text("")
    assert unpacked.check() == (1, "BROKEN: there is no entry; an export has one at least, which tells of it")


def test_that_nothing_is_proven_of_the_end_is_said_unless_checkpoints_were_kept(
    unpacked: Unpacked, one_place: Anchored
) -> None:
    assert "Nothing is proven about the end" in unpacked.check()[1]
    assert "Nothing is proven" not in unpacked.check("--checkpoints", str(one_place.file))[1]


def test_a_file_that_breaks_off_within_a_line_is_told(unpacked: Unpacked) -> None:
    file = unpacked.folder / "audit.jsonl"
    file.write_bytes(file.read_bytes()[:-100])
    assert unpacked.check() == (1, "BROKEN: entry 12: its line is no JSON")


@pytest.mark.parametrize(
    ("tamper", "because"),
    [
        (lambda lines: lines[1:], "checkpoint 1: it does not follow the one before it"),
        (
            lambda lines: [lines[0].replace("\\n5\\n", "\\n4\\n"), lines[1]],
            "checkpoint 1: it is not signed by this key",
        ),
        (lambda lines: ["{}"], "checkpoint 1: its line holds none"),
    ],
)
def test_a_checkpoint_that_was_tampered_with_is_told(
    unpacked: Unpacked, tamper: Callable[[list[str]], list[str]], because: str
) -> None:
    file = unpacked.folder / "checkpoints.jsonl"
    file.write_text("".join(f"{line}\n" for line in tamper(file.read_text().splitlines())))
    code, told = unpacked.check()
    assert (code, told.startswith(f"BROKEN: {because}")) == (1, True), told


def test_a_key_that_is_known_from_elsewhere_is_used_in_place_of_the_one_beside_it(unpacked: Unpacked) -> None:
    key = unpacked.folder / "known.pem"
    key.write_bytes((unpacked.folder / "public-key.pem").read_bytes())
    assert unpacked.check("--public-key", "known.pem")[0] == 0
    key.write_text(FixedSigningKey("theirs").signing_key().public.pem())
    code, told = unpacked.check("--public-key", "known.pem")
    assert (code, told) == (1, "BROKEN: checkpoint 1: it is not signed by this key")


def test_a_checkpoint_that_was_kept_tells_of_an_end_that_was_cut_off_together_with_its_checkpoints(
    unpacked: Unpacked, one_place: Anchored
) -> None:
    checkpoints = unpacked.folder / "checkpoints.jsonl"
    checkpoints.write_text(checkpoints.read_text().splitlines()[0] + "\n")
    unpacked.change(lambda entries: entries[:5])
    assert unpacked.check()[0] == 0
    code, told = unpacked.check("--checkpoints", str(one_place.file))
    assert (code, "entry 6: it is missing; entry 10 was signed for" in told) == (1, True)


async def test_erased_details_verify_and_are_counted(place: Anchored, tmp_path: Path) -> None:
    erase = partial(
        audit_log.erase_details,
        customer_id=place.customer_id,
        up_to=7,
        because="asked for",
        actor="user:1",
        at=place.clock.now(),
    )
    await place.database.run(place.customer_id, erase)
    unpacked = await export(place, tmp_path)
    code, told = unpacked.check()
    assert (code, "OK: 13 entries, 7 of them with an erased detail" in told) == (0, True), told
    unpacked.change(set_in(9, detail=None, salt=None))
    assert unpacked.check() == (1, "BROKEN: entry 9: its detail was removed without an erasure record")
    unpacked.change(lambda entries: entries[:12])
    assert unpacked.check() == (1, "BROKEN: entry 1: its detail was removed without an erasure record")


def test_what_is_not_there_can_not_be_checked(unpacked: Unpacked) -> None:
    (unpacked.folder / "audit.jsonl").unlink()
    code, told = unpacked.check()
    assert (code, told.startswith("CANNOT CHECK: FileNotFoundError")) == (2, True)
    (unpacked.folder / "public-key.pem").write_text("no key")
    assert unpacked.check()[0] == 2


def test_the_verifier_needs_nothing_of_ours() -> None:
    tree = ast.parse(audit_export.VERIFIER.read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names | {"cryptography"}
