"""Whatever a page does to itself, the agent's page answers in time and in few words, and the next run has a browser."""

import asyncio
import resource
import sys
import zlib
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.browser.actions import Capture, Click, Open
from core.browser.describing import LONGEST_SENTENCE
from core.browser.egress import EgressProxy
from core.browser.happenings import LONGEST_DIALOG, MOST_DIALOGS
from core.browser.page import BrowserPage, Performed, Picture, RunStopped, Verdict
from core.browser.scope import PageLimits, RunScope
from core.browser.sessions import BrowserRun, Browsers
from core.errors import CoreError
from core.security.addresses import AddressGuard, SystemResolver
from core.workflows.step import Check, Matcher
from tests.attacks.hostile_pages import HEADING, HOSTILE_PAGES, over_and_over
from tests.core.browser.shown import css, show
from tests.fakes.raw_web import Saying, listening, says
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import Answer, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

HURRIED = PageLimits(action=timedelta(seconds=0.3), navigation=timedelta(seconds=0.5))
ANSWERED_WITHIN = 60.0  # seconds; the slowest takes ten
MOST_MEMORY = 256 * 1024  # kB that this process may grow by on one page; pictures of it take 30,000
WHOLE = (0, 0, 1280, 800)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that does not answer is not waited for, for it will not."""
    monkeypatch.setattr("core.browser.eyes.ANSWER_WITHIN", 0.3)


async def told(work: Coroutine[Any, Any, Any]) -> Any:
    """What came of this: its result, or the sentence that it ended with. Whatever else is raised is a bug."""
    try:
        return await work
    except CoreError as error:
        return error.sentence


async def everything_of(page: BrowserPage) -> tuple[Any, ...]:
    """What the page answers to all that may be asked, at once."""

    async def pictured() -> Picture:
        return await page.picture().ready()

    return await asyncio.gather(
        told(page.present(css("h1"))),
        told(page.expect(Check(Matcher.VISIBLE, css("h2")), timedelta(seconds=0.5))),
        told(page.seen()),
        told(pictured()),
        told(page.perform(Click(css("h1")))),
    )


def check(answers: tuple[Any, ...]) -> None:
    """Each is what was asked for, or a sentence; and none is long."""
    for answer, kind in zip(answers, (int, Verdict, str, Picture, Performed), strict=True):
        assert isinstance(answer, kind | str)
        if isinstance(answer, str):
            assert len(answer) <= LONGEST_SENTENCE
        if isinstance(answer, Performed):
            assert len(answer.dialogs) <= MOST_DIALOGS + 1
            assert all(len(dialog.words) <= LONGEST_DIALOG for dialog in answer.dialogs)


def most_memory() -> int:
    """The most memory that this process ever had, in kB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("limits", [HURRIED], ids=["hurried"])
@pytest.mark.parametrize("name", HOSTILE_PAGES)
async def test_a_hostile_page_is_answered_for(run: BrowserRun, web: Web, name: str) -> None:
    """And afterwards the run goes on with a quiet page, or ends with a sentence."""
    web.show("window", "/window")
    web.show(HEADING, "/quiet")
    web.show(HEADING + HOSTILE_PAGES[name])
    before = most_memory()
    async with asyncio.timeout(ANSWERED_WITHIN):
        await told(run.page.perform(Open("/")))
        check(await everything_of(run.page))
        await told(run.page.perform(Open("/quiet")))
        assert len(await told(run.page.seen())) <= LONGEST_SENTENCE
    assert most_memory() - before < MOST_MEMORY


async def endlessly(writer: asyncio.StreamWriter) -> None:
    """A page that goes on and on."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><h1>Hostile</h1>")
    while True:
        writer.write(b"<p>text</p>" * 1000)
        await writer.drain()


async def half(writer: asyncio.StreamWriter) -> None:
    """A page whose second half never comes."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n<h1>Hostile</h1>")
    await writer.drain()
    await asyncio.Event().wait()


async def a_head_without_end(writer: asyncio.StreamWriter) -> None:
    """An answer that never comes to its page."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


def unpacking(megabytes: int) -> Saying:
    """A small answer that unpacks to a large page."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packing.compress(b"<p>" + b" " * (2**20 - 3)) for _ in range(megabytes)) + packing.flush()
    return says(body, "200 OK", "Content-Type: text/html", "Content-Encoding: gzip")


SAYINGS = {
    "an endless page": endlessly,
    "half a page": half,
    "an endless head": a_head_without_end,
    "a bomb": unpacking(256),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", SAYINGS)
async def test_a_hostile_answer_is_answered_for(browsers: Browsers, name: str) -> None:
    before = most_memory()
    async with listening(SAYINGS[name]) as web, asyncio.timeout(ANSWERED_WITHIN):
        guard = AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))
        egress = await EgressProxy.opened(frozenset({web.origin}), guard)
        async with browsers.run(RunScope(web.origin, FakeSecrets(), limits=HURRIED), egress) as run:
            await told(run.page.perform(Open("/")))
            check(await everything_of(run.page))
        egress.gate.shut(because="the test is over")
    assert most_memory() - before < MOST_MEMORY


MARK = "what-nobody-wants-on-this-disk"
DOWNLOADS = (
    "<a id=file download href=/file>x</a><a id=made download=made>x</a><a id=sent href=/attached>x</a><script>n=0;"
    f"made.href=URL.createObjectURL(new Blob(['{MARK}'.repeat(999)]))</script>"
    + over_and_over("if(n==6)return;file.click();made.click();sent.click();if(++n==6)fetch('/done')", 20)
)


def marked(file: Path) -> bool:
    """Whether the mark stands in a file."""
    try:
        return file.is_file() and MARK.encode() in file.read_bytes()
    except OSError:
        return False  # it is gone again


def marked_below(folder: Path) -> bool:
    return any(marked(file) for file in folder.rglob("*"))


async def nothing_left(folder: Path) -> bool:
    """Whether the mark stands in no file below a folder, within ten seconds. (There is no event for the end of a file.)

    Chromium begins to write while it still asks itself whether it may, and removes that when it hears that it may not.
    """
    for _ in range(100):
        if not marked_below(folder):
            return True
        await asyncio.sleep(0.1)
    return False


async def test_nothing_that_a_page_downloads_is_kept(run: BrowserRun, web: Web, quarters: Path) -> None:
    web.pages["/file"] = Answer(MARK * 999, content_type="application/octet-stream")
    web.pages["/attached"] = Answer(MARK * 999, headers=(("Content-Disposition", "attachment; filename=attached"),))
    await show(run.page, web, DOWNLOADS)
    await web.reached("/done")  # after a download that began as a navigation, Playwright sees an empty page
    assert sum("/file" in line or "/attached" in line for line in web.requests) > 2
    web.show(HEADING, "/quiet")
    await run.page.perform(Open("/quiet"))
    assert await nothing_left(quarters)
    assert not {"made", "file", "attached"} & {path.name for path in (Path.home() / "Downloads").glob("*")}


async def test_a_page_that_crashes_ends_its_run_and_no_other(
    run: BrowserRun, browsers: Browsers, web: Web, egress: EgressProxy
) -> None:
    await show(run.page, web, HEADING)
    behind = run.page._page  # type: ignore[attr-defined]  # as a hole in the browser would do it, for a page has no way
    session = await behind.context.new_cdp_session(behind)
    crashing = asyncio.ensure_future(session.send("Page.crash"))
    with pytest.raises(RunStopped):
        await run.page.expect(Check(Matcher.VISIBLE, css("h2")), timedelta(seconds=ANSWERED_WITHIN))
    crashing.cancel()
    async with browsers.run(RunScope(web.origin, FakeSecrets()), egress) as another:
        await show(another.page, web, HEADING)
        assert await another.page.present(css("h1")) == 1


async def test_a_browser_that_does_not_close_a_page_has_no_further_run(
    browsers: Browsers, web: Web, egress: EgressProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that keeps its browser too busy to close it would go on in there, at the cost of everybody else's."""
    before = await browsers._launched()
    async with browsers.run(RunScope(web.origin, FakeSecrets()), egress):
        monkeypatch.setattr("core.browser.fresh_page.CLOSED_WITHIN", 0.0)
    assert await browsers._launched() is not before
    assert not before.browser.is_connected()


async def test_a_page_with_more_text_than_can_be_looked_through_is_covered_whole(run: BrowserRun, web: Web) -> None:
    """Three megabytes of hidden text would be sent to us for every picture, once a secret is known."""
    await show(run.page, web, "<input id=s value=a-secret-of-the-shop><p id=p hidden></p>")
    await run.page.perform(Capture(css("#s"), "key", secret=True))
    await show(run.page, web, HEADING + "<p id=p hidden></p><script>p.textContent='word '.repeat(6e5)</script>")
    picture = await run.page.picture().ready()
    assert [(box.x, box.y, box.width, box.height) for box in picture.covered] == [WHOLE]
