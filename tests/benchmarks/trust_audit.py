"""The audit chain: appending against a plain insert of the same row, verifying against hashing the same bytes."""

import asyncio
import hashlib
import hmac
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from sqlmodel import col, select

from core.database.session import CustomerSession, Database
from core.database.tables import AuditHead, AuditRow, Customer
from core.database.upgrade import upgrade
from core.security.audit import audit_log
from core.security.audit.audit_log import FIRST, AuditAction, AuditEvent
from tests.benchmarks.versus import Contest

ENTRIES = 50_000
FEWEST_A_SECOND = 50_000
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
EVENT = AuditEvent(
    AuditAction.STEP_CONCLUDED,
    "agent",
    uuid4(),
    {"step": 7, "intent": "Open the advanced settings", "outcome": "done", "decidedBy": "recorded", "seen": "API keys"},
)


def audit_contests() -> Iterator[Contest]:
    """On a SQLite file, as it is by default."""
    with tempfile.TemporaryDirectory() as folder, closing(Database(f"sqlite:///{Path(folder) / 'a.db'}")) as database:
        upgrade(database)
        loop = asyncio.new_event_loop()
        chained, plain, long = (_customer(loop, database) for _ in range(3))
        numbers = iter(range(1, 10**9))
        append = partial(audit_log.record, customer_id=chained, event=EVENT, at=NOW)
        yield Contest(
            "audit: append / insert of the same row",
            lambda: loop.run_until_complete(database.run(chained, append)),
            lambda: loop.run_until_complete(database.run(plain, partial(_insert, plain, next(numbers)))),
            times=100,
        )
        loop.run_until_complete(database.run(long, partial(_append_many, long)))
        yield from _verifying(loop, database, long)
        loop.close()


def _verifying(loop: asyncio.AbstractEventLoop, database: Database, customer: UUID) -> Iterator[Contest]:
    rows = loop.run_until_complete(database.read(customer, _all_rows))
    pieces = [_bytes_of(row) for row in rows]
    yield Contest(
        f"audit: verify {ENTRIES:,} entries / hash the same bytes",
        lambda: loop.run_until_complete(database.read(customer, partial(audit_log.verify, customer_id=customer))),
        lambda: [_hashed(*piece) for piece in pieces],
        more=_rate,
    )


def _rate(seconds: float) -> str:
    reached = ENTRIES / seconds
    return f" {reached:,.0f} a second ({'≥' if reached >= FEWEST_A_SECOND else 'below'} {FEWEST_A_SECOND:,})"


def _customer(loop: asyncio.AbstractEventLoop, database: Database) -> UUID:
    made = Customer(id=uuid4(), name="a shop", created_at=NOW)

    def add(session: CustomerSession) -> None:
        session.add(made)
        session.flush()
        session.add(AuditHead(customer_id=made.id, seq=0, hash=FIRST))

    loop.run_until_complete(database.run_across_customers(add, because="the benchmark begins"))
    return made.id


def _insert(customer: UUID, seq: int, session: CustomerSession) -> None:
    detail, digest = dict(EVENT.detail), "0" * 64
    session.add(
        AuditRow(
            customer_id=customer,
            seq=seq,
            at=NOW.isoformat(timespec="microseconds"),
            actor=EVENT.actor,
            action=EVENT.action,
            operation_id=EVENT.operation_id,
            detail=detail,
            salt=digest,
            detail_digest=digest,
            previous=digest,
            hash=digest,
        )
    )


def _append_many(customer: UUID, session: CustomerSession) -> None:
    for _ in range(ENTRIES):
        audit_log.record(session, customer, EVENT, at=NOW)


def _all_rows(session: CustomerSession) -> list[AuditRow]:
    return list(session.exec(select(AuditRow).order_by(col(AuditRow.seq))))


def _bytes_of(row: AuditRow) -> tuple[bytes, bytes, bytes]:
    """What is hashed of an entry: salt and detail, and the fields."""
    detail = json.dumps(row.detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    fields = (
        row.previous,
        row.customer_id,
        row.seq,
        row.at,
        row.actor,
        row.action,
        row.operation_id,
        row.detail_digest,
    )
    lengths = b"\0\0\0\0" * len(fields)
    return bytes.fromhex(row.salt or ""), detail, lengths + "".join(map(str, fields)).encode()


def _hashed(salt: bytes, detail: bytes, fields: bytes) -> tuple[bytes, bytes]:
    return hmac.digest(salt, detail, hashlib.sha256), hashlib.sha256(fields).digest()
