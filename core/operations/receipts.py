"""Where people get the receipts of their consents."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import ConsentRow
from core.errors import NotFound
from core.security.consent.receipts import has_receipt, receipt_of, signed, verify_receipt
from core.security.keys.signing import PublicKey
from core.security.keys.signing_file import SigningKeyProvider
from core.security.people.people import Visitor


class ReceiptDesk:
    """Signs receipts. Everybody of a customer may have those of its consents."""

    def __init__(self, database: Database, keys: SigningKeyProvider, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def receipt(self, visitor: Visitor, consent_id: UUID) -> dict[str, Any]:
        """The signed receipt of a consent, as it stands now. Raises NotFound."""
        told = await self._database.read(visitor.customer_id, partial(self._receipt, consent_id))
        return signed(told, await asyncio.to_thread(self._keys.signing_key))

    async def verify(self, document: Any) -> dict[str, Any]:
        """What a receipt says, if it was signed here. Raises BadReceipt."""
        return verify_receipt(document, await self.public_keys())

    async def public_keys(self) -> dict[str, PublicKey]:
        """The keys that receipts are verified with, by their ids: the one in use, and those before it."""
        return await asyncio.to_thread(self._keys.known)

    async def every(self, customer_id: UUID) -> dict[UUID, dict[str, Any]]:
        """The signed receipts of all of a customer's consents, as they stand now, by the ids of the consents."""
        told = await self._database.read(customer_id, self._every)
        key = await asyncio.to_thread(self._keys.signing_key)
        return {consent_id: signed(receipt, key) for consent_id, receipt in told.items()}

    def _every(self, session: CustomerSession) -> dict[UUID, dict[str, Any]]:
        """Of consents of the first versions there are none: they recorded too little."""
        rows = session.exec(select(ConsentRow).order_by(col(ConsentRow.granted_at)))
        return {row.id: receipt_of(row, at=self._clock.now()) for row in rows if has_receipt(row)}

    def _receipt(self, consent_id: UUID, session: CustomerSession) -> dict[str, Any]:
        row = session.get(ConsentRow, (session.customer_id, consent_id))
        if row is None:
            raise NotFound(because="There is no such consent.")
        return receipt_of(row, at=self._clock.now())
