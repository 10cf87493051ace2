"""The pages of the API keys: their list, the form for one, and what the form's script asks for."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any

import segno
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel

from app.practice_shop.faults import Fault
from app.practice_shop.people import PEOPLE, Person, person_with
from app.practice_shop.places import Frame
from app.practice_shop.wording import PERMISSIONS, wording

if TYPE_CHECKING:
    from app.practice_shop.web import Site

EXPIRED = "The link you followed has expired."
CRITICAL = "There has been a critical error on this website."
FULL = "You have reached the maximum number of API keys for this account."
MADE = (
    "API Key generated successfully. Make sure to copy your new keys now as the secret key will be hidden once you "
    "leave this page."
)
KEYS_A_PAGE = 20  # as WooCommerce lists them, the newest first
UPDATE, REVOKE, SEARCH = "update-api-key", "revoke", "search-customers"  # what nonces are for


class KeyForm(BaseModel):
    """What the key form sends; numbers as text, for a shop takes any text."""

    action: str = ""
    security: str = ""
    key_id: str = "0"
    description: str = ""
    user: str = ""
    permissions: str = ""


@dataclass(frozen=True)
class KeyPlace:
    """Who stands where: the address of the list, and the tabs around it."""

    person: Person
    address: str
    frame: Frame


def router(site: "Site") -> APIRouter:
    """What the form's script asks for."""
    routes = APIRouter(prefix="/wp-admin")

    @routes.post("/admin-ajax.php")
    async def update(request: Request, form: Annotated[KeyForm, Form()]) -> Response:
        person = site.visitor(request)
        if person is None or not site.may_manage(person) or form.action != "woocommerce_update_api_key":
            return Response("0", status_code=400)
        if site.shop.strikes(Fault.ERROR_500):
            return site.died(CRITICAL, 500)
        site.shop.let_forms_expire()
        if not site.shop.nonce_is_good(person, UPDATE, form.security):
            return site.died(EXPIRED, 403, way_out="Please try again.")
        return JSONResponse(_in_its_language(site, _updated(site, person, form)))

    @routes.get("/admin-ajax.php")
    async def search(request: Request, action: str = "", term: str = "", security: str = "") -> Response:
        person = site.visitor(request)
        if person is None or not site.may_manage(person) or action != "woocommerce_json_search_customers":
            return Response("0", status_code=400)
        if not term or not site.shop.nonce_is_good(person, SEARCH, security):
            return Response("-1", status_code=403)
        found = {one.id: one.told for one in PEOPLE if term.casefold() in one.told.casefold()}
        return JSONResponse(found)

    return routes


def key_page(site: "Site", place: KeyPlace, query: dict[str, str]) -> Response:
    """The list, the form, or the way back after keys were revoked."""
    if "revoke-key" in query or query.get("action") == "revoke":
        return _revoked(site, place, query)
    site.shop.strikes(Fault.RENAMED_LABELS)
    editing = site.shop.keyring.numbered(_whole(query.get("edit-key", "")))
    if "create-key" in query or editing:
        return _form(site, place, _whole(query.get("edit-key", "")))
    sought, number = query.get("s", ""), max(1, _whole(query.get("paged", "")))
    found = [key for key in reversed(site.shop.keys) if sought.casefold() in key.description.casefold()]
    return site.page(
        "keys.html",
        at="woocommerce",
        place=place,
        person=place.person,
        words=wording(site.shop),
        permissions=PERMISSIONS,
        found=len(found),
        keys=found[(number - 1) * KEYS_A_PAGE : number * KEYS_A_PAGE],
        sought=sought,
        number=number,
        pages=ceil(len(found) / KEYS_A_PAGE),
        revoked=_whole(query.get("revoked", "")),
        nonce=site.shop.nonce(place.person, REVOKE),
    )


def _form(site: "Site", place: KeyPlace, key_id: int) -> Response:
    shop, person = site.shop, place.person
    editing = shop.keyring.numbered(key_id)
    owner = next((one for one in PEOPLE if editing and one.login == editing.login), person)
    return site.page(
        "key_form.html",
        at="woocommerce",
        place=place,
        person=person,
        words=wording(shop),
        permissions=[(value, site.say(name)) for value, name in PERMISSIONS.items()],
        editing=editing,
        owner=owner,
        nonces={name: shop.nonce(person, name) for name in (UPDATE, REVOKE, SEARCH)},
    )


def _revoked(site: "Site", place: KeyPlace, query: dict[str, str]) -> Response:
    """One GET revokes, without a question, and leads back to the list."""
    if not site.shop.nonce_is_good(place.person, REVOKE, query.get("_wpnonce", "")):
        return site.died(EXPIRED, 403, way_out="Please try again.")
    wanted = query.get("revoke-key") or query.get("key", "")
    gone = sum(site.shop.revoke_key(_whole(number)) for number in wanted.split(","))
    return RedirectResponse(f"{place.address}&revoked={gone}", 302)


def _updated(site: "Site", person: Person, wanted: KeyForm) -> dict[str, Any]:
    """What WooCommerce's form gets back."""
    owner = person_with(wanted.user)
    if not wanted.description.strip():
        return _no("Description is missing.")
    if owner is None:
        return _no("User is missing.")
    if wanted.permissions not in PERMISSIONS:
        return _no("Permissions is missing.")
    if key_id := _whole(wanted.key_id):
        changed = site.shop.keyring.change(key_id, wanted.description.strip(), owner.login, wanted.permissions)
        return _yes(message="API Key updated successfully.") if changed else _no("There is no such key.")
    if site.shop.strikes(Fault.KEY_LIMIT):
        return _no(FULL)
    new = site.shop.make_key(wanted.description.strip(), owner.login, wanted.permissions)
    code = segno.make(f"{new.consumer_key}|{new.consumer_secret}", error="m")
    return _yes(
        message=MADE,
        consumer_key=new.consumer_key,
        consumer_secret=new.consumer_secret,
        code=code.svg_data_uri(scale=4, border=2),
        revoke_query=f"&revoke-key={new.record.id}&_wpnonce={site.shop.nonce(person, REVOKE)}",
    )


def _in_its_language(site: "Site", answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its message as the shop says it."""
    return answer | {"data": answer["data"] | {"message": site.say(answer["data"]["message"])}}


def _yes(**data: str) -> dict[str, Any]:
    return {"success": True, "data": data}


def _no(message: str) -> dict[str, Any]:
    return {"success": False, "data": {"message": message}}


def _whole(text: str) -> int:
    """A number as WordPress reads it: 0, if it is none."""
    return int(text) if text.isascii() and text.isdigit() else 0
