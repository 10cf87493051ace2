"""Decides whether a secret may be typed into a field: the last look before it leaves us."""

import asyncio
from urllib.parse import urljoin

from playwright.async_api import ElementHandle, Frame

from core.browser.happenings import origin_of
from core.browser.scripts import IN_SIGHT
from core.browser.secrets import FieldKind, LiveSecret
from core.security.origin import Origin

# Kinds of secrets, and the types of <input> each fits.
FITTING = {
    FieldKind.PASSWORD: frozenset({"password"}),
    FieldKind.USERNAME: frozenset({"text", "email", "tel", ""}),
    # Shops ask for a code in any of them. It is good for one sign-in, and seconds later for none.
    FieldKind.CODE: frozenset({"text", "email", "tel", "number", "password", ""}),
}


async def objection(field: ElementHandle, secret: LiveSecret, shop: Origin) -> str:
    """Why this secret is not typed into this field; empty if it may be.

    Playwright answers each question from a world of its own, where the page's scripts can't bend the answer. The
    questions are asked together: one after the other they would take three times as long.
    """
    if secret.origin != shop:
        return "It belongs to another shop."
    fitting, visible, in_sight, editable, frame, form, elsewhere = await asyncio.gather(
        _is_fitting_input(field, secret.kind),
        field.is_visible(),
        field.evaluate(IN_SIGHT),
        field.is_editable(),
        field.owner_frame(),
        field.query_selector("xpath=ancestor::form[1]"),
        field.get_attribute("form"),
    )
    if not fitting:
        return "It is not the kind of field it belongs in."
    if not (visible and in_sight and editable):
        return "The field is hidden or can't be changed."
    if frame is None or not _all_of(frame, shop):
        return "The field stands in a page of another origin."
    if elsewhere is not None:
        return "Its form sends to another address."
    return await _about_form(form, frame, shop) if form is not None else ""


async def _about_form(form: ElementHandle, frame: Frame, shop: Origin) -> str:
    """Why a secret is not typed into this form; empty if it may be."""
    if not await _sends_to(form, frame, shop):
        return "Its form sends to another address."
    return "Its form would put it into an address." if await _would_be_in_the_address(form) else ""


async def _is_fitting_input(field: ElementHandle, kind: FieldKind) -> bool:
    is_input, written = await asyncio.gather(field.query_selector("xpath=self::input"), field.get_attribute("type"))
    return is_input is not None and (written or "").strip().lower() in FITTING[kind]


def _all_of(frame: Frame, shop: Origin) -> bool:
    """Whether this frame and every one around it belong to the shop."""
    around: Frame | None = frame
    while around is not None:
        if origin_of(around.url) != shop:
            return False
        around = around.parent_frame
    return True


async def _would_be_in_the_address(form: ElementHandle) -> bool:
    """Whether the form sends what is in it with its address; one without an action is sent by a script, if at all."""
    method, action = await asyncio.gather(form.get_attribute("method"), form.get_attribute("action"))
    return (method or "").strip().lower() != "post" and (method is not None or action is not None)


async def _sends_to(form: ElementHandle, frame: Frame, shop: Origin) -> bool:
    """Whether every address the form could send to is the shop's."""
    moved, action, buttons = await asyncio.gather(
        frame.query_selector("base[href]"),
        form.get_attribute("action"),
        form.query_selector_all("[formaction]"),
    )
    start = urljoin(frame.url, await moved.get_attribute("href") or "") if moved else frame.url
    others = await asyncio.gather(*(button.get_attribute("formaction") for button in buttons))
    return all(origin_of(urljoin(start, address or "")) == shop for address in (action, *others))
