"""/wc-auth/v1/: an app asks for a key, and whoever manages the shop approves it or not; as in class-wc-auth.php.

The real one sends a key to an https address and to no other. This one sends it to a loopback address over plain http,
too: practice happens on one machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.practice_shop.people import Person, person_named
from app.practice_shop.sign_in import COOKIE, own_address
from app.practice_shop.wording import PERMISSIONS

if TYPE_CHECKING:
    from app.practice_shop.web import Site

HERE = "/wc-auth/v1"
ASKED = ("app_name", "user_id", "return_url", "callback_url", "scope")
WAITS = 60.0  # seconds, as the real one
GRANT = "wc_auth_grant_access"  # what the nonce is for
NOT_ALLOWED = "This user may not give keys out"
NOT_SENT = "The key could not be sent to the app, so it was deleted again"
MAY = {
    "read": ("See coupons", "See customers", "See orders and reports", "See products"),
    "write": ("Make webhooks", "Make coupons", "Make customers", "Make orders", "Make products"),
    "read_write": (
        "Make webhooks",
        "See and change coupons",
        "See and change customers",
        "See and change orders and reports",
        "See and change products",
    ),
}


class Denied(Exception):
    """The end of the road, and why."""


@dataclass(frozen=True)
class Wanted:
    """What an app asks for."""

    app_name: str
    user_id: str
    return_url: str
    callback_url: str
    scope: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """What an address asks for. Raises Denied."""
        for name in ASKED:
            if not query.get(name):
                raise Denied(f"Missing parameter {name}")
        if query["scope"] not in PERMISSIONS:
            raise Denied(f"Invalid scope {query['scope']}")
        for name in ("return_url", "callback_url"):
            if not _host(query[name]):
                raise Denied(f"The {query[name]} is not a valid URL")
        if not _may_be_sent_to(query["callback_url"]):
            raise Denied("The callback_url needs to be over SSL")
        return cls(**{name: query[name] for name in ASKED})

    def at(self, place: str, **more: str) -> str:
        """The address of another step of the same."""
        return f"{HERE}/{place}?{urlencode({name: getattr(self, name) for name in ASKED} | more)}"

    def back(self, success: int) -> str:
        """Where the browser goes from here."""
        parts = urlsplit(self.return_url)
        query = [*parse_qsl(parts.query), ("success", str(success)), ("user_id", self.user_id)]
        return urlunsplit(parts._replace(query=urlencode(query)))


def router(site: "Site") -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HERE)

    @routes.get("/{place}")
    async def step(request: Request, place: str) -> Response:
        try:
            wanted = Wanted.of(request.query_params)
            return await _step(site, request, place, wanted)
        except Denied as denied:
            return site.died(f"Error: {denied}.", 401)

    @routes.post("/login")
    async def sign_in(request: Request) -> Response:
        try:
            return await _signed_in(site, request, Wanted.of(request.query_params))
        except Denied as denied:
            return site.died(f"Error: {denied}.", 401)

    return routes


async def _step(site: "Site", request: Request, place: str, wanted: Wanted) -> Response:
    person = site.visitor(request)
    if place == "login":
        return RedirectResponse(wanted.at("authorize"), 302) if person else _sign_in_page(site, wanted)
    if place == "authorize" and person is None:
        return RedirectResponse(wanted.at("login"), 302)
    if person is None or not site.may_manage(person):
        raise Denied(NOT_ALLOWED)
    if place == "authorize":
        return _question(site, person, wanted)
    if place == "access_granted":
        return await _granted(site, person, wanted, request.query_params.get("wc_auth_nonce", ""))
    raise Denied(NOT_ALLOWED)


def _sign_in_page(site: "Site", wanted: Wanted, login: str = "", error: str = "") -> Response:
    return site.page("authorize_sign_in.html", wanted=wanted, login=login, error=error)


async def _signed_in(site: "Site", request: Request, wanted: Wanted) -> Response:
    sent = {name: str(value) for name, value in (await request.form()).items()}
    login = sent.get("username", "").strip()
    person = person_named(login)
    token = site.shop.sign_in(person, sent.get("password", "")) if person else None
    if token is None:
        return _sign_in_page(site, wanted, login, "The username or password you entered is incorrect.")
    answer = RedirectResponse(own_address(request, sent.get("redirect", "")), 302)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax")
    return answer


def _question(site: "Site", person: Person, wanted: Wanted) -> Response:
    return site.page(
        "authorize.html",
        wanted=wanted,
        person=person,
        scope=PERMISSIONS[wanted.scope],
        may=MAY[wanted.scope],
        shared_with=_host(wanted.callback_url),
        granted=wanted.at("access_granted", wc_auth_nonce=site.shop.nonce(person, GRANT)),
    )


async def _granted(site: "Site", person: Person, wanted: Wanted, nonce: str) -> Response:
    """Make the key and send it; one that can't be sent is deleted again."""
    if not site.shop.nonce_is_good(person, GRANT, nonce):
        raise Denied("Invalid nonce verification")
    name = f"{wanted.app_name[:170]} - API ({site.shop.clock.now():%Y-%m-%d %H:%M:%S})"
    made = site.shop.make_key(name, person.login, wanted.scope)
    body = {
        "key_id": made.record.id,
        "user_id": wanted.user_id,
        "consumer_key": made.consumer_key,
        "consumer_secret": made.consumer_secret,
        "key_permissions": wanted.scope,
    }
    if refusal := await _refusal(wanted.callback_url, body):
        site.shop.revoke_key(made.record.id)
        raise Denied(refusal)
    return RedirectResponse(wanted.back(success=1), 302)


async def _refusal(callback_url: str, body: dict[str, object]) -> str:
    """Why a key could not be sent, or nothing."""
    try:
        async with httpx.AsyncClient(timeout=WAITS, trust_env=False) as client:
            answer = await client.post(callback_url, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return str(error).rstrip(".") or NOT_SENT
    return "" if answer.status_code == httpx.codes.OK else NOT_SENT


def _may_be_sent_to(address: str) -> bool:
    if address.startswith("https://"):
        return True
    try:
        return address.startswith("http://") and ip_address(_host(address)).is_loopback
    except ValueError:
        return False


def _host(address: str) -> str:
    """The host of an address, or nothing if it can't be read."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
