"""`autopilot customers`: the companies, all that is known of one, and that one is forgotten."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from app.cli import main
from core.privacy.certificate import Certificate
from tests.app.test_settings import NAMES

PASSWORD = "four words that do not belong"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, with two companies."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", str(tmp_path / "key" / "master.key"))
    for company in ("Tea Shop", "Coffee Bar"):
        assert run("customers", "add", company).exit_code == 0
        email = f"{company.split()[0].lower()}@x.example"
        added = run("users", "add", email, "--customer", company, "--password-stdin", given=PASSWORD)
        assert added.exit_code == 0, added.output
    return tmp_path


def run(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=given)


def test_they_are_listed_and_a_name_is_not_taken_twice() -> None:
    told = run("customers", "list").output
    assert "Tea Shop" in told
    assert "Coffee Bar" in told
    again = run("customers", "add", "Tea Shop")
    assert (again.exit_code, "of this name already" in again.output) == (1, True)


def test_an_export_is_its_owners_alone_and_writes_over_nothing(machine: Path) -> None:
    zip_file = machine / "tea.zip"
    assert run("customers", "export", "Tea Shop", "--output", str(zip_file)).exit_code == 0
    assert zip_file.stat().st_mode & 0o777 == 0o600
    with ZipFile(zip_file) as archive:
        assert b"tea@x.example" in archive.read("data/users.jsonl")
        assert b"coffee" not in archive.read("data/users.jsonl")
    again = run("customers", "export", "Tea Shop", "--output", str(zip_file))
    assert (again.exit_code, "is not written over" in again.output) == (1, True)


def test_one_is_erased_by_its_name_typed_once_more(machine: Path) -> None:
    refused = run("customers", "erase", "Tea Shop", given="Coffee Bar\n")
    assert (refused.exit_code, "nothing was deleted" in refused.output) == (1, True)
    done = run("customers", "erase", "Tea Shop", given="Tea Shop\n")
    assert done.exit_code == 0, done.output
    certificate = Certificate.from_json(done.output.splitlines()[-1])
    assert certificate is not None
    assert certificate.deletion.asked_by == "system"
    assert json.loads((machine / "key" / "deletions.jsonl").read_text()) == json.loads(certificate.to_json())
    assert "Tea Shop" not in run("customers", "list").output
    assert run("customers", "erase", "Tea Shop", "--yes").exit_code == 1
    assert run("audit", "verify").exit_code == 0
    assert run("vault", "check").exit_code == 0


@pytest.mark.parametrize("words", [("export", "--output", "x.zip"), ("erase", "--yes")])
def test_a_customer_that_is_not_there_is_said_to_be_none(words: tuple[str, ...]) -> None:
    done = run("customers", words[0], "Nobody", *words[1:])
    assert (done.exit_code, "There is no customer “Nobody”." in done.output) == (1, True)
