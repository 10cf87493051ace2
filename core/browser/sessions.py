"""One Chromium for the process, one context for a run: launched when needed, replaced when dead, gone afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from core.browser.egress import EgressProxy, Gate
from core.browser.failures import attempt
from core.browser.find_browser import FoundBrowser, check_version, find_browser
from core.browser.launching import QUIET_FLAGS, Quarters, introduce, may_sandbox
from core.browser.page import BrowserPage, RunStopped
from core.browser.playwright_page import PlaywrightPage
from core.browser.scope import RunScope
from core.errors import Unavailable

ALIVE_WITHIN = 5.0  # seconds a living browser may take for the smallest answer; it takes 2 ms
CLOSED_WITHIN = 5.0  # seconds until a context that does not close is left to the browser's end
HOW_TO_CONFINE = "Allow user namespaces; or set AUTOPILOT_BROWSER_SANDBOX=false where something else confines it, as a container does."
STOPPED_WITHIN = 10.0  # seconds the driver may take to end; it kills the browser itself when it dies


class SandboxRefused(Unavailable):
    """The browser may not confine itself here."""

    code: ClassVar[str] = "sandbox_refused"


@dataclass(frozen=True)
class BrowserRun:
    """A run's page, and the gate everything of it goes through."""

    page: BrowserPage
    gate: Gate


@dataclass(frozen=True)
class BrowserSettings:
    """How many runs share the browser, and for how long."""

    most_contexts: int = 8  # an active one takes about 90 MiB
    recycle_after: int = 50  # runs; what a browser does not give back stays small
    locale: str = "en-US"
    sandbox: bool = True  # off where the browser is confined from outside, as in a container


class Browsers:
    """The one browser of this process."""

    def __init__(self, explicit: Path | None, folder: Path, settings: BrowserSettings | None = None) -> None:
        self._explicit = explicit
        self._quarters = Quarters.at(folder)
        self._settings = settings or BrowserSettings()
        self._places = asyncio.Semaphore(self._settings.most_contexts)
        self._launching = asyncio.Lock()
        self._current: _Running | None = None
        self._retired: set[_Running] = set()

    @asynccontextmanager
    async def run(self, scope: RunScope, egress: EgressProxy) -> AsyncIterator[BrowserRun]:
        """A fresh context that reaches what `egress` reaches. Raises NoBrowser or Unavailable.

        Shutting the gate closes the context, too; whatever is asked of the page then raises RunStopped.
        """
        async with self._places:
            running = await self._ready()
            running.open_runs += 1
            try:
                async with self._context(running, scope, egress) as page:
                    yield BrowserRun(page, egress.gate)
            finally:
                running.open_runs -= 1
                if running in self._retired and not running.open_runs:
                    self._retired.discard(running)
                    await running.stop()

    async def version(self) -> str:
        """The browser's version; launches it if need be. Raises NoBrowser or Unavailable."""
        return (await self._ready()).browser.version

    async def close(self) -> None:
        """End the browser and everything it left in its folder."""
        async with self._launching:
            for running in {*self._retired, *filter(None, [self._current])}:
                await running.stop()
            self._retired.clear()
            self._current = None
            await asyncio.to_thread(self._quarters.remove)

    async def _ready(self) -> "_Running":
        """A browser that answers, launched if there is none."""
        async with self._launching:
            current = self._current
            if current is not None and current.runs < self._settings.recycle_after and await current.is_alive():
                current.runs += 1
                return current
            self._current = None
            if current is not None:
                await self._retire(current)
            elif not self._retired:
                await asyncio.to_thread(self._quarters.prepare)
            self._current = await _Running.launched(self._explicit, self._quarters, sandbox=self._settings.sandbox)
            self._current.runs = 1
            return self._current

    async def _retire(self, running: "_Running") -> None:
        """Let a browser end, as soon as its last run is over."""
        if running.open_runs:
            self._retired.add(running)
        else:
            await running.stop()

    @asynccontextmanager
    async def _context(
        self, running: "_Running", scope: RunScope, egress: EgressProxy
    ) -> AsyncIterator[PlaywrightPage]:
        context = await attempt(self._new_context(running.browser, scope, egress))
        try:
            page = await attempt(context.new_page())
            await attempt(introduce(page, egress))
            facade = await PlaywrightPage.opened(page, scope)
            closing = asyncio.get_running_loop().create_task(_close_with_gate(context, facade, egress.gate))
            try:
                yield facade
            finally:
                closing.cancel()
                facade.end("The run is over.")
        finally:
            await _closed(context)

    async def _new_context(self, browser: Browser, scope: RunScope, egress: EgressProxy) -> BrowserContext:
        if egress.gate.is_shut:
            raise RunStopped(because=egress.gate.because or "")
        return await browser.new_context(
            proxy={"server": egress.server},
            viewport={"width": scope.viewport.width, "height": scope.viewport.height},
            locale=self._settings.locale,
            service_workers="block",
            accept_downloads=False,
        )


@dataclass(eq=False)
class _Running:
    """A launched browser with its driver, and how much it has done."""

    driver: Playwright
    browser: Browser
    deny_all: EgressProxy
    runs: int = 0
    open_runs: int = 0

    @classmethod
    async def launched(cls, explicit: Path | None, quarters: Quarters, *, sandbox: bool) -> "_Running":
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


async def _close_with_gate(context: BrowserContext, page: PlaywrightPage, gate: Gate) -> None:
    """Once the gate is shut, the page is over, and its context goes."""
    page.end(await gate.wait_shut())
    await _closed(context)


async def _closed(context: BrowserContext) -> None:
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(CLOSED_WITHIN):
            await context.close()
