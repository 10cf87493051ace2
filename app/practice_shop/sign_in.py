"""wp-login.php: signing in and out, and the page that asks for the administration e-mail now and then."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from app.practice_shop.account import OWN_ACCOUNT
from app.practice_shop.faults import Fault
from app.practice_shop.obstacles import HalfWay, after, drawn_letters, next_obstacle
from app.practice_shop.people import Person, person_named

if TYPE_CHECKING:
    from app.practice_shop.web import Site

COOKIE = "wordpress_logged_in_practice"
HOME = "/wp-admin/"


def router(site: "Site") -> APIRouter:
    """The routes of the sign-in page."""
    routes = APIRouter()

    @routes.get("/wp-login.php")
    async def form(request: Request, action: str = "login", redirect_to: str = "", reauth: str = "") -> Response:
        to = own_address(request, redirect_to)
        if action == "logout":
            return _signed_out(site, request)
        if action == "lostpassword":
            return site.page("lost_password.html")
        if site.visitor(request) and action == "confirm_admin_email":
            return site.page("confirm_email.html", redirect_to=to)
        if site.visitor(request) and not reauth:
            return RedirectResponse(to, 302)
        return _asked_to_sign_in(site, request, to)

    _add_what_is_sent(routes, site)
    return routes


def _add_what_is_sent(routes: APIRouter, site: "Site") -> None:
    @routes.get("/captcha/{half}.svg")
    async def letters(half: str) -> Response:
        return drawn_letters(site) if half in site.shop.half_way else site.not_found()

    @routes.post("/wp-login.php")
    async def sign_in(
        request: Request,
        log: Annotated[str, Form()] = "",
        pwd: Annotated[str, Form()] = "",
        redirect_to: Annotated[str, Form()] = "",
    ) -> Response:
        to = own_address(request, redirect_to)
        if "half" in (sent := await request.form()):
            return _gone_on(site, {name: str(value) for name, value in sent.items()})
        if site.visitor(request) and "correct-admin-email" in sent:
            return RedirectResponse(to, 302)
        return _signed_in(site, log.strip(), pwd, to)


def own_address(request: Request, redirect_to: str) -> str:
    """Where to go after signing in: an address of this shop, and no other."""
    if not redirect_to.isprintable() or "\\" in redirect_to or redirect_to.startswith("//"):
        return HOME
    try:
        parts = urlsplit(redirect_to)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc:
        own = parts.scheme in {"http", "https"} and parts.netloc == request.url.netloc
        return redirect_to if own else HOME
    return redirect_to if redirect_to.startswith("/") else HOME


def _asked_to_sign_in(site: "Site", request: Request, to: str) -> Response:
    said = "You are now logged out." if "loggedout" in request.query_params else ""
    answer = site.page("sign_in.html", redirect_to=to, error=None, login="", said=said)
    if "reauth" in request.query_params:  # as in WordPress: whoever is sent here has to show once more who they are
        site.shop.sign_out(request.cookies.get(COOKIE, ""))
        answer.delete_cookie(COOKIE)
    return answer


def _signed_in(site: "Site", login: str, password: str, to: str) -> Response:
    person = person_named(login)
    if person is None or not password or not site.shop.password_is_right(person, password):
        refusal = _refusal(login, password, known=person is not None)
        return site.page("sign_in.html", redirect_to=to, error=refusal, login=login, said="")
    half_way = HalfWay(person, to)
    return next_obstacle(site, half_way) or let_in(site, half_way.person, to)


def _gone_on(site: "Site", sent: dict[str, str]) -> Response:
    """One obstacle further, if that was right; back to the beginning, if nobody is known to be on the way."""
    half_way = site.shop.half_way.pop(sent["half"], None)
    if half_way is None:
        return RedirectResponse("/wp-login.php", 302)
    half_way = after(site, half_way, sent)
    return next_obstacle(site, half_way) or let_in(site, half_way.person, half_way.to)


def let_in(site: "Site", person: Person, to: str) -> Response:
    """Begin the session, and lead there, or to what comes in between."""
    if person.may_administer and site.shop.strikes(Fault.INTERSTITIAL):
        to = f"/wp-login.php?action=confirm_admin_email&redirect_to={quote(to, safe='')}"
    if not person.may_manage and site.shop.strikes(Fault.OWN_ACCOUNT):
        to = OWN_ACCOUNT
    answer = RedirectResponse(to, 302)
    answer.set_cookie(COOKIE, site.shop.begin_session(person), httponly=True, samesite="lax")
    return answer


def _signed_out(site: "Site", request: Request) -> Response:
    site.shop.sign_out(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/wp-login.php?loggedout=true", 302)
    answer.delete_cookie(COOKIE)
    return answer


def _refusal(login: str, password: str, *, known: bool) -> tuple[str, str, str]:
    """Why not, around the name that was given."""
    if not login:
        return "The username field is empty.", "", ""
    if not password:
        return "The password field is empty.", "", ""
    if known:
        kind = "email address" if "@" in login else "username"
        return f"The password you entered for the {kind} ", login, " is incorrect."
    if "@" in login:
        return "Unknown email address. Check again or try your username.", "", ""
    remedy = "If you are unsure of your username, try your email address instead."
    return "The username ", login, f" is not registered on this site. {remedy}"
