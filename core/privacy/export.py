"""All that is known of a customer as a zip, to take away: every row, every picture, and the audit trail with its verifier.

README.txt         what this is
data/<table>.jsonl one row a line; never a value of the vault, a password or a token, nor what they are known by
pictures/<id>.webp the pictures that are kept
receipts/<id>.json the signed receipts of the consents, with the public key, and the program that checks them
audit.zip          the audit trail, which verifies itself
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlmodel import SQLModel, select

from core.browser.screenshots import ScreenshotStore
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import (
    ApiToken,
    AuditCheckpointRow,
    AuditHead,
    AuditRow,
    ConsentRow,
    CredentialRow,
    Customer,
    LiveFrameRow,
    OfCustomer,
    OwnerApprovalRow,
    PrivacyRequestRow,
    RecoveryCodeRow,
    User,
    UserSession,
    VaultKey,
)
from core.errors import NotFound
from core.operations.receipts import ReceiptDesk
from core.operations.trail import AuditTrail
from core.security.consent import verify_receipts

IN_AUDIT = frozenset({AuditRow, AuditHead, AuditCheckpointRow})  # these are in audit.zip
# A wrapped key says nothing of anybody, and opens everything; a live frame is gone with the next one.
WITHHELD = frozenset({VaultKey, LiveFrameRow})
# What a secret is known by, or sealed in: it is of use to nobody but a thief.
SECRET_COLUMNS: dict[type[OfCustomer], frozenset[str]] = {
    User: frozenset({"password_hash"}),
    UserSession: frozenset({"token_sha256"}),
    ApiToken: frozenset({"token_sha256"}),
    ConsentRow: frozenset({"session_sha256"}),  # in consents of older versions the same as the session's own
    CredentialRow: frozenset({"envelope"}),
    OwnerApprovalRow: frozenset({"state_sha256"}),
    PrivacyRequestRow: frozenset({"confirmation_sha256"}),
    RecoveryCodeRow: frozenset({"code_sha256"}),
}
README = """OmniOps Autopilot: what is known of {name}, as it stood at {at}.

    data/       every row, one JSON object a line, a file a table
    pictures/   the pictures that are kept, by the id that a step names as its picture_id
    receipts/   a signed receipt of each consent, by its id. Check them, with Python 3.11 or newer and the package
                cryptography: python receipts/verify_receipts.py
    audit.zip   the audit trail; it holds a program that verifies it, and says how

Of what the vault holds, it is told that it is there, for which shop, and how often it was used. No value is in here, nor
is any password, token or key, or what one of them could be recognised by.
"""
VERIFIER = Path(verify_receipts.__file__)
READ_AT_ONCE = 500  # rows


class Exports:
    """Writes such zips."""

    def __init__(
        self, database: Database, trail: AuditTrail, receipts: ReceiptDesk, pictures: ScreenshotStore, clock: Clock
    ) -> None:
        self._database = database
        self._receipts = receipts
        self._trail = trail
        self._pictures = pictures
        self._clock = clock

    async def write(self, customer_id: UUID, actor: str, file: IO[bytes]) -> None:
        """Write all of it, as it stands now; a piece at a time, so that it may be larger than memory."""
        at = self._clock.now()
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            await self._database.read(customer_id, partial(_write_rows, archive, at))
            await self._write_receipts(archive, customer_id)
            with TemporaryFile() as trail:
                await self._trail.export_of(customer_id, actor, trail)
                await asyncio.to_thread(_copy, archive, "audit.zip", trail)
            for picture_id in await self._pictures.digests(customer_id):
                await self._write_picture(archive, customer_id, picture_id)

    async def _write_receipts(self, archive: ZipFile, customer_id: UUID) -> None:
        keys = await self._receipts.public_keys()
        archive.writestr("receipts/public-key.pem", "".join(key.pem() for key in keys.values()))
        archive.writestr("receipts/verify_receipts.py", await asyncio.to_thread(VERIFIER.read_text, "utf-8"))
        for consent_id, receipt in (await self._receipts.every(customer_id)).items():
            archive.writestr(f"receipts/{consent_id}.json", json.dumps(receipt, indent=2, ensure_ascii=False))

    async def _write_picture(self, archive: ZipFile, customer_id: UUID, picture_id: UUID) -> None:
        try:
            picture = await self._pictures.load(customer_id, picture_id, "full")
        except NotFound:  # its time ran out meanwhile
            return
        with archive.open(f"pictures/{picture_id}.webp", "w") as member:
            await asyncio.to_thread(member.write, picture)


def exported() -> dict[type[OfCustomer], tuple[str, ...]]:
    """The tables that are written, and their columns that are."""
    tables = [table for table in OfCustomer.__subclasses__() if table not in IN_AUDIT | WITHHELD]
    return {table: tuple(_columns(table)) for table in tables}


def _columns(table: type[OfCustomer]) -> Iterator[str]:
    withheld = SECRET_COLUMNS.get(table, frozenset())
    return (name for name in table.model_fields if name not in withheld)


def _write_rows(archive: ZipFile, at: datetime, session: CustomerSession) -> None:
    customer = session.exec(select(Customer)).one()
    archive.writestr("README.txt", README.format(name=customer.name, at=f"{at:%Y-%m-%d %H:%M} UTC"))
    with archive.open("data/customers.jsonl", "w") as member:
        member.write(_line(customer, tuple(Customer.model_fields)))
    for table, columns in exported().items():
        with archive.open(f"data/{table.__tablename__}.jsonl", "w") as member:
            for row in session.exec(select(table).execution_options(yield_per=READ_AT_ONCE)):
                member.write(_line(row, columns))


def _line(row: SQLModel, columns: tuple[str, ...]) -> bytes:
    told = {name: getattr(row, name) for name in columns}
    return (json.dumps(told, default=_plain, ensure_ascii=False) + "\n").encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _copy(archive: ZipFile, name: str, file: IO[bytes]) -> None:
    """A file that is packed already, as it is."""
    file.seek(0)
    with archive.open(name, "w") as member:
        while piece := file.read(1 << 20):
            member.write(piece)
