"""The gate: who is asking, whether they may, and whether it is they who ask and not another site in their browser."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.callbacks import places
from app.api.errors import Problem, problem_of
from app.api.headers import is_asset, with_headers
from app.api.visitor import COOKIE
from core.errors import NotSignedIn, Refused
from core.security.origin import Origin
from core.security.people import Visitor
from core.services import Services

PUBLIC = frozenset({"/sign-in", "/auth/sign-in", "/healthz", "/favicon.ico"})
LIVE = "/_nicegui_ws/"
PUBLIC_BELOW = ("/_nicegui/", LIVE, "/static/")
FOR_PROGRAMS = ("/api/", "/pictures/")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WEB_SCHEMES = {"ws": "http", "wss": "https"}
POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class CrossSite(Refused):
    """This came from another site."""

    code = "cross_site"


class Gate:
    """Every request goes through here. The visitor, if there is one, is found in `request.state.visitor`."""

    def __init__(self, app: ASGIApp, services: Services, base_url: str | None = None) -> None:
        self._app = app
        self._services = services
        self._public = PUBLIC | places(services.integrations)
        self._base = str(Origin.of(base_url)) if base_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        caller = HTTPConnection(scope)
        if scope["type"] == "http":
            send = with_headers(send, scope)
        refusal = await self._refusal(caller)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    async def _refusal(self, caller: HTTPConnection) -> Response | None:
        """Why not, as an answer. Whoever may come in is noted on the way."""
        path: str = caller.scope["path"]
        if not _is_bearer(caller.headers) and self._could_be_forged(caller):
            return problem_of(CrossSite(because="Use the pages of this site, or a token."))
        visitor = None if is_asset(path) or path == "/healthz" else await self._visitor(caller)
        caller.state.visitor = visitor
        caller.state.ask_again = partial(self._visitor, caller)
        if visitor or path in self._public or path.startswith(PUBLIC_BELOW):
            return None
        if caller.scope["type"] == "websocket" or f"{path}/".startswith(FOR_PROGRAMS):
            error = NotSignedIn()
            return Problem(HTTPStatus.UNAUTHORIZED, error.code, error.sentence, {"WWW-Authenticate": "Bearer"})
        return RedirectResponse(f"/sign-in?{urlencode({'next': _to_come_back_to(caller)})}", HTTPStatus.SEE_OTHER)

    async def _visitor(self, caller: HTTPConnection) -> Visitor | None:
        """By bearer token, else by cookie; a call with a token never falls back to the cookie."""
        if _is_bearer(caller.headers):
            return await self._services.tokens.visitor_of(caller.headers["authorization"][len("bearer ") :].strip())
        token = caller.cookies.get(COOKIE)
        return await self._services.sessions.visitor_of(token) if token else None

    def _could_be_forged(self, caller: HTTPConnection) -> bool:
        """Whether another site may have made the visitor's browser send this, with their cookie.

        1. What only reads can't be, but the live connection of a page answers any origin, whatever the method.
        2. Browsers of today say where a request comes from (Sec-Fetch-Site); no script can change that.
        3. Older ones, and those on plain http, send the origin with everything that is not a plain GET.
        4. What says neither is no browser, and then it has no business with a cookie.
        """
        if caller.scope["type"] == "http" and caller.scope["method"] in SAFE_METHODS:
            return caller.scope["path"].startswith(LIVE) and not self._says_it_is_ours(caller)
        if not _says_where_from(caller.headers):
            return COOKIE in caller.cookies
        return not self._says_it_is_ours(caller)

    def _says_it_is_ours(self, caller: HTTPConnection) -> bool:
        headers = caller.headers
        if "sec-fetch-site" in headers:
            return headers["sec-fetch-site"] in {"same-origin", "none"}
        if "origin" not in headers:
            return True
        scheme = caller.scope["scheme"]
        own = f"{WEB_SCHEMES.get(scheme, scheme)}://{headers.get('host', '')}"
        return headers["origin"] in {own, self._base}


def _is_bearer(headers: Mapping[str, str]) -> bool:
    return headers.get("authorization", "").lower().startswith("bearer ")


def _says_where_from(headers: Mapping[str, str]) -> bool:
    return "sec-fetch-site" in headers or "origin" in headers


def _to_come_back_to(caller: HTTPConnection) -> str:
    """The address that was asked for, if it can be asked for again."""
    if caller.scope["method"] not in SAFE_METHODS:
        return "/"
    query = caller.url.query
    return f"{caller.scope['path']}?{query}" if query else str(caller.scope["path"])
