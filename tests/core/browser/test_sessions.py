"""The one browser: shared, replaced when it is killed, and gone without a trace afterwards."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.browser.actions import Open
from core.browser.egress import EgressProxy
from core.browser.find_browser import NoBrowser
from core.browser.launched import SandboxRefused
from core.browser.page import RunStopped
from core.browser.scope import RunScope
from core.browser.sessions import Browsers, BrowserSettings
from core.workflows.step import Matcher
from tests.browser import CHROMIUM
from tests.core.browser.shown import css, holds, show
from tests.fakes.web import Web

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def own(tmp_path: Path) -> AsyncIterator[Browsers]:
    """A browser of this test's own, to be killed."""
    own = Browsers(CHROMIUM, tmp_path / "browser", BrowserSettings(most_contexts=2, recycle_after=3))
    yield own
    await own.close()


def processes(folder: Path) -> dict[int, str]:
    """The living processes that name this folder in their command line or environment, and all they started."""
    lines: dict[int, str] = {}
    parents: dict[int, int] = {}
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdigit() or not (line := (entry / "cmdline").read_text().replace("\0", " ")):
                continue
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            lines[int(entry.name)] = line
            if str(folder) in line or str(folder).encode() in (entry / "environ").read_bytes():
                found.add(int(entry.name))
        except OSError:
            continue
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: lines[pid] for pid in found}


def browsers_in(folder: Path) -> set[int]:
    """The processes of the browsers themselves."""
    return {
        pid for pid, line in processes(folder).items() if "--remote-debugging-pipe" in line and "--type=" not in line
    }


def environments(folder: Path) -> list[bytes]:
    return [Path(f"/proc/{pid}/environ").read_bytes() for pid in processes(folder)]


async def gone(folder: Path) -> bool:
    """Whether all processes end within five seconds. (There is no event for the end of somebody else's child.)"""
    for _ in range(50):
        if not [line for line in processes(folder).values() if "crashpad" not in line]:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_two_runs_share_a_browser_but_no_cookie(
    own: Browsers, scope: RunScope, egress: EgressProxy, web: Web, tmp_path: Path
) -> None:
    async with own.run(scope, egress) as one, own.run(scope, egress) as two:
        await show(one.page, web, "<script>document.cookie='a=1';document.title=document.cookie</script>")
        await show(two.page, web, "<script>document.title='none'+document.cookie</script>")
        assert (await holds(one.page, Matcher.TITLE, "", "a=1")).held
        assert (await holds(two.page, Matcher.TITLE, "", "none")).held
        assert (
            sum("--remote-debugging-pipe" in line and "--type=" not in line for line in processes(tmp_path).values())
            == 1
        )


async def test_a_killed_browser_is_noticed_and_replaced(
    own: Browsers, scope: RunScope, egress: EgressProxy, web: Web, tmp_path: Path
) -> None:
    async with own.run(scope, egress) as run:
        await show(run.page, web, "<h1>x</h1>")
        os.kill(browsers_in(tmp_path).pop(), signal.SIGKILL)
        with pytest.raises(RunStopped):
            await run.page.perform(Open("/"))
    async with own.run(scope, egress) as run:
        await run.page.perform(Open("/"))
        assert await run.page.present(css("h1")) == 1


async def test_a_killed_driver_is_noticed_and_replaced(
    own: Browsers, scope: RunScope, egress: EgressProxy, web: Web, tmp_path: Path
) -> None:
    async with own.run(scope, egress) as run:
        await show(run.page, web, "<h1>x</h1>")
        driver = next(pid for pid, line in processes(tmp_path).items() if "run-driver" in line)
        os.kill(driver, signal.SIGKILL)
        with pytest.raises(RunStopped):
            await run.page.perform(Open("/"))
    async with own.run(scope, egress) as run:
        await run.page.perform(Open("/"))
        assert await run.page.present(css("h1")) == 1


async def test_a_browser_is_recycled_while_an_older_run_goes_on(
    own: Browsers, scope: RunScope, egress: EgressProxy, web: Web, tmp_path: Path
) -> None:
    async with own.run(scope, egress) as lasting:
        await show(lasting.page, web, "<h1>x</h1>")
        first = browsers_in(tmp_path)
        for _ in range(3):
            async with own.run(scope, egress):
                pass
        assert await lasting.page.present(css("h1")) == 1
        assert len(browsers_in(tmp_path)) == 2
    assert len(browsers_in(tmp_path) - first) == 1
    assert not browsers_in(tmp_path) & first


async def test_no_more_contexts_than_allowed_are_open_at_once(
    own: Browsers, scope: RunScope, egress: EgressProxy
) -> None:
    async with own.run(scope, egress), own.run(scope, egress):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5), own.run(scope, egress):
                pass
    async with asyncio.timeout(20), own.run(scope, egress):
        pass


async def test_nothing_is_left_after_closing(
    own: Browsers, scope: RunScope, egress: EgressProxy, web: Web, tmp_path: Path
) -> None:
    async with own.run(scope, egress) as run:
        await show(run.page, web, "<h1>x</h1>")
        assert list((tmp_path / "browser").iterdir())
    await own.close()
    assert await gone(tmp_path)
    assert not (tmp_path / "browser").exists()


async def test_what_a_killed_process_left_is_wiped_at_the_start(
    own: Browsers, scope: RunScope, egress: EgressProxy, tmp_path: Path
) -> None:
    (tmp_path / "browser" / "left-behind").mkdir(parents=True)
    async with own.run(scope, egress):
        assert not (tmp_path / "browser" / "left-behind").exists()


async def test_browser_and_driver_know_nothing_of_our_environment(
    own: Browsers, scope: RunScope, egress: EgressProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEY", "canary-of-this-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-of-this-test")
    async with own.run(scope, egress):
        inherited = environments(tmp_path)
        assert len(inherited) > 5
        assert not any(b"canary-of-this-test" in environment for environment in inherited)
    assert os.environ["ENCRYPTION_KEY"] == "canary-of-this-test"


async def test_a_gate_that_is_shut_already_opens_no_context(
    own: Browsers, scope: RunScope, egress: EgressProxy
) -> None:
    egress.gate.shut(because="revoked before it began")
    with pytest.raises(RunStopped, match="revoked before it began"):
        async with own.run(scope, egress):
            pass


async def test_a_browser_that_is_not_there_is_told_with_what_to_do(
    scope: RunScope, egress: EgressProxy, tmp_path: Path
) -> None:
    missing = Browsers(tmp_path / "nowhere", tmp_path / "browser")
    with pytest.raises(NoBrowser, match=r"AUTOPILOT_CHROMIUM=.*nowhere can't be started"):
        async with missing.run(scope, egress):
            pass
    assert await gone(tmp_path)
    await missing.close()


async def test_a_browser_that_may_not_confine_itself_says_what_to_do(tmp_path: Path) -> None:
    denied = tmp_path / "chromium"
    denied.write_text("#!/bin/sh\necho '[1:1:FATAL:zygote_host_impl_linux.cc] No usable sandbox!' >&2\nexit 1\n")
    denied.chmod(0o755)
    browsers = Browsers(denied, tmp_path / "browser")
    with pytest.raises(SandboxRefused, match="AUTOPILOT_BROWSER_SANDBOX=false"):
        await browsers.version()
    await browsers.close()
