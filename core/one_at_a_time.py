"""Asks a question one at a time: whoever asks while it is being asked hears the same answer, so that no crowd of askers adds to what hangs."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class OneAtATime(Generic[T]):
    """A question that may take for ever; it is not asked again while it does.

    A thread that waits for a database can't be cancelled. Each look at a database that hangs would take one more of the
    process's few threads, until none is left for people.
    """

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None

    async def answer(self, within: float) -> T:
        """The answer. Raises TimeoutError after so many seconds, and whatever the question raises."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask())
            self._asking.add_done_callback(_heard)
        asking = self._asking
        done, _ = await asyncio.wait({asking}, timeout=within)
        if not done:
            raise TimeoutError
        return asking.result()


def _heard(task: asyncio.Task[Any]) -> None:
    """Whoever asked may have gone by then, and nobody else has to be told."""
    if not task.cancelled():
        task.exception()
