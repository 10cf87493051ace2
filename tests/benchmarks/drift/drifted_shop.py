"""The practice shop behind a door that changes what it serves, and notes what it is asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.practice_shop.shop import PracticeShop
from app.practice_shop.web import create_app
from tests.benchmarks.drift.drifted_pages import DriftedPages, refusal
from tests.benchmarks.drift.forms import DECOY
from tests.benchmarks.drift.kind import Kind
from tests.benchmarks.drift.kinds import in_order
from tests.benchmarks.drift.pages import Asked
from tests.benchmarks.drift.witness import TYPED, Noted, Witness

FORM_SCRIPT = "/wp-includes/keys.js"
SENT_BY_FORM = "/wp-admin/admin-ajax.php"
OF_THE_API = "/wp-json/"  # requests there are signed as they are, and no page leads to them
SENT = "application/x-www-form-urlencoded"


@dataclass
class Answered:
    """What the shop beneath said."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: bytes) -> str:
        """One of its headers, or nothing."""
        return next((value.decode("latin-1") for one, value in self.headers if one.lower() == name), "")


class DriftedShop:
    """A practice shop under some kinds of change, as an ASGI application."""

    def __init__(self, slugs: Sequence[str] = (), *, shows_the_way: bool = False) -> None:
        self.kinds: tuple[Kind, ...] = in_order(slugs)
        self.shop = PracticeShop(faults={fault for kind in self.kinds for fault in kind.faults})
        self.witness = Witness()
        self._beneath: ASGIApp = create_app(self.shop)
        self._pages = DriftedPages(self.kinds, shows_the_way=shows_the_way)

    @property
    def password_field(self) -> str:
        """The name under which the sign-in page sends the password."""
        return next((kind.password_field for kind in self.kinds if kind.password_field != "pwd"), "pwd")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._beneath(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        asked = _asked(request, body)
        page = urlsplit(request.headers.get("referer", "")).path
        self.witness.note(
            Noted(asked.method, asked.path, asked.query, asked.form, body.decode("utf-8", "replace")), DECOY, page
        )
        if asked.path == TYPED or asked.path.startswith(DECOY):
            await Response(status_code=204)(scope, receive, send)
            return
        await self._answer(scope, body, asked, send)

    async def _answer(self, scope: Scope, body: bytes, asked: Asked, send: Send) -> None:
        if not self.kinds or asked.path.startswith(OF_THE_API):
            beneath = await self._said_beneath(scope, body)
            await _sent(beneath, beneath.body, send)
            return
        told, meant = self._told(asked), self._meant(asked)
        if asked.path == SENT_BY_FORM and asked.method == "POST" and (why := self._objection(meant)):
            await _sent(Answered(headers=[(b"content-type", b"application/json")]), refusal(why).encode(), send)
            return
        beneath = await self._said_beneath(*_translated(scope, body, asked, meant))
        await _sent(
            self._with_addresses(beneath), self._changed(beneath, told).encode("utf-8", "surrogateescape"), send
        )

    def _told(self, asked: Asked) -> Asked:
        """The request with its fields under the names that the shop knows."""
        for kind in self.kinds:
            asked = kind.beneath(asked) if kind.renamed else asked
        return asked

    def _meant(self, asked: Asked) -> Asked:
        """What the shop beneath is asked for it; the last change is undone first."""
        for kind in reversed(self.kinds):
            asked = kind.beneath(asked)
        return asked

    def _objection(self, asked: Asked) -> str:
        return next((why for kind in self.kinds if (why := kind.objection(asked))), "")

    async def _said_beneath(self, scope: Scope, body: bytes) -> Answered:
        answered = Answered()

        unread = [body]

        async def receive() -> Message:
            if not unread:
                await asyncio.Event().wait()  # whoever asks once more waits for the end, and is ended with the answer
            return {"type": "http.request", "body": unread.pop(), "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.status, answered.headers = message["status"], list(message["headers"])
            else:
                answered.body += message.get("body", b"")

        await self._beneath(scope, receive, send)
        return answered

    def _changed(self, answered: Answered, asked: Asked) -> str:
        """The body, as it is now."""
        text, kind = answered.body.decode("utf-8", "surrogateescape"), answered.header(b"content-type")
        if asked.path == FORM_SCRIPT:
            return self._pages.form_script(text)
        if kind.startswith("text/html"):
            return self._pages.page(text, asked)
        if kind.startswith("text/css"):
            return self._pages.style(text)
        return self._pages.answer(text) if kind.startswith("application/json") else text

    def _with_addresses(self, answered: Answered) -> Answered:
        """The headers with the addresses as they are now."""
        headers = [
            (name, self._pages.address(value.decode("latin-1")).encode("latin-1") if name == b"location" else value)
            for name, value in answered.headers
        ]
        return replace(answered, headers=headers)


def _asked(request: Request, body: bytes) -> Asked:
    sent = request.headers.get("content-type", "").startswith(SENT)
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)) if sent else {}
    cookies = {name: morsel.value for name, morsel in SimpleCookie(request.headers.get("cookie", "")).items()}
    return Asked(request.method, request.url.path, dict(request.query_params), form, cookies)


def _translated(scope: Scope, body: bytes, asked: Asked, meant: Asked) -> tuple[Scope, bytes]:
    """The request as the shop beneath gets it; what means the same is passed on as it came."""
    changed: dict[str, Any] = {"method": meant.method}
    if meant.query != asked.query:
        changed["query_string"] = urlencode(meant.query).encode()
    if meant.form != asked.form:
        body = urlencode(meant.form).encode()
        changed["headers"] = _with_length(scope["headers"], len(body))
    return {**scope, **changed}, body


def _with_length(headers: Sequence[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    return [*kept, (b"content-length", str(length).encode())]


async def _sent(answered: Answered, body: bytes, send: Send) -> None:
    headers = _with_length(answered.headers, len(body))
    await send({"type": "http.response.start", "status": answered.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
