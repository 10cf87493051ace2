"""The proof that a customer's data was deleted: a signed text, which says nothing of whom it was about.

autopilot/deletion/v1
customer          its id, which stands nowhere else any more but in its own chain
moment            UTC, ISO 8601
asked by          the id of a person, or `system` where a back-up was put back
keys destroyed    ids, with spaces between
rows deleted      `table=number`, with spaces between
chain             number and hash of its last entry
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from core.security.keys.signing import PublicKey, SigningKey, is_signed

ORIGIN = "autopilot/deletion/v1"
LINES = 7


@dataclass(frozen=True)
class Deletion:
    """What was deleted, when, and for whom."""

    customer_id: UUID
    at: datetime
    asked_by: str
    keys: tuple[UUID, ...]
    rows: Mapping[str, int]
    chain_seq: int
    chain_hash: str

    @property
    def text(self) -> str:
        """What is signed."""
        counted = " ".join(f"{table}={number}" for table, number in sorted(self.rows.items()))
        keys = " ".join(str(key) for key in self.keys)
        told = (str(self.customer_id), self.at.isoformat(), self.asked_by, keys, counted)
        return "\n".join((ORIGIN, *told, f"{self.chain_seq} {self.chain_hash}")) + "\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """The other way round. Raises ValueError for any other text."""
        origin, customer, at, asked_by, keys, rows, chain = text.removesuffix("\n").split("\n")
        if origin != ORIGIN:
            raise ValueError("this is no deletion")
        counted = {table: int(number) for table, _, number in (one.partition("=") for one in rows.split())}
        seq, _, chain_hash = chain.partition(" ")
        ids = tuple(UUID(key) for key in keys.split())
        return cls(UUID(customer), datetime.fromisoformat(at), asked_by, ids, counted, int(seq), chain_hash)


@dataclass(frozen=True)
class Certificate:
    """A deletion, signed for."""

    deletion: Deletion
    key_id: str
    signature: str

    @classmethod
    def signed(cls, deletion: Deletion, key: SigningKey) -> Self:
        """Sign it."""
        return cls(deletion, key.public.id, key.sign(deletion.text))

    def is_by(self, keys: Mapping[str, PublicKey]) -> bool:
        """Whether the other half of one of these keys has signed just this."""
        return is_signed(keys, self.key_id, self.deletion.text, self.signature)

    def to_json(self) -> str:
        """As one line."""
        return json.dumps({"text": self.deletion.text, "key": self.key_id, "signature": self.signature})

    @classmethod
    def from_json(cls, line: bytes | str) -> Self | None:
        """The certificate in a line; None if it holds none. Whether it is signed is not looked at."""
        try:
            told = json.loads(line)
            return cls(Deletion.read(told["text"]), str(told["key"]), str(told["signature"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
