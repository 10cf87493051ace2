"""A hostile page tries every way out of the browser: a listener hears them all without the lock, and none with it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from core.browser.actions import Open
from core.browser.page import ActionFailed
from core.browser.scope import RunScope
from core.browser.sessions import Browsers
from core.security.addresses import AddressGuard, SystemResolver
from tests.attacks.hostile_shop import CHANNELS, TCP, UDP, HostileShop, WatchedProxy
from tests.attacks.listener import listening
from tests.browser import browser_of
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTLED = 2.0  # seconds; in half of one, all that can be heard was heard
ALL = frozenset(channel.name for channel in CHANNELS)

# What no listener of ours hears even without the lock, and why not. Such a channel proves nothing by being silent.
SILENT = {
    "attribution": "Chromium has no attribution reporting any more.",
    "css-filter": "Chromium takes such a filter from the page's own origin alone.",
    "svg-use": "Chromium takes such a drawing from the page's own origin alone.",
    "svg-use-redirected": "Chromium takes such a drawing from the page's own origin alone.",
    "manifest": "It is read when somebody installs the page, or asks for it in the developer tools.",
    "network-error-log": "Chromium takes a place for reports from an https page alone, and reports a minute later.",
    "policy-report-to": "Chromium takes a place for reports from an https page alone, and reports a minute later.",
    "preconnect": "--disable-background-networking, which Playwright passes, keeps Chromium from it.",
    "preconnect-by-header": "--disable-background-networking, which Playwright passes, keeps Chromium from it.",
}
SILENT_IN_SHELL = {
    "icon": "The headless shell has no tab to show it on.",
    "payment-method": "The headless shell has no payment.",
}


@dataclass(frozen=True)
class Outcome:
    """What the listener heard, what was tried, and what can't be heard in this browser at all."""

    heard: frozenset[str]
    tried: frozenset[str]
    silent: frozenset[str]


async def silent_in(browser: Browser) -> frozenset[str]:
    session = await browser.new_browser_cdp_session()
    product = (await session.send("Browser.getVersion"))["product"]
    return frozenset(SILENT | (SILENT_IN_SHELL if product.startswith("Headless") else {}))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unlocked() -> AsyncIterator[Outcome]:
    """The control: the same browser with no lock at all."""
    async with serving() as web, listening(TCP, UDP) as listener, async_playwright() as playwright:
        found = browser_of(playwright)
        browser = await playwright.chromium.launch(executable_path=found.executable, channel=found.channel)
        silent, context = await silent_in(browser), await browser.new_context()

        async def open_page(address: str) -> None:
            """Open it in a window of its own: one that pop-ups were put before prepares no page that might be next."""
            page = await context.new_page()
            try:
                await page.goto(address)
            except PlaywrightError:
                return  # what leads away at once

        await HostileShop(web, listener).try_all(open_page, listener.heard, ALL - silent)
        await listener.heard.until(ALL, SETTLED)
        await browser.close()
        yield Outcome(frozenset(listener.heard.names), ALL, silent)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def locked(browsers: Browsers, unlocked: Outcome) -> AsyncIterator[Outcome]:
    """The run: the page as the agent has it."""
    async with serving() as web, listening(TCP, UDP) as listener:
        guard = AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))
        egress = await WatchedProxy.opened(frozenset({web.origin}), guard)
        egress.listener = listener
        async with browsers.run(RunScope(web.origin, FakeSecrets()), egress) as run:

            async def open_page(address: str) -> None:
                try:
                    await run.page.perform(Open(address))
                except ActionFailed:
                    return  # what leads away at once

            await HostileShop(web, listener).try_all(open_page, egress.tried, ALL - unlocked.silent)
        egress.gate.shut(because="the test is over")
        yield Outcome(frozenset(listener.heard.names), frozenset(egress.tried.names), unlocked.silent)


@pytest.mark.parametrize("channel", sorted(ALL))
async def test_without_the_lock_it_is_heard(channel: str, unlocked: Outcome) -> None:
    assert (channel in unlocked.heard) == (channel not in unlocked.silent)


@pytest.mark.parametrize("channel", sorted(ALL))
async def test_with_the_lock_it_is_tried_and_not_heard(channel: str, locked: Outcome) -> None:
    assert channel not in locked.heard
    assert channel in locked.tried | locked.silent


async def test_with_the_lock_nothing_else_is_heard_either(locked: Outcome) -> None:
    assert locked.heard == frozenset()
