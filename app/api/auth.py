"""The gate: who is asking, whether they may, and the headers that every answer carries."""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import Problem
from core.errors import NotSignedIn
from core.security.people import Visitor
from core.services import Services

COOKIE = "sid"
PUBLIC = frozenset({"/sign-in", "/auth/sign-in", "/healthz", "/favicon.ico"})
PUBLIC_BELOW = ("/_nicegui/", "/_nicegui_ws/", "/static/")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 64 * 1024  # bytes; the largest call is a sign-in to a shop
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https: http:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Gate:
    """Every request goes through here. The visitor, if there is one, is found in `request.state.visitor`."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        visitor = await self._visitor(connection)
        connection.state.visitor = visitor
        refusal = self._refusal(connection, visitor)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send, connection) if scope["type"] == "http" else send)
        elif scope["type"] == "http":
            await refusal(scope, receive, _with_headers(send, connection))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _visitor(self, connection: HTTPConnection) -> Visitor | None:
        """By bearer token, else by cookie; a call with a token never falls back to the cookie."""
        authorization = connection.headers.get("authorization", "")
        if authorization.lower().startswith("bearer "):
            return await self._services.tokens.visitor_of(authorization[7:].strip())
        token = connection.cookies.get(COOKIE)
        return await self._services.sessions.visitor_of(token) if token and not _is_static(connection) else None

    def _refusal(self, connection: HTTPConnection, visitor: Visitor | None) -> Response | None:
        path = connection.url.path
        if connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE_METHODS:
            if not connection.headers.get("authorization") and not comes_from_us(connection.headers):
                return Problem(HTTPStatus.FORBIDDEN, "cross_site", "This came from another site.")
            if int(connection.headers.get("content-length") or 0) > LARGEST_BODY:
                return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "This is more than is ever needed.")
        if visitor or path in PUBLIC or path.startswith(PUBLIC_BELOW):
            return None
        if path.startswith(("/api/", "/pictures/")) or connection.scope["type"] == "websocket":
            return Problem(
                HTTPStatus.UNAUTHORIZED, NotSignedIn.code, NotSignedIn().sentence, {"WWW-Authenticate": "Bearer"}
            )
        return RedirectResponse(f"/sign-in?next={quote(path, safe='/')}", HTTPStatus.SEE_OTHER)


def comes_from_us(headers: Headers) -> bool:
    """Whether a browser says that one of our own pages sent this; a client that is no browser says nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _is_static(connection: HTTPConnection) -> bool:
    path = connection.url.path
    return path.startswith(("/_nicegui/", "/static/"))


def _with_headers(send: Send, connection: HTTPConnection) -> Send:
    """Send, with our headers on the first message."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if not _is_static(connection):
                headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
