"""What is pressed is marked on the picture before, if it really is to be seen there, and else on none."""

import pytest

from core.browser.actions import Click, Key, Press
from core.browser.page import Box
from core.browser.places import Places
from core.browser.sessions import BrowserRun
from core.workflows.locator import By, Link
from tests.core.browser.shown import chain, css, show, text_of
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

STYLE = "<style>*{margin:0}#go{position:absolute;left:100px;top:200px;width:120px;height:40px}</style>"
LEADS = f"{STYLE}<form action=/next><button id=go>Go</button></form>"
BOX = Box(100, 200, 120, 40)


async def test_what_led_away_is_on_the_picture_before(run: BrowserRun, web: Web) -> None:
    web.show("<h1>Next</h1>", "/next")
    await show(run.page, web, LEADS)
    before = run.page.picture()
    performed = await run.page.perform(Click(css("#go")))
    assert await text_of(run.page, "h1", "Next")
    assert (performed.on, performed.box) == (before, BOX)


async def test_a_key_that_is_pressed_in_a_field_is_on_it_too(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, f"{STYLE}<input id=go>")
    before = run.page.picture()
    assert (await run.page.perform(Press(css("#go"), Key.ENTER))).on == before


@pytest.mark.parametrize(
    ("body", "change"),
    [
        (f"{STYLE}<button id=go>Go</button>", None),
        (f"<p style='height:3000px'></p>{STYLE.replace('absolute', 'static')}<button id=go>Go</button>", None),
        (
            f"{STYLE}<button id=go>Go</button><b id=lid style='position:absolute;inset:0;background:#fff'></b>",
            "lid.remove()",
        ),
        (f"{STYLE}<button id=go>Go</button>", "go.style.left = '101px'"),
        (f"{STYLE}<button id=go>Go</button>", "go.outerHTML = '<button id=go>Go</button>'"),
        (f"{STYLE}<b id=x></b>", "x.outerHTML = '<button id=go>Go</button>'"),
        (f"{STYLE}<button id=go>Go</button>", "location.reload()"),
    ],
    ids=["no picture", "scrolled", "was covered", "moved", "is another", "came later", "another document"],
)
async def test_what_is_not_to_be_seen_there_is_on_none(
    run: BrowserRun, web: Web, body: str, change: str | None
) -> None:
    """Something changes between the picture and the click, which the page itself does, at a press of a key elsewhere."""
    does = f"<input id=k style='position:fixed;bottom:0' onkeydown=\"{change}; document.title='changed'\">"
    await show(run.page, web, body + does)
    if change is not None or "3000px" in body:
        await run.page.picture().ready()
    if change is not None:
        await run.page.perform(Press(css("#k"), Key.TAB))
    performed = await run.page.perform(Click(css("#go")))
    assert performed.on is None


async def test_what_stands_in_a_frame_has_no_place_on_the_picture(run: BrowserRun, web: Web) -> None:
    """Its own place counts from the frame's corner: marked there, something else would be."""
    web.show(LEADS, "/inner")
    await show(
        run.page, web, f"{STYLE}<button id=go>Other</button><iframe src=/inner style='margin-top:300px'></iframe>"
    )
    await run.page.picture().ready()
    performed = await run.page.perform(Click(chain(Link(By.FRAME, "iframe"), Link(By.CSS, "#go"))))
    assert (performed.box, performed.on) == (None, None)


async def test_on_a_picture_that_could_not_be_covered_in_parts_nothing_is(
    run: BrowserRun, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one flat colour."""
    moves = "<input type=password id=p style='position:absolute'><script>let n = 0; setInterval(() => p.style.left = (n++ % 500) + 'px', 4)</script>"
    await show(run.page, web, f"{STYLE}<button id=go>Go</button>{moves}")
    picture = await run.page.picture().ready()
    assert picture.covered[0] == Box(0, 0, 1280, 800)
    assert (await run.page.perform(Click(css("#go")))).on is None


async def test_that_it_is_looked_for_is_needed(run: BrowserRun, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the look a place would be marked where nothing is."""

    async def has(places: Places, path: str, box: Box) -> bool:
        return True

    monkeypatch.setattr(Places, "has", has)
    await show(run.page, web, f"{STYLE}<p style='height:3000px'></p><button id=go style='top:2900px'>Go</button>")
    await run.page.picture().ready()
    assert (await run.page.perform(Click(css("#go")))).on is not None
