"""Signing in, step by step, and out: forms, because only an answer can set a cookie."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Annotated, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from app.api.auth import CODE, ENROLMENT
from app.api.visitor import address_of
from core.database.roles import SignedIn
from core.errors import CoreError, NotSignedIn
from core.security.origin import local
from core.security.people.proof import Proof, check_proof
from core.security.people.seen_from import SeenFrom
from core.security.people.sessions import COOKIE, LONGEST
from core.security.people.visitor import Visitor
from core.security.secret import Secret
from core.services import Services

Text: TypeAlias = Annotated[str, Form()]
Next: TypeAlias = Annotated[str, Form(alias="next")]

SECURITY = "/settings/security"
NEEDS_TLS = "needs_https"
REVOKE = "revoke"  # what the box says of one's API tokens, if it is ticked


def router(services: Services, base_url: str | None = None) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/auth", include_in_schema=False)
    door = Door(services, is_tls=(base_url or "").startswith("https://"))

    @routes.post("/sign-in")
    async def sign_in(request: Request, email: Text = "", password: Text = "", next_page: Next = "/") -> Response:
        return await door.sign_in(request, email, password, local(next_page))

    @routes.post("/code")
    async def code(request: Request, code: Text = "", next_page: Next = "/") -> Response:
        return await door.take_code(request, Secret(code), local(next_page))

    @routes.post("/second-factor")
    async def second_factor(request: Request, code: Text = "", password: Text = "") -> Response:
        return await door.enrol(request, Secret(code), Secret(password))

    @routes.post("/password")
    async def password(request: Request, old: Text = "", new: Text = "", tokens: Text = "") -> Response:
        return await door.change_password(request, old, new, revoke_tokens=tokens == REVOKE)

    @routes.post("/first-admin")
    async def first_admin(request: Request, code: Text = "", email: Text = "", password: Text = "") -> Response:
        return await door.make_first_admin(request, Secret(code), email, password)

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        await door.end_session(request)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")
        return answer

    return routes


class Door:
    """Lets people in: each step that makes more of a session gives it a new token."""

    def __init__(self, services: Services, *, is_tls: bool) -> None:
        self._services = services
        self._is_tls = is_tls

    async def sign_in(self, request: Request, email: str, password: str, to: str) -> Response:
        """The first step: e-mail and password. What comes next follows from who it is."""
        if not self._keeps_cookies(request):
            return _back("/sign-in", NEEDS_TLS, to)

        async def step() -> Response:
            next_step = self._services.second_factors.next_step
            browser = request.headers.get("user-agent", "")
            begun = await self._services.people.sign_in(email, password, address_of(request), next_step, browser)
            await self.end_session(request, quietly=True)
            return _with_session(begun.token, begun.signed_in, to)

        return await _or_back("/sign-in", step, to)

    async def take_code(self, request: Request, code: Secret, to: str) -> Response:
        """The second step: a code of the app, or a recovery code."""

        async def step() -> Response:
            visitor = _halfway(request, SignedIn.NEEDS_CODE)
            await self._services.second_factors.check(visitor, code, address_of(request))
            return await self._let_in(request, visitor, SignedIn.WHOLLY, to)

        return await _or_back(CODE, step, to)

    async def enrol(self, request: Request, code: Secret, password: Secret) -> Response:
        """The app was shown to work: from now on it is asked for.

        Whoever is in already shows that it is they; who comes from the sign-in has just done so.
        """

        async def step() -> Response:
            visitor = _halfway(request, SignedIn.NEEDS_ENROLMENT, SignedIn.WHOLLY)
            if request.state.standing.is_whole:
                await check_proof(self._services.people, visitor, Proof(password, address_of(request)))
            await self._services.second_factors.confirm(visitor, code, address_of(request))
            return await self._let_in(request, visitor, SignedIn.WHOLLY, ENROLMENT)

        return await _or_back(ENROLMENT, step)

    async def change_password(self, request: Request, old: str, new: str, *, revoke_tokens: bool) -> Response:
        """Another password: every other session of theirs ends, and this browser is given a new one."""

        async def step() -> Response:
            visitor = _halfway(request, SignedIn.WHOLLY)
            await self._services.people.change_password(
                visitor, old, new, address_of(request), revoke_tokens=revoke_tokens
            )
            changed = "password-and-tokens" if revoke_tokens else "password"
            return await self._let_in(request, visitor, SignedIn.WHOLLY, f"{SECURITY}?changed={changed}")

        return await _or_back(SECURITY, step)

    async def make_first_admin(self, request: Request, code: Secret, email: str, password: str) -> Response:
        """The code of the console makes the first admin, who then signs in like everybody."""

        async def step() -> Response:
            await self._services.first_admin.take(code, email, password, address_of(request))
            return RedirectResponse("/sign-in", 303)

        return await _or_back("/first-admin", step)

    async def end_session(self, request: Request, *, quietly: bool = False) -> None:
        """Sign out whoever this browser was signed in as."""
        if token := request.cookies.get(COOKIE):
            await self._services.sessions.end(token, quietly=quietly)

    async def _let_in(self, request: Request, visitor: Visitor, signed_in: SignedIn, to: str) -> Response:
        """Begin a session anew. Whoever was signed in here is no longer, and a token laid here by somebody is worth nothing."""
        await self.end_session(request, quietly=True)
        seen_from = SeenFrom.of(address_of(request), request.headers.get("user-agent", ""))
        token = await self._services.sessions.begin(visitor, signed_in, seen_from)
        return _with_session(token, signed_in, to)

    def _keeps_cookies(self, request: Request) -> bool:
        """Whether the browser will keep our cookie: over TLS, or on the machine itself."""
        return self._is_tls or request.url.scheme == "https" or _is_this_machine(request.url.hostname or "")


def _with_session(token: str, signed_in: SignedIn, to: str) -> Response:
    """On to the next step, with a session's token in the cookie."""
    steps = {SignedIn.NEEDS_CODE: f"{CODE}?{urlencode({'next': to})}", SignedIn.NEEDS_ENROLMENT: ENROLMENT}
    answer = RedirectResponse(steps.get(signed_in, to), 303)
    age = int(LONGEST.total_seconds())
    answer.set_cookie(COOKIE, token, max_age=age, httponly=True, samesite="lax", secure=True)
    return answer


async def _or_back(page: str, step: Callable[[], Awaitable[Response]], to: str = "") -> Response:
    """Take a step; if it was not right, back to its page, which says so by the error's code."""
    try:
        return await step()
    except NotSignedIn:
        return RedirectResponse("/sign-in", 303)
    except CoreError as error:
        return _back(page, error.code, to)


def _back(page: str, code: str, to: str = "") -> Response:
    query = {"error": code} | ({"next": to} if to else {})
    return RedirectResponse(f"{page}?{urlencode(query)}", 303)


def _halfway(request: Request, *steps: SignedIn) -> Visitor:
    """Whoever has come as far as one of these steps, and no further; never by a token. Raises NotSignedIn."""
    standing = request.state.standing
    if standing is None or standing.signed_in not in steps or standing.visitor.scopes is not None:
        raise NotSignedIn
    visitor: Visitor = standing.visitor
    return visitor


def _is_this_machine(host: str) -> bool:
    """Whether a host is the loopback, where browsers keep cookies that are for TLS only."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
