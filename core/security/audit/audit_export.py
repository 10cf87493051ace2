"""A customer's whole chain as a zip that verifies itself: entries, checkpoints, our public key, and the program that checks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import AuditCheckpointRow
from core.security.audit.chain import Link
from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoint_file import line_of
from core.security.audit.stored import links
from core.security.keys.signing import PublicKey
from core.security.keys.signing_file import SigningKeyProvider
from core.security.keys.succession import Succession

VERIFIER = Path(__file__).with_name("verify_export.py")
README = """OmniOps Autopilot: the audit trail of customer {customer}, as it stood at {at}.

    audit.jsonl          every entry, the oldest first, with all that is hashed
    checkpoints.jsonl    what was signed for, with our signatures
    public-key.pem       the key of these signatures: {key}; and those before it
    keys.jsonl           that one key followed the other, signed by both, if that was ever so
    manifest.json        what this is
    verify_export.py     checks all of it; it is short: read it

Check it with Python 3.11 or newer and the package cryptography, beside these files:

    python verify_export.py

It tells whether every entry is as it was written, none is missing, and all fits what was signed; its exit code is 0 if
so, 1 if not, 2 if it can't tell. The key in this folder proves nothing by itself: compare it with the one you have from
elsewhere (`autopilot audit public-key`, GET /api/autonomous/audit/public-key, or an earlier export), and give that one:

    python verify_export.py --public-key the-key-i-know.pem --checkpoints checkpoints-i-kept.jsonl

An entry whose detail is null was erased, and an entry after it says when, why and for whom. docs/audit.md says what is
hashed, what this proves, and what it does not.
"""


@dataclass(frozen=True)
class Signers:
    """The keys that have signed, the one in use first, and how one followed the other."""

    known: Mapping[str, PublicKey]
    successions: tuple[Succession, ...] = ()

    @classmethod
    def of(cls, keys: SigningKeyProvider) -> Self:
        """As they are now. Raises BadSigningKey."""
        return cls(keys.known(), keys.successions())


def write(session: CustomerSession, customer_id: UUID, keys: Signers, at: datetime, file: IO[bytes]) -> None:
    """Write the zip, as the chain stands in this transaction; entry by entry, so that its length does not matter."""
    customer = str(customer_id)
    moment = at.astimezone(UTC)
    words = README.format(customer=customer, at=f"{moment:%Y-%m-%d %H:%M} UTC", key=next(iter(keys.known)))
    manifest = {"customer": customer, "exportedAt": moment.isoformat(), "format": 1}
    with ZipFile(file, "w") as archive:
        checkpoints = tuple(_checkpoints(session, customer_id))  # first: whatever is signed for is in the entries
        _put(archive, "README.txt", words, moment)
        _put(archive, "manifest.json", json.dumps(manifest, indent=2) + "\n", moment)
        _put(archive, "public-key.pem", "".join(key.pem() for key in keys.known.values()), moment)
        _put(archive, "keys.jsonl", "".join(f"{one.line}\n" for one in keys.successions), moment)
        _put(archive, "verify_export.py", VERIFIER.read_text("utf-8"), moment)
        _put(archive, "checkpoints.jsonl", "".join(f"{line_of(one)}\n" for one in checkpoints), moment)
        with archive.open(_member("audit.jsonl", moment), "w") as entries:
            for link in links(session, customer_id):
                entries.write(f"{entry_line(link)}\n".encode())


def entry_line(link: Link) -> str:
    """An entry as a line of the export: the names of the columns, and the detail as JSON."""
    told = link._asdict()
    told["operation"] = link.operation or None
    told["detail"] = json.loads(link.detail) if link.detail is not None else None
    return json.dumps(told, ensure_ascii=False)


def _checkpoints(session: CustomerSession, customer_id: UUID) -> Iterator[Checkpoint]:
    mine = select(AuditCheckpointRow).where(col(AuditCheckpointRow.customer_id) == customer_id)
    for row in session.exec(mine.order_by(col(AuditCheckpointRow.number))):
        yield Checkpoint.of(row)


def _put(archive: ZipFile, name: str, words: str, at: datetime) -> None:
    archive.writestr(_member(name, at), words)


def _member(name: str, at: datetime) -> ZipInfo:
    member = ZipInfo(name, at.timetuple()[:6])
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member
