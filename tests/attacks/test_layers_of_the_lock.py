"""Each layer of the lock has something to hold that the others would let through: taken out, its test here fails."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, async_playwright

from core.browser.actions import Open
from core.browser.egress import EgressProxy
from core.browser.fresh_page import closed
from core.browser.launching import QUIET_FLAGS
from core.browser.page import RunStopped
from core.browser.scope import RunScope
from core.browser.sessions import BrowserRun, Browsers
from core.security.addresses import AddressGuard, SystemResolver
from core.workflows.step import Check, Matcher
from tests.attacks.channels import call
from tests.attacks.hostile_shop import LONGEST, WatchedProxy
from tests.attacks.listener import Listener, listening
from tests.browser import CHROMIUM, browser_of
from tests.core.browser.shown import SOON, show, text_of
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import Answer, Web, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

NONE: frozenset[str] = frozenset()
EVIL = "word-of-the-shop.evil.example"
NAMED = f"<link rel=dns-prefetch href=//{EVIL}><img src=http://{EVIL}/><script src=https://{EVIL}/></script>"


@pytest_asyncio.fixture(loop_scope="module")
async def listener() -> AsyncIterator[Listener]:
    async with listening(NONE, NONE) as listener:
        yield listener


async def way_out(web: Web, kind: type[EgressProxy] = EgressProxy) -> EgressProxy:
    """One that leads to this shop alone."""
    guard = AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))
    return await kind.opened(frozenset({web.origin}), guard)


async def open_as_the_browser_itself(browsers: Browsers, address: str) -> None:
    """Open this in the browser's own profile, outside every run: what it asks of its own accord goes the same way."""
    session = await (await browsers._launched()).browser.new_browser_cdp_session()
    await session.send("Target.createTarget", {"url": address})


async def test_the_browser_itself_reaches_nothing(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layer: the proxy that denies all, given at the launch."""
    monkeypatch.setattr("core.browser.launched.EgressProxy", WatchedProxy)
    browsers = Browsers(CHROMIUM, tmp_path / "browser")
    deny_all = (await browsers._launched()).deny_all
    assert isinstance(deny_all, WatchedProxy)
    deny_all.listener = listener
    await open_as_the_browser_itself(browsers, f"{listener.origin}/itself")
    await deny_all.tried.until(frozenset({"itself"}), LONGEST)
    await browsers.close()
    assert listener.heard.names == set()
    assert "itself" in deny_all.tried.names


def looked_up(log: Path) -> set[str]:
    """The names that a browser asked a resolver for, by its own log. (Requests without a job are answered by its cache.)"""
    text = json.loads(log.read_text("utf-8"))
    job = text["constants"]["logEventTypes"]["HOST_RESOLVER_MANAGER_JOB"]
    hosts = [str(event.get("params", {}).get("host", "")) for event in text["events"] if event["type"] == job]
    return {host.split("://")[-1] for host in hosts if host}


async def test_no_name_is_looked_up(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layer: the proxies, which are given names; a look-up would tell whoever answers for that name."""
    log = tmp_path / "net.json"
    monkeypatch.setattr("core.browser.launched.QUIET_FLAGS", (*QUIET_FLAGS, f"--log-net-log={log}"))
    browsers = Browsers(CHROMIUM, tmp_path / "browser")
    egress = await way_out(web)
    async with browsers.run(RunScope(web.origin, FakeSecrets()), egress) as run:
        await open_as_the_browser_itself(browsers, f"http://own.{EVIL}/")
        await show(run.page, web, NAMED + "<script>onload=()=>document.title='loaded'</script>")
        assert (await run.page.expect(Check(Matcher.TITLE, value="loaded"), SOON)).held
    egress.gate.shut(because="the test is over")
    await browsers.close()
    assert looked_up(log) == set()
    assert {refusal.to for refusal in egress.refused} == {f"http://{EVIL}", f"https://{EVIL}"}


async def test_without_the_proxies_names_are_looked_up(tmp_path: Path, web: Web) -> None:
    log = tmp_path / "net.json"
    async with async_playwright() as playwright:
        found = browser_of(playwright)
        flags = [f"--log-net-log={log}"]
        browser = await playwright.chromium.launch(executable_path=found.executable, channel=found.channel, args=flags)
        page = await browser.new_page()
        web.show(NAMED)
        await page.goto(f"{web.origin}/")
        await browser.close()
    assert EVIL in looked_up(log)


async def test_a_run_reaches_its_own_shop_and_not_another_run_s(browsers: Browsers, web: Web) -> None:
    """Layer: the list of a run. In one browser, each run has its own."""
    async with serving() as other:
        one, two = await way_out(web), await way_out(other)
        async with (
            browsers.run(RunScope(web.origin, FakeSecrets()), one) as here,
            browsers.run(RunScope(other.origin, FakeSecrets()), two) as there,
        ):
            await show(there.page, other, "<h1>Other</h1>")
            await show(
                here.page,
                web,
                f"<h1>x</h1><img src={other.origin}/stolen onerror=\"document.querySelector('h1').textContent='refused'\">",
            )
            assert await text_of(here.page, "h1", "refused")
        assert not any("/stolen" in line for line in other.requests)
        for egress in (one, two):
            egress.gate.shut(because="the test is over")


async def test_a_call_finds_no_way_to_this_machine(run: BrowserRun, web: Web) -> None:
    """Layer: the switch for WebRTC. Not even the machine's own addresses are told to the page, nor its neighbours asked."""
    counting = "<script>ways=[]</script>" + call("stun:127.0.0.1:9").replace(
        "c.createDataChannel", "c.onicecandidate=e=>e.candidate?.candidate&&ways.push(1);c.createDataChannel"
    ).replace("fetch('TRIED')", "(document.title=`${ways.length} ways`)")
    await show(run.page, web, counting)
    verdict = await run.page.expect(Check(Matcher.TITLE, value="0 ways"), SOON)
    assert verdict.held, verdict.seen


FRAME = "const f=document.createElement('iframe');document.body.append(f);const w=f.contentWindow;"
BY_PROTOTYPE = "ServiceWorkerContainer.prototype.register.call(navigator.serviceWorker,'/worker')"
REGISTERING = {
    "the page": "await navigator.serviceWorker.register('/worker')",
    "a prototype of a frame": f"{FRAME}await w.{BY_PROTOTYPE}",
    "a frame": f"{FRAME}await w.navigator.serviceWorker.register('/worker')",
    "a prototype of a window": f"await window.open('').{BY_PROTOTYPE}",
    "a window": "await window.open('').navigator.serviceWorker.register('/worker')",
}


@pytest.mark.parametrize("by", REGISTERING)
async def test_no_service_worker_is_registered(run: BrowserRun, web: Web, by: str) -> None:
    """Layer: service workers are blocked. One would answer for the shop in later pages, and lives on when a page is closed."""
    web.pages["/worker"] = Answer("1", content_type="text/javascript")
    await show(
        run.page, web, f"<script>(async()=>{{{REGISTERING[by]}}})().catch(()=>0).then(()=>fetch('/tried'))</script>"
    )
    await web.reached("/tried")
    assert not any("/worker" in line for line in web.requests)


class CloseLate:
    """Closes a context when the test is over, and no earlier."""

    def __init__(self) -> None:
        self.may_close = asyncio.Event()

    async def __call__(self, context: BrowserContext) -> bool:
        await self.may_close.wait()
        return await closed(context)


@pytest_asyncio.fixture(loop_scope="module")
async def close_late(run: BrowserRun) -> AsyncIterator[CloseLate]:
    """After the run it is used in, so that it is over before that one."""
    late = CloseLate()
    yield late
    late.may_close.set()


async def test_a_browser_that_does_not_close_gets_nothing_through_a_shut_gate(
    run: BrowserRun, web: Web, close_late: CloseLate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layer: the gate. It does not depend on the browser doing what it is told."""
    monkeypatch.setattr("core.browser.sessions.closed", close_late)
    behind: Page = run.page._page  # type: ignore[attr-defined]  # looks at the page behind the façade
    await show(
        run.page, web, "<script>refused=0;(async()=>{for(;;)await fetch('/ping').catch(()=>refused++)})()</script>"
    )
    await web.reached("/ping")
    run.gate.shut(because="revoked")
    await behind.wait_for_function("refused > 0")
    arrived = len(web.requests)
    await behind.wait_for_function("refused > 30")
    assert len(web.requests) == arrived
    with pytest.raises(RunStopped, match="revoked"):
        await run.page.perform(Open("/"))
