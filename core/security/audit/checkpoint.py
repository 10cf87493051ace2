"""A checkpoint: a signed statement of how a customer's chain stood, which whoever rewrites the chain can't make again.

origin ⏎ stream ⏎ seq ⏎ hash ⏎ ts ⏎ previous checkpoint's SHA-256 ⏎          signed with Ed25519
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Self

from core.database.tables import AuditCheckpointRow

ORIGIN = "omniops-autopilot/audit/v1"


@dataclass(frozen=True)
class Checkpoint:
    """That entry `seq` of the chain of `stream` (the customer's id) had this hash then; `number` counts from 1."""

    number: int
    stream: str
    seq: int
    hash: str
    at: str
    previous: str
    key_id: str = ""
    signature: str = ""

    @classmethod
    def of(cls, row: AuditCheckpointRow) -> Self:
        """As it is stored."""
        stream = str(row.customer_id)
        return cls(row.number, stream, row.seq, row.hash, row.at, row.previous, row.key_id, row.signature)

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{ORIGIN}\n{self.stream}\n{self.seq}\n{self.hash}\n{self.at}\n{self.previous}\n"

    @property
    def sha256(self) -> str:
        """What the next checkpoint follows."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.at)

    @property
    def name(self) -> str:
        """As people compare it: its number and the beginning of its SHA-256."""
        return f"checkpoint {self.number}, {self.sha256[:8]}…"
