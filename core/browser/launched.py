"""A Chromium that was launched, with the driver that leads it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from core.browser.egress import EgressProxy
from core.browser.find_browser import FoundBrowser, check_version, find_browser
from core.browser.launching import QUIET_FLAGS, Quarters, may_sandbox
from core.errors import Unavailable

ALIVE_WITHIN = 5.0  # seconds a living browser may take for the smallest answer; it takes 2 ms
CLOSED_WITHIN = 5.0  # seconds until what does not close is left to its end
HOW_TO_CONFINE = "Allow user namespaces; or set AUTOPILOT_BROWSER_SANDBOX=false where something else confines it, as a container does."
STOPPED_WITHIN = 10.0  # seconds the driver may take to end; it kills the browser itself when it dies


class SandboxRefused(Unavailable):
    """The browser may not confine itself here."""

    code: ClassVar[str] = "sandbox_refused"
    retry: ClassVar[bool] = False


@dataclass(eq=False)
class LaunchedBrowser:
    """A launched browser with its driver; how many pages it was used for, how many of them are open, whether one never closed."""

    driver: Playwright
    browser: Browser
    deny_all: EgressProxy
    uses: int = 0
    open: int = 0
    is_stuck: bool = False

    @classmethod
    async def launched(cls, explicit: Path | None, quarters: Quarters, *, sandbox: bool) -> Self:
        """Start it in these quarters. Raises NoBrowser or Unavailable."""
        with quarters.driver_environment():
            driver = await async_playwright().start()
        deny_all = await EgressProxy.denying_all()
        try:
            found = find_browser(Path(driver.chromium.executable_path), explicit)
            browser = await _launch(driver, found, _how(quarters, deny_all, sandbox=sandbox))
            check_version(browser.version)
        except BaseException:
            deny_all.gate.shut(because="the browser did not start")
            await driver.stop()
            raise
        return cls(driver, browser, deny_all)

    async def is_alive(self) -> bool:
        """Whether the browser still answers; only a real call tells (its own flag stays true when the driver is killed)."""
        try:
            async with asyncio.timeout(ALIVE_WITHIN):
                session = await self.browser.new_browser_cdp_session()
                await session.send("Browser.getVersion")
                await session.detach()
        except (PlaywrightError, TimeoutError):
            return False
        return True

    async def stop(self) -> None:
        """End browser and driver, dead or alive."""
        self.deny_all.gate.shut(because="the browser is closed")
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN):
                await self.browser.close()
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(STOPPED_WITHIN):
                await self.driver.stop()


async def _launch(driver: Playwright, found: FoundBrowser, how: dict[str, Any]) -> Browser:
    try:
        return await driver.chromium.launch(executable_path=found.executable, channel=found.channel, **how)
    except PlaywrightError as error:
        message = str(error)
    if "No usable sandbox" in message:
        raise SandboxRefused(because=HOW_TO_CONFINE)
    raise Unavailable(because=f"The browser at {found.words} does not start: {message.splitlines()[0][:200]}")


def _how(quarters: Quarters, deny_all: EgressProxy, *, sandbox: bool) -> dict[str, Any]:
    """How the browser is launched, wherever it was found."""
    return {
        "args": list(QUIET_FLAGS),
        "chromium_sandbox": sandbox and may_sandbox(),
        "proxy": {"server": deny_all.server},
        "env": quarters.environment(quarters.sockets),
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }
