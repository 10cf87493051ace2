"""Whether a secret is as the audit chain says: the binding of an envelope can't tell yesterday's whole row from today's."""

from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from sqlalchemy import literal
from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import AuditRow, CredentialRow
from core.errors import CoreError
from core.security.audit.audit_log import AuditAction
from core.security.audit.stored import ERASURE

WRITES = (
    AuditAction.SECRET_STORED,
    AuditAction.SECRET_RESEALED,
    AuditAction.SECRET_LIMITED,
    AuditAction.SECRET_DELETED,
)
# Written out in the statement, because SQLite takes a partial index only then.
IS_WRITE = col(AuditRow.action).in_([literal(one.value, literal_execute=True) for one in WRITES])


class RolledBack(CoreError):
    """This secret is not the one that was stored last."""

    code: ClassVar[str] = "rolled_back"


@dataclass(frozen=True)
class Written:
    """What the audit chain says was written of a secret last, and what that secret is called."""

    customer_id: UUID
    seq: int
    item: str
    service: str
    shop: str
    field: str
    version: int
    sha256: str
    until: str | None
    is_deleted: bool

    @property
    def name(self) -> tuple[str, str, str]:
        """What it is called: no two secrets of a customer are called the same."""
        return self.service, self.shop, self.field


def digest_of(row: CredentialRow) -> str:
    """What the chain keeps of an envelope: its SHA-256, as hex."""
    return sha256(row.envelope.encode()).hexdigest()


def until_of(row: CredentialRow) -> str | None:
    """From when on it is not used any more, as the chain keeps it."""
    return row.expires_at.astimezone(UTC).isoformat() if row.expires_at else None


def last_written(session: CustomerSession, item: UUID) -> Written | None:
    """The newest entry on a secret; None if it was written before entries named it, or their details are erased."""
    of_item = col(AuditRow.detail)["item"].as_string() == str(item)
    newest = select(AuditRow).where(IS_WRITE, of_item).order_by(col(AuditRow.seq).desc()).limit(1)
    row = session.exec(newest).first()
    return written(row) if row else None


def newest_blank(session: CustomerSession) -> int:
    """The number of the newest write of any secret whose detail is gone; 0 if there is none."""
    blank = select(AuditRow.seq).where(IS_WRITE, col(AuditRow.salt).is_(None))
    return session.exec(blank.order_by(col(AuditRow.seq).desc()).limit(1)).first() or 0


def erased_up_to(session: CustomerSession) -> int:
    """Up to which entry details were erased, as the newest erasure says; 0 if there is none."""
    newest = select(AuditRow.detail).where(col(AuditRow.action) == ERASURE, col(AuditRow.salt).is_not(None))
    last = (session.exec(newest.order_by(col(AuditRow.seq).desc()).limit(1)).first() or {}).get("last")
    return last if isinstance(last, int) else 0


def taken_from_proof(session: CustomerSession, last: Written | None, blank: int) -> int:
    """The write without a detail that may have been this secret's newest, though no retention has erased it; or 0.

    Retention erases the oldest first, and says up to where: what is newer than an entry that still has its detail, or
    than the newest erasure says, was emptied by somebody who had a secret's proof in mind.
    """
    if last is not None:
        return blank if blank > last.seq else 0
    return blank if blank and blank > erased_up_to(session) else 0


def fault_in(session: CustomerSession, row: CredentialRow) -> str:
    """What is wrong with a row by what the chain says now, or nothing."""
    last = last_written(session, row.id)
    if blank := taken_from_proof(session, last, newest_blank(session)):
        return emptied(blank)
    return fault_of(row, last)


def emptied(seq: int) -> str:
    """In words, that the proof of what was stored last is gone."""
    return f"can't be proven (entry {seq} of the audit trail was emptied)"


def written(row: AuditRow) -> Written | None:
    """What an entry says, if it tells of a secret by its id."""
    detail = row.detail or {}
    if "item" not in detail:
        return None
    named = {name: str(detail[name]) for name in ("item", "service", "shop", "field", "sha256")}
    return Written(
        customer_id=row.customer_id,
        seq=row.seq,
        version=int(detail["version"]),
        until=detail["until"],
        is_deleted=row.action == AuditAction.SECRET_DELETED,
        **named,
    )


def fault_of(row: CredentialRow, last: Written | None) -> str:
    """What is wrong with a row, or nothing."""
    if last is None:
        return ""
    if last.is_deleted:
        return f"was put back after it was deleted (row v{row.version})"
    if row.version < last.version:
        return f"was rolled back (row v{row.version}, audit says v{last.version})"
    if (row.version, digest_of(row), until_of(row)) != (last.version, last.sha256, last.until):
        return f"is not what was stored (row v{row.version}, audit says v{last.version})"
    return ""
