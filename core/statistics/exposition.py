"""The seam to what tells the numbers to whoever collects them."""

from typing import Protocol


class Exposition(Protocol):
    """Tells how this process and all operations stand, in a text for programs."""

    content_type: str

    async def text(self) -> bytes:
        """Everything there is to tell, within seconds, whether the database answers or not."""
        ...

    def is_opened_by(self, token: str) -> bool:
        """Whether this is the token of whoever collects the numbers; no token is, where none was set."""
        ...
