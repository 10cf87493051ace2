"""A store that keeps pictures in memory, as long as a test lasts."""

from collections.abc import Iterable
from uuid import UUID

from core.browser.page import Picture
from core.browser.screenshots import Size, StoredPicture, described
from core.errors import NotFound


class MemoryScreenshotStore:
    """Behaves like the folder: random ids, a thumbnail, and nobody sees another customer's pictures."""

    def __init__(self) -> None:
        self.files: dict[tuple[UUID, UUID], Picture] = {}

    async def save(self, customer_id: UUID, picture: Picture) -> StoredPicture:
        stored = described(picture)
        self.files[customer_id, stored.id] = picture
        return stored

    async def load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        if (customer_id, picture_id) not in self.files:
            raise NotFound(because="The picture was deleted, or never was.")
        picture = self.files[customer_id, picture_id]
        return picture.webp if size == "full" else picture.thumbnail

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        for picture_id in pictures:
            self.files.pop((customer_id, picture_id), None)

    async def delete_all(self, customer_id: UUID) -> None:
        for key in [key for key in self.files if key[0] == customer_id]:
            del self.files[key]
