"""A customer takes along all that is known of them, and nobody who finds it can do anything with it."""

import asyncio
import json
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.database.session import Database
from core.database.tables import OfCustomer
from core.privacy.export import IN_AUDIT, SECRET_COLUMNS, WITHHELD, exported
from core.security.consent.receipts import verify_receipt
from tests.core.operations.house import SECRETS
from tests.core.privacy.forgetting import BY_TOKEN, PICTURE, Forgetting, forgetting
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedSigningKey


@pytest.fixture
async def ours(database: Database, clock: MovedClock, tmp_path: Path) -> Forgetting:
    return await forgetting(database, clock, tmp_path)


async def taken(ours: Forgetting) -> ZipFile:
    file = BytesIO()
    await ours.desk.export(ours.visitor, BY_TOKEN, file)
    archive = ZipFile(file)
    assert archive.testzip() is None
    return archive


async def test_every_table_is_in_it_with_every_column_but_secrets(ours: Forgetting) -> None:
    archive = await taken(ours)
    tables = [table for table in OfCustomer.__subclasses__() if table not in IN_AUDIT | WITHHELD]
    for table in tables:
        rows = [json.loads(line) for line in archive.read(f"data/{table.__tablename__}.jsonl").splitlines()]
        assert rows, table
        for row in rows:
            assert row.keys() == table.model_fields.keys() - SECRET_COLUMNS.get(table, frozenset())
            assert row["customer_id"] == str(ours.visitor.customer_id)
    assert exported().keys() == set(tables)
    (customer,) = archive.read("data/customers.jsonl").splitlines()
    assert json.loads(customer)["name"] == "Tea Shop"


def test_what_may_be_a_secret_is_withheld_or_known_not_to_be() -> None:
    """A column that is named like one and is told has to be named here."""
    suspicious = ("hash", "sha256", "token", "secret", "seed", "envelope", "wrapped", "password", "salt", "sealed")
    told = {
        f"{table.__tablename__}.{column}"
        for table, columns in exported().items()
        for column in columns
        if any(word in column for word in suspicious)
    }
    assert told == {
        "autonomous_consent.audit_hash",
        "autonomous_consent.text_sha256",
        "autonomous_operations.model_tokens",
        "operation_questions.action_sha256",
        "workflow_changes.after_sha256",
        "workflow_changes.step_sha256",
    }


async def test_no_secret_is_in_it(ours: Forgetting) -> None:
    archive = await taken(ours)
    for name in archive.namelist():
        content = archive.read(name)
        for secret in SECRETS.values():
            assert secret.encode() not in content, name
        for column in ("password_hash", "token_sha256", "envelope", "state_sha256"):
            assert f"canary {column}".encode() not in content, name


async def test_pictures_and_the_audit_trail_are_in_it(ours: Forgetting, tmp_path: Path) -> None:
    archive = await taken(ours)
    (picture,) = (name for name in archive.namelist() if name.startswith("pictures/"))
    assert archive.read(picture) == PICTURE.webp
    ZipFile(BytesIO(archive.read("audit.zip"))).extractall(tmp_path / "audit")
    verified = await asyncio.create_subprocess_exec(sys.executable, "verify_export.py", cwd=tmp_path / "audit")
    assert await verified.wait() == 0


async def test_the_receipts_of_the_consents_are_in_it_and_verify_by_themselves(
    ours: Forgetting, tmp_path: Path
) -> None:
    archive = await taken(ours)
    archive.extractall(tmp_path)
    rows = [json.loads(line) for line in archive.read("data/autonomous_consent.jsonl").splitlines()]
    given = {row["id"] for row in rows if row["terms"]}
    found = {Path(name).stem for name in archive.namelist() if name.startswith("receipts/") and name.endswith(".json")}
    assert found == given != set()
    one = tmp_path / "receipts" / f"{found.pop()}.json"
    document = json.loads(one.read_text("utf-8"))
    assert verify_receipt(document, await ours.house.receipts.public_keys()) == document["receipt"]
    assert await verified(one) == (0, True)
    document["receipt"]["shop"] = "https://another.example"
    one.write_text(json.dumps(document), "utf-8")
    assert await verified(one) == (1, False)
    theirs = one.with_name("theirs.pem")
    theirs.write_text(FixedSigningKey("theirs").signing_key().public.pem())
    assert await verified(one, "--public-key", str(theirs)) == (1, False)


async def verified(receipt: Path, *words: str) -> tuple[int | None, bool]:
    """What the program beside a receipt says: its exit code, and whether all is well."""
    command = (sys.executable, "-I", "verify_receipts.py", receipt.name, *words)
    done = await asyncio.create_subprocess_exec(*command, cwd=receipt.parent, stdout=asyncio.subprocess.PIPE)
    told, _ = await done.communicate()
    return done.returncode, told.startswith(b"OK: 1 receipts")


async def test_nothing_of_anybody_else_is_in_it(ours: Forgetting, clock: MovedClock, tmp_path: Path) -> None:
    theirs = await forgetting(ours.database, clock, tmp_path / "theirs")
    archive = await taken(ours)
    for name in archive.namelist():
        assert str(theirs.visitor.customer_id).encode() not in archive.read(name)
        assert theirs.visitor.email.encode() not in archive.read(name)


async def test_it_was_asked_for_before_and_is_answered_after(ours: Forgetting) -> None:
    archive = await taken(ours)
    rows = [json.loads(line) for line in archive.read("data/privacy_requests.jsonl").splitlines()]
    (asked,) = (row for row in rows if row["kind"] == "export" and row["asked_by"] == ours.visitor.actor)
    assert asked["done_at"] is None
    actions = [entry.action for entry in await ours.house.trail.read(ours.house.visitor)]
    assert actions[:2] == ["audit_exported", "export_asked"]


async def test_a_second_one_is_whole_too(ours: Forgetting) -> None:
    first = (await taken(ours)).namelist()
    assert set((await taken(ours)).namelist()) == set(first)
