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
from typing import NamedTuple
from uuid import UUID

from core.database.session import CustomerSession
from core.security.audit.chain import FIRST, Link, fault_of
from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoint_file import Outside
from core.security.audit.stored import (
    KEPT,
    Head,
    Unreadable,
    before_the_first,
    checkpoints_of,
    erasures,
    head_of,
    links,
)
from core.security.keys.signing import PublicKey, is_signed

NO_RECORD = "its detail was removed without an erasure record"


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
    head = head_of(session, customer_id)
    known_head = head if isinstance(head, Head) else None
    signed = _signed(session, customer_id, known_head, evidence)
    last, fault = 0, _fault_before(session, customer_id, head)
    for link, by_itself in () if fault else _walk(session, customer_id):
        last += 1
        if because := by_itself or _against(signed, known_head, last, link.hash):
            fault = Fault(last, because)
            break
    fault = fault or _fault_at_the_end(last, known_head, head_of(session, customer_id), signed) or signed.fault
    whole = last if fault is None or fault.seq is None else fault.seq - 1
    newest = max((one for one in signed.by_seq.values() if one.seq <= whole), key=lambda one: one.seq, default=None)
    unanchored = last - (newest.seq if newest else 0)
    if fault:
        return Verification(False, last, fault.seq, fault.because, newest, unanchored)
    return Verification(True, last, checkpoint=newest, unanchored=unanchored)


def _fault_before(session: CustomerSession, customer_id: UUID, head: Head | Unreadable | None) -> Fault | None:
    """What is wrong before the first entry is looked at: one stands before it, or the head is none."""
    seq = before_the_first(session, customer_id)
    if seq is not None:
        return Fault(1, f"an entry with the number {seq} stands before it: nobody of us has written it")
    return Fault(1, "the chain's head holds what none ever holds") if isinstance(head, Unreadable) else None


def _walk(session: CustomerSession, customer_id: UUID) -> Iterator[tuple[Link, str]]:
    """Each entry, and what is wrong with it by itself; the walk goes on, and whoever walks stops."""
    customer, previous = str(customer_id), FIRST
    erased: tuple[tuple[int, int, int], ...] = ()
    for seq, link in enumerate(links(session, customer_id), start=1):
        because = fault_of(customer, link, seq, previous)
        if not because and link.detail is None and not _is_named(link, erased):
            erased = erasures(session, customer_id)  # once more: retention may have been at work since
            because = "" if _is_named(link, erased) else NO_RECORD
        yield link, because
        previous = link.hash


def _is_named(link: Link, erased: tuple[tuple[int, int, int], ...]) -> bool:
    return link.action not in KEPT and any(first <= link.seq <= last < after for after, first, last in erased)


def _against(signed: Signed, head: Head | None, seq: int, entry_hash: str) -> str:
    """What is wrong with an entry that is well by itself: it is not the one that was signed for, or not the head's."""
    checkpoint = signed.by_seq.get(seq)
    if checkpoint is not None and checkpoint.hash != entry_hash:
        return (
            f"it, or an entry before it, is not what was signed for by checkpoint {checkpoint.number}: it was rewritten"
        )
    if head is not None and seq == head.seq and entry_hash != head.hash:
        return "it is not what the chain's head says"
    return ""


def _fault_at_the_end(
    last: int, at_first: Head | None, by_now: Head | Unreadable | None, signed: Signed
) -> Fault | None:
    """What is missing or too many at the end. Whoever writes meanwhile moves the head, and never back."""
    if last < (at_first.seq if at_first else 0):
        return Fault(last + 1, "entries are missing at the end")
    known = by_now.seq if isinstance(by_now, Head) else 0
    if last > known:
        return Fault(known + 1, "it stands after the chain's head: nobody of us has written it")
    missing = sorted(seq for seq in signed.by_seq if seq > last)
    if missing:
        checkpoint = signed.by_seq[missing[-1]]
        return Fault(
            last + 1, f"checkpoint {checkpoint.number} was signed for entry {checkpoint.seq}: the end was cut off"
        )
    return None


def _signed(session: CustomerSession, customer_id: UUID, head: Head | None, evidence: Evidence) -> Signed:
    """The checkpoints that count. One that is not signed as it should be vouches for nothing."""
    found = tuple(checkpoints_of(session, customer_id))
    stored = {one.number: one for one in found if isinstance(one, Checkpoint)}
    outside = evidence.outside.of_stream.get(str(customer_id), ())
    ours = frozenset(one for one in {*stored.values(), *outside} if _is_ours(one, evidence))
    faults = (*_faults_of_stored(found, ours), *_faults_of_head(stored, head))
    faults = (*faults, *_faults_outside(stored, outside, ours, evidence.outside.unreadable_lines))
    faults = (*faults, *_faults_of_copy(outside, evidence.brought.get(str(customer_id), 0)))
    by_seq = {one.seq: one for one in ours}
    return Signed(by_seq, faults[0] if faults else None)


def _is_ours(one: Checkpoint, evidence: Evidence) -> bool:
    return not evidence.keys or is_signed(evidence.keys, one.key_id, one.text, one.signature)


def _faults_of_stored(stored: tuple[Checkpoint | Unreadable, ...], ours: frozenset[Checkpoint]) -> Iterator[Fault]:
    previous, seq = FIRST, 0
    for number, one in enumerate(stored, start=1):
        if isinstance(one, Unreadable):
            yield Fault(seq + 1, f"checkpoint {number} holds what no checkpoint ever holds")
            return
        if one.number != number:
            yield Fault(seq + 1, f"checkpoint {number} is missing in the database")
            return
        if one not in ours:
            yield Fault(one.seq, f"checkpoint {number} is not signed by a key that is known here ({one.key_id})")
        if one.previous != previous or one.seq <= seq:
            yield Fault(one.seq, f"checkpoint {number} does not follow the one before it")
        previous, seq = one.sha256, one.seq


def _faults_of_head(stored: Mapping[int, Checkpoint], head: Head | None) -> Iterator[Fault]:
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
    if not isinstance(brought, int):  # on SQLite, a column takes anything
        yield Fault(None, "the chain's head says of the checkpoints' file what none ever says")
    elif newest < brought:
        yield Fault(
            None, f"the checkpoints' file was cut off: checkpoint {newest + 1} was written to it, and is missing"
        )
