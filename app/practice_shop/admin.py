"""wp-admin: the dashboard, WooCommerce's settings and status, and the plainer places of the menu."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.practice_shop.account import OWN_ACCOUNT, is_kept_out
from app.practice_shop.faults import Fault
from app.practice_shop.key_pages import KeyPlace, key_page
from app.practice_shop.people import PEOPLE, Person
from app.practice_shop.places import (
    FOR_ADMINISTRATORS,
    FOR_EVERYBODY,
    KEYS_AFTER_MOVING,
    PLAIN,
    SETTINGS,
    STATUS,
    STATUS_TABS,
    keys_section,
    sections,
    settings_frame,
    settings_tabs,
    status_frame,
)

if TYPE_CHECKING:
    from app.practice_shop.web import Site

LISTS = {"users.php": "users.html", "products": "product_list.html"}
NOT_ALLOWED = "Sorry, you are not allowed to access this page."


def router(site: "Site") -> APIRouter:
    """The routes of the admin pages."""
    routes = APIRouter(prefix="/wp-admin")

    @routes.get("")
    async def without_its_slash() -> Response:
        return RedirectResponse("/wp-admin/", 301)

    @routes.get("/")
    @routes.get("/index.php")
    async def dashboard(request: Request) -> Response:
        person = site.visitor(request)
        return _dashboard(site, person) if person else _to_sign_in(request)

    @routes.get("/admin.php")
    async def page(request: Request) -> Response:
        person = site.visitor(request)
        return _woocommerce_page(site, person, _query(request)) if person else _to_sign_in(request)

    @routes.post("/admin.php")
    async def save(request: Request) -> Response:
        person = site.visitor(request)
        return await _save(site, person, request) if person else _to_sign_in(request)

    @routes.get("/{place}")
    async def elsewhere(request: Request, place: str, post_type: str = "post") -> Response:
        person = site.visitor(request)
        place = "products" if (place, post_type) == ("edit.php", "product") else place
        return _plain_page(site, person, place) if person else _to_sign_in(request)

    return routes


def _query(request: Request) -> dict[str, str]:
    """An address's fields. A bulk action sends one `key[]` for each key; here they are one field."""
    query = dict(request.query_params)
    return query | {"key": ",".join(request.query_params.getlist("key[]"))} if "key[]" in query else query


def _dashboard(site: "Site", person: Person) -> Response:
    if is_kept_out(site, person):
        return RedirectResponse(OWN_ACCOUNT, 302)
    best = sorted(site.shop.products, key=lambda product: -product["total_sales"])[:5]
    return site.page("dashboard.html", at="dashboard", person=person, best=best, people=PEOPLE)


async def _save(site: "Site", person: Person, request: Request) -> Response:
    """Keep the shop's address, the one setting that can be changed here."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    if not site.may_manage(person) or not site.shop.nonce_is_good(person, "settings", sent.get("_wpnonce", "")):
        return site.died(NOT_ALLOWED, 403)
    site.shop.store_address = {name: sent.get(name, was) for name, was in site.shop.store_address.items()}
    return _general(site, person, saved=True)


def _woocommerce_page(site: "Site", person: Person, query: dict[str, str]) -> Response:
    """The page of this address, as far as this person may see it."""
    page = query.get("page", "")
    if not site.may_manage(person):
        return site.died(NOT_ALLOWED, 403)
    if page == "wc-admin":
        best = sorted(site.shop.products, key=lambda product: -product["total_sales"])[:5]
        return site.page("home.html", at="woocommerce", person=person, best=best)
    if page == "wc-status":
        return _status(site, person, query)
    if page == "wc-settings":
        return _settings(site, person, query)
    if page in PLAIN:
        return site.page("plain.html", at=page, person=person, place=PLAIN[page])
    return site.died(NOT_ALLOWED, 403)


def _settings(site: "Site", person: Person, query: dict[str, str]) -> Response:
    """WooCommerce's settings; a tab or section that is not known lands silently on the first one."""
    shop, tab, section = site.shop, query.get("tab", "general"), query.get("section", "")
    if tab not in settings_tabs(shop):
        if tab == "advanced":
            shop.strikes(Fault.MOVED_MENU)
        return _general(site, person)
    if tab == "general":
        return _general(site, person)
    if tab == "advanced" and section == keys_section(shop):
        address = f"{SETTINGS}&tab=advanced&section={section}"
        return key_page(site, KeyPlace(person, address, settings_frame(shop, tab, section)), query)
    if tab == "advanced" and section == "keys":
        shop.strikes(Fault.OLD_VERSION)
    section = section if tab == "advanced" and section in sections(shop) else ""
    frame = settings_frame(shop, tab, section)
    return site.page("settings.html", at="woocommerce", person=person, frame=frame, shown=section or tab)


def _general(site: "Site", person: Person, *, saved: bool = False) -> Response:
    return site.page(
        "general.html",
        at="woocommerce",
        person=person,
        frame=settings_frame(site.shop, "general"),
        nonce=site.shop.nonce(person, "settings"),
        saved=saved,
    )


def _status(site: "Site", person: Person, query: dict[str, str]) -> Response:
    """WooCommerce's status, where the keys are under the fault `moved_menu`."""
    tab = query.get("tab", "status")
    if tab == KEYS_AFTER_MOVING and site.shop.has(Fault.MOVED_MENU):
        return key_page(site, KeyPlace(person, f"{STATUS}&tab={tab}", status_frame(site.shop, tab)), query)
    tab = tab if tab in STATUS_TABS else "status"
    return site.page("status.html", at="woocommerce", person=person, frame=status_frame(site.shop, tab), tab=tab)


def _plain_page(site: "Site", person: Person, place: str) -> Response:
    """A place of the menu that only shows something."""
    if place not in {*PLAIN, *LISTS}:
        return site.not_found()
    if place in FOR_EVERYBODY and is_kept_out(site, person):
        return RedirectResponse(OWN_ACCOUNT, 302)
    allowed = person.may_administer if place in FOR_ADMINISTRATORS else person.may_manage
    if not allowed and place not in FOR_EVERYBODY:
        return site.died(NOT_ALLOWED, 403)
    if place in LISTS:
        return site.page(LISTS[place], at=place, person=person, people=PEOPLE)
    return site.page("plain.html", at=place, person=person, place=PLAIN[place])


def _to_sign_in(request: Request) -> Response:
    return RedirectResponse(f"/wp-login.php?redirect_to={quote(str(request.url), safe='')}&reauth=1", 302)
