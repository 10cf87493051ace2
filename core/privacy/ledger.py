"""What was deleted, kept apart from the database: after a back-up was put back, it is deleted again.

A line is written before the deletion is committed. So a crash in between leaves a deletion that was asked for, confirmed and
recorded, and is carried out at the next start; never one that is forgotten.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from core.errors import CoreError
from core.privacy.certificate import Certificate
from core.security.append_only import AppendOnlyFile
from core.security.keys.signing import PublicKey


class LedgerUnusable(CoreError):
    """The ledger of deletions can't be used."""

    code: ClassVar[str] = "no_ledger"


class DeletionLedger(Protocol):
    """Where certificates are kept; it only grows."""

    def add(self, certificate: Certificate) -> None:
        """Keep one, and return once it is safe. Raises LedgerUnusable."""
        ...

    def read(self, keys: Mapping[str, PublicKey]) -> tuple[Certificate, ...]:
        """All that were signed with one of these keys. Raises LedgerUnusable, also for a line that is none of them."""
        ...


class LedgerFile:
    """A file beside the keys, apart from what is backed up with the data."""

    def __init__(self, path: Path) -> None:
        self._file = AppendOnlyFile(path, LedgerUnusable)

    def add(self, certificate: Certificate) -> None:
        """Keep one, and return once it is on the disk. Raises LedgerUnusable."""
        self._file.append([certificate.to_json()])

    def read(self, keys: Mapping[str, PublicKey]) -> tuple[Certificate, ...]:
        """All that were signed with one of these keys. Raises LedgerUnusable: what somebody else wrote deletes nobody."""
        return tuple(self._read(keys)) if self._file.is_there else ()

    def _read(self, keys: Mapping[str, PublicKey]) -> Iterator[Certificate]:
        for number, line in self._file.lines():
            certificate = Certificate.from_json(line)
            if certificate is None or not certificate.is_by(keys):
                raise LedgerUnusable(because=f"Line {number} of {self._file.path} was not signed with our key.")
            yield certificate
