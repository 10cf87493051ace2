"""Signing in and out: a form, because only an answer can set a cookie."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from app.api.auth import COOKIE
from core.security.people import TooManyTries, WrongSignIn
from core.security.sessions import LONGEST
from core.services import Services


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/auth", include_in_schema=False)

    @routes.post("/sign-in")
    async def sign_in(
        request: Request,
        email: Annotated[str, Form(max_length=300)] = "",
        password: Annotated[str, Form(max_length=1000)] = "",
        next_page: Annotated[str, Form(alias="next")] = "/",
    ) -> Response:
        to = local(next_page)
        try:
            visitor = await services.people.check_password(email, password)
        except (WrongSignIn, TooManyTries) as error:
            return RedirectResponse(f"/sign-in?{urlencode({'error': error.code, 'next': to})}", 303)
        answer = RedirectResponse(to, 303)
        answer.set_cookie(
            COOKIE,
            await services.sessions.begin(visitor),
            max_age=int(LONGEST.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        if token := request.cookies.get(COOKIE):
            await services.sessions.end(token)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    return routes


def local(address: str) -> str:
    """An address of this site, whatever was asked for."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain else "/"
