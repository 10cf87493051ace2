"""A secret comes out only where it belongs, for whom it belongs, and never by accident."""

import copy
import json
import os
import pickle
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from core.database.session import CustomerSession, Database
from core.database.tables import CredentialRow
from core.security.audit.audit_log import AuditAction, read
from core.security.keys.envelope import CannotOpen, place, seal, unseal
from core.security.keys.key_providers import BadKey, KeyFile, KeyFromText, checked
from core.security.keys.master_keys import WrongMasterKey
from core.security.origin import Origin
from core.security.people.people import People
from core.security.secret import Secret
from core.security.vault.rollback import RolledBack
from core.security.vault.vault import CredentialExpired, NoCredential, SecretRef, Vault
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedKey

KEY = os.urandom(32)
HERE = place("rec", "tenant", 7)
PASSWORD = "correct horse battery"
REF = SecretRef("woocommerce", Origin.of("https://tea.example"), "admin_password")


def test_what_was_sealed_opens_in_its_place_and_nowhere_else() -> None:
    envelope = seal(KEY, b"hunter2", HERE)
    assert unseal(KEY, envelope, HERE) == b"hunter2"
    for elsewhere in (place("rec", "tenant", 8), place("rec", "other", 7), place("rec", "tenant", "7"), b""):
        with pytest.raises(CannotOpen):
            unseal(KEY, envelope, elsewhere)
    with pytest.raises(CannotOpen):
        unseal(os.urandom(32), envelope, HERE)


def test_places_can_not_be_mistaken_for_each_other() -> None:
    assert place("a|b", "c") != place("a", "b|c")
    assert place("1") != place(1)
    assert place("a", "") != place("a")


def test_no_changed_or_cut_envelope_opens() -> None:
    raw = b64decode(seal(KEY, b"hunter2", HERE))
    changed = [raw[:i] + bytes([raw[i] ^ bit]) + raw[i + 1 :] for i in range(len(raw)) for bit in (1, 128)]
    cut = [raw[:length] for length in range(len(raw))]
    for one in [*changed, *cut]:
        with pytest.raises(CannotOpen):
            unseal(KEY, b64encode(one).decode(), HERE)


def test_the_same_secret_never_looks_the_same() -> None:
    assert len({seal(KEY, b"hunter2", HERE) for _ in range(50)}) == 50


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, "%s".__mod__], ids=str)
def test_a_secret_is_not_shown(show: Callable[[object], str]) -> None:
    assert "hunter2" not in show(Secret("hunter2"))
    assert "hunter2" not in repr([Secret("hunter2")])


@pytest.mark.parametrize("take", [pickle.dumps, copy.deepcopy, json.dumps, hash, vars, list])
def test_a_secret_is_not_taken_along(take: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        take(Secret("hunter2"))


def test_a_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "master.key"
    first = KeyFile(path).master_key()
    assert KeyFile(path).master_key() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_key_file_that_others_can_read_or_move_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    KeyFile(path).master_key()
    path.chmod(0o640)
    with pytest.raises(BadKey, match="others"):
        KeyFile(path).master_key()
    path.chmod(0o600)
    link = tmp_path / "link.key"
    link.symlink_to(path)
    with pytest.raises(BadKey, match="link"):
        KeyFile(link).master_key()


@pytest.mark.parametrize(
    "key", [b"", b"short", bytes(32), bytes(range(32)), b"0123456789abcdefghijklmnopqrstuv", os.urandom(33)], ids=len
)
def test_a_key_that_is_not_random_is_refused(key: bytes) -> None:
    with pytest.raises(BadKey):
        checked(key)
    with pytest.raises(BadKey):
        KeyFromText(b64encode(key).decode()).master_key()


@pytest.fixture
async def customer(database: Database, clock: MovedClock) -> UUID:
    vault = Vault(FixedKey())
    await database.run_across_customers(lambda s: vault.open_database(s, at=clock.now()), because="a test begins")
    return await People(database, clock).add_customer("Tea Shop")


def stored(session: CustomerSession, customer_id: UUID, clock: MovedClock, ref: SecretRef = REF) -> UUID:
    return Vault(FixedKey()).store(session, customer_id, ref, Secret(PASSWORD), at=clock.now(), actor="user:1")


def used(session: CustomerSession, clock: MovedClock, ref: SecretRef = REF) -> str:
    vault = Vault(FixedKey())
    return vault.use(session, ref, at=clock.now(), purpose="a test", actor="agent", operation_id=None).reveal()


async def test_a_use_is_counted_and_recorded(database: Database, customer: UUID, clock: MovedClock) -> None:
    await database.run(customer, partial(stored, customer_id=customer, clock=clock))
    assert await database.run(customer, partial(used, clock=clock)) == PASSWORD
    (told,) = await database.read(customer, Vault(FixedKey()).stored)
    assert (told.field, told.use_count, told.last_used_at) == ("admin_password", 1, clock.now())
    actions = [entry.action for entry in await database.read(customer, read)]
    assert actions == [AuditAction.SECRET_USED, AuditAction.SECRET_STORED]


async def test_the_table_holds_no_secret(database: Database, customer: UUID, clock: MovedClock) -> None:
    await database.run(customer, partial(stored, customer_id=customer, clock=clock))
    rows = await database.read(customer, lambda session: repr(session.exec(select(CredentialRow)).all()))
    assert PASSWORD not in rows


async def test_an_envelope_moved_to_another_row_does_not_open(
    database: Database, customer: UUID, clock: MovedClock
) -> None:
    other = SecretRef("woocommerce", Origin.of("https://evil.example"), "admin_password")

    def swap(session: CustomerSession) -> None:
        stored(session, customer, clock)
        stored(session, customer, clock, other)
        first, second = session.exec(select(CredentialRow)).all()
        first.envelope, second.envelope = second.envelope, first.envelope
        session.add(first)
        session.add(second)

    def opened(session: CustomerSession) -> bytes:
        return Vault(FixedKey()).opened(session, session.exec(select(CredentialRow)).all()[0])

    await database.run(customer, swap)
    with pytest.raises(CannotOpen):
        await database.run(customer, opened)
    with pytest.raises(RolledBack, match="is not what was stored"):
        await database.run(customer, partial(used, clock=clock, ref=other))


async def test_another_customer_finds_nothing(database: Database, customer: UUID, clock: MovedClock) -> None:
    await database.run(customer, partial(stored, customer_id=customer, clock=clock))
    stranger = await People(database, clock).add_customer("Stranger")
    with pytest.raises(NoCredential):
        await database.run(stranger, partial(used, clock=clock))


async def test_an_expired_secret_is_refused(database: Database, customer: UUID, clock: MovedClock) -> None:
    def store_for_a_day(session: CustomerSession) -> None:
        stored(session, customer, clock)
        row = session.exec(select(CredentialRow)).one()
        row.expires_at = clock.now() + timedelta(days=1)
        session.add(row)

    await database.run(customer, store_for_a_day)
    clock.move(timedelta(days=1))
    with pytest.raises(CredentialExpired):
        await database.run(customer, partial(used, clock=clock))


async def test_the_wrong_master_key_does_not_open_the_database(
    database: Database, customer: UUID, clock: MovedClock
) -> None:
    wrong = Vault(FixedKey("another"))
    with pytest.raises(WrongMasterKey, match="Bring the right key file back"):
        await database.run_across_customers(lambda s: wrong.open_database(s, at=clock.now()), because="a test")


def test_only_the_check_opens_a_secret_without_counting_a_use() -> None:
    root = Path(__file__).parents[4]
    files = [path for room in ("app", "core", "pages") for path in (root / room).rglob("*.py")]
    opening = {path.name for path in files if re.search(r"vault\.opened\(", path.read_text("utf-8"))}
    assert opening == {"vault_check.py"}
