"""Signing in and out: a form, because only an answer can set a cookie."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from app.api.visitor import COOKIE
from core.security.people import TooManyTries, WrongSignIn
from core.security.sessions import LONGEST
from core.services import Services


def router(services: Services, base_url: str | None = None) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/auth", include_in_schema=False)
    behind_tls = (base_url or "").startswith("https://")

    @routes.post("/sign-in")
    async def sign_in(
        request: Request,
        email: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next_page: Annotated[str, Form(alias="next")] = "/",
    ) -> Response:
        to = local(next_page)
        try:
            visitor = await services.people.check_password(email, password)
        except (WrongSignIn, TooManyTries) as error:
            return RedirectResponse(f"/sign-in?{urlencode({'error': error.code, 'next': to})}", 303)
        # Whoever was signed in here is no longer, and a token laid here by somebody else is worth nothing.
        await _end_session(services, request)
        token = await services.sessions.begin(visitor)
        return _signed_in(token, to, secure=behind_tls or request.url.scheme == "https")

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        await _end_session(services, request)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

    return routes


def _signed_in(token: str, to: str, *, secure: bool) -> Response:
    answer = RedirectResponse(to, 303)
    answer.set_cookie(COOKIE, token, max_age=int(LONGEST.total_seconds()), httponly=True, samesite="lax", secure=secure)
    return answer


async def _end_session(services: Services, request: Request) -> None:
    if token := request.cookies.get(COOKIE):
        await services.sessions.end(token)


def local(address: str) -> str:
    """An address of this site, whatever was asked for."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain else "/"
