"""Loads a page, of the shop alone, and reads one value off it."""

from urllib.parse import urljoin

from playwright.async_api import Locator as Element
from playwright.async_api import Page

from core.browser.actions import Open, Reload
from core.browser.failures import attempt
from core.browser.happenings import origin_of
from core.browser.page import ActionFailed, OriginRefused
from core.browser.pressing import TOO_SLOW
from core.security.origin import Origin
from core.security.secret import LONGEST_SECRET


async def load(page: Page, action: Open | Reload, origin: Origin, within: float) -> None:
    """Open an address, or the same anew, within so many milliseconds. Raises OriginRefused outside the shop."""
    if isinstance(action, Reload):
        await attempt(page.reload(timeout=within, wait_until="domcontentloaded"), TOO_SLOW)
        return
    address = urljoin(f"{origin}/", action.address.strip())
    if origin_of(address) != origin:
        raise OriginRefused(because=f"This run may only open {origin}.")
    await attempt(page.goto(address, timeout=within, wait_until="domcontentloaded"), TOO_SLOW)


async def read_value(page: Page, element: Element, patience: float) -> str:
    """What a field holds or an element says; it may take so many milliseconds."""
    is_field = await attempt(element.and_(page.locator("input, textarea, select")).count())
    read = element.input_value(timeout=patience) if is_field else element.inner_text(timeout=patience)
    value = (await attempt(read)).strip()
    if not value:
        raise ActionFailed(because="There is nothing in it to read.")
    if len(value) > LONGEST_SECRET:
        raise ActionFailed(because="There is more in it than one value.")
    return value
