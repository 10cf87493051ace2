"""Answers all who ask in the same turn of the event loop by asking once: fifty pages that are told of one change read it once."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Questions of one kind. What is asked is asked after whoever wants to know has asked: no answer is older than its question.

    Nobody waits for the questions of an earlier turn, so that one that hangs holds up none that come later.
    """

    def __init__(self, ask: Callable[[frozenset[Q]], Coroutine[Any, Any, Mapping[Q, A]]]) -> None:
        self._ask = ask
        self._questions: set[Q] = set()
        self._asking: asyncio.Task[Mapping[Q, A]] | None = None

    async def answer(self, question: Q) -> A | None:
        """The answer, if there is one. Raises whatever asking raises."""
        self._questions.add(question)
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask_all())
        asking = self._asking
        await asyncio.wait({asking})  # who is cancelled takes the answer from nobody
        return asking.result().get(question)

    async def _ask_all(self) -> Mapping[Q, A]:
        """Begins in the next turn: by then all of this one have asked."""
        questions, self._questions, self._asking = frozenset(self._questions), set(), None
        return await self._ask(questions)
