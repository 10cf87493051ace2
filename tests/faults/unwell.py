"""A shop that answers as shops do when they are not well: with an error, too late, or not at all; so often, and from then on well."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = 10_000  # times
HANGS = 120.0  # seconds; more than anybody waits


class Illness(StrEnum):
    """What the shop does in place of an answer."""

    ERROR_500 = "500"
    TOO_MANY = "429"
    HANGS = "no answer"
    LOST = "done, and its answer lost"


@dataclass
class Trouble:
    """What goes wrong with requests whose method and path hold these words, the first `well` of them left out."""

    illness: Illness
    words: str
    times: int = ALWAYS
    well: int = 0


@dataclass
class UnwellShop:
    """An application in front of the shop's."""

    shop: ASGIApp
    troubles: list[Trouble] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, well or not."""
        trouble = self._trouble(f"{scope.get('method')} {scope.get('path')}") if scope["type"] == "http" else None
        if trouble is None:
            await self.shop(scope, receive, send)
        elif trouble is Illness.HANGS:
            with suppress(asyncio.CancelledError):  # the server ends before it has answered
                await asyncio.sleep(HANGS)
        elif trouble is Illness.LOST:
            await self.shop(scope, receive, _nobody)
            await _answer(send, 500)
        else:
            await _answer(send, int(trouble.value))

    def _trouble(self, request: str) -> Illness | None:
        for one in self.troubles:
            if one.words in request and one.times:
                if one.well:
                    one.well -= 1
                    return None
                one.times -= 1
                return one.illness
        return None


async def _nobody(message: Message) -> None:
    """Nobody hears what the shop says."""


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/html"), (b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"<h1>Something is wrong here.</h1>"})
