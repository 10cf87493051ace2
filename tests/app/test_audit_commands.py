"""`autopilot audit` tells by its exit code how the chains are, writes exports, and prints the key that signs."""

import asyncio
import errno
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy.exc import DatabaseError
from typer.testing import CliRunner, Result

from app.bootstrap import build
from app.cli import main
from app.commands.serve import have_checkpoints_logged
from app.log_choices import LogFormat, LogLevel
from app.settings import Settings
from core.database.session import CustomerSession
from core.operations.trail import AuditTrail
from core.security.audit import audit_log, checkpoints
from core.security.audit.verification import Evidence, Verification
from core.security.keys.signing import public_keys
from core.security.keys.signing_file import SigningKeyFile
from tests.app.logging_as_served import written
from tests.app.test_settings import NAMES
from tests.fakes.keys import FixedSigningKey
from tests.object_store import ObjectServer

CHAIN = "autonomous_operations_audit"

Audit = Callable[..., Result]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, with two customers whose chains are signed."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", str(tmp_path / "configuration" / "master.key"))
    asyncio.run(fill())
    return tmp_path


async def fill(*more: str) -> None:
    autopilot = build(Settings.read())
    await autopilot.open()
    for name in more or ("Tea Shop", "Coffee Shop"):
        customer_id = await autopilot.services.people.add_customer(name)
        for number in range(3):
            address = f"{number}@{name.replace(' ', '').lower()}.example"
            await autopilot.services.people.add_user(customer_id, address, "a long enough one")
    await autopilot.checkpoints.keep_all()
    autopilot.services.database.close()


@pytest.fixture
def audit(machine: Path) -> Audit:
    return lambda *words: CliRunner().invoke(main, ["audit", *words])


def attack(machine: Path, statement: str) -> None:
    with closing(sqlite3.connect(machine / "data" / "autopilot.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)
        database.commit()


def test_chains_that_are_whole_are_told_with_what_was_signed_for_them(machine: Path, audit: Audit) -> None:
    told = audit("verify")
    assert told.exit_code == 0, told.output
    assert "Tea Shop (stream " in told.output
    assert "entries 3 · last checkpoint: checkpoint 1, " in told.output
    assert "not signed for yet: 0" in told.output
    assert "2 chains, all whole." in told.output


def test_a_broken_chain_is_told_with_the_first_entry_that_is_not_as_written(machine: Path, audit: Audit) -> None:
    attack(
        machine,
        f"UPDATE {CHAIN} SET actor = 'x' WHERE seq = 2 AND customer_id = (SELECT id FROM customers WHERE name = 'Tea Shop')",
    )
    told = audit("verify", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["result"] == "broken"
    coffee, tea = json.loads(told.stdout)["chains"]
    assert (coffee["intact"], coffee["events"], coffee["unanchored"], coffee["firstBroken"]) == (True, 3, 0, None)
    assert coffee["checkpoint"]["seq"] == 3
    assert (tea["intact"], tea["firstBroken"], tea["because"], tea["checkpoint"]) == (False, 2, "it was changed", None)
    assert audit("verify", "--customer", "Coffee Shop").exit_code == 0
    by_id = audit("verify", "--customer", tea["stream"])
    assert (by_id.exit_code, "BROKEN at entry 2: it was changed" in by_id.output) == (1, True)


def test_pictures_in_an_object_store_are_checked_there_or_it_is_said_that_they_can_not_be(
    audit: Audit, objects: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = objects.place()
    keys = place.access.keys
    assert keys is not None
    monkeypatch.setenv("AUTOPILOT_SCREENSHOTS", f"s3://{place.root}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", objects.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.id.reveal())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret.reveal())
    assert audit("verify", "--pictures").exit_code == 0
    objects.remove(place)
    told = audit("verify", "--pictures")
    assert (told.exit_code, told.output.count("CAN'T BE CHECKED: The place where pictures are kept")) == (2, 2)
    monkeypatch.setenv("AUTOPILOT_SCREENSHOTS", "gs://pictures")
    told = audit("verify", "--pictures", "--json")
    assert (told.exit_code, json.loads(told.stdout)["result"]) == (2, "cannot_check")
    assert "AUTOPILOT_SCREENSHOTS: Pictures go to a folder, or to s3://BUCKET/PREFIX" in told.stderr


OF_TEA = "customer_id = (SELECT id FROM customers WHERE name = 'Tea Shop')"


def test_a_customer_who_was_cut_out_of_the_database_is_missed(machine: Path, audit: Audit) -> None:
    for table in (CHAIN, "audit_checkpoints", "audit_chain_heads"):
        attack(machine, f"DELETE FROM {table} WHERE {OF_TEA}")
    attack(machine, "DELETE FROM customers WHERE name = 'Tea Shop'")
    told = audit("verify", "--json")
    assert told.exit_code == 1
    coffee, nobody = json.loads(told.stdout)["chains"]
    assert coffee["intact"]
    assert (nobody["customer"], nobody["firstBroken"]) == ("(no customer)", 1)
    assert nobody["because"] == "checkpoint 1 was signed for entry 3: the end was cut off"
    assert audit("verify", "--customer", nobody["stream"]).exit_code == 1


def test_one_that_can_not_be_checked_hides_no_other(
    machine: Path, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack(machine, f"UPDATE {CHAIN} SET actor = CAST(x'ff' AS TEXT) WHERE seq = 2 AND {OF_TEA}")
    told = audit("verify")
    assert (told.exit_code, "BROKEN at entry 2: it was changed" in told.output) == (1, True)
    verify, seen = audit_log.verify, list[UUID]()

    def first_unreadable(session: CustomerSession, customer_id: UUID, evidence: Evidence) -> Verification:
        seen.append(customer_id)
        if len(seen) == 1:
            raise DatabaseError("SELECT", {}, Exception("disk I/O error"))
        return verify(session, customer_id, evidence)

    monkeypatch.setattr(audit_log, "verify", first_unreadable)
    told = audit("verify")
    assert (told.exit_code, "CAN'T BE CHECKED: DatabaseError" in told.output) == (1, True), told.output
    assert len(seen) == 2
    seen.clear()
    alone = audit("verify", "--json", "--customer", "Coffee Shop")
    assert (alone.exit_code, json.loads(alone.stdout)["result"]) == (2, "cannot_check")


def test_with_the_file_outside_gone_nothing_is_claimed(machine: Path, audit: Audit) -> None:
    (machine / "configuration" / "checkpoints.jsonl").unlink()
    told = audit("verify")
    assert (told.exit_code, "checkpoints.jsonl" in told.stderr) == (2, True)


def test_a_file_outside_that_was_emptied_is_found(machine: Path, audit: Audit) -> None:
    (machine / "configuration" / "checkpoints.jsonl").write_text("")
    told = audit("verify")
    assert told.exit_code == 1
    assert "the checkpoints' file was cut off: checkpoint 1 was written to it, and is missing" in told.output


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (("--checkpoints", "/nowhere/file"), "/nowhere/file"),
        (("--public-key", "/nowhere/key.pem"), "/nowhere/key.pem"),
        (("--public-key", "/etc/hostname"), "no Ed25519 public key"),
        (("--customer", "Nobody"), "No customer is called “Nobody”"),
    ],
)
def test_what_can_not_be_checked_is_told_from_what_is_broken(
    audit: Audit, words: tuple[str, ...], because: str
) -> None:
    told = audit("verify", *words)
    assert (told.exit_code, because in told.stderr) == (2, True), told.output
    as_json = audit("verify", "--json", *words)
    assert (as_json.exit_code, json.loads(as_json.stdout)["result"]) == (2, "cannot_check")


def test_a_database_that_is_not_there_is_not_made(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "elsewhere"))
    told = audit("verify")
    assert (told.exit_code, "There is no database at" in told.stderr) == (2, True)
    assert not (tmp_path / "elsewhere").exists()
    empty = tmp_path / "empty.db"
    empty.touch()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{empty}")
    assert audit("verify").exit_code == 2
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody:canary@127.0.0.1:1/nothing")
    refused = audit("verify")
    assert (refused.exit_code, "canary" in refused.output) == (2, False)


def test_a_key_that_is_not_there_is_not_made(machine: Path, audit: Audit) -> None:
    key = machine / "configuration" / "signing.key"
    key.rename(machine / "kept.key")
    told = audit("verify")
    assert (told.exit_code, "There is no signing key" in told.stderr) == (2, True)
    assert not key.exists()


def test_an_auditor_needs_the_public_key_and_a_copy_and_no_secret(machine: Path, audit: Audit, tmp_path: Path) -> None:
    printed = audit("public-key")
    pem, copy = tmp_path / "key.pem", tmp_path / "copy.jsonl"
    pem.write_text(printed.stdout)
    copy.write_bytes((machine / "configuration" / "checkpoints.jsonl").read_bytes())
    (machine / "configuration").rename(machine / "elsewhere")
    words = ("verify", "--public-key", str(pem), "--checkpoints", str(copy))
    assert audit(*words).exit_code == 0
    pem.write_text(FixedSigningKey("theirs").signing_key().public.pem())
    assert audit(*words).exit_code == 1
    assert list(public_keys(printed.stdout)) == [printed.stderr.split()[-1]]


def test_an_export_is_for_its_owner_alone_and_verifies_without_us(machine: Path, audit: Audit, tmp_path: Path) -> None:
    file, folder = tmp_path / "tea.zip", tmp_path / "unpacked"
    told = audit("export", "--customer", "Tea Shop", "--output", str(file))
    assert told.exit_code == 0, told.output
    assert file.stat().st_mode & 0o777 == 0o600
    with ZipFile(file) as archive:
        archive.extractall(folder)
    done = subprocess.run(
        [sys.executable, "-I", "verify_export.py"],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("OK: 4 entries, 0 of them with an erased detail; the last checkpoint is over entry 4")
    again = audit("export", "--customer", "Tea Shop", "--output", str(file))
    assert (again.exit_code, "File exists" in again.stderr) == (1, True)
    nobody = audit("export", "--customer", "Nobody", "--output", str(tmp_path / "no.zip"))
    assert (nobody.exit_code, (tmp_path / "no.zip").exists()) == (1, False)


def test_an_export_that_fails_leaves_nothing_and_can_be_made_again(
    machine: Path, audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(trail: AuditTrail, customer_id: UUID, actor: str, file: IO[bytes]) -> None:
        file.write(b"half a zip")
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = tmp_path / "out"
    folder.mkdir()
    words = ("export", "--customer", "Tea Shop", "--output", str(folder / "tea.zip"))
    with monkeypatch.context() as patch:
        patch.setattr(AuditTrail, "export_of", full)
        told = audit(*words)
    assert (told.exit_code, list(folder.iterdir())) == (1, [])
    assert told.stderr == f"The file can't be written. {folder / 'tea.zip'}: No space left on device.\n"
    assert audit(*words).exit_code == 0
    assert [file.name for file in folder.iterdir()] == ["tea.zip"]


def test_another_key_signs_from_now_on_and_whoever_had_the_one_before_still_verifies(
    machine: Path, audit: Audit, tmp_path: Path
) -> None:
    known, file = tmp_path / "known.pem", machine / "configuration" / "checkpoints.jsonl"
    known.write_text(audit("public-key").stdout)
    (old,) = public_keys(known.read_text())
    done = audit("rotate-key")
    assert (done.exit_code, f"in place of {old}" in done.output) == (0, True), done.output
    asyncio.run(fill("Cocoa Shop"))
    new, *before = public_keys(audit("public-key").stdout)
    assert (before, new in done.output) == ([old], True)
    assert audit("verify").exit_code == 0
    assert audit("verify", "--public-key", str(known)).exit_code == 0
    assert json.loads(file.read_bytes().splitlines()[-1])["key"] == new
    lines = [line for line in file.read_text().splitlines() if "omniops-autopilot/signing-key/v1" not in line]
    file.write_text("".join(f"{line}\n" for line in lines))
    assert audit("verify", "--public-key", str(known)).exit_code == 1  # nothing that the known key has signed says so


def test_no_key_is_made_to_be_changed(machine: Path, audit: Audit) -> None:
    key = machine / "configuration" / "signing.key"
    key.unlink()
    told = audit("rotate-key")
    assert (told.exit_code, "There is no signing key" in told.stderr, key.exists()) == (1, True, False)


def test_another_signing_key_is_refused_at_the_start(machine: Path, audit: Audit) -> None:
    key = machine / "configuration" / "signing.key"
    key.unlink()
    words = ("export", "--customer", "Tea Shop", "--output", str(machine / "x.zip"))
    assert "There is none at" in audit(*words).stderr
    assert audit("public-key").exit_code == 1
    assert not key.exists()
    SigningKeyFile(key).make()
    told = audit(*words)
    assert told.exit_code == 1
    assert "not the one that signed this database's checkpoints" in told.stderr


def test_what_serves_logs_each_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    told = logging.getLogger(checkpoints.__name__)
    with written(LogFormat.TEXT, LogLevel.ERROR):
        have_checkpoints_logged()
        told.info("checkpoint %s", "{}")
    assert capsys.readouterr().err.endswith(" core.security.audit.checkpoints: checkpoint {}\n")
