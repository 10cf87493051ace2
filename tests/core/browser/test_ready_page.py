"""The page that is ready before a run asks for it: whose it becomes, what it reaches until then, and where it ends."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.browser import fresh_page
from core.browser.egress import EgressProxy
from core.browser.eyes import Eyes
from core.browser.fresh_page import FreshPage
from core.browser.scope import RunScope
from core.browser.sessions import Berth, Browsers, BrowserSettings
from core.errors import Unavailable
from core.security.addresses import AddressGuard, AddressRefused, SystemResolver
from core.security.origin import Origin
from tests.browser import CHROMIUM
from tests.core.browser.shown import css, show
from tests.core.browser.test_egress import introduction, say
from tests.core.browser.test_sessions import browsers_in, gone, processes
from tests.fakes.web import Web

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes"),
]


class Opened:
    """The pages that were opened, by their proxies."""

    def __init__(self) -> None:
        self.proxies: list[EgressProxy] = []
        self.pages: list[FreshPage] = []
        self.changed = asyncio.Event()

    async def reach(self, number: int) -> None:
        """Return once so many were opened."""
        async with asyncio.timeout(10):
            while len(self.proxies) < number:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    noted = Opened()
    original = FreshPage.opened

    async def noting(browser: Any, egress: EgressProxy, locale: str) -> FreshPage:
        fresh = await original(browser, egress, locale)
        noted.proxies.append(egress)
        noted.pages.append(fresh)
        noted.changed.set()
        return fresh

    monkeypatch.setattr(FreshPage, "opened", noting)
    return noted


@pytest_asyncio.fixture(loop_scope="module")
async def own(tmp_path: Path, opened: Opened) -> AsyncIterator[Browsers]:
    """Browsers that have a page ready."""
    own = Browsers(CHROMIUM, tmp_path / "browser", BrowserSettings(most_contexts=2, recycle_after=3))
    await own.prepare()
    yield own
    await own.close()


@pytest.fixture
def guard(web: Web) -> AddressGuard:
    return AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))


async def heading(own: Browsers, scope: RunScope, egress: EgressProxy, web: Web) -> int:
    """How many headings a run sees in its shop."""
    async with own.run(scope, egress) as run:
        await show(run.page, web, "<h1>x</h1>")
        return await run.page.present(css("h1"))


async def test_a_run_takes_the_page_that_is_ready_and_another_follows_when_it_is_over(
    own: Browsers, opened: Opened, scope: RunScope, guard: AddressGuard, web: Web
) -> None:
    await own.prepare()
    egress = await own.egress(frozenset({web.origin}), guard)
    assert opened.proxies == [egress]
    assert await heading(own, scope, egress, web) == 1
    assert opened.proxies == [egress], "the run opened a page of its own, or the next came before it was over"
    egress.gate.shut(because="the run is over")
    await opened.reach(2)
    assert egress not in opened.proxies[1:]


async def test_two_runs_at_once_do_not_share_it(
    own: Browsers, opened: Opened, scope: RunScope, guard: AddressGuard, web: Web
) -> None:
    one, two = await asyncio.gather(*(own.egress(frozenset({web.origin}), guard) for _ in range(2)))
    assert one is not two
    async with own.run(scope, one) as first, own.run(scope, two) as second:
        await show(first.page, web, "<script>document.cookie='a=1'</script><h1>x</h1>")
        await show(second.page, web, "<script>document.title=document.cookie||'none'</script>")
        assert "none" in await second.page.seen()
    for egress in (one, two):
        egress.gate.shut(because="the run is over")


async def test_until_a_run_comes_the_page_reaches_nothing(
    own: Browsers, opened: Opened, guard: AddressGuard, web: Web
) -> None:
    """The proxy it stands behind lets the shop through only from then on."""
    web.show("<h1>x</h1>")
    waiting = opened.proxies[0]
    head = (f"GET {web.origin}/ HTTP/1.1", f"Host: {web.origin.host_port}", introduction(waiting))
    assert "another scheme, host or port" in await say(waiting, *head)
    assert web.requests == []
    egress = await own.egress(frozenset({web.origin}), guard)
    assert egress is waiting
    assert "<h1>x</h1>" in await say(waiting, *head)
    egress.gate.shut(because="the run is over")


async def test_a_run_that_needs_no_page_gives_it_up(
    own: Browsers, opened: Opened, guard: AddressGuard, web: Web
) -> None:
    egress = await own.egress(frozenset({web.origin}), guard)
    egress.gate.shut(because="the run is over")
    await opened.reach(2)
    assert [fresh.page.is_closed() for fresh in opened.pages] == [True, False]
    another = await own.egress(frozenset({web.origin}), guard)
    assert another is opened.proxies[1]
    another.gate.shut(because="the run is over")


async def test_an_address_that_is_refused_costs_no_page(own: Browsers, opened: Opened, guard: AddressGuard) -> None:
    with pytest.raises(AddressRefused):
        await own.egress(frozenset({Origin.of("http://169.254.169.254")}), guard)
    assert opened.proxies[0].gate.is_shut
    await opened.reach(2)


def renderers_in(folder: Path) -> set[int]:
    """The processes that pages live in."""
    return {pid for pid, line in processes(folder).items() if "--type=renderer" in line}


# Who asks before and who asks after is told by the same look at the page, whatever was killed.
@pytest.mark.parametrize(
    ("killed", "asked_for_before"), [(browsers_in, True), (browsers_in, False), (renderers_in, True)]
)
async def test_a_run_whose_page_has_died_in_the_meantime_gets_another(
    own: Browsers,
    opened: Opened,
    scope: RunScope,
    guard: AddressGuard,
    web: Web,
    tmp_path: Path,
    killed: Callable[[Path], set[int]],
    asked_for_before: bool,
) -> None:
    egress = await own.egress(frozenset({web.origin}), guard) if asked_for_before else None
    for pid in killed(tmp_path):
        os.kill(pid, signal.SIGKILL)
    egress = egress or await own.egress(frozenset({web.origin}), guard)
    assert await heading(own, scope, egress, web) == 1
    assert opened.proxies == [egress, egress]
    egress.gate.shut(because="the run is over")


async def test_a_run_that_is_cancelled_while_it_takes_the_page_leaves_nothing_open(
    own: Browsers,
    opened: Opened,
    scope: RunScope,
    guard: AddressGuard,
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asking = asyncio.Event()

    async def stuck(berth: Berth) -> bool:
        asking.set()
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(Berth, "is_alive", stuck)
    egress = await own.egress(frozenset({web.origin}), guard)
    running = asyncio.get_running_loop().create_task(heading(own, scope, egress, web))
    await asking.wait()
    running.cancel()
    await asyncio.wait({running})
    assert opened.pages[0].page.is_closed()
    egress.gate.shut(because="the run is over")


async def test_a_page_that_does_not_open_is_given_up(
    own: Browsers, opened: Opened, guard: AddressGuard, web: Web, scope: RunScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(page: Any) -> Eyes:
        await asyncio.Event().wait()
        raise AssertionError

    first = await own.egress(frozenset({web.origin}), guard)
    monkeypatch.setattr(Eyes, "opened", stuck)
    monkeypatch.setattr(fresh_page, "OPENED_WITHIN", 0.3)
    second = await own.egress(frozenset({web.origin}), guard)
    with pytest.raises(Unavailable, match="did not open a page"):
        await heading(own, scope, second, web)
    first.gate.shut(because="the run is over")
    second.gate.shut(because="the run is over")


async def test_a_browser_that_was_used_often_ends_with_its_last_page(
    own: Browsers, opened: Opened, scope: RunScope, guard: AddressGuard, web: Web, tmp_path: Path
) -> None:
    first = browsers_in(tmp_path)
    for number in range(2, 5):
        egress = await own.egress(frozenset({web.origin}), guard)
        assert await heading(own, scope, egress, web) == 1
        egress.gate.shut(because="the run is over")
        await opened.reach(number)
    assert len(browsers_in(tmp_path)) == 1
    assert not browsers_in(tmp_path) & first


async def test_what_is_ready_goes_with_the_browser(own: Browsers, opened: Opened, tmp_path: Path) -> None:
    await own.close()
    assert await gone(tmp_path)
    assert opened.proxies[0].gate.is_shut


async def test_a_browser_that_is_replaced_takes_the_ready_page_with_it(
    own: Browsers, opened: Opened, scope: RunScope, guard: AddressGuard, web: Web, tmp_path: Path
) -> None:
    first = browsers_in(tmp_path)
    for _ in range(3):  # on proxies of their own, so that the page that is ready stays so
        egress = await EgressProxy.opened(frozenset({web.origin}), guard)
        assert await heading(own, scope, egress, web) == 1
        egress.gate.shut(because="the run is over")
    assert opened.proxies[0].gate.is_shut
    assert not browsers_in(tmp_path) & first
