"""The baseline: the script that Playwright records on the shop as it was. Where its one locator finds nothing, it ends."""

from playwright.async_api import Browser, Error, Page, expect

from tests.benchmarks.drift.running import Ran, Wanted

FORM = "/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys&create-key=1"
WAITS = 3_000  # milliseconds for each action, so that the benchmark ends


class PlainScript:
    """Replays it in a context of its own."""

    def __init__(self, browser: Browser, waits: int = WAITS) -> None:
        self._browser = browser
        self._waits = waits

    async def __call__(self, wanted: Wanted) -> Ran:
        """Make a key; the sentence of the first action that failed, if one did."""
        async with await self._browser.new_context() as context:
            page = await context.new_page()
            page.set_default_timeout(self._waits)
            try:
                return Ran(await _recorded(page, wanted, self._waits), ended="It went through.")
            except (Error, AssertionError) as error:
                return Ran(ended=str(error).splitlines()[0])


async def _recorded(page: Page, wanted: Wanted, waits: int) -> tuple[str, str]:
    await page.goto(f"{wanted.address}{FORM}")
    await page.get_by_label("Username or Email Address").fill(wanted.login)
    await page.get_by_label("Password", exact=True).fill(wanted.password)
    await page.get_by_role("button", name="Log In").click()
    await page.get_by_label("Description").fill(wanted.description)
    await page.locator("#key_permissions").select_option(wanted.permission)
    await page.get_by_role("button", name="Generate API key").click()
    await expect(page.locator(".wc-api-message.updated")).to_be_visible(timeout=waits)
    key, secret = page.locator("#key_consumer_key"), page.locator("#key_consumer_secret")
    return await key.input_value(), await secret.input_value()
