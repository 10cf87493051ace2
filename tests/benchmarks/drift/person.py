"""A person who is told the new way: goes by the marks that a shop leaves on its pages if it `shows_the_way`.

That they reach the goal shows that a changed shop can still be used, whatever a runner makes of it.
"""

from playwright.async_api import Browser, Error, Locator, Page

from tests.benchmarks.drift.pages import MARK
from tests.benchmarks.drift.running import Ran, Wanted
from tests.benchmarks.drift.ways import KEYS_ARE

WAITS = 15_000  # milliseconds; a machine on which others test at once is slow
SETTINGS = "/wp-admin/admin.php?page=wc-settings"
KEYS = "&tab=advanced&section=keys"


class Person:
    """Works in a context of its own."""

    def __init__(self, browser: Browser, *, other_menu: bool = False) -> None:
        self._browser = browser
        self._keys = f"&{KEYS_ARE}" if other_menu else KEYS

    async def __call__(self, wanted: Wanted) -> Ran:
        """Make a key, or say where it went no further."""
        async with await self._browser.new_context() as context:
            page = await context.new_page()
            page.set_default_timeout(WAITS)
            try:
                return Ran(await self._made(page, wanted), ended="They made it.")
            except Error as error:
                return Ran(ended=" ".join(str(error).split())[:300])

    async def _made(self, page: Page, wanted: Wanted) -> tuple[str, str]:
        await page.goto(f"{wanted.address}{SETTINGS}{self._keys}")
        await _sign_in(page, wanted)
        await _go_on(page, "add")
        await _fill_the_form(page, wanted)
        key, secret = at(page, "key"), at(page, "secret")
        return await key.input_value(), await secret.input_value()


def at(page: Page, mark: str) -> Locator:
    """What has this mark; open shadows are looked into."""
    return page.locator(f"[{MARK}~='{mark}']")


async def _sign_in(page: Page, wanted: Wanted) -> None:
    await at(page, "username").fill(wanted.login)
    await _if_it_is_there(page, "next")
    await at(page, "password").fill(wanted.password)
    await at(page, "submit").click()
    await at(page, "bar").wait_for()


async def _go_on(page: Page, mark: str) -> None:
    """Press something, and close what lies over it."""
    await _if_it_is_there(page, "close-cover")
    await at(page, mark).click()


async def _if_it_is_there(page: Page, mark: str) -> bool:
    """Press what not every shop has; whether this one has it. A page comes in pieces: it is looked for in the whole."""
    await page.wait_for_load_state()
    if there := await at(page, mark).is_visible():
        await at(page, mark).click()
    return there


async def _fill_the_form(page: Page, wanted: Wanted) -> None:
    await _field_is_there(page, "description")
    await at(page, "description").fill(wanted.description)
    if await _if_it_is_there(page, "next"):
        await _field_is_there(page, "submit")
    await _choose(page, wanted.permission)
    if await at(page, "purpose").is_visible():
        await at(page, "purpose").select_option("search")
    if await at(page, "promise").is_visible():
        await at(page, "promise").check()
    await at(page, "submit").click()


async def _field_is_there(page: Page, mark: str) -> None:
    """Wait for it; where it is in a dialog, open that."""
    await at(page, "open-dialog").or_(at(page, mark).filter(visible=True)).first.wait_for()
    if await at(page, "open-dialog").is_visible() and not await at(page, mark).is_visible():
        await at(page, "open-dialog").click()


async def _choose(page: Page, permission: str) -> None:
    if await at(page, "picker").is_visible():
        await at(page, "picker").click()
        await at(page, f"picker-{permission}").click()
    else:
        await at(page, "permission").select_option(permission)
