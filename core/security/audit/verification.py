"""Recomputes a customer's chain, and holds it against what was signed, in the database and outside.

1. Read what stands outside, then the head and the checkpoints: whatever is outside was committed before.
2. Check the checkpoints: gap-free, each follows the one before, each is signed by a key of ours, each as it is outside.
3. Recompute every entry, the oldest first, as plain text: whatever somebody wrote there is a finding, not a crash.
4. A detail that is gone has to be named by an erasure after it; an entry that was signed for has to have that hash.
5. Hold the end against the head, and against the newest checkpoint.

What is found first, by the number of the entry, is told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, cast, func
from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import AuditCheckpointRow, AuditHead, AuditRow
from core.security.audit.chain import FIRST, Link, fault_of
from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoint_file import Outside
from core.security.keys.signing import PublicKey, is_signed

READ_AT_ONCE = 5000  # entries; some 5 MB
ERASURE, PICTURES = "details_erased", "pictures_deleted"
KEPT = (ERASURE, PICTURES)  # actions whose details are never erased: they say what was
NO_RECORD = "its detail was removed without an erasure record"
COLUMNS = (
    col(AuditRow.seq),
    col(AuditRow.at),
    col(AuditRow.actor),
    col(AuditRow.action),
    cast(AuditRow.operation_id, Text),
    cast(AuditRow.detail, Text),
    col(AuditRow.salt),
    col(AuditRow.detail_digest),
    col(AuditRow.previous),
    col(AuditRow.hash),
)


@dataclass(frozen=True)
class Evidence:
    """What a chain is held against: the keys that may have signed, and what stands outside the database.

    Without keys no signature is looked at; that proves nothing against somebody who can write to the database.
    `brought` says, by stream, up to which checkpoint the copy outside has to go; of an older copy nothing is asked.
    """

    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    outside: Outside = field(default_factory=Outside)
    brought: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Verification:
    """Whether a chain is whole: how many entries it has, and the first that is not as it was written.

    `checkpoint` is the newest one before that; `unanchored` counts the entries after it, which nobody has signed for.
    """

    intact: bool
    events: int
    first_broken: int | None = None
    because: str = ""
    checkpoint: Checkpoint | None = None
    unanchored: int = 0


class Fault(NamedTuple):
    """What is wrong, and from which entry on; no number if it is not about an entry."""

    seq: int | None
    because: str


@dataclass(frozen=True)
class Signed:
    """What was signed for: by the number of an entry, the checkpoint over it; and what is wrong with the checkpoints."""

    by_seq: Mapping[int, Checkpoint]
    fault: Fault | None


def verify(session: CustomerSession, customer_id: UUID, evidence: Evidence | None = None) -> Verification:
    """Whether every entry is as it was written, none is missing, and all fits what was signed."""
    evidence = evidence or Evidence()
    head = _head(session, customer_id)
    signed = _signed(session, customer_id, head, evidence)
    last, fault = 0, None
    for link, by_itself in _walk(session, customer_id):
        last += 1
        if because := by_itself or _against(signed, head, last, link.hash):
            fault = Fault(last, because)
            break
    fault = fault or _fault_at_the_end(last, head, _head(session, customer_id), signed) or signed.fault
    whole = last if fault is None or fault.seq is None else fault.seq - 1
    newest = max((one for one in signed.by_seq.values() if one.seq <= whole), key=lambda one: one.seq, default=None)
    unanchored = last - (newest.seq if newest else 0)
    if fault:
        return Verification(False, last, fault.seq, fault.because, newest, unanchored)
    return Verification(True, last, checkpoint=newest, unanchored=unanchored)


def links(session: CustomerSession, customer_id: UUID) -> Iterator[Link]:
    """The entries of a chain as they are stored, the oldest first; read piece by piece.

    A piece is a range of numbers: to sort what follows a number would take a database without statistics ever anew.
    """
    mine, after = col(AuditRow.customer_id) == customer_id, 0
    following = select(func.min(AuditRow.seq)).where(mine)
    while True:
        piece = select(*COLUMNS).where(mine, col(AuditRow.seq) > after, col(AuditRow.seq) <= after + READ_AT_ONCE)  # type: ignore[call-overload]  # its overloads end at four columns
        rows = session.exec(piece.order_by(col(AuditRow.seq))).all()
        for row in rows:
            yield Link(row[0], row[1], row[2], row[3], _dashed(row[4]), *row[5:])
        after += READ_AT_ONCE
        if not rows:
            first = session.exec(following.where(col(AuditRow.seq) > after - READ_AT_ONCE)).one()
            if first is None:
                return
            after = first - 1


def erasures(session: CustomerSession, customer_id: UUID) -> tuple[tuple[int, int, int], ...]:
    """What the chain says was erased: the number of the entry that says so, and the first and last that it names."""
    of_kind = select(AuditRow.seq, AuditRow.detail).where(
        col(AuditRow.customer_id) == customer_id, col(AuditRow.action) == ERASURE, col(AuditRow.salt).is_not(None)
    )
    found = []
    for seq, detail in session.exec(of_kind):
        told: dict[str, Any] = detail if isinstance(detail, dict) else {}
        first, last = told.get("first"), told.get("last")
        if isinstance(first, int) and isinstance(last, int):
            found.append((seq, first, last))
    return tuple(found)


def _walk(session: CustomerSession, customer_id: UUID) -> Iterator[tuple[Link, str]]:
    """Each entry, and what is wrong with it by itself; the walk goes on, and whoever walks stops."""
    customer, erased, previous = str(customer_id), None, FIRST
    for seq, link in enumerate(links(session, customer_id), start=1):
        because = fault_of(customer, link, seq, previous)
        if not because and link.detail is None:
            erased = erasures(session, customer_id) if erased is None else erased
            named = link.action not in KEPT and any(a <= seq <= b < after for after, a, b in erased)
            because = "" if named else NO_RECORD
        yield link, because
        previous = link.hash


def _against(signed: Signed, head: AuditHead | None, seq: int, entry_hash: str) -> str:
    """What is wrong with an entry that is well by itself: it is not the one that was signed for, or not the head's."""
    checkpoint = signed.by_seq.get(seq)
    if checkpoint is not None and checkpoint.hash != entry_hash:
        return (
            f"it, or an entry before it, is not what was signed for by checkpoint {checkpoint.number}: it was rewritten"
        )
    if head is not None and seq == head.seq and entry_hash != head.hash:
        return "it is not what the chain's head says"
    return ""


def _fault_at_the_end(last: int, at_first: AuditHead | None, by_now: AuditHead | None, signed: Signed) -> Fault | None:
    """What is missing or too many at the end. Whoever writes meanwhile moves the head, and never back."""
    if last < (at_first.seq if at_first else 0):
        return Fault(last + 1, "entries are missing at the end")
    if last > (by_now.seq if by_now else 0):
        return Fault((by_now.seq if by_now else 0) + 1, "it stands after the chain's head: nobody of us has written it")
    missing = sorted(seq for seq in signed.by_seq if seq > last)
    if missing:
        checkpoint = signed.by_seq[missing[-1]]
        return Fault(
            last + 1, f"checkpoint {checkpoint.number} was signed for entry {checkpoint.seq}: the end was cut off"
        )
    return None


def _signed(session: CustomerSession, customer_id: UUID, head: AuditHead | None, evidence: Evidence) -> Signed:
    """The checkpoints that count. One that is not signed as it should be vouches for nothing."""
    mine = select(AuditCheckpointRow).where(col(AuditCheckpointRow.customer_id) == customer_id)
    rows = session.exec(mine.order_by(col(AuditCheckpointRow.number))).all()
    stored = {row.number: Checkpoint.of(row) for row in rows}
    outside = evidence.outside.of_stream.get(str(customer_id), ())
    ours = frozenset(one for one in {*stored.values(), *outside} if _is_ours(one, evidence))
    faults = (*_faults_of_stored(stored, ours), *_faults_of_head(stored, head))
    faults = (*faults, *_faults_outside(stored, outside, ours, evidence.outside.unreadable_lines))
    faults = (*faults, *_faults_of_copy(outside, evidence.brought.get(str(customer_id), 0)))
    by_seq = {one.seq: one for one in ours}
    return Signed(by_seq, faults[0] if faults else None)


def _is_ours(one: Checkpoint, evidence: Evidence) -> bool:
    return not evidence.keys or is_signed(evidence.keys, one.key_id, one.text, one.signature)


def _faults_of_stored(stored: Mapping[int, Checkpoint], ours: frozenset[Checkpoint]) -> Iterator[Fault]:
    previous, seq = FIRST, 0
    for number, one in enumerate(stored.values(), start=1):
        if one.number != number:
            yield Fault(seq + 1, f"checkpoint {number} is missing in the database")
            return
        if one not in ours:
            yield Fault(one.seq, f"checkpoint {number} is not signed by a key that is known here ({one.key_id})")
        if one.previous != previous or one.seq <= seq:
            yield Fault(one.seq, f"checkpoint {number} does not follow the one before it")
        previous, seq = one.sha256, one.seq


def _faults_of_head(stored: Mapping[int, Checkpoint], head: AuditHead | None) -> Iterator[Fault]:
    newest = max(stored, default=0)
    if head and head.checkpoint_number > newest:
        seq = stored[newest].seq if newest else 0
        yield Fault(seq + 1, f"checkpoint {newest + 1} is missing in the database")


def _faults_outside(
    stored: Mapping[int, Checkpoint],
    outside: tuple[Checkpoint, ...],
    ours: frozenset[Checkpoint],
    unreadable_lines: tuple[int, ...],
) -> Iterator[Fault]:
    """Outside may lack the newest and, in a file that was begun anew, the oldest; but none in the middle."""
    for line in unreadable_lines:
        yield Fault(None, f"line {line} of the checkpoints' file was changed: it is no checkpoint")
    for one in sorted(outside, key=lambda one: one.number):
        here = stored.get(one.number)
        if one not in ours:
            yield Fault(
                None, f"checkpoint {one.number} was changed in the checkpoints' file: its signature does not fit"
            )
        elif here is None:
            yield Fault(one.seq, f"checkpoint {one.number} stands outside, and is missing in the database")
        elif here != one:
            yield Fault(one.seq, f"checkpoint {one.number} stands outside with another text than in the database")
    for number, following in pairwise(sorted({one.number for one in outside})):
        if following != number + 1:
            yield Fault(None, f"the line of checkpoint {number + 1} is missing in the checkpoints' file")


def _faults_of_copy(outside: tuple[Checkpoint, ...], brought: int) -> Iterator[Fault]:
    newest = max((one.number for one in outside), default=0)
    if newest < brought:
        yield Fault(
            None, f"the checkpoints' file was cut off: checkpoint {newest + 1} was written to it, and is missing"
        )


def _head(session: CustomerSession, customer_id: UUID) -> AuditHead | None:
    """The head as it stands now; a copy, for the session keeps one object for each row."""
    mine = select(AuditHead).where(col(AuditHead.customer_id) == customer_id)
    found = session.exec(mine, execution_options={"populate_existing": True}).first()
    return AuditHead.model_validate(found.model_dump()) if found else None


def _dashed(operation_id: str | None) -> str:
    """An id as it is hashed: SQLite keeps it without dashes."""
    if not operation_id or len(operation_id) != 32:
        return operation_id or ""
    one = operation_id
    return f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"
