"""How fast a long audit chain is verified and exported, against only hashing the same bytes.

    python -m tests.benchmarks.audit_rate [ENTRIES] [DATABASE_URL]

Without a URL: a SQLite file in a folder that is removed. The entries are those of a run: intents and outcomes, with texts.
"""

import os
import sys
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from core.database.engines import WHOSE
from core.database.session import CustomerSession, Database
from core.database.tables import AuditHead, AuditRow, Customer
from core.database.upgrade import upgrade
from core.security.audit import audit_export, audit_log
from core.security.audit.chain import FIRST, Link, canonical, digest_of, hash_of
from core.security.audit.stored import links
from core.security.keys.signing import SigningKey, by_id
from tests.core.database.rows import NOW
from tests.postgres import as_owner

AT_ONCE = 10_000  # rows of one INSERT


@dataclass(frozen=True)
class Rates:
    """Entries a second, and what verification costs against hashing what it hashes."""

    entries: int
    verified: float
    hashed: float
    exported: float
    export_megabytes: float
    export_peak_megabytes: float

    @property
    def against_hashing(self) -> float:
        """How many times as long as hashing the same bytes alone."""
        return self.hashed / self.verified


def verify_rate(entries: int = 100_000, url: str | None = None) -> Rates:
    """Fill a database with one long chain, verify and export it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'long.db'}")
        upgrade(database)
        customer_id = filled(database, entries)
        verified = _timed(
            lambda: _in_transaction(database, customer_id, partial(audit_log.verify, customer_id=customer_id))
        )
        size, peak, exported = _exported(database, customer_id, Path(folder) / "export.zip")
        hashed = _hashed(database, customer_id)
        database.close()
    return Rates(entries, entries / verified, entries / hashed, entries / exported, size, peak)


def filled(database: Database, entries: int) -> UUID:
    """A customer with a chain of this length, written past the session, which adds entries one by one."""
    customer_id, previous, rows = uuid4(), FIRST, []
    with as_owner(database).begin() as connection:
        connection.execute(insert(Customer), {"id": customer_id, "name": "Long", "created_at": NOW})
        for seq in range(1, entries + 1):
            rows.append(entry_row(customer_id, seq, previous))
            previous = rows[-1]["hash"]
            if len(rows) == AT_ONCE or seq == entries:
                connection.execute(insert(AuditRow), rows)
                rows = []
        connection.execute(insert(AuditHead), {"customer_id": customer_id, "seq": entries, "hash": previous})
    return customer_id


def entry_row(customer_id: UUID, seq: int, previous: str) -> dict[str, Any]:
    """An entry as it stands in the table."""
    operation, salt = UUID(int=seq // 40), os.urandom(32).hex()
    detail = {
        "step": seq % 40,
        "intent": "Click “Add key” under “REST API”",
        "does": "click",
        "decidedBy": "recorded",
        "page": "https://tea.example/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys",
    }
    at, digest = NOW.isoformat(timespec="microseconds"), digest_of(salt, detail)
    link = Link(seq, at, "agent", "step_intended", str(operation), canonical(detail), salt, digest, previous, "")
    told = link._asdict() | {"hash": hash_of(str(customer_id), link), "detail": detail, "operation_id": operation}
    del told["operation"]
    return told | {"customer_id": customer_id}


def _in_transaction(database: Database, customer_id: UUID, use_case: Any) -> Any:
    with (
        database.engine.connect().execution_options(**{WHOSE: customer_id}) as connection,
        CustomerSession(connection, info={WHOSE: customer_id}) as session,
    ):
        return use_case(session)


def _timed(work: Any) -> float:
    began = time.perf_counter()
    found = work()
    took = time.perf_counter() - began
    assert found is None or found.intact, found
    return took


def _exported(database: Database, customer_id: UUID, file: Path) -> tuple[float, float, float]:
    """Megabytes of the zip, most megabytes of memory meanwhile, and seconds."""
    public = SigningKey.of(sha256(b"a benchmark").digest()).public
    write = partial(audit_export.write, customer_id=customer_id, keys=audit_export.Signers(by_id([public])), at=NOW)

    def export() -> None:
        with file.open("wb") as zipped:
            _in_transaction(database, customer_id, partial(write, file=zipped))

    seconds = _timed(export)
    tracemalloc.start()
    export()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return file.stat().st_size / 1e6, peak / 1e6, seconds


def _hashed(database: Database, customer_id: UUID) -> float:
    """Seconds for SHA-256 over what every entry's hash and digest are made of, read before."""
    kept = _in_transaction(database, customer_id, lambda session: list(links(session, customer_id)))
    raw = [
        ("".join((one.previous, one.at, one.actor, one.action, one.operation, one.detail_digest))).encode()
        + (one.detail or "").encode()
        for one in kept
    ]
    began = time.perf_counter()
    for one in raw:
        sha256(one).digest()
    return time.perf_counter() - began


def main() -> None:
    """Print the rates."""
    rates = verify_rate(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else None)
    sys.stdout.write(f"{rates}\nverification takes {rates.against_hashing:.0f} times as long as hashing alone\n")


if __name__ == "__main__":
    main()
