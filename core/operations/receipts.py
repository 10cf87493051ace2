"""Where people get the receipts of their consents."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import ConsentRow
from core.errors import NotFound
from core.security.consent.receipts import receipt_of, signed, verify_receipt
from core.security.keys.signing import PublicKey, SigningKeyProvider, by_id
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor


class ReceiptDesk:
    """Signs receipts. Everybody of a customer may have those of its consents."""

    def __init__(self, database: Database, keys: SigningKeyProvider, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def receipt(self, visitor: Visitor, consent_id: UUID) -> dict[str, Any]:
        """The signed receipt of a consent, as it stands now. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.SEE_CONSENTS)
        told = await self._database.read(visitor.customer_id, partial(self._receipt, consent_id))
        return signed(told, await asyncio.to_thread(self._keys.signing_key))

    async def verify(self, document: Any) -> dict[str, Any]:
        """What a receipt says, if it was signed here. Raises BadReceipt."""
        return verify_receipt(document, by_id([await self.public_key()]))

    async def public_key(self) -> PublicKey:
        """The key that receipts are verified with."""
        return (await asyncio.to_thread(self._keys.signing_key)).public

    def _receipt(self, consent_id: UUID, session: CustomerSession) -> dict[str, Any]:
        row = session.get(ConsentRow, (session.customer_id, consent_id))
        if row is None:
            raise NotFound(because="There is no such consent.")
        return receipt_of(row, at=self._clock.now())
