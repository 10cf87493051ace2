"""What a customer has outside of the database, sealed with their data key: with that key, every copy of it is gone."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar
from uuid import UUID

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.errors import NotFound
from core.security.keys.envelope import CannotOpen
from core.security.vault.customer_keys import CustomerKeys, is_sealed

Where = tuple[str, ...]


class Altered(NotFound):
    """What is kept there was changed, or is something else."""

    code: ClassVar[str] = "altered"


class SealedContent:
    """Seals and opens, each in a transaction of its own."""

    def __init__(self, database: Database, keys: CustomerKeys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def seal(self, customer_id: UUID, pieces: Mapping[Where, bytes]) -> Mapping[Where, bytes]:
        """Each piece bound to its place. Raises TooLarge, or what keeps the data key from being opened."""
        return await self._database.run(customer_id, partial(self._seal, customer_id=customer_id, pieces=pieces))

    async def open(self, customer_id: UUID, where: Where, sealed: bytes) -> bytes:
        """The piece. Raises Altered, KeyDestroyed or UnknownKey.

        Earlier versions sealed no pictures: what does not begin as sealed is given as it is. Whoever puts such a thing in
        the place of a sealed one is found by the digest in the audit trail, as they were before.
        """
        if not is_sealed(sealed):
            return sealed
        opens = partial(self._keys.open, customer_id=customer_id, sealed=sealed, where=where)
        try:
            return await self._database.read(customer_id, opens)
        except CannotOpen:
            raise Altered from None

    def _seal(self, session: CustomerSession, customer_id: UUID, pieces: Mapping[Where, bytes]) -> dict[Where, bytes]:
        at = self._clock.now()
        return {
            where: self._keys.seal(session, customer_id, content, where, at=at) for where, content in pieces.items()
        }
