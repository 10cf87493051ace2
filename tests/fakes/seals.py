"""Seals nothing: for tests of the folder that pictures lie in, which have no customer and no vault."""

from collections.abc import Mapping
from uuid import UUID

from core.browser.screenshots import Where


class Unsealed:
    """Each piece lies there as it is."""

    async def seal(self, customer_id: UUID, pieces: Mapping[Where, bytes]) -> Mapping[Where, bytes]:
        return pieces

    async def open(self, customer_id: UUID, where: Where, sealed: bytes) -> bytes:
        return sealed
