"""The doctor looks at each thing by itself, and names for each that is missing the one command that mends it."""

import asyncio
import base64
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.bootstrap import build
from app.cli import main
from app.commands import doctor
from app.commands.doctor import examine
from app.settings import Settings
from core.browser.find_browser import NoBrowser
from core.browser.launched import SandboxRefused
from core.browser.sessions import Browsers
from core.clock import SystemClock
from core.database.session import Database
from core.health import Finding, State
from core.security.keys.key_providers import KeyFile
from core.security.keys.signing_file import SigningKeyFile
from tests.app.test_settings import NAMES
from tests.conftest import upgrade_for_tests
from tests.object_store import ObjectServer
from tests.postgres import PostgresServer, as_owner, as_product

ALL = (
    "Python",
    "Browser",
    "Database",
    "Key",
    "Signing key",
    "Pictures",
    "Workflows",
    "Consent text",
    "E-mail",
    "Model",
)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, with a browser that need not be started."""

    async def version(browsers: Browsers) -> str:
        return "156.0"

    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", str(tmp_path / "configuration" / "master.key"))
    monkeypatch.setattr(Browsers, "version", version)
    return tmp_path


def key_file(machine: Path) -> Path:
    return machine / "configuration" / "master.key"


def missing() -> dict[str, Finding]:
    """What the doctor finds wrong; everything was looked at."""
    found = {finding.name: finding for finding in examine()}
    assert tuple(found) == ALL
    return {name: finding for name, finding in found.items() if not finding.good}


def test_a_well_machine_has_everything_and_nothing_to_mend(machine: Path) -> None:
    told = CliRunner().invoke(main, ["doctor"])
    assert told.exit_code == 0
    assert [line.split(":")[0] for line in told.output.splitlines()] == [f"✓ {name}" for name in ALL]
    assert f"in {key_file(machine)}" in told.output
    assert "mend" not in told.output
    assert missing() == {}


@pytest.fixture
def signing(machine: Path) -> SigningKeyFile:
    """The signing key of a machine where a checkpoint was signed."""

    async def fill() -> None:
        autopilot = build(Settings.read())
        await autopilot.open()
        people = autopilot.services.people
        await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", "a long enough one")
        await autopilot.checkpoints.keep_all()
        autopilot.services.database.close()

    asyncio.run(fill())
    return SigningKeyFile(machine / "configuration" / "signing.key")


def told_of_signing() -> str:
    return next(one.found for one in examine() if one.name == "Signing key")


def test_of_the_signing_key_it_is_told_what_it_has_signed(signing: SigningKeyFile) -> None:
    old = signing.signing_key().public.id
    assert told_of_signing() == f"{old} in {signing.path}, which signed the newest checkpoint"
    new = signing.rotate(SystemClock().now()).after.id
    assert told_of_signing() == f"{new} in {signing.path}, after {old}, which signed the newest checkpoint"
    assert missing() == {}


def test_before_the_first_start_there_is_no_signing_key_and_the_doctor_makes_none(machine: Path) -> None:
    assert told_of_signing().startswith("none yet; it is made at the first start")
    assert not (machine / "configuration" / "signing.key").exists()


def test_a_signing_key_that_others_can_read_is_mended_by_what_is_told(signing: SigningKeyFile) -> None:
    signing.path.chmod(0o644)
    (finding,) = missing().values()
    assert finding.name == "Signing key"
    subprocess.run(shlex.split(finding.mend), check=True)
    assert missing() == {}


def test_another_signing_key_or_none_is_mended_with_the_one_from_the_back_up(signing: SigningKeyFile) -> None:
    key = signing.path.read_bytes()
    for there in (None, os.urandom(32)):
        signing.path.unlink()
        if there:
            signing.path.touch(0o600)
            signing.path.write_bytes(there)
        (finding,) = missing().values()
        assert (finding.name, "Bring the right key file back" in finding.found) == ("Signing key", True)
        assert ("mv " in finding.mend) == bool(there)
        back_up = signing.path.with_name("THE_SIGNING_KEY_FROM_YOUR_BACK_UP")
        back_up.touch(0o600)
        back_up.write_bytes(key)
        subprocess.run(["sh", "-c", f"umask 077; {finding.mend}"], check=True, cwd=back_up.parent)
        assert missing() == {}


def told_of_pictures() -> str:
    return next(one.found for one in examine() if one.name == "Pictures")


def test_of_pictures_it_is_told_where_they_are_kept_and_nothing_is_left_there(machine: Path) -> None:
    assert told_of_pictures() == f"in {machine / 'data' / 'pictures'}"
    assert list((machine / "data" / "pictures").iterdir()) == []


def test_a_folder_that_takes_no_pictures_is_mended_by_what_is_told(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "taken").write_text("no folder")
    monkeypatch.setenv("AUTOPILOT_SCREENSHOTS", str(machine / "taken"))
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Pictures", "unset AUTOPILOT_SCREENSHOTS")
    monkeypatch.delenv("AUTOPILOT_SCREENSHOTS")
    assert missing() == {}


def test_of_an_object_store_it_is_told_whether_pictures_can_be_kept_there(
    objects: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = objects.place("of-us")
    keys = place.access.keys
    assert keys is not None
    monkeypatch.setenv("AUTOPILOT_SCREENSHOTS", f"s3://{place.root}")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", objects.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.id.reveal())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret.reveal())
    assert told_of_pictures() == f"in s3://{place.root} at {objects.url}"
    assert objects.names(place) == []
    objects.have_versions_kept(place)
    assert "older versions" in told_of_pictures()
    objects.remove(place)
    (finding,) = missing().values()
    assert (finding.name, "no such bucket" in finding.found) == ("Pictures", True)
    assert "AWS_ENDPOINT_URL_S3=" in finding.mend
    assert keys.secret.reveal() not in f"{finding}"


def test_an_address_of_pictures_that_is_none_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_SCREENSHOTS", "gs://pictures")
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Pictures", "unset AUTOPILOT_SCREENSHOTS")


def test_an_ill_one_is_told_with_what_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENT_VERSION", "9.9")
    told = CliRunner().invoke(main, ["doctor"])
    assert told.exit_code == 1
    assert re.search(r"✗ Consent text: .*“9.9” is not one of.*\n    mend it with: unset CONSENT_VERSION\n", told.output)


def test_one_thing_that_is_missing_hides_no_other(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENT_VERSION", "9.9")
    monkeypatch.setattr(doctor, "KNOWLEDGE_BASE", machine / "nothing.json")
    assert {name: finding.mend for name, finding in missing().items()} == {
        "Workflows": "autopilot learn tests/e2e",
        "Consent text": "unset CONSENT_VERSION",
    }


@pytest.mark.parametrize(
    ("chromium", "mend"), [("", "scripts/install"), ("/nowhere/chromium", "unset AUTOPILOT_CHROMIUM")]
)
def test_without_a_browser(monkeypatch: pytest.MonkeyPatch, chromium: str, mend: str) -> None:
    async def none(browsers: Browsers) -> str:
        raise NoBrowser(because="Nothing was found.")

    monkeypatch.setattr(Browsers, "version", none)
    monkeypatch.setenv("AUTOPILOT_CHROMIUM", chromium)
    assert {name: finding.mend for name, finding in missing().items()} == {"Browser": mend}


def test_a_browser_that_may_not_confine_itself_is_told_who_else_could(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(browsers: Browsers) -> str:
        raise SandboxRefused(because="Allow user namespaces.")

    monkeypatch.setattr(Browsers, "version", refused)
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Browser", "export AUTOPILOT_BROWSER_SANDBOX=false")


def test_a_key_that_others_can_read_is_mended_by_what_is_told(machine: Path) -> None:
    key = KeyFile(key_file(machine)).master_key()
    key_file(machine).chmod(0o644)
    (finding,) = missing().values()
    assert finding.name == "Key"
    subprocess.run(shlex.split(finding.mend), check=True)
    assert missing() == {}
    assert KeyFile(key_file(machine)).master_key() == key


@pytest.mark.parametrize("content", [b"short", b"x" * 32])
def test_a_key_file_that_is_none_is_mended_by_what_is_told(machine: Path, content: bytes) -> None:
    key_file(machine).parent.mkdir()
    key_file(machine).touch(0o600)
    key_file(machine).write_bytes(content)
    (finding,) = missing().values()
    assert finding.name == "Key"
    subprocess.run(shlex.split(finding.mend), check=True)
    assert missing() == {}


def test_a_key_that_can_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", "/proc/no/master.key")
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Key", 'export AUTOPILOT_KEY_FILE="$HOME/.autopilot-key"')


def test_a_given_key_that_is_none_is_mended_by_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEY", "canary")
    (finding,) = missing().values()
    assert (finding.name, "canary" in finding.found) == ("Key", False)
    shell = ["sh", "-c", f'{finding.mend}; printf %s "$ENCRYPTION_KEY"']
    monkeypatch.setenv("ENCRYPTION_KEY", subprocess.run(shell, capture_output=True, text=True, check=True).stdout)
    assert missing() == {}


def test_a_key_that_the_database_was_not_sealed_with(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing() == {}
    key_file(machine).rename(machine / "kept.key")
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Key", f"cp THE_KEY_FROM_YOUR_BACK_UP {key_file(machine)}")
    (machine / "kept.key").rename(key_file(machine))
    monkeypatch.setenv("ENCRYPTION_KEY", base64.b64encode(os.urandom(32)).decode())
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Key", "unset ENCRYPTION_KEY")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:canary@127.0.0.1:1/x",
        "no address, canary",
        "oracle+nothing://me:canary@db/x",
        "mysql+nothing://me:canary@db/x",
        "postgresql+psycopg://me:canary@db:port/x",
    ],
)
def test_a_database_that_is_not_there_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Database", "unset DATABASE_URL")
    assert len(finding.found) > len("The database can't be used. ")
    assert "canary" not in finding.found


def test_a_database_that_can_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", "/proc/no")
    found = missing()
    assert found["Database"].mend == 'export AUTOPILOT_DATA_DIR="$HOME/.autopilot"'


def test_a_database_of_a_newer_version(machine: Path) -> None:
    assert missing() == {}
    database = Database(f"sqlite:///{machine / 'data' / 'autopilot.db'}")
    with as_owner(database).begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    database.close()
    (finding,) = missing().values()
    assert (finding.name, finding.mend) == ("Database", "git pull && scripts/install")


def test_a_real_postgresql_is_told_without_its_password(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.database() as url:
        upgrade_for_tests(url)
        monkeypatch.setenv("DATABASE_URL", as_product(url))
        told = CliRunner().invoke(main, ["doctor"])
    assert told.exit_code == 0, told.output
    assert "Database: postgresql+psycopg://autopilot:***@" in told.output


def test_a_postgresql_that_its_owner_has_to_upgrade(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.database() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        (finding,) = missing().values()
    assert finding.mend == "autopilot db upgrade --owner-url postgresql+psycopg://…"


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1, "final", 0))
    (finding,) = missing().values()
    assert (finding.name, finding.found, finding.mend) == ("Python", "3.10.1", "install Python 3.11 or newer")


def test_a_setting_that_can_not_be_used_is_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_PORT", "canary")
    *_, finding = examine()
    assert (finding.name, finding.good, finding.mend) == ("Settings", False, "unset AUTOPILOT_PORT")
    assert "canary" not in finding.found


def test_a_model_is_told_of_and_its_key_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary")
    told = CliRunner().invoke(main, ["doctor"])
    assert "claude-sonnet-5-5, asked when nobody else knows" in told.output
    assert "canary" not in told.output


def test_a_model_that_nobody_knows_the_price_of_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary")
    monkeypatch.setenv("AUTOPILOT_MODEL", "claude-of-tomorrow")
    finding = next(one for one in examine() if one.name == "Model")
    assert (finding.good, finding.mend) == (False, "unset AUTOPILOT_MODEL")


def test_it_says_by_which_server_people_are_told_and_what_is_wrong_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def mail() -> Finding:
        return next(one for one in examine() if one.name == "E-mail")

    assert mail().good
    assert "not set up" in mail().found
    monkeypatch.setenv("AUTOPILOT_SMTP_URL", "smtps://autopilot:canary-731942@mail.example")
    assert (mail().good, mail().mend) == (False, "export AUTOPILOT_MAIL_FROM=autopilot@company.example")
    monkeypatch.setenv("AUTOPILOT_MAIL_FROM", "autopilot@omni.example")
    assert mail().state is State.LOOK
    assert "its links lead to http://127.0.0.1:8080" in mail().found
    assert mail().mend == "export AUTOPILOT_BASE_URL=https://autopilot.company.example"
    told = CliRunner().invoke(main, ["doctor"]).output
    assert "! E-mail: by mail.example:465" in told
    assert "mend it with: export AUTOPILOT_BASE_URL=" in told
    monkeypatch.setenv("AUTOPILOT_BASE_URL", "https://autopilot.omni.example")
    assert mail().state is State.WELL
    assert mail().found == "by mail.example:465, encrypted, from autopilot@omni.example"
    monkeypatch.setenv("AUTOPILOT_SMTP_URL", "canary-731942")
    assert mail().mend == "unset AUTOPILOT_SMTP_URL"
    assert "canary" not in mail().found
