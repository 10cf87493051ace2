"""The live picture of a run: every frame that leaves is looked at, and on none of them is a secret."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image

from core.browser import live
from core.browser.actions import Capture, Click, Fill, FillOnce, FillSecret, Open
from core.browser.covering import Covering, Glance
from core.browser.egress import EgressProxy
from core.browser.eyes import Eyes
from core.browser.live import LiveCamera
from core.browser.live_sink import LiveSink
from core.browser.scope import RunScope
from core.browser.sessions import BrowserRun, Browsers
from core.security.secret import Secret
from tests.core.browser.shown import css, show, text_of
from tests.fakes.live import FakeLiveSink
from tests.fakes.web import Answer, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = (255, 0, 255)  # the colour that every secret of these pages is drawn in, and nothing else
NEAR = 60  # of 255, for each of red, green and blue
STYLE = "<style>*{margin:0;font:24px monospace}.key{background:#f0f;color:#f0f;display:block;width:500px;height:60px}</style>"
PAGE = f"{STYLE}<h1>Keys</h1><button id=make onclick=\"setTimeout(() => out.innerHTML = '<b class=key>ck_0123456789abcdef</b>', 80)\">Generate</button><div id=out></div>"
# Something that moves all the time, so that frames come without end.
MOVES = "<i id=n>0</i><script>setInterval(() => n.textContent++, 40)</script>"
ENOUGH = 4  # looks in a row: a frame that should not leave would have left by then


def shows_canary(frame: bytes) -> bool:
    """Whether a pixel of this frame has the colour of a secret."""
    with Image.open(BytesIO(frame)) as image:
        colours = image.convert("RGB").resize((240, 150), Image.Resampling.NEAREST).getcolors(36_000) or []
    return any(max(abs(a - b) for a, b in zip(colour, CANARY, strict=True)) < NEAR for _, colour in colours)  # type: ignore[arg-type]  # RGB has three


def leaked(frames: Iterable[bytes]) -> int:
    return sum(shows_canary(frame) for frame in frames)


@pytest.fixture
def sink() -> FakeLiveSink:
    return FakeLiveSink()


@pytest_asyncio.fixture(loop_scope="module")
async def watched(
    browsers: Browsers, scope: RunScope, egress: EgressProxy, sink: FakeLiveSink
) -> AsyncIterator[BrowserRun]:
    async with browsers.run(replace(scope, live=sink), egress) as run:
        yield run


@pytest_asyncio.fixture(loop_scope="module")
async def looks(monkeypatch: pytest.MonkeyPatch) -> asyncio.Semaphore:
    """Counts the looks of the camera that are over."""
    counted = asyncio.Semaphore(0)
    look = LiveCamera._look

    async def look_and_count(camera: LiveCamera, sink: LiveSink) -> None:
        await look(camera, sink)
        counted.release()

    monkeypatch.setattr(LiveCamera, "_look", look_and_count)
    return counted


async def several(looks: asyncio.Semaphore) -> None:
    """Wait until the camera has looked as often as is enough."""
    while not looks.locked():
        await looks.acquire()
    async with asyncio.timeout(20):
        for _ in range(ENOUGH):
            await looks.acquire()


async def test_whoever_watches_sees_the_page_as_it_changes(watched: BrowserRun, web: Web, sink: FakeLiveSink) -> None:
    await show(watched.page, web, f"{STYLE}{MOVES}<b class=key></b>")
    frame = await sink.further(2)
    assert shows_canary(frame)  # the control of all that follows: nothing here is a secret, and the colour is seen
    with Image.open(BytesIO(frame)) as image:
        assert (image.format, image.size) == ("WEBP", live.SIZE)
    assert len(frame) < 60_000


async def test_nothing_is_captured_while_nobody_watches(
    browsers: Browsers, scope: RunScope, egress: EgressProxy, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink, captured = FakeLiveSink(is_watched=False), list[str]()
    glance = Covering.glance

    async def noted(covering: Covering) -> Glance:
        captured.append("look")
        return await glance(covering)

    monkeypatch.setattr(Covering, "glance", noted)
    async with browsers.run(replace(scope, live=sink), egress) as run:
        await show(run.page, web, f"{STYLE}{MOVES}<button id=b onclick=\"this.textContent='pressed'\">b</button>")
        await run.page.perform(Click(css("#b")))
        assert await text_of(run.page, "#b", "pressed")
        assert (captured, sink.frames) == ([], [])
        sink.begin_to_watch()
        await sink.further()
    assert captured
    assert sink.has_ended


async def test_a_page_that_stands_still_is_captured_once(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore
) -> None:
    await show(watched.page, web, "<h1>still</h1>")
    await sink.further()
    await several(looks)
    there = len(sink.frames)
    await several(looks)
    assert len(sink.frames) <= there + 1  # what rings no bell is looked for every three seconds


async def test_no_frame_of_a_key_that_comes_by_itself_after_a_click(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore
) -> None:
    """The run says before the click that the page may show one from then on: nothing on the page tells that it is a key."""
    await show(watched.page, web, PAGE + MOVES)
    await sink.further()
    watched.page.keep_from_view()
    await watched.page.perform(Click(css("#make")))
    assert await text_of(watched.page, "#out", "ck_0123456789abcdef")
    await several(looks)
    assert sink.is_paused
    assert leaked(sink.frames) == 0


async def test_without_that_the_same_key_would_be_seen(watched: BrowserRun, web: Web, sink: FakeLiveSink) -> None:
    """The control for the test above: the colour is noticed."""
    await show(watched.page, web, PAGE + MOVES)
    await watched.page.perform(Click(css("#make")))
    assert await text_of(watched.page, "#out", "ck_0123456789abcdef")
    assert shows_canary(await sink.further(2))


async def test_no_frame_of_what_the_run_calls_sensitive_and_frames_again_once_it_is_gone(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore
) -> None:
    comes = "setTimeout(() => out.innerHTML = '<b class=key id=key_consumer_secret>cs_1</b>', 60)"
    buttons = f'<button id=come onclick="{comes}">come</button><button id=go onclick="out.innerHTML=\'\'">go</button>'
    await show(watched.page, web, f"{STYLE}{MOVES}{buttons}<div id=out></div>")
    await sink.further()
    await watched.page.perform(Click(css("#come")))
    assert await text_of(watched.page, "#key_consumer_secret", "cs_1")
    await sink.paused()
    await several(looks)
    assert leaked(sink.frames) == 0
    await watched.page.perform(Click(css("#go")))
    assert not shows_canary(await sink.further())
    assert not sink.is_paused


SIGN_IN = f"{STYLE}{MOVES}<form method=post action=/in><input id=who><input id=pass type=password class=key><button id=go>Sign in</button></form>"


async def test_from_a_password_is_typed_until_its_field_is_gone_no_frame_leaves(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore
) -> None:
    web.show("<h1>in</h1>", "/in")
    await show(watched.page, web, SIGN_IN)
    await watched.page.perform(Fill(css("#who"), "admin"))
    await sink.further()  # an empty field is covered, as in every picture
    await watched.page.perform(FillSecret(css("#pass"), "password"))
    there = len(sink.frames)
    await several(looks)
    assert (len(sink.frames), sink.is_paused) == (there, True)
    await watched.page.perform(Click(css("#go")))
    await sink.further()
    assert leaked(sink.frames) == 0


async def test_no_frame_of_a_typed_password_that_the_page_writes_somewhere_else(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore
) -> None:
    copies = (
        "<script>pass.oninput = () => { out.textContent = pass.value; out.className = 'key'; pass.value = '' }</script>"
    )
    await show(watched.page, web, f"{STYLE}{MOVES}<input id=pass type=password><div id=out></div>{copies}")
    await sink.further()
    await watched.page.perform(FillSecret(css("#pass"), "password"))
    await several(looks)
    assert sink.is_paused
    assert leaked(sink.frames) == 0


async def test_no_frame_of_a_code_that_a_person_told_however_short(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore
) -> None:
    for said in ("123456", "12"):
        await show(watched.page, web, f"{STYLE}{MOVES}<input id=code oninput=\"code.className='key'\">")
        await watched.page.perform(FillOnce(css("#code"), Secret(said)))
        await several(looks)
        assert sink.is_paused
    assert leaked(sink.frames) == 0


async def test_no_frame_from_where_a_key_was_read(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore
) -> None:
    await show(watched.page, web, f"{STYLE}{MOVES}<b id=key>ck_0123456789</b>")
    await watched.page.perform(Capture(css("#key"), into="key", secret=True))
    there = len(sink.frames)
    await several(looks)
    web.pages["/drawn"] = Answer(f"<!doctype html>{STYLE}{MOVES}<b class=key></b>")
    await watched.page.perform(Open("/drawn"))
    await several(looks)
    assert (len(sink.frames), sink.is_paused) == (there, True)


async def test_a_frame_that_was_under_way_as_a_password_was_begun_to_be_typed_does_not_leave(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held between its capture and its leaving, until all is over and nothing of it is on the page any more."""
    clears = "<script>pass.oninput = () => { pass.value = ''; old.style.visibility = 'hidden' }</script>"
    await show(watched.page, web, f"{STYLE}{MOVES}<b id=old class=key></b><input id=pass type=password>{clears}")
    photographed, goes_on, photograph = asyncio.Event(), asyncio.Event(), Eyes.photograph

    async def slowly(eyes: Eyes) -> str:
        captured = await photograph(eyes)
        photographed.set()
        await goes_on.wait()
        return captured

    monkeypatch.setattr(Eyes, "photograph", slowly)
    await photographed.wait()
    await watched.page.perform(FillSecret(css("#pass"), "password"))
    monkeypatch.setattr(Eyes, "photograph", photograph)
    goes_on.set()
    assert sink.is_paused
    assert not shows_canary(await sink.further())  # the one after it: what it showed is gone by now


async def test_a_frame_does_not_leave_if_a_secret_came_while_it_was_captured(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed is kept by the page, and written out right before the capture."""
    keeps = "<script>let kept; pass.oninput = () => { kept = pass.value; pass.value = '' }; b.onclick = () => { out.textContent = kept; out.className = 'key' }</script>"
    await show(
        watched.page, web, f"{STYLE}{MOVES}<input id=pass type=password><button id=b>b</button><p id=out></p>{keeps}"
    )
    await watched.page.perform(FillSecret(css("#pass"), "password"))
    await sink.further()
    photograph = Eyes.photograph

    async def shown_first(eyes: Eyes) -> str:
        await eyes.glance("function () { document.querySelector('#b').click(); }")
        return await photograph(eyes)

    monkeypatch.setattr(Eyes, "photograph", shown_first)
    await sink.paused()
    await several(looks)
    assert leaked(sink.frames) == 0


async def test_a_frame_does_not_leave_if_what_is_covered_moved_while_it_was_captured(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, looks: asyncio.Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty field for a password is covered where it was seen last, which is not where it was captured."""
    await show(watched.page, web, f"{STYLE}{MOVES}<input id=pass type=password class=key>")
    assert not shows_canary(await sink.further())
    photograph = Eyes.photograph

    async def moved_after(eyes: Eyes) -> str:
        captured = await photograph(eyes)
        await eyes.glance(
            "function () { const at = document.querySelector('#pass').style; at.marginLeft = at.marginLeft ? '' : '600px'; }"
        )
        return captured

    monkeypatch.setattr(Eyes, "photograph", moved_after)
    await several(looks)
    there = len(sink.frames)
    await several(looks)
    assert (len(sink.frames), leaked(sink.frames)) == (there, 0)
    monkeypatch.setattr(Eyes, "photograph", photograph)
    assert not shows_canary(await sink.further())


SAFEGUARDS = ["holds_secret", "keep_from_view"]


@pytest.mark.parametrize("missing", SAFEGUARDS)
async def test_each_safeguard_is_needed(
    watched: BrowserRun, web: Web, sink: FakeLiveSink, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Taken out, a frame shows what the tests above look for."""
    glance = Covering.glance
    if missing == "holds_secret":
        monkeypatch.setattr(Covering, "glance", lambda covering: _blind(glance, covering))
    else:
        monkeypatch.setattr(LiveCamera, "hide", lambda camera: None)
    body = {
        "holds_secret": f"{STYLE}{MOVES}<b class=key>{'correct horse+battery'}</b><input id=pass type=password>",
        "keep_from_view": PAGE + MOVES,
    }
    await show(watched.page, web, body[missing])
    if missing == "holds_secret":
        await watched.page.perform(FillSecret(css("#pass"), "password"))
    else:
        watched.page.keep_from_view()
        await watched.page.perform(Click(css("#make")))
        assert await text_of(watched.page, "#out", "ck_0123456789abcdef")
    assert shows_canary(await sink.further(2))


async def _blind(glance: object, covering: Covering) -> Glance:
    seen: Glance = await glance(covering)  # type: ignore[operator]  # the method itself
    return replace(seen, holds_secret=False)
