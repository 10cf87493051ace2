"""wp-admin: the dashboard, WooCommerce's settings, and the REST API keys."""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import segno
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel

from app.practice_shop.faults import Fault
from app.practice_shop.shop import PEOPLE, Person

if TYPE_CHECKING:
    from app.practice_shop.web import Site

NOT_ALLOWED = "Sorry, you are not allowed to access this page."
EXPIRED = "The link you followed has expired."
CRITICAL = "There has been a critical error on this website."
FULL = "You have reached the maximum number of API keys for this account."
TABS = ("General", "Products", "Tax", "Shipping", "Payments", "Accounts & Privacy", "Emails", "Integration", "Advanced")
PERMISSIONS = {"read": "Read", "write": "Write", "read_write": "Read/Write"}
UPDATE_KEY = "update-api-key"


class KeyForm(BaseModel):
    """What the key form sends."""

    action: str = ""
    security: str = ""
    key_id: int = 0
    description: str = ""
    user: int = 0
    permissions: str = ""

    @property
    def owner(self) -> Person | None:
        """Whose key it is to be."""
        return next((one for one in PEOPLE if one.id == self.user), None)


def router(site: "Site") -> APIRouter:
    """The routes of the admin pages."""
    routes = APIRouter(prefix="/wp-admin")

    @routes.get("/")
    @routes.get("/index.php")
    async def dashboard(request: Request) -> Response:
        person = site.visitor(request)
        return site.page("dashboard.html", person=person) if person else _to_sign_in(request)

    @routes.get("/admin.php")
    async def page(request: Request) -> Response:
        person = site.visitor(request)
        if person is None:
            return _to_sign_in(request)
        return _admin_page(site, person, dict(request.query_params))

    @routes.post("/admin-ajax.php")
    async def ajax(request: Request, form: Annotated[KeyForm, Form()]) -> Response:
        person = site.visitor(request)
        if person is None or not person.may_manage or form.action != "woocommerce_update_api_key":
            return Response("0", status_code=400)
        if site.shop.has(Fault.ERROR_500):
            return site.died(CRITICAL, 500)
        if not site.shop.nonce_is_good(person, UPDATE_KEY, form.security):
            return site.died(EXPIRED, 403)
        return JSONResponse(_update_key(site, form))

    return routes


def _admin_page(site: "Site", person: Person, query: dict[str, str]) -> Response:
    """The page of this address, as far as this person may see it."""
    page = query.get("page", "")
    if not site.shop.woocommerce or not person.may_manage:
        return site.died(NOT_ALLOWED, 403)
    if page == "wc-admin":
        return site.page("home.html", person=person)
    if page == "wc-status" and site.shop.has(Fault.MOVED_MENU) and query.get("tab") == "developer-access":
        return _keys(site, person, query)
    if page == "wc-status":
        return site.page("status.html", person=person)
    if page == "wc-settings":
        return _settings(site, person, query)
    return site.died(NOT_ALLOWED, 403)


def _settings(site: "Site", person: Person, query: dict[str, str]) -> Response:
    """WooCommerce's settings; a tab that is not known lands silently on the first one."""
    shop, tab, section = site.shop, query.get("tab", "general"), query.get("section", "")
    if tab == "advanced" and not shop.has(Fault.MOVED_MENU):
        keys_section = "api_keys" if shop.has(Fault.OLD_VERSION) else "keys"
        if section == keys_section:
            return _keys(site, person, query)
        return site.page("settings.html", person=person, tab="Advanced", section="Page setup")
    known = next((name for name in TABS if name.lower() == tab and name != "Advanced"), "General")
    return site.page("settings.html", person=person, tab=known, section="")


def _keys(site: "Site", person: Person, query: dict[str, str]) -> Response:
    """The list of keys, the form for one, or the way back after one was revoked."""
    shop = site.shop
    address = f"/wp-admin/admin.php?page={query['page']}&tab={query['tab']}"
    address += f"&section={query['section']}" if "section" in query else ""
    if revoked := query.get("revoke-key"):
        if not revoked.isdigit() or shop.nonce(person, f"revoke-{revoked}") != query.get("_wpnonce", ""):
            return site.died(EXPIRED, 403)
        shop.revoke_key(int(revoked))
        return RedirectResponse(f"{address}&revoked=1", 302)
    values: dict[str, Any] = {
        "person": person,
        "address": address,
        "nonce_for": lambda key: shop.nonce(person, f"revoke-{key.id}"),
    }
    editing = next((key for key in shop.keys if str(key.id) == query.get("edit-key")), None)
    if "create-key" in query or editing:
        nonce = shop.nonce(person, UPDATE_KEY)
        return site.page(
            "key_form.html", people=PEOPLE, nonce=nonce, editing=editing, permissions=PERMISSIONS, **values
        )
    return site.page("keys.html", permissions=PERMISSIONS, revoked="revoked" in query, **values)


def _update_key(site: "Site", wanted: KeyForm) -> dict[str, object]:
    """What WooCommerce's form gets back."""
    if not wanted.description.strip():
        return _no("Description is missing.")
    if wanted.owner is None:
        return _no("User is missing.")
    if wanted.permissions not in PERMISSIONS:
        return _no("Permissions is missing.")
    if wanted.key_id:
        site.shop.change_key(wanted.key_id, wanted.description, wanted.permissions)
        return {"success": True, "data": {"message": "API Key updated successfully."}}
    if site.shop.has(Fault.KEY_LIMIT):
        return _no(FULL)
    new = site.shop.make_key(wanted.description, wanted.owner.login, wanted.permissions)
    code = segno.make(f"{new.consumer_key}|{new.record.consumer_secret}", error="m")
    return {
        "success": True,
        "data": {
            "message": (
                "API Key generated successfully. Make sure to copy your new keys now as the secret key will be hidden "
                "once you leave this page."
            ),
            "consumer_key": new.consumer_key,
            "consumer_secret": new.record.consumer_secret,
            "qr": code.svg_data_uri(scale=4, border=2),
            "revoke_url": f"&revoke-key={new.record.id}",
        },
    }


def _no(message: str) -> dict[str, object]:
    return {"success": False, "data": {"message": message}}


def _to_sign_in(request: Request) -> Response:
    return RedirectResponse(f"/wp-login.php?redirect_to={quote(str(request.url), safe='')}&reauth=1", 302)
