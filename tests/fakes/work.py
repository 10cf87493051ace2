"""Work to be woken: it remembers what it was told, and goes on until a test lets it."""

import asyncio
from collections.abc import Callable
from uuid import UUID


class FakeWork:
    """`free` are the operations that nobody has; a run that is cancelled hands its operation back to them."""

    def __init__(self) -> None:
        self.free: list[tuple[UUID, UUID]] = []
        self.begun: list[UUID] = []
        self.ended: list[UUID] = []
        self.stopped: list[tuple[UUID, str]] = []
        self.looked_at: list[UUID] = []
        self.may_end = asyncio.Event()
        self.may_look = asyncio.Event()
        self.may_look.set()
        self.looking = asyncio.Event()
        self.bug: Exception | None = None
        self._changed = asyncio.Condition()

    async def run_free(self) -> None:
        while self.free:
            await self.run(*self.free.pop(0))

    async def run(self, customer_id: UUID, operation_id: UUID) -> None:
        async with self._changed:
            self.begun.append(operation_id)
            self._changed.notify_all()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.free.append((customer_id, operation_id))
            raise
        finally:
            self.ended.append(operation_id)
        if self.bug:
            raise self.bug

    async def stop(self, operation_id: UUID, because: str) -> None:
        async with self._changed:
            self.stopped.append((operation_id, because))
            self._changed.notify_all()

    def look(self, operation_id: UUID) -> None:
        self.looked_at.append(operation_id)

    async def waiting(self) -> tuple[tuple[UUID, UUID], ...]:
        self.looking.set()
        await self.may_look.wait()
        return tuple(self.free)

    async def until(self, *begun: UUID) -> None:
        """Return once these have begun."""
        await self._until(lambda: sorted(self.begun) == sorted(begun))

    async def until_stopped(self) -> None:
        """Return once something was stopped."""
        await self._until(lambda: bool(self.stopped))

    async def _until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(so)
