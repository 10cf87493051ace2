"""Decides whether a secret may be typed into a field: the last look before it leaves us."""

from urllib.parse import urljoin

from playwright.async_api import ElementHandle, Frame

from core.browser.happenings import origin_of
from core.browser.secrets import FieldKind, LiveSecret
from core.security.origin import Origin

# Kinds of secrets, and the types of <input> each fits.
FITTING = {
    FieldKind.PASSWORD: frozenset({"password"}),
    FieldKind.USERNAME: frozenset({"text", "email", "tel", ""}),
}


async def objection(field: ElementHandle, secret: LiveSecret, shop: Origin) -> str:
    """Why this secret is not typed into this field; empty if it may be.

    Playwright answers each question from a world of its own, where the page's scripts can't bend the answer.
    """
    if secret.origin != shop:
        return "It belongs to another shop."
    if not await _is_fitting_input(field, secret.kind):
        return "It is not the kind of field it belongs in."
    if not (await field.is_visible() and await field.is_editable()):
        return "The field is hidden or can't be changed."
    frame = await field.owner_frame()
    if frame is None or not _all_of(frame, shop):
        return "The field stands in a page of another origin."
    if not await _sends_to(field, frame, shop):
        return "Its form sends to another address."
    return ""


async def _is_fitting_input(field: ElementHandle, kind: FieldKind) -> bool:
    if await field.query_selector("xpath=self::input") is None:
        return False
    return (await field.get_attribute("type") or "").strip().lower() in FITTING[kind]


def _all_of(frame: Frame, shop: Origin) -> bool:
    """Whether this frame and every one around it belong to the shop."""
    around: Frame | None = frame
    while around is not None:
        if origin_of(around.url) != shop:
            return False
        around = around.parent_frame
    return True


async def _sends_to(field: ElementHandle, frame: Frame, shop: Origin) -> bool:
    """Whether every address the field's form could send to is the shop's. A form elsewhere in the page is not trusted."""
    if await field.get_attribute("form") is not None:
        return False
    form = await field.query_selector("xpath=ancestor::form[1]")
    if form is None:
        return True
    moved = await frame.query_selector("base[href]")
    start = urljoin(frame.url, await moved.get_attribute("href") or "") if moved else frame.url
    addresses = [await form.get_attribute("action") or ""]
    for button in await form.query_selector_all("[formaction]"):
        addresses.append(await button.get_attribute("formaction") or "")  # noqa: PERF401  reads better than an async comprehension
    return all(origin_of(urljoin(start, address)) == shop for address in addresses)
