"""`autopilot vault`: the restore drill, the back-up of keys and their change, as an operator does it."""

import asyncio
import json
import os
import shutil
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from app.bootstrap import Autopilot, build
from app.cli import main
from app.master_keys import master_keys
from app.settings import Settings
from core.clock import SystemClock
from core.database.session import CustomerSession, Database
from core.database.tables import CredentialRow
from core.security.keys.key_export import Cost, exported
from core.security.keys.key_providers import key_id
from core.security.keys.signing_file import SigningKeyFile
from core.security.origin import Origin
from core.security.secret import Secret
from core.security.vault.vault import SecretRef, Vault
from tests.app.test_settings import NAMES
from tests.conftest import upgrade_for_tests
from tests.postgres import PostgresServer, as_product

PASSPHRASE = "correct horse battery staple\n"
PASSWORD = SecretRef("woocommerce", Origin.of("https://tea.example"), "admin_password")
STEPS = ("begin", "promote", "rewrap", "retire", "destroy --yes")


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, where a guess at a passphrase is cheap."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", str(tmp_path / "key" / "master.key"))
    monkeypatch.setattr("app.commands.vault.exported", partial(exported, cost=Cost(1, 64, 1)))
    return tmp_path


def keys_in(machine: Path) -> list[str]:
    """The files of master keys; beside them stand the signing key and what was signed."""
    return sorted(path.name for path in (machine / "key").glob("master*"))


def run(words: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["vault", *words.split()], input=given)


def well(words: str, given: str = "") -> str:
    """What it says; it has to be well."""
    done = run(words, given)
    assert done.exit_code == 0, done.output
    return str(done.output)


def at_work(work: Callable[[Autopilot], object]) -> object:
    """Something done by the product, on the database as it is."""

    async def done() -> object:
        autopilot = build(Settings.read())
        try:
            await autopilot.open()
            found = work(autopilot)
            return await found if asyncio.iscoroutine(found) else found
        finally:
            autopilot.services.database.close()

    return asyncio.run(done())


def store(value: str, customer_id: UUID | None = None) -> UUID:
    """A secret of a customer, who is added if none is given."""

    async def stored(autopilot: Autopilot) -> UUID:
        services = autopilot.services
        customer = customer_id or await services.people.add_customer("Tea Shop")
        put = partial(
            autopilot.vault.store, ref=PASSWORD, secret=Secret(value), at=services.clock.now(), actor="user:1"
        )
        await services.database.run(customer, partial(put, customer_id=customer))
        return customer

    return UUID(str(at_work(stored)))


def used(customer: UUID) -> object:
    async def use(autopilot: Autopilot) -> str:
        services = autopilot.services
        take = partial(autopilot.vault.use, ref=PASSWORD, purpose="a test", actor="agent", operation_id=None)
        secret = await services.database.run(customer, partial(take, at=services.clock.now()))
        return secret.reveal()

    return at_work(use)


def test_the_drill_counts_and_ends_with_0() -> None:
    store("canary")
    told = well("check")
    assert told == "1 secrets and 1 data keys of 1 customers opened, with 1 master keys; 0 faults.\n"
    report = json.loads(well("check --json"))
    assert (report["ok"], report["opened"], report["faults"]) == (True, 1, [])


def test_what_was_rolled_back_is_named_and_the_drill_ends_with_1() -> None:
    customer = store("canary-1")

    async def row(autopilot: Autopilot) -> CredentialRow:
        return await autopilot.services.database.read(customer, lambda s: s.exec(select(CredentialRow)).one())

    before = at_work(row)
    assert isinstance(before, CredentialRow)
    store("canary-2", customer)

    async def put_back(autopilot: Autopilot) -> None:
        def change(session: CustomerSession) -> None:
            now = session.exec(select(CredentialRow)).one()
            now.version, now.envelope = before.version, before.envelope
            session.add(now)

        await autopilot.services.database.run(customer, change)

    at_work(put_back)
    done = run("check")
    assert done.exit_code == 1
    assert (
        "✗ woocommerce at https://tea.example, admin_password: was rolled back (row v1, audit says v2). "
        f"(customer {customer})" in done.output
    )
    assert "canary" not in done.output
    as_json = run("check --json")
    assert (as_json.exit_code, json.loads(as_json.output)["ok"]) == (1, False)


def test_without_a_database_the_drill_can_not_tell_and_makes_none(machine: Path) -> None:
    for words in ("check", "check --json"):
        done = run(words)
        assert (done.exit_code, "There is none at" in done.output) == (2, True)
    assert list(machine.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be looked at" * 100])
def test_what_is_no_database_of_ours_can_not_be_checked(machine: Path, content: bytes) -> None:
    (machine / "data").mkdir()
    (machine / "data" / "autopilot.db").write_bytes(content)
    done = run("check")
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert (machine / "data" / "autopilot.db").read_bytes() == content


def test_without_the_right_key_the_drill_can_not_tell_and_makes_none(machine: Path) -> None:
    store("canary")
    (machine / "key" / "master.key").rename(machine / "kept")
    done = run("check")
    assert (done.exit_code, "got none. Bring the right key file back." in done.output) == (2, True)
    assert keys_in(machine) == []
    (machine / "kept").chmod(0o644)
    (machine / "kept").rename(machine / "key" / "master.key")
    done = run("check")
    assert (done.exit_code, "chmod 600" in done.output) == (2, True)


def test_a_server_without_its_database_can_not_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://me:canary@127.0.0.1:1/x")
    done = run("check")
    assert (done.exit_code, "canary" in done.output, "Traceback" in done.output) == (2, False, False)
    done = run("rotate begin")
    assert (done.exit_code, "The database can't be used." in done.output) == (1, True)


def test_a_machine_is_restored_from_a_back_up_and_an_exported_key(machine: Path) -> None:
    """The whole drill: the database by its copy, the key by its file and a passphrase."""
    customer = store("hunter22")
    SigningKeyFile(machine / "key" / "signing.key").rotate(SystemClock().now())
    file = machine / "exported"
    told = well(f"export-key {file} --passphrase-stdin", PASSPHRASE)
    assert "apart" in told
    assert file.stat().st_mode & 0o777 == 0o600
    key = (machine / "key" / "master.key").read_bytes()
    assert key.hex() not in file.read_text()
    signs = machine / "key" / "signing.key"
    signing = signs.read_bytes()
    assert signing.hex() not in file.read_text()
    shutil.copy(machine / "data" / "autopilot.db", machine / "copy.db")
    shutil.rmtree(machine / "data")
    shutil.rmtree(machine / "key")
    (machine / "data").mkdir()
    (machine / "copy.db").rename(machine / "data" / "autopilot.db")
    assert run("check").exit_code == 2
    wrong = run(f"import-key {file} --passphrase-stdin", "another passphrase\n")
    assert (wrong.exit_code, "The passphrase is wrong" in wrong.output) == (1, True)
    assert not (machine / "key").exists()
    assert key_id(key) in well(f"import-key {file} --passphrase-stdin", PASSPHRASE)
    assert (machine / "key" / "master.key").read_bytes() == key
    assert (signs.read_bytes(), signs.stat().st_mode & 0o777) == (signing, 0o600)
    assert len(SigningKeyFile(signs).known()) == 2
    well("check")
    assert used(customer) == "hunter22"


def test_nothing_is_overwritten(machine: Path) -> None:
    store("canary")
    file = machine / "exported"
    file.write_text("something else")
    done = run(f"export-key {file} --passphrase-stdin", PASSPHRASE)
    assert (done.exit_code, file.read_text()) == (1, "something else")
    well(f"export-key {machine / 'other'} --passphrase-stdin", PASSPHRASE)
    key = (machine / "key" / "master.key").read_bytes()
    done = run(f"import-key {machine / 'other'} --passphrase-stdin", PASSPHRASE)
    assert (done.exit_code, "is left as it is" in done.output) == (1, True)
    assert (machine / "key" / "master.key").read_bytes() == key


def test_a_passphrase_is_asked_for_twice_before_it_is_used(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store("canary")
    for typed, code in ((["a passphrase of mine", "a passphrase of mime"], 1), (["a passphrase of mine"] * 2, 0)):
        answers = iter(typed)
        monkeypatch.setattr("getpass.getpass", lambda prompt, answers=answers: next(answers))
        done = run(f"export-key {machine / 'exported'}")
        assert (done.exit_code, (machine / "exported").exists()) == (code, code == 0), done.output
    shutil.rmtree(machine / "key")
    monkeypatch.setattr("getpass.getpass", lambda prompt: "a passphrase of mine")
    well(f"import-key {machine / 'exported'}")
    well("check")


@pytest.mark.parametrize(
    ("words", "given", "told"),
    [
        ("export-key {}/x --passphrase-stdin", "short\n", "at least 12 characters"),
        ("export-key {}/x --passphrase-stdin", "", "at least 12 characters"),
        ("export-key /proc/no/x --passphrase-stdin", PASSPHRASE, "can't be made"),
        ("import-key {}/nothing --passphrase-stdin", PASSPHRASE, "can't be read"),
        ("import-key {} --passphrase-stdin", PASSPHRASE, "can't be read"),
        ("import-key /dev/zero --passphrase-stdin", PASSPHRASE, "too large"),
        ("import-key {}/data/autopilot.db --passphrase-stdin", PASSPHRASE, "too large"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(machine: Path, words: str, given: str, told: str) -> None:
    store("canary")
    done = run(words.format(machine), given)
    assert (done.exit_code, told in done.output, "Traceback" in done.output) == (1, True, False), done.output
    assert not (machine / "x").exists()


def test_the_master_key_is_changed_step_by_step(machine: Path) -> None:
    customer = store("hunter22")
    before = (machine / "key" / "master.key").read_bytes()
    for step in STEPS:
        well(f"rotate {step}")
        assert used(customer) == "hunter22"
        well("check")
    after = (machine / "key" / "master.key").read_bytes()
    assert after != before
    assert keys_in(machine) == ["master.key"]
    states = [line.split()[:3] for line in well("rotate status").splitlines()]
    assert states == [[key_id(before), "destroyed", "not"], [key_id(after), "primary", "here"]]
    assert well("status") == well("rotate status")


def test_steps_out_of_turn_say_which_comes_first() -> None:
    store("hunter22")
    for step, first in (("promote", "rotate begin"), ("retire", "rotate promote"), ("destroy --yes", "rotate retire")):
        done = run(f"rotate {step}")
        assert (done.exit_code, f"First: autopilot vault {first}" in done.output) == (1, True)


def test_to_destroy_is_asked_once_more() -> None:
    store("hunter22")
    for step in STEPS[:-1]:
        well(f"rotate {step}")
    done = run("rotate destroy", "n\n")
    assert (done.exit_code, "become worthless" in done.output) == (1, True)
    assert "retired" in well("status")


def test_a_back_up_of_during_the_change_opens_with_what_was_exported_then(machine: Path) -> None:
    customer = store("hunter22")
    for step in STEPS[:2]:
        well(f"rotate {step}")
    file = machine / "exported"
    well(f"export-key {file} --passphrase-stdin", PASSPHRASE)
    shutil.rmtree(machine / "key")
    assert "1 more beside it" in well(f"import-key {file} --passphrase-stdin", PASSPHRASE)
    well("check")
    assert used(customer) == "hunter22"
    for step in STEPS[2:]:
        well(f"rotate {step}")
    assert used(customer) == "hunter22"


def test_keys_in_the_environment_are_changed_by_whoever_sets_it(monkeypatch: pytest.MonkeyPatch, machine: Path) -> None:
    first, second = (b64encode(os.urandom(32)).decode() for _ in range(2))
    monkeypatch.setenv("ENCRYPTION_KEY", first)
    customer = store("hunter22")
    done = run("rotate begin")
    assert (done.exit_code, "ENCRYPTION_KEY_NEXT" in done.output) == (1, True)
    monkeypatch.setenv("ENCRYPTION_KEY_NEXT", second)
    for step in STEPS[:4]:
        well(f"rotate {step}")
        assert used(customer) == "hunter22"
    done = run("rotate destroy --yes")
    assert (done.exit_code, "without ENCRYPTION_KEY_NEXT" in done.output) == (1, True)
    monkeypatch.setenv("ENCRYPTION_KEY", second)
    monkeypatch.delenv("ENCRYPTION_KEY_NEXT")
    well("rotate destroy --yes")
    assert used(customer) == "hunter22"
    assert keys_in(machine) == []


def test_a_customers_own_key_is_changed() -> None:
    customer = store("hunter22")
    assert CliRunner().invoke(main, ["vault", "rotate-customer", "Tea Shop"]).output == (
        "1 secrets of Tea Shop were sealed anew.\n"
    )
    assert CliRunner().invoke(main, ["vault", "rotate-customer", "Tea Shop", "--go-on"]).output.startswith("0 secrets")
    done = run("rotate-customer Nobody")
    assert (done.exit_code, "No customers are called “Nobody”." in done.output) == (1, True)
    assert used(customer) == "hunter22"


def test_it_works_on_postgresql(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, machine: Path) -> None:
    with postgres.database() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        done = run("check")
        assert (done.exit_code, "autopilot doctor" in done.output) == (2, True)
        upgrade_for_tests(url)
        monkeypatch.setenv("DATABASE_URL", as_product(url))
        customer = store("hunter22")
        for step in STEPS:
            well(f"rotate {step}")
        assert used(customer) == "hunter22"
        well("check")


async def test_the_first_run_takes_a_key_and_no_other_does(machine: Path) -> None:
    settings = Settings.read()
    settings.data_dir.mkdir()
    autopilot = build(settings)
    assert [await autopilot.open(), await autopilot.open()] == [True, False]
    autopilot.services.database.close()
    database = Database(settings.database)
    opened = partial(Vault(master_keys(settings)).open_database, at=autopilot.services.clock.now())
    assert not await database.run_across_customers(opened, because="a test")
    database.close()
