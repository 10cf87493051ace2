"""wp-login.php: signing in and out, and the page that asks for the administration e-mail now and then."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from app.practice_shop.faults import Fault

if TYPE_CHECKING:
    from app.practice_shop.web import Site

COOKIE = "wordpress_logged_in_practice"


def router(site: "Site") -> APIRouter:
    """The routes of the sign-in page."""
    routes = APIRouter()

    @routes.get("/wp-login.php")
    async def form(request: Request, action: str = "login", redirect_to: str = "", reauth: str = "") -> Response:
        to = own_address(request, redirect_to)
        if action == "logout":
            return _signed_out(site, request)
        if action == "confirm_admin_email" and site.visitor(request):
            return site.page("confirm_email.html", redirect_to=to)
        if site.visitor(request) and not reauth:
            return RedirectResponse(to, 302)
        return site.page("sign_in.html", redirect_to=to, error="", login="")

    @routes.post("/wp-login.php")
    async def sign_in(
        request: Request,
        log: Annotated[str, Form()] = "",
        pwd: Annotated[str, Form()] = "",
        redirect_to: Annotated[str, Form()] = "",
    ) -> Response:
        to = own_address(request, redirect_to)
        if "correct-admin-email" in await request.form():
            return RedirectResponse(to, 302)
        return _signed_in(site, log, pwd, to)

    return routes


def _signed_in(site: "Site", login: str, password: str, to: str) -> Response:
    person = site.shop.person_named(login.strip())
    token = site.shop.sign_in(person, password) if person else None
    if token is None:
        return site.page("sign_in.html", redirect_to=to, error=_refusal(login, known=person is not None), login=login)
    if site.shop.has(Fault.INTERSTITIAL):
        to = f"/wp-login.php?action=confirm_admin_email&redirect_to={quote(to, safe='')}"
    answer = RedirectResponse(to, 302)
    answer.set_cookie(COOKIE, token, httponly=True)
    return answer


def _signed_out(site: "Site", request: Request) -> Response:
    site.shop.sign_out(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/wp-login.php?loggedout=true", 302)
    answer.delete_cookie(COOKIE)
    return answer


def own_address(request: Request, redirect_to: str) -> str:
    """Where to go after signing in; never to another site."""
    parts = urlsplit(redirect_to)
    own = not parts.netloc or parts.netloc == request.url.netloc
    return redirect_to if redirect_to and own and not redirect_to.startswith("//") else "/wp-admin/"


def _refusal(login: str, *, known: bool) -> str:
    if not login.strip():
        return "The username field is empty."
    if known:
        return f"The password you entered for the username {login} is incorrect."
    return f"The username {login} is not registered on this site. If you are unsure of your username, try your email address instead."
