"""The gate: who is asking, whether they may, and whether it is they who ask and not another site in their browser."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.callbacks import places
from app.api.errors import NOT_JSON, Problem, problem_of
from app.api.headers import is_asset, with_headers
from app.api.looking import enter, is_below, named_in, path_of, to_customers, to_own
from core.database.roles import SignedIn
from core.errors import CoreError, NotSignedIn, Refused
from core.security.origin import Origin
from core.security.people.authorize import Action, authorize
from core.security.people.sessions import COOKIE, Standing
from core.security.people.staff_access import NoAccess
from core.security.people.visitor import Visitor
from core.services import Services

HEALTH = frozenset({"/healthz", "/readyz"})
PUBLIC = HEALTH | {"/sign-in", "/auth/sign-in", "/first-admin", "/auth/first-admin", "/favicon.ico"}
METRICS = "/metrics"
LIVE = "/_nicegui_ws/"
PUBLIC_BELOW = ("/_nicegui/", LIVE, "/static/")
FOR_PROGRAMS = ("/api/", "/pictures/", f"{METRICS}/")
DESCRIBED = frozenset({"/docs", "/openapi.json"})  # programs read them; they say nothing of anybody
CODE, ENROLMENT = "/sign-in/code", "/second-factor"
HALFWAY = frozenset({CODE, ENROLMENT, "/auth/code", "/auth/second-factor", "/auth/sign-out"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WEB_SCHEMES = {"ws": "http", "wss": "https"}
POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class CrossSite(Refused):
    """This came from another site."""

    code = "cross_site"


class SecondFactorNeeded(NotSignedIn):
    """Please finish signing in first."""

    code = "second_factor_needed"


class Gate:
    """Every request goes through here. The visitor, if there is one, is found in `request.state.visitor`.

    Who has not come further than the password is no visitor yet: they are in `request.state.standing`.
    """

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
        enter(scope)
        caller = HTTPConnection(scope)
        if scope["type"] == "http":
            send = with_headers(send, scope, is_tls=(self._base or "").startswith("https://"))
        refusal = await self._refusal(caller)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    async def _refusal(self, caller: HTTPConnection) -> Response | None:
        """Why not, as an answer. Whoever may come in is noted on the way."""
        path = path_of(caller.scope)
        caller.state.note_refusal = self._services.refusals.note
        caller.state.demo = self._services.demo
        if not (_is_bearer(caller.headers) and _takes_tokens(path)) and self._could_be_forged(caller):
            return await self._forged(caller)
        if elsewhere := None if _is_for_everybody(path) else to_own(caller):
            return elsewhere
        collects = path == METRICS and self._collects(caller)
        standing = None if collects or is_asset(path) or path in HEALTH else await self._standing(caller)
        try:
            visitor = await self._looking(caller, standing.visitor if standing and standing.is_whole else None)
        except CoreError as error:
            is_page = is_below(caller.scope) and not _is_for_programs(path)
            return to_customers(caller) if is_page else problem_of(error)
        caller.state.visitor, caller.state.standing, caller.state.collects = visitor, standing, collects
        caller.state.ask_again = partial(self._visitor, caller)
        if visitor and _is_no_json(caller):
            return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", NOT_JSON)
        if visitor or collects or path in self._public or _is_for_everybody(path) or (standing and path in HALFWAY):
            return None
        return _away(caller, standing)

    def _collects(self, caller: HTTPConnection) -> bool:
        """Whether this is who collects the metrics, by a token that opens nothing else and is looked up nowhere."""
        return _is_bearer(caller.headers) and self._services.exposition.is_opened_by(_bearer(caller.headers))

    async def _forged(self, caller: HTTPConnection) -> Response:
        """The refusal of what another site has sent; whoever it used is told in their audit."""
        standing = await self._standing(caller)
        error = CrossSite(because="Use the pages of this site, or a token.")
        if standing:
            await self._services.refusals.note(standing.visitor, error.code, "act from another site")
        return problem_of(error)

    async def _visitor(self, caller: HTTPConnection) -> Visitor | None:
        standing = await self._standing(caller)
        try:
            return await self._looking(caller, standing.visitor if standing and standing.is_whole else None)
        except CoreError:  # what they looked at by is over
            return None

    async def _looking(self, caller: HTTPConnection, visitor: Visitor | None) -> Visitor | None:
        """Staff who name a customer are that customer's auditor for this call, if they have access, and change nothing.

        Raises NotAllowed, NoAccess or Refused.
        """
        named = named_in(caller)
        if visitor is None or named is None or _is_for_everybody(path_of(caller.scope)):
            return visitor
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        if caller.scope["type"] != "http" or caller.scope["method"] not in SAFE_METHODS:
            raise Refused(because="Whoever looks at another company's data changes nothing there.")
        try:
            customer_id = UUID(named)
        except ValueError:
            raise NoAccess(because="That names no customer.") from None
        access = await self._services.staff_access.open_to(visitor, customer_id)
        caller.state.access = access
        caller.state.stop_looking = partial(self._services.staff_access.end, visitor, customer_id, access.id)
        return access.as_seen_by(visitor)

    async def _standing(self, caller: HTTPConnection) -> Standing | None:
        """By bearer token, else by cookie; a call with a token never falls back to the cookie.

        A token is for programs: pages, and the forms that begin sessions and change passwords, know nobody by it.
        """
        if _is_bearer(caller.headers):
            if not _takes_tokens(path_of(caller.scope)):
                return None
            visitor = await self._services.tokens.visitor_of(_bearer(caller.headers))
            return Standing(visitor, SignedIn.WHOLLY) if visitor else None
        return await self._services.sessions.standing_of(caller.cookies.get(COOKIE, ""))

    def _could_be_forged(self, caller: HTTPConnection) -> bool:
        """Whether another site may have made the visitor's browser send this, with their cookie.

        1. What only reads can't be, but the live connection of a page answers any origin, whatever the method.
        2. Browsers of today say where a request comes from (Sec-Fetch-Site); no script can change that.
        3. Older ones, and those on plain http, send the origin with everything that is not a plain GET.
        4. What says neither is no browser, and then it has no business with a cookie.
        """
        if caller.scope["type"] == "http" and caller.scope["method"] in SAFE_METHODS:
            return path_of(caller.scope).startswith(LIVE) and not self._says_it_is_ours(caller)
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


def _away(caller: HTTPConnection, standing: Standing | None) -> Response:
    """Where somebody is sent who may not come in: a program is told, a person is led to the next step."""
    if caller.scope["type"] == "websocket" or _is_for_programs(path_of(caller.scope)):
        error = SecondFactorNeeded() if standing else NotSignedIn()
        return Problem(HTTPStatus.UNAUTHORIZED, error.code, error.sentence, {"WWW-Authenticate": "Bearer"})
    if standing and standing.signed_in is SignedIn.NEEDS_ENROLMENT:
        return RedirectResponse(ENROLMENT, HTTPStatus.SEE_OTHER)
    to = CODE if standing else "/sign-in"
    return RedirectResponse(f"{to}?{urlencode({'next': _to_come_back_to(caller)})}", HTTPStatus.SEE_OTHER)


def _is_for_everybody(path: str) -> bool:
    return path.startswith(PUBLIC_BELOW)


def _is_for_programs(path: str) -> bool:
    return f"{path}/".startswith(FOR_PROGRAMS)


def _is_no_json(caller: HTTPConnection) -> bool:
    """Whether a browser's call of the API is one that a form of any site could make: those send no JSON, and delete nothing."""
    scope, headers = caller.scope, caller.headers
    if scope["type"] != "http" or not path_of(scope).startswith("/api/") or _is_bearer(headers):
        return False
    if scope["method"] in SAFE_METHODS | {"DELETE"}:
        return False
    return headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json"


def _is_bearer(headers: Mapping[str, str]) -> bool:
    return headers.get("authorization", "").lower().startswith("bearer ")


def _bearer(headers: Mapping[str, str]) -> str:
    return headers["authorization"][len("bearer ") :].strip()


def _takes_tokens(path: str) -> bool:
    """Whether a token counts here: each of these routes asks for its scope, or tells nothing of anybody."""
    return path.startswith(FOR_PROGRAMS) or path in DESCRIBED or path == METRICS


def _says_where_from(headers: Mapping[str, str]) -> bool:
    return "sec-fetch-site" in headers or "origin" in headers


def _to_come_back_to(caller: HTTPConnection) -> str:
    """The address that was asked for, if it can be asked for again."""
    if caller.scope["method"] not in SAFE_METHODS:
        return "/"
    query = caller.url.query
    return f"{caller.scope['path']}?{query}" if query else str(caller.scope["path"])
