"""One Chromium for the process, one context for a run: launched when needed, replaced when dead, gone afterwards."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.browser.egress import EgressProxy, Gate
from core.browser.failures import attempt
from core.browser.fresh_page import FreshPage, closed
from core.browser.launched import ALIVE_WITHIN, LaunchedBrowser
from core.browser.launching import Quarters
from core.browser.page import BrowserPage
from core.browser.playwright_page import PlaywrightPage
from core.browser.scope import RunScope
from core.errors import CoreError
from core.security.addresses import AddressGuard
from core.security.origin import Origin

log = logging.getLogger(__name__)


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


@dataclass(frozen=True, eq=False)
class Berth:
    """A fresh page in a launched browser, behind a proxy: what a run takes over."""

    launched: LaunchedBrowser
    egress: EgressProxy
    fresh: FreshPage

    async def is_alive(self) -> bool:
        """Whether a run can still take it over: only the page itself tells that it has not crashed meanwhile."""
        try:
            return bool(await attempt(self.fresh.page.evaluate("true"), within=ALIVE_WITHIN))
        except CoreError:
            return False


class Browsers:
    """The one browser of this process. Once it was asked to, it keeps one page ready for the next run."""

    def __init__(self, explicit: Path | None, folder: Path, settings: BrowserSettings | None = None) -> None:
        self._explicit = explicit
        self._quarters = Quarters.at(folder)
        self._settings = settings or BrowserSettings()
        self._places = asyncio.Semaphore(self._settings.most_contexts)
        self._launching = asyncio.Lock()
        self._current: LaunchedBrowser | None = None
        self._retired: set[LaunchedBrowser] = set()
        self._preparing = asyncio.Lock()
        self._ready: Berth | None = None
        self._promised: dict[EgressProxy, Berth] = {}
        self._afterwards: set[asyncio.Task[None]] = set()
        self._keeps_one_ready = False
        self.is_found: bool | None = None  # None until it was looked for

    @property
    def contexts_open(self) -> int:
        """How many pages are open, each in a context of its own, with the one that is kept ready."""
        return sum(one.open for one in {*self._retired, *filter(None, [self._current])})

    @property
    def running_version(self) -> str | None:
        """The version of the browser that runs; None while none does."""
        return self._current.browser.version if self._current else None

    async def prepare(self) -> None:
        """Have a page ready behind a proxy that reaches nothing yet: the next run need not wait for it, nor any run after.

        Opening one takes 0.2 s, and a second where the browser has to be launched. Raises NoBrowser or Unavailable.
        """
        self._keeps_one_ready = True
        async with self._preparing:
            if self._ready is None:
                egress = await EgressProxy.denying_all()
                try:
                    self._ready = await self._berth(egress)
                except BaseException:
                    egress.gate.shut(because="no page could be opened")
                    raise

    async def egress(self, allowed: frozenset[Origin], guard: AddressGuard) -> EgressProxy:
        """The way out of one run, which is over when its gate is shut; the page that is ready waits behind it.

        Raises what the guard raises for an origin that it does not let through.
        """
        ready, self._ready = self._ready, None
        egress = ready.egress if ready else await EgressProxy.denying_all()
        if ready:
            self._promised[egress] = ready
        afterwards = asyncio.get_running_loop().create_task(self._after(egress))
        self._afterwards.add(afterwards)
        afterwards.add_done_callback(self._afterwards.discard)
        try:
            await egress.admit(allowed, guard)
        except BaseException:
            egress.gate.shut(because="the address was refused")
            raise
        return egress

    @asynccontextmanager
    async def run(self, scope: RunScope, egress: EgressProxy) -> AsyncIterator[BrowserRun]:
        """A fresh context that reaches what `egress` reaches. Raises NoBrowser or Unavailable.

        Shutting the gate closes the context, too; whatever is asked of the page then raises RunStopped.
        """
        async with self._places:
            berth = await self._promised_to(egress) or await self._berth(egress)
            try:
                async with _facade(berth.fresh, scope, egress.gate) as page:
                    yield BrowserRun(page, egress.gate)
            finally:
                await self._leave(berth)

    async def version(self) -> str:
        """The browser's version; launches it if need be. Raises NoBrowser or Unavailable."""
        return (await self._launched()).browser.version

    async def close(self) -> None:
        """End the browser and everything it left in its folder."""
        self._keeps_one_ready = False
        for task in self._afterwards:
            task.cancel()
        async with self._preparing, self._launching:
            for berth in filter(None, [self._ready, *self._promised.values()]):
                berth.egress.gate.shut(because="the browser is closed")
            for launched in {*self._retired, *filter(None, [self._current])}:
                await launched.stop()
            self._retired.clear()
            self._promised.clear()
            self._current = self._ready = None
            await asyncio.to_thread(self._quarters.remove)

    async def _after(self, egress: EgressProxy) -> None:
        """Once a run is over, give up the page that it did not need, and have one ready for the next."""
        await egress.gate.wait_shut()
        if unused := self._promised.pop(egress, None):
            await self._leave(unused)
        if self._keeps_one_ready:
            try:
                await self.prepare()
            except (CoreError, OSError) as error:
                log.warning("no page is ready for the next run: %s", error)

    async def _promised_to(self, egress: EgressProxy) -> Berth | None:
        """The page that waits behind a run's way out, unless it has died there."""
        promised = self._promised.pop(egress, None)
        if promised is None:
            return None
        is_alive = False
        try:
            is_alive = await promised.is_alive()
        finally:
            if not is_alive:
                await self._leave(promised)
        return promised if is_alive else None

    async def _berth(self, egress: EgressProxy) -> Berth:
        launched = await self._launched()
        launched.uses += 1
        launched.open += 1
        try:
            fresh = await FreshPage.opened(launched.browser, egress, self._settings.locale)
        except BaseException:
            await self._left(launched)
            raise
        return Berth(launched, egress, fresh)

    async def _leave(self, berth: Berth) -> None:
        """Close a page. Where that fails, it would go on at the cost of others, so its browser has no further run."""
        try:
            if not await closed(berth.fresh.context):
                berth.launched.is_stuck = True
        finally:
            await self._left(berth.launched)

    async def _left(self, launched: LaunchedBrowser) -> None:
        """One page less; a retired browser ends with its last."""
        launched.open -= 1
        if launched in self._retired and not launched.open:
            self._retired.discard(launched)
            await launched.stop()

    async def _launched(self) -> LaunchedBrowser:
        """A browser that answers, launched if there is none."""
        async with self._launching:
            current = self._current
            if current is not None and not self._is_worn(current) and await current.is_alive():
                return current
            self._current = None
            if current is not None:
                await self._retire(current)
            elif not self._retired:
                await asyncio.to_thread(self._quarters.prepare)
            self._current = await self._launch()
            return self._current

    async def _launch(self) -> LaunchedBrowser:
        try:
            launched = await LaunchedBrowser.launched(self._explicit, self._quarters, sandbox=self._settings.sandbox)
        except CoreError:
            self.is_found = False
            raise
        self.is_found = True
        return launched

    def _is_worn(self, launched: LaunchedBrowser) -> bool:
        return launched.is_stuck or launched.uses >= self._settings.recycle_after

    async def _retire(self, launched: LaunchedBrowser) -> None:
        """Let a browser end, as soon as its last page is closed; one that is ready in it is not waited for."""
        if self._ready is not None and self._ready.launched is launched:
            ready, self._ready = self._ready, None
            ready.egress.gate.shut(because="the browser is replaced")
            await self._leave(ready)
        if launched.open:
            self._retired.add(launched)
        else:
            await launched.stop()


@asynccontextmanager
async def _facade(fresh: FreshPage, scope: RunScope, gate: Gate) -> AsyncIterator[PlaywrightPage]:
    """The page as a run has it, until it is over or its gate is shut."""
    facade = PlaywrightPage(fresh, scope)
    closing = asyncio.get_running_loop().create_task(_close_with_gate(fresh, facade, gate))
    showing = asyncio.get_running_loop().create_task(facade.live())
    try:
        yield facade
    finally:
        showing.cancel()
        await facade.still()
        if gate.is_shut:  # a closing that is cancelled halfway is never done: Playwright does not begin it again
            await asyncio.wait({closing})
        closing.cancel()
        facade.end("The run is over.")


async def _close_with_gate(fresh: FreshPage, page: PlaywrightPage, gate: Gate) -> None:
    """Once the gate is shut, the page is over, and its context goes."""
    page.end(await gate.wait_shut())
    await closed(fresh.context)
