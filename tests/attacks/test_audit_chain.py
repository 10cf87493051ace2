"""Whoever may write to the database, and to the file outside, leaves traces: what they did is found, and where.

Each attack is made with every guard of the database down.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from core.database.session import CustomerSession, Database
from core.database.tables import AuditCheckpointRow, AuditHead, AuditRow
from core.security.audit import audit_log, stored, verification
from core.security.audit.chain import FIRST, Link, canonical, digest_of, hash_of
from core.security.audit.checkpoint_file import Outside, checkpoint_in
from core.security.audit.verification import Evidence
from core.security.keys.signing import by_id
from tests.core.security.audit.anchoring import CHAIN, Anchored, anchored, guards_down
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedSigningKey
from tests.postgres import as_owner

ENTRIES, SIGNED_EACH = 30, 10


@pytest.fixture
async def chain(database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    return await thirty_two(database, clock, tmp_path)


@pytest.fixture
async def one_chain(sqlite_database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    """Where it is not the database that is attacked."""
    return await thirty_two(sqlite_database, clock, tmp_path)


async def thirty_two(database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    """Thirty entries, signed for after each ten, and two more that nobody has signed for."""
    place = await anchored(database, clock, tmp_path)
    for _ in range(ENTRIES // SIGNED_EACH):
        await place.anchor(SIGNED_EACH)
    await place.append(2)
    return place


async def test_nobody_having_done_anything_it_is_whole(chain: Anchored) -> None:
    found = await chain.verified()
    assert (found.intact, found.events, found.unanchored) == (True, 32, 2)
    assert found.checkpoint is not None
    assert (found.checkpoint.number, found.checkpoint.seq) == (3, 30)


CHANGES = {
    "a field": ("UPDATE {chain} SET actor = 'user:1' WHERE seq = 15", 15, "it was changed"),
    "an operation": ("UPDATE {chain} SET operation_id = customer_id WHERE seq = 15", 15, "it was changed"),
    "a time": ("UPDATE {chain} SET at = '2020-01-01T00:00:00.000000+00:00' WHERE seq = 15", 15, "it was changed"),
    "a detail": ("""UPDATE {chain} SET detail = '{{"products": 99}}' WHERE seq = 15""", 15, "its detail was changed"),
    "a detail into a list": ("""UPDATE {chain} SET detail = '[]' WHERE seq = 15""", 15, "its detail was changed"),
    "a salt": ("UPDATE {chain} SET salt = 'no hexadecimal' WHERE seq = 15", 15, "it was changed"),
    "a half": ("UPDATE {chain} SET salt = NULL WHERE seq = 15", 15, "its detail was half erased"),
    "a detail gone": (
        "UPDATE {chain} SET detail = NULL, salt = NULL WHERE seq = 15",
        15,
        "its detail was removed without an erasure record",
    ),
    "a deletion": ("DELETE FROM {chain} WHERE seq = 15", 15, "an entry is missing"),
    "the first": ("DELETE FROM {chain} WHERE seq = 1", 1, "an entry is missing"),
    "a tail without the head": ("DELETE FROM {chain} WHERE seq > 31", 32, "entries are missing at the end"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_changed_is_named(chain: Anchored, change: str) -> None:
    statement, seq, because = CHANGES[change]
    chain.attack(statement.format(chain=CHAIN))
    found = await chain.verified()
    assert (found.intact, found.first_broken, found.because) == (False, seq, because)


async def test_a_detail_that_is_no_json_is_a_finding_and_no_crash(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    """PostgreSQL would not take it."""
    place = await anchored(sqlite_database, clock, tmp_path)
    await place.anchor(3)
    place.attack(f"UPDATE {CHAIN} SET detail = 'no json' WHERE seq = 2")
    assert (await place.verified()).first_broken == 2
    place.attack(f"UPDATE {CHAIN} SET operation_id = 'no id', detail = '{{}}' WHERE seq = 1")
    assert (await place.verified()).first_broken == 1


UNREADABLE = {
    "an actor that is no text": ("UPDATE {chain} SET actor = CAST(x'ff' AS TEXT) WHERE seq = 2", 2),
    "a hash that is no text": ("UPDATE {chain} SET hash = CAST(x'ff' AS TEXT) WHERE seq = 2", 2),
    "a number that is none": ("UPDATE {chain} SET seq = 'x' WHERE seq = 2", 2),
    "a number that is not even text": ("UPDATE {chain} SET seq = CAST(x'ff' AS TEXT) WHERE seq = 2", 2),
    "an erasure that is no JSON": (
        "UPDATE {chain} SET action = 'details_erased', detail = '[[' WHERE seq = 2; "
        "UPDATE {chain} SET detail = NULL, salt = NULL WHERE seq = 1",
        1,
    ),
    "a checkpoint over no number": ("UPDATE audit_checkpoints SET seq = 'x'", 1),
    "a checkpoint of no number": ("UPDATE audit_checkpoints SET number = 'x'", 1),
    "a checkpoint that is no text": ("UPDATE audit_checkpoints SET hash = CAST(x'ff' AS TEXT)", 1),
    "a head of no number": ("UPDATE audit_chain_heads SET seq = 'x'", 1),
    "a head that is no text": ("UPDATE audit_chain_heads SET hash = CAST(x'ff' AS TEXT)", 1),
    "a copy that goes nowhere": ("UPDATE audit_chain_heads SET outside_number = 'x'", None),
    "an entry before the first": ("UPDATE {chain} SET seq = -5 WHERE seq = 3", 1),
}


@pytest.mark.parametrize("change", UNREADABLE)
async def test_what_no_column_should_hold_is_a_finding_and_no_crash(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path, change: str
) -> None:
    """Only SQLite takes it."""
    place = await anchored(sqlite_database, clock, tmp_path)
    await place.anchor(3)
    statements, seq = UNREADABLE[change]
    place.attack(*statements.format(chain=CHAIN).split("; "))
    found = await place.verified()
    assert (found.intact, found.first_broken) == (False, seq), found


async def test_an_entry_that_stands_before_the_first_is_found(chain: Anchored) -> None:
    """Where the database let it in: one of before it counted from 1."""
    dropped = "" if chain.database.is_sqlite else f"ALTER TABLE {CHAIN} DROP CONSTRAINT ck_{CHAIN}_seq_from_one"
    copied = f"INSERT INTO {CHAIN} SELECT customer_id, 0, at, 'x', action, operation_id, detail, salt, detail_digest, previous, hash FROM {CHAIN} WHERE seq = 1"
    chain.attack(*filter(None, (dropped, copied)))
    found = await chain.verified()
    assert (found.intact, found.first_broken, "with the number 0 stands before it" in found.because) == (False, 1, True)


async def test_a_round_of_retention_meanwhile_is_no_reproach(
    postgres_database: Database, clock: MovedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each statement sees what was committed by then, later entries lose their details while earlier ones are read."""
    place = await anchored(postgres_database, clock, tmp_path)
    await place.append(6)
    read = stored.links
    monkeypatch.setattr(stored, "READ_AT_ONCE", 2)

    def erase(up_to: int) -> None:
        use_case = partial(
            audit_log.erase_details,
            customer_id=place.customer_id,
            up_to=up_to,
            because="x",
            actor="system",
            at=clock.now(),
        )
        asyncio.run(place.database.run(place.customer_id, use_case))

    def links_while_retention_works(session: CustomerSession, customer_id: UUID) -> Iterator[Link]:
        for link in read(session, customer_id):
            yield link
            if link.seq == 2:
                erase(4)

    await asyncio.to_thread(erase, 2)
    monkeypatch.setattr(verification, "links", links_while_retention_works)
    found = await place.database.run(place.customer_id, partial(audit_log.verify, customer_id=place.customer_id))
    assert (found.intact, found.events) == (True, 8), found


async def test_two_entries_that_changed_places_are_found(chain: Anchored) -> None:
    chain.attack(
        f"UPDATE {CHAIN} SET seq = 1000 WHERE seq = 11",
        f"UPDATE {CHAIN} SET seq = 11 WHERE seq = 12",
        f"UPDATE {CHAIN} SET seq = 12 WHERE seq = 1000",
    )
    found = await chain.verified()
    assert (found.intact, found.first_broken) == (False, 11)


async def test_an_entry_added_by_hand_is_found_with_and_without_a_moved_head(chain: Anchored) -> None:
    copied = "customer_id, {seq}, at, actor, action, operation_id, detail, salt, detail_digest, {previous}, hash"
    chain.attack(f"INSERT INTO {CHAIN} SELECT {copied.format(seq='33', previous='hash')} FROM {CHAIN} WHERE seq = 32")
    found = await chain.verified()
    assert (found.intact, found.first_broken) == (False, 33)
    chain.attack("UPDATE audit_chain_heads SET seq = 33")
    found = await chain.verified()
    assert (found.intact, found.first_broken, found.because) == (False, 33, "it was changed")


async def test_a_well_made_entry_that_the_head_does_not_know_is_found(chain: Anchored) -> None:
    """Made with our own code, but beside the lock that every writer takes."""

    def forge(session: CustomerSession) -> None:
        head = audit_log.locked_head(session, chain.customer_id)
        seq, hashed = head.seq, head.hash
        event = audit_log.AuditEvent(audit_log.AuditAction.CONSENT_GRANTED, "user:1")
        audit_log.record(session, chain.customer_id, event, at=chain.clock.now())
        head.seq, head.hash = seq, hashed
        session.add(head)

    await chain.database.run(chain.customer_id, forge)
    found = await chain.verified()
    assert (found.first_broken, found.because) == (33, "it stands after the chain's head: nobody of us has written it")


async def test_a_head_that_says_something_else_than_the_last_entry_is_found(chain: Anchored) -> None:
    """The next entry would follow it, and the chain would be broken from there on."""
    chain.attack(f"UPDATE audit_chain_heads SET hash = '{'0' * 64}'")
    found = await chain.verified()
    assert (found.first_broken, found.because) == (32, "it is not what the chain's head says")


def cut(chain: Anchored, after: int) -> None:
    """Cut the tail off, and have the head say that this is the end."""
    chain.attack(
        f"DELETE FROM {CHAIN} WHERE seq > {after}",
        f"UPDATE audit_chain_heads SET seq = {after}, hash = (SELECT hash FROM {CHAIN} WHERE seq = {after})",
    )


async def test_a_cut_tail_is_told_by_the_checkpoint_that_was_signed_for_more(chain: Anchored) -> None:
    cut(chain, 25)
    found = await chain.verified()
    assert (found.intact, found.first_broken) == (False, 26)
    assert found.because == "checkpoint 3 was signed for entry 30: the end was cut off"
    assert found.checkpoint is not None
    assert (found.checkpoint.number, found.unanchored) == (2, 5)


async def test_what_was_cut_after_the_last_checkpoint_is_not_found_and_that_is_said_by_the_tail(
    chain: Anchored,
) -> None:
    """The honest limit: up to a minute of entries, by somebody who may write to the database."""
    cut(chain, 31)
    found = await chain.verified()
    assert (found.intact, found.events, found.unanchored) == (True, 31, 1)


async def rewrite(chain: Anchored, first: int = 5) -> None:
    """Change an entry, and make every hash after it fit again, the head's too: what no chain alone can tell."""

    def change(session: Session) -> None:
        rows = session.exec(select(AuditRow).order_by(col(AuditRow.seq))).all()
        previous = FIRST
        for row in rows:
            if row.seq == first:
                row.actor = "user:somebody else"
                row.detail = {"products": 1_000_000}
                row.detail_digest = digest_of(str(row.salt), row.detail)
            operation = str(row.operation_id or "")
            detail = canonical(row.detail or {})
            fields = (row.seq, row.at, row.actor, row.action, operation, detail, row.salt, row.detail_digest, previous)
            row.previous, row.hash = previous, hash_of(str(row.customer_id), Link(*fields, hash=""))
            previous = row.hash
            session.add(row)
        head = session.get(AuditHead, chain.customer_id)
        assert head is not None
        head.hash = previous
        session.add(head)

    with Session(as_owner(chain.database)) as session:
        guards_down(session.connection())
        change(session)
        session.commit()


async def test_a_chain_that_was_rewritten_whole_does_not_fit_what_was_signed(chain: Anchored) -> None:
    await rewrite(chain)
    found = await chain.verified()
    assert (found.intact, found.first_broken) == (False, 10)
    assert "is not what was signed for by checkpoint 1" in found.because
    assert (await chain.verified(Evidence())).first_broken == 10


WITHOUT_CHECKPOINTS = (
    "DELETE FROM audit_checkpoints",
    "UPDATE audit_chain_heads SET checkpoint_number = 0, checkpoint_seq = 0, outside_number = 0",
)


async def test_with_the_checkpoints_in_the_database_gone_too_the_file_outside_tells_it(chain: Anchored) -> None:
    await rewrite(chain)
    chain.attack(*WITHOUT_CHECKPOINTS)
    found = await chain.verified()
    assert (found.intact, found.first_broken) == (False, 10)
    # And this is why the file has to be outside: the database alone would be believed.
    assert (await chain.verified(Evidence())).intact


async def test_a_cut_tail_with_its_checkpoints_is_told_by_the_file_outside(chain: Anchored) -> None:
    cut(chain, 10)
    chain.attack(
        "DELETE FROM audit_checkpoints WHERE number > 1",
        "UPDATE audit_chain_heads SET checkpoint_number = 1, checkpoint_seq = 10, outside_number = 1",
    )
    found = await chain.verified()
    assert (found.intact, found.first_broken) == (False, 11)
    assert (await chain.verified(Evidence())).intact


async def test_whoever_has_the_file_outside_too_cuts_the_end_off_unseen_but_by_a_copy(chain: Anchored) -> None:
    """The honest limit: what is left was signed by us, and the key is not needed. A copy that they have not tells it."""
    keys, kept = (await chain.checkpoints.evidence()).keys, chain.file.read_text()
    cut(chain, 10)
    chain.attack(
        "DELETE FROM audit_checkpoints WHERE number > 1",
        "UPDATE audit_chain_heads SET checkpoint_number = 1, checkpoint_seq = 10, outside_number = 1",
    )
    chain.file.write_text(f"{kept.splitlines()[0]}\n")
    found = await chain.verified()
    assert (found.intact, found.events, found.unanchored) == (True, 10, 0)
    known = tuple(one for line in kept.splitlines() if (one := checkpoint_in(line.encode())))
    found = await chain.verified(Evidence(keys, Outside({str(chain.customer_id): known})))
    assert (found.intact, found.first_broken) == (False, 11)


async def test_an_entry_that_is_made_as_ours_are_is_signed_as_ours(chain: Anchored) -> None:
    """The honest limit: whoever may write to the database may append, with the head moved on; no secret goes into a hash."""

    def forge(session: CustomerSession) -> None:
        event = audit_log.AuditEvent(audit_log.AuditAction.CONSENT_GRANTED, "user:who has never said so")
        audit_log.record(session, chain.customer_id, event, at=chain.clock.now())

    await chain.database.run(chain.customer_id, forge)
    assert (await chain.verified()).intact
    await chain.checkpoints.keep(chain.customer_id)
    found = await chain.verified()
    assert (found.intact, found.events, found.unanchored) == (True, 33, 0)


async def test_signing_anew_after_a_rewriting_needs_the_key(chain: Anchored) -> None:
    """With any other key, the new checkpoints are nobody's."""
    await rewrite(chain)
    chain.attack(*WITHOUT_CHECKPOINTS)
    theirs = FixedSigningKey("theirs").signing_key()

    def sign(session: CustomerSession) -> None:
        head = audit_log.locked_head(session, chain.customer_id)
        made = AuditCheckpointRow(
            customer_id=chain.customer_id, number=1, seq=head.seq, hash=head.hash, at="now", previous=FIRST,
            key_id=theirs.public.id, signature=theirs.sign("whatever"),
        )  # fmt: skip
        session.add(made)

    await chain.database.run(chain.customer_id, sign)
    keys = (await chain.checkpoints.evidence()).keys
    found = await chain.verified(Evidence(keys))
    assert (found.intact, found.first_broken) == (False, 32)
    assert "not signed by a key that is known here" in found.because


AT_CHECKPOINTS = {
    "the newest deleted": ("DELETE FROM audit_checkpoints WHERE number = 3", "checkpoint 3 is missing in the database"),
    "one deleted": ("DELETE FROM audit_checkpoints WHERE number = 2", "checkpoint 2 is missing in the database"),
    "all deleted": ("DELETE FROM audit_checkpoints", "checkpoint 1 is missing in the database"),
    "its entry changed": ("UPDATE audit_checkpoints SET seq = 12 WHERE number = 1", "checkpoint 1 is not signed by"),
    "its time changed": ("UPDATE audit_checkpoints SET at = 'x' WHERE number = 2", "checkpoint 2 is not signed by"),
    "its signature": (
        "UPDATE audit_checkpoints SET signature = 'AAAA' WHERE number = 2",
        "checkpoint 2 is not signed by",
    ),
    "its key": ("UPDATE audit_checkpoints SET key_id = 'another' WHERE number = 2", "checkpoint 2 is not signed by"),
}


@pytest.mark.parametrize("change", AT_CHECKPOINTS)
async def test_what_was_done_to_the_checkpoints_is_named(chain: Anchored, change: str) -> None:
    statement, because = AT_CHECKPOINTS[change]
    chain.attack(statement)
    found = await chain.verified()
    assert not found.intact
    assert because in found.because


async def test_a_checkpoint_of_another_customer_vouches_for_nothing(chain: Anchored, tmp_path: Path) -> None:
    other = await anchored(chain.database, chain.clock, tmp_path, "Coffee Shop")
    await other.anchor(40)
    await chain.append(8)
    theirs = other.customer_id.hex if chain.database.is_sqlite else str(other.customer_id)
    chain.attack(
        "INSERT INTO audit_checkpoints SELECT :us, 4, seq, hash, at, previous, key_id, signature "
        f"FROM audit_checkpoints WHERE customer_id = '{theirs}'",
        "UPDATE audit_chain_heads SET checkpoint_number = 4, checkpoint_seq = 40 WHERE customer_id = :us",
    )
    found = await chain.verified()
    assert not found.intact
    assert "checkpoint 4 is not signed by a key that is known here" in found.because
    assert (await other.verified()).intact


Lines = list[str]


def changed(line: str, **values: object) -> str:
    return json.dumps(json.loads(line) | values)


def with_other_hash(line: str) -> str:
    told = json.loads(line)["text"].split("\n")
    told[3] = "0" * 64
    return changed(line, text="\n".join(told))


IN_THE_FILE: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "a hash changed": (lambda lines: [lines[0], with_other_hash(lines[1]), lines[2]], "its signature does not fit"),
    "a number changed": (
        lambda lines: [lines[0], lines[1], changed(lines[2], number=10**18)],
        "missing in the database",
    ),
    "a signature changed": (
        lambda lines: [changed(lines[0], signature="AAAA"), *lines[1:]],
        "its signature does not fit",
    ),
    "a line out of it": (lambda lines: [lines[0], lines[2]], "the line of checkpoint 2 is missing"),
    "rubbish": (lambda lines: [lines[0], "rubbish", *lines[1:]], "line 2 of the checkpoints' file was changed"),
    "half a line": (lambda lines: [lines[0], lines[1][:50], lines[2]], "line 2 of the checkpoints' file was changed"),
    "deep rubbish": (lambda lines: [*lines, "[" * 100_000], "line 4 of the checkpoints' file was changed"),
}


@pytest.mark.parametrize("change", IN_THE_FILE)
async def test_what_was_done_to_the_file_outside_is_named(one_chain: Anchored, change: str) -> None:
    tamper, because = IN_THE_FILE[change]
    lines = tamper(one_chain.file.read_text().splitlines())
    one_chain.file.write_text("".join(f"{line}\n" for line in lines))
    found = await one_chain.verified()
    assert not found.intact
    assert because in found.because


async def test_a_line_given_to_another_customer_does_neither_of_them_good(one_chain: Anchored, tmp_path: Path) -> None:
    other = await anchored(one_chain.database, one_chain.clock, tmp_path, "Coffee Shop")
    await other.anchor(5)
    lines = one_chain.file.read_text().splitlines()
    moved = lines[1].replace(str(one_chain.customer_id), str(other.customer_id))
    one_chain.file.write_text("".join(f"{line}\n" for line in (lines[0], moved, *lines[2:])))
    assert "the line of checkpoint 2 is missing" in (await one_chain.verified()).because
    assert "its signature does not fit" in (await other.verified()).because


async def test_an_older_copy_of_the_file_and_one_begun_anew_are_no_reproach(one_chain: Anchored) -> None:
    keys = (await one_chain.checkpoints.evidence()).keys
    lines = one_chain.file.read_text().splitlines()
    for kept in (lines[:2], lines[1:], []):
        known = tuple(one for line in kept if (one := checkpoint_in(line.encode())))
        outside = Outside({str(one_chain.customer_id): known})
        assert (await one_chain.verified(Evidence(keys, outside))).intact


async def test_without_our_key_nothing_that_is_signed_counts(one_chain: Anchored) -> None:
    theirs = FixedSigningKey("theirs").signing_key().public
    found = await one_chain.verified(Evidence(by_id([theirs])))
    assert (found.intact, found.checkpoint) == (False, None)


async def test_entries_written_meanwhile_are_no_reproach(chain: Anchored, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL shows each statement what was committed by then."""
    read = stored.links

    def links_while_others_write(session: CustomerSession, customer_id: UUID) -> Iterator[Link]:
        asyncio.run(chain.anchor(3))  # in this thread there is no loop yet
        yield from read(session, customer_id)
        asyncio.run(chain.anchor(3))

    monkeypatch.setattr(verification, "links", links_while_others_write)
    found = await chain.verified()
    assert (found.intact, found.because) == (True, "")
    assert found.events == (32 if chain.database.is_sqlite else 35)
