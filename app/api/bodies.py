"""Looks at what is sent before anything reads it: no more than is ever needed, and JSON where JSON is read."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import NOT_JSON, Problem

LARGEST_BODY = 64 * 1024  # bytes; the largest call is a sign-in to a shop
NICEGUI = ("/_nicegui/", "/_nicegui_ws/")  # has limits of its own, and streams
TOO_LARGE = f"This is more than is ever needed: at most {LARGEST_BODY // 1024} KiB are read."


class Bodies:
    """Reads a whole body, which is small, and passes it on; or answers why not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be sent."""
        if scope["type"] != "http" or scope["path"].startswith(NICEGUI):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            body = await _read(headers, receive)
        except ClientDisconnect:
            return  # half of what was meant is not acted on
        if body is None:
            refusal = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", TOO_LARGE, {"Connection": "close"})
            await refusal(scope, receive, send)
        elif body and scope["path"].startswith("/api/") and not _is_json(headers):
            await Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", NOT_JSON)(scope, receive, send)
        else:
            await self._app(scope, _first(body, receive), send)


async def _read(headers: Headers, receive: Receive) -> bytes | None:
    """The body, or None if it is too large; how much is announced is believed only when it is too much."""
    announced = headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit() or int(announced) > LARGEST_BODY:
        return None
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            return None
    return body


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _first(body: bytes, receive: Receive) -> Receive:
    """Receive this body, and from then on what really comes: that the caller has gone."""
    told = False

    async def receiving() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving
