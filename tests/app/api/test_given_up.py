"""Whoever goes elsewhere before they are answered leaves no error behind; an error while they wait is one."""

from typing import Any

import pytest
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.requests import Requests

ASKED: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """Waits until the caller is gone, and says nothing."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def passed_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
    return await call_next(request)


async def called(app: Any, *messages: str) -> list[Message]:
    """What is answered to a caller from whom these come."""
    coming, sent = iter(messages), list[Message]()

    async def receive() -> Message:
        return {"type": next(coming), "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await Requests(app)(dict(ASKED), receive, send)
    return sent


async def test_who_is_gone_is_answered_nothing_and_no_error_comes_of_it() -> None:
    behind = BaseHTTPMiddleware(BaseHTTPMiddleware(silent, passed_on), passed_on)
    assert await called(behind, "http.request", "http.disconnect") == []


@pytest.mark.parametrize("come", [("http.request",), ("http.request", "http.disconnect")])
async def test_a_bug_is_told_whoever_waits(come: tuple[str, ...]) -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in come:
            await receive()
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await called(breaks, *come)


async def test_an_answer_that_was_forgotten_is_told_to_who_still_waits() -> None:
    async def forgets(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise RuntimeError("No response returned.")

    with pytest.raises(RuntimeError, match="No response"):
        await called(forgets, "http.request")
