"""Where the live picture of a run goes; who takes it tells whether anybody watches."""

from typing import Protocol


class LiveSink(Protocol):
    """Takes the live picture of one run."""

    async def watched(self) -> None:
        """Return once somebody watches."""
        ...

    def show(self, webp: bytes) -> None:
        """This is how it looks now: bytes of a WebP file. It takes the place of what was shown before."""
        ...

    def pause(self) -> None:
        """It is not shown for a while, because a secret is there or may be in a moment."""
        ...

    def end(self) -> None:
        """There is nothing more to show."""
        ...
