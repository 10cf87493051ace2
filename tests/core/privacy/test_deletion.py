"""A customer who asks for it is forgotten: every row, picture and key; and what proves it stays."""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from core.browser.screenshots import PicturesOutOfReach, PicturesUnavailable
from core.catalog.sync import Product
from core.database import erasing
from core.database.roles import Role
from core.database.session import Database
from core.database.tables import AuditRow, Customer, OperationRow, SignInTries, User
from core.errors import NotFound
from core.privacy.certificate import Certificate, Deletion
from core.privacy.deletion import Deletions
from core.privacy.desk import NotConfirmed
from core.privacy.ledger import LedgerFile, LedgerUnusable
from core.security.audit import audit_log
from core.security.people.authorize import NotAllowed, ScopeMissing
from core.security.people.people import People, WrongSignIn
from core.security.people.proof import Proof
from core.security.people.throttle import Throttle, Tried
from core.security.people.visitor import Scope
from core.security.secret import Secret
from tests.core.catalog.shelves import Keeper
from tests.core.database.full import CANARY
from tests.core.database.rows import Company
from tests.core.operations.refusing import audit_refused
from tests.core.privacy.forgetting import BY_TOKEN, PICTURE, Forgetting, forgetting, rows_of
from tests.fakes.clock import MovedClock
from tests.fakes.screenshots import MemoryScreenshotStore
from tests.postgres import as_owner

PASSWORD = "four words that do not belong"
CHAIN = {"autonomous_operations_audit", "audit_chain_heads", "audit_checkpoints"}


@pytest.fixture
async def ours(database: Database, clock: MovedClock, tmp_path: Path) -> Forgetting:
    return await forgetting(database, clock, tmp_path)


@pytest.fixture
async def theirs(database: Database, clock: MovedClock, tmp_path: Path) -> Forgetting:
    return await forgetting(database, clock, tmp_path / "theirs")


async def deleted(ours: Forgetting) -> Certificate:
    asked = await ours.desk.ask_to_delete(ours.visitor, BY_TOKEN)
    return await ours.desk.delete(ours.visitor, asked.confirmation)


async def test_every_row_goes_but_the_chain_and_nobody_elses(ours: Forgetting, theirs: Forgetting) -> None:
    before, others = (
        rows_of(ours.database, ours.visitor.customer_id),
        rows_of(ours.database, theirs.visitor.customer_id),
    )
    assert len(before) >= 15  # every table is filled
    certificate = await deleted(ours)
    assert rows_of(ours.database, ours.visitor.customer_id).keys() <= CHAIN
    assert certificate.deletion.rows.keys() == before.keys() - CHAIN | {"privacy_requests"}
    assert rows_of(ours.database, theirs.visitor.customer_id) == others
    assert (ours.pictures.files, len(theirs.pictures.files)) == ({}, 1)


async def test_the_chain_is_whole_afterwards_and_says_nothing_of_anybody(ours: Forgetting) -> None:
    await deleted(ours)
    assert (await ours.house.trail.verify(ours.house.visitor)).intact
    rows = await ours.database.read(ours.visitor.customer_id, lambda session: session.exec(select(AuditRow)).all())
    told = {row.action: row.detail for row in rows if row.detail is not None}
    assert told.keys() == {"details_erased", "customer_deleted"}
    assert CANARY not in str(told)
    customer = await ours.database.read(ours.visitor.customer_id, lambda session: session.exec(select(Customer)).one())
    assert (customer.name, customer.deleted_at) == ("deleted", ours.house.clock.now())


async def test_what_ran_is_stopped(ours: Forgetting) -> None:
    operations = await ours.database.read(
        ours.visitor.customer_id, lambda session: session.exec(select(OperationRow.id)).all()
    )
    await deleted(ours)
    assert {one for one, _ in ours.house.queue.stopped} <= set(operations)
    assert ours.house.queue.stopped


async def test_the_certificate_is_signed_and_any_change_of_it_is_found(ours: Forgetting) -> None:
    certificate = await deleted(ours)
    key = ours.house.checkpoints.keys.signing_key().public
    assert certificate.is_by({key.id: key})
    assert certificate.deletion.keys
    again = Certificate.from_json(certificate.to_json())
    assert again == certificate
    lines = certificate.deletion.text.splitlines()
    for number in range(1, len(lines)):
        changed = "\n".join([*lines[:number], lines[number].replace("1", "2") + " 3", *lines[number + 1 :]]) + "\n"
        assert not key.has_signed(changed, certificate.signature)
    head = await ours.database.read(
        ours.visitor.customer_id, partial(audit_log.locked_head, customer_id=ours.visitor.customer_id)
    )
    assert (certificate.deletion.chain_seq, certificate.deletion.chain_hash) == (head.seq, head.hash)


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", "null", '{"text": "x", "key": "k", "signature": "s"}', '{"text": 1}', "[" * 100_000, "\ud800"],
)
def test_what_is_no_certificate_is_none(line: str) -> None:
    assert Certificate.from_json(line) is None


async def test_a_deletion_takes_two_steps_by_the_same_person_in_time_and_once(
    ours: Forgetting, theirs: Forgetting
) -> None:
    asked = await ours.desk.ask_to_delete(ours.visitor, BY_TOKEN)
    for who, confirmation in ((ours.visitor, "guessed"), (theirs.visitor, asked.confirmation)):
        with pytest.raises(NotConfirmed, match="nothing was deleted"):
            await ours.desk.delete(who, confirmation)
    ours.house.clock.move(timedelta(minutes=16))
    with pytest.raises(NotConfirmed):
        await ours.desk.delete(ours.visitor, asked.confirmation)
    assert "users" in rows_of(ours.database, ours.visitor.customer_id)
    await deleted(ours)
    with pytest.raises(NotConfirmed):
        await ours.desk.delete(ours.visitor, asked.confirmation)


async def test_whoever_is_signed_in_gives_their_password_once_more(ours: Forgetting, clock: MovedClock) -> None:
    people = People(ours.database, clock)
    owner = await people.add_user(ours.visitor.customer_id, "ann@tea.example", PASSWORD)
    member = await people.add_user(ours.visitor.customer_id, "bob@tea.example", PASSWORD, Role.MEMBER)
    right, wrong = Proof(Secret(PASSWORD)), Proof(Secret("an open browser"))
    for who, proof, refusal in (
        (owner, wrong, WrongSignIn),
        (owner, BY_TOKEN, WrongSignIn),
        (member, right, NotAllowed),
    ):
        with pytest.raises(refusal):
            await ours.desk.ask_to_delete(who, proof)
        with pytest.raises(refusal):
            await ours.desk.export(who, proof, BytesIO())
    with pytest.raises(ScopeMissing):
        await ours.desk.export(replace(owner, scopes=frozenset({Scope.READ})), right, BytesIO())
    asked = await ours.desk.ask_to_delete(owner, right)
    with pytest.raises(NotAllowed):
        await ours.desk.delete(member, asked.confirmation)
    assert (await ours.desk.delete(owner, asked.confirmation)).deletion.asked_by == owner.actor


async def test_of_two_confirmations_at_once_one_deletes(ours: Forgetting) -> None:
    asked = await ours.desk.ask_to_delete(ours.visitor, BY_TOKEN)
    ended = await asyncio.gather(
        *(ours.desk.delete(ours.visitor, asked.confirmation) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in ended) == ["Certificate", "NotConfirmed", "NotConfirmed"]


async def test_without_a_place_in_the_ledger_nothing_is_deleted(ours: Forgetting) -> None:
    ours.ledger.mkdir(parents=True)  # a folder stands where the file should
    before = rows_of(ours.database, ours.visitor.customer_id)
    asked = await ours.desk.ask_to_delete(ours.visitor, BY_TOKEN)
    with pytest.raises(LedgerUnusable):
        await ours.desk.delete(ours.visitor, asked.confirmation)
    after = rows_of(ours.database, ours.visitor.customer_id)
    assert {table: number for table, number in after.items() if table not in CHAIN} == {
        table: number
        for table, number in (before | {"privacy_requests": before["privacy_requests"] + 1}).items()
        if table not in CHAIN
    }
    assert len(ours.pictures.files) == 1


async def test_without_an_audit_entry_nothing_is_deleted(ours: Forgetting) -> None:
    asked = await ours.desk.ask_to_delete(ours.visitor, BY_TOKEN)
    with audit_refused(ours.database), pytest.raises(DatabaseError):
        await ours.desk.delete(ours.visitor, asked.confirmation)
    assert "users" in rows_of(ours.database, ours.visitor.customer_id)
    assert not ours.ledger.exists()


async def test_after_a_back_up_was_put_back_it_is_deleted_again(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    ours = await forgetting(sqlite_database, clock, tmp_path)
    file = Path(str(sqlite_database.url.database))
    sqlite_database.close()
    back_up = {path.name: path.read_bytes() for path in file.parent.glob(f"{file.name}*")}
    await deleted(ours)
    await ours.pictures.save(ours.visitor.customer_id, PICTURE)
    sqlite_database.close()
    for name, content in back_up.items():
        (file.parent / name).write_bytes(content)
    assert "users" in rows_of(sqlite_database, ours.visitor.customer_id)

    assert await ours.deletions.again() == 1
    assert rows_of(sqlite_database, ours.visitor.customer_id).keys() <= CHAIN
    assert ours.pictures.files == {}
    assert await ours.deletions.again() == 0


async def test_a_crash_before_the_commit_is_made_up_for_at_the_next_start(
    ours: Forgetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger has it, the database does not yet."""
    add = LedgerFile.add

    def add_and_die(ledger: LedgerFile, certificate: Certificate) -> None:
        add(ledger, certificate)
        raise MemoryError

    asked = await ours.desk.ask_to_delete(ours.visitor, BY_TOKEN)
    monkeypatch.setattr(LedgerFile, "add", add_and_die)
    with pytest.raises(MemoryError):
        await ours.desk.delete(ours.visitor, asked.confirmation)
    monkeypatch.undo()
    assert "users" in rows_of(ours.database, ours.visitor.customer_id)
    assert await ours.deletions.again() == 1
    assert rows_of(ours.database, ours.visitor.customer_id).keys() <= CHAIN


async def test_a_ledger_that_somebody_else_wrote_in_deletes_nobody(ours: Forgetting, theirs: Forgetting) -> None:
    certificate = await deleted(ours)
    forged = Deletion(theirs.visitor.customer_id, certificate.deletion.at, "system", (), {}, 1, "0" * 64)
    with ours.ledger.open("a") as file:
        file.write(Certificate(forged, certificate.key_id, certificate.signature).to_json() + "\n")
    with pytest.raises(LedgerUnusable, match=r"Line 2 .* was not signed"):
        await ours.deletions.again()
    assert "users" in rows_of(ours.database, theirs.visitor.customer_id)


async def test_a_line_that_a_crash_cut_short_is_none(ours: Forgetting) -> None:
    await deleted(ours)
    with ours.ledger.open("a") as file:
        file.write('{"text": "auto')
    assert await ours.deletions.again() == 0
    assert ours.ledger.stat().st_mode & 0o777 == 0o600


async def test_nothing_of_whom_was_deleted_can_be_read_in_the_files_of_the_database(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    ours = await forgetting(sqlite_database, clock, tmp_path)
    people, address = People(sqlite_database, clock), b"ann.canary@tea.example"
    await people.add_user(ours.visitor.customer_id, address.decode(), PASSWORD)
    file = Path(str(sqlite_database.url.database))
    shutil.copy(f"{file}-wal", f"{file}.before-0007")  # an upgrade keeps one; any bytes with the address will do
    assert len(holding(file, address)) >= 2
    await deleted(ours)
    assert holding(file, address) == []
    assert holding(file, b"Tea Shop") == []


async def test_no_word_of_a_deleted_product_stays_in_the_index_of_words(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    ours = await forgetting(sqlite_database, clock, tmp_path)
    keeper = Keeper(sqlite_database, clock, Company(ours.visitor.customer_id, ours.visitor.user_id, uuid4()))
    await keeper.connect()
    await keeper.fill([Product(1, "Zzzirkonlampe")])
    file = Path(str(sqlite_database.url.database))
    assert holding(file, b"zzzirkonlampe")  # as the index has it
    await deleted(ours)
    assert holding(file, b"zzzirkon") == []


async def test_what_can_not_be_erased_at_once_is_told_and_erased_in_the_next_round(
    sqlite_database: Database,
    clock: MovedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(erasing, "WAIT", 1)
    ours = await forgetting(sqlite_database, clock, tmp_path)
    file = Path(str(sqlite_database.url.database))
    address = ours.house.visitor.email.encode()
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM customers").fetchall()
        await deleted(ours)
        assert "ALERT: what was deleted is still in the files of the database" in caplog.text
        assert holding(file, address)
    old, young = file.with_name(f"{file.name}.before-0007"), file.with_name(f"{file.name}.before-0008")
    for copy, moment in ((old, clock.now()), (young, clock.now() + timedelta(seconds=1))):
        copy.touch()
        os.utime(copy, (moment.timestamp(), moment.timestamp()))
    assert await ours.deletions.again() == 0
    assert holding(file, address) == []
    assert (old.exists(), young.exists()) == (False, True)  # who was deleted is not in one that is younger


async def test_a_deleted_customer_is_given_nobody_and_no_row(ours: Forgetting, clock: MovedClock) -> None:
    await deleted(ours)
    customer_id = ours.visitor.customer_id
    with pytest.raises(NotFound, match="no such customer any more"):
        await People(ours.database, clock).add_user(customer_id, "eve@tea.example", PASSWORD)
    row = User(customer_id=customer_id, email="eve@tea.example", password_hash="-", created_at=clock.now())
    with pytest.raises(DatabaseError, match="this customer was deleted"):
        await ours.database.run(customer_id, lambda session: session.add(row))


async def test_rows_that_a_deleted_customer_has_all_the_same_are_deleted(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    """On PostgreSQL a transaction that began before the deletion may add one after it."""
    ours = await forgetting(sqlite_database, clock, tmp_path)
    await deleted(ours)
    customer_id = ours.visitor.customer_id
    with as_owner(sqlite_database).begin() as connection:
        connection.execute(text("DROP TRIGGER users_of_nobody_deleted"))
    row = User(customer_id=customer_id, email="eve@tea.example", password_hash="-", created_at=clock.now())
    await sqlite_database.run(customer_id, lambda session: session.add(row))
    assert await ours.deletions.again() == 1
    assert rows_of(sqlite_database, customer_id).keys() <= CHAIN
    assert await ours.deletions.again() == 0


async def test_nothing_is_kept_of_how_often_they_tried_to_sign_in(ours: Forgetting, theirs: Forgetting) -> None:
    throttle, now = Throttle(ours.database), ours.house.clock.now()
    for one in (ours, theirs):
        for kind in ("password", "code"):
            await throttle.take_one((Tried.account(one.visitor.email, known=True, kind=kind),), now)
    await deleted(ours)
    left = await ours.database.run_across_customers(
        lambda session: set(session.exec(select(SignInTries.tried_sha256))), because="the test looks at all"
    )
    assert left == {Tried.account(theirs.visitor.email, known=True, kind=kind).sha256 for kind in ("password", "code")}


async def test_pictures_that_can_not_be_deleted_are_told_and_go_in_the_next_round(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a crash between the commit and the deletion of the pictures, of which nobody could tell."""

    class Stuck(MemoryScreenshotStore):
        async def delete_all(self, customer_id: UUID) -> None:
            raise PicturesUnavailable(because="stuck")

    ours = await forgetting(sqlite_database, clock, tmp_path)
    stuck = Deletions(replace(ours.deletions._tools, pictures=Stuck()))
    assert (await stuck.delete(ours.visitor.customer_id, "system")).deletion.rows
    told = f"{PicturesUnavailable(because='stuck')}"
    assert f"ALERT: pictures of the deleted customer {ours.visitor.customer_id} are still there: {told}" in caplog.text
    assert len(ours.pictures.files) == 1
    assert await ours.deletions.again() == 0
    assert ours.pictures.files == {}


async def test_a_start_waits_for_a_silent_store_of_pictures_once(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Silent(MemoryScreenshotStore):
        async def delete_all(self, customer_id: UUID) -> None:
            raise PicturesOutOfReach(because="nobody answers")

    ours, theirs = [await forgetting(sqlite_database, clock, tmp_path) for _ in range(2)]
    for one in (ours, theirs):
        await one.deletions.delete(one.visitor.customer_id, "system")
    silent = Deletions(replace(ours.deletions._tools, pictures=Silent()))
    caplog.clear()
    assert await silent.again() == 0
    assert caplog.text.count("ALERT: pictures of the deleted customer") == 1


def holding(file: Path, told: bytes) -> list[str]:
    """The files of this database that hold these bytes."""
    return [path.name for path in file.parent.glob(f"{file.name}*") if told in path.read_bytes()]
