"""Reads a chain as it is stored, whatever somebody wrote there: its entries, erasures and checkpoints, and its head."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Text, cast, func
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import AuditCheckpointRow, AuditHead, AuditRow
from core.security.audit.chain import Link
from core.security.audit.checkpoint import Checkpoint

READ_AT_ONCE = 5000  # entries; some 5 MB
LARGEST = 2**63 - 1  # number of an entry; on SQLite, where a column takes anything, words stand after it
ERASURE, PICTURES = "details_erased", "pictures_deleted"
KEPT = (ERASURE, PICTURES)  # actions whose details are never erased: they say what was

Columns = tuple[Any, ...]  # of a table, or what they are read as
OF_ENTRY: Columns = (
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
OF_CHECKPOINT: Columns = (
    col(AuditCheckpointRow.number),
    col(AuditCheckpointRow.seq),
    col(AuditCheckpointRow.hash),
    col(AuditCheckpointRow.at),
    col(AuditCheckpointRow.previous),
    col(AuditCheckpointRow.key_id),
    col(AuditCheckpointRow.signature),
)
OF_HEAD: Columns = (col(AuditHead.seq), col(AuditHead.hash), col(AuditHead.checkpoint_number))


class Head(NamedTuple):
    """The newest link of a chain, and how far it is signed."""

    seq: int
    hash: str
    checkpoint_number: int


class Unreadable(NamedTuple):
    """What stands where a checkpoint or a head should, and holds what none ever holds."""


def links(session: CustomerSession, customer_id: UUID) -> Iterator[Link]:
    """The entries of a chain as they are stored, the oldest first; read piece by piece.

    A piece is a range of numbers: to sort what follows a number would take a database without statistics ever anew.
    """
    mine, seq, after = col(AuditRow.customer_id) == customer_id, col(AuditRow.seq), 0
    while True:
        rows = _rows(session, OF_ENTRY, mine, seq > after, seq <= after + READ_AT_ONCE)
        yield from map(_link, rows)
        if not rows:
            first = session.exec(select(func.min(AuditRow.seq)).where(mine, seq > after, seq <= LARGEST)).one()
            if first is None:
                break
            after = first - 1 - READ_AT_ONCE
        after += READ_AT_ONCE
    yield from map(_link, _rows(session, OF_ENTRY, mine, seq > LARGEST))


def before_the_first(session: CustomerSession, customer_id: UUID) -> int | None:
    """The number of an entry that stands where none ever does: entries count from 1."""
    too_low = select(func.min(AuditRow.seq)).where(col(AuditRow.customer_id) == customer_id, col(AuditRow.seq) < 1)
    return session.exec(too_low).one()


def erasures(session: CustomerSession, customer_id: UUID) -> tuple[tuple[int, int, int], ...]:
    """What the chain says was erased: the number of the entry that says so, and the first and last that it names."""
    mine = col(AuditRow.customer_id) == customer_id
    rows = _rows(session, OF_ENTRY, mine, col(AuditRow.action) == ERASURE, col(AuditRow.salt).is_not(None))
    found = []
    for link in map(_link, rows):
        told = _told(link)
        first, last = told.get("first"), told.get("last")
        if isinstance(link.seq, int) and isinstance(first, int) and isinstance(last, int):
            found.append((link.seq, first, last))
    return tuple(found)


def checkpoints_of(session: CustomerSession, customer_id: UUID) -> Iterator[Checkpoint | Unreadable]:
    """The checkpoints of a chain in their order, and what stands in the place of one."""
    for row in _rows(session, OF_CHECKPOINT, col(AuditCheckpointRow.customer_id) == customer_id):
        number, seq, *words = row
        if not _are(int, number, seq) or not _are(str, *words):
            yield Unreadable()
            continue
        entry_hash, at, previous, key_id, signature = words
        yield Checkpoint(number, str(customer_id), seq, entry_hash, at, previous, key_id, signature)


def head_of(session: CustomerSession, customer_id: UUID) -> Head | Unreadable | None:
    """The head as it stands now."""
    for seq, entry_hash, number in _rows(session, OF_HEAD, col(AuditHead.customer_id) == customer_id):
        is_one = _are(int, seq, number) and _are(str, entry_hash)
        return Head(seq, entry_hash, number) if is_one else Unreadable()
    return None


def _rows(session: CustomerSession, columns: Columns, *conditions: ColumnElement[bool]) -> Sequence[Sequence[Any]]:
    """Rows by their first column. SQLite refuses to give out text that is no UTF-8: it is read once more as bytes."""
    try:
        return _ask(session, columns, columns, conditions)
    except OperationalError:
        if session.get_bind().dialect.name != "sqlite":
            raise
    raw = tuple(cast(one, LargeBinary) for one in columns)
    are_numbers = [isinstance(one.type, BigInteger) for one in columns]
    return [
        [_read(value, is_number=is_number) for value, is_number in zip(row, are_numbers, strict=True)]
        for row in _ask(session, raw, columns, conditions)
    ]


def _ask(
    session: CustomerSession, asked: Columns, columns: Columns, conditions: tuple[ColumnElement[bool], ...]
) -> Sequence[Sequence[Any]]:
    statement = select(*asked).where(*conditions).order_by(columns[0])
    found: Sequence[Sequence[Any]] = session.exec(statement).all()
    return found


def _read(raw: bytes | None, *, is_number: bool) -> int | str | None:
    """What a column holds; bytes that are no text stay in it as what no text ever has, and so fit no hash."""
    if raw is None:
        return None
    text = raw.decode("utf-8", "surrogateescape")
    return int(text) if is_number and text.isascii() and text.lstrip("-").isdigit() else text


def _are(kind: type, *values: object) -> bool:
    return all(isinstance(one, kind) and (kind is int or str(one).isprintable()) for one in values)


def _link(row: Sequence[Any]) -> Link:
    return Link(row[0], row[1], row[2], row[3], _dashed(row[4]), *row[5:])


def _told(link: Link) -> dict[str, Any]:
    try:
        told = json.loads(link.detail or "null")
    except (ValueError, TypeError, RecursionError):  # the entry itself will be a finding
        return {}
    return told if isinstance(told, dict) else {}


def _dashed(operation_id: str | None) -> str:
    """An id as it is hashed: SQLite keeps it without dashes."""
    if not operation_id or len(operation_id) != 32:
        return operation_id or ""
    one = operation_id
    return f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"
