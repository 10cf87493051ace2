"""Pictures show the page, and never a secret: checked pixel by pixel, against a control in which nothing is covered."""

import asyncio
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from core.browser import pictures
from core.browser.actions import (
    Action,
    Capture,
    Click,
    Fill,
    FillSecret,
    Hover,
    Key,
    Open,
    Press,
    Select,
    SetChecked,
)
from core.browser.egress import EgressProxy
from core.browser.eyes import Eyes
from core.browser.page import Box, Picture
from core.browser.pictures import COVER_COLOUR
from core.browser.scope import RunScope
from core.browser.sessions import BrowserRun, Browsers
from core.workflows.locator import By, Link
from core.workflows.step import Check, Matcher
from tests.core.browser.shown import HURRIED, SOON, chain, css, show
from tests.fakes.web import Answer, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "cs_0123456789abcdef0123456789abcdef01234567"
STYLE = "<style>*{margin:0;font:16px monospace}#a,#b,#c{position:absolute;left:100px;width:400px;height:40px}#a{top:100px}#b{top:200px}#c{top:300px}</style>"
NEAR = 24  # of 255; WebP changes colours a little


def flat(picture: Picture, box: Box) -> bool:
    """Whether everything inside a box has the covering colour; the outermost pixels may take on some of the next one's."""
    with Image.open(BytesIO(picture.webp)) as image:
        inner = (int(box.x) + 2, int(box.y) + 2, int(box.x + box.width) - 2, int(box.y + box.height) - 2)
        bands = image.convert("RGB").crop(inner).split()
    for band, wanted in zip(bands, COVER_COLOUR, strict=True):
        darkest, brightest = band.getextrema()
        if darkest < wanted - NEAR or brightest > wanted + NEAR:  # type: ignore[operator]  # of one band, they are numbers
            return False
    return True


def covers(picture: Picture, box: Box) -> bool:
    """Whether some covered box holds all of this one."""
    return any(
        one.x <= box.x
        and one.y <= box.y
        and one.x + one.width >= box.x + box.width
        and one.y + one.height >= box.y + box.height
        for one in picture.covered
    )


def middle(picture: Picture) -> tuple[int, int, int]:
    """The colour below the middle of a picture."""
    with Image.open(BytesIO(picture.webp)) as image:
        red, green, blue = image.convert("RGB").getpixel((600, 600))  # type: ignore[misc]  # RGB has three
    return red, green, blue


async def taken(run: BrowserRun) -> Picture:
    return await run.page.picture().ready()


async def test_a_picture_shows_the_page_in_its_size(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<body style='background:rgb(10,200,30)'>")
    picture = await taken(run)
    assert (picture.width, picture.height, picture.covered) == (1280, 800, ())
    assert picture.address == f"{web.origin}/"
    with Image.open(BytesIO(picture.webp)) as image:
        assert (image.format, image.size) == ("WEBP", (1280, 800))
        red, green, blue = image.convert("RGB").getpixel((640, 400))  # type: ignore[misc]  # RGB has three
    assert max(abs(red - 10), abs(green - 200), abs(blue - 30)) <= NEAR


SECRET_PAGE = f"""{STYLE}<input id=a type=password value=hunter2hunter2><input id=b autocomplete=one-time-code value=123456>
<div id=keys-qrcode style="position:absolute;left:100px;top:300px;width:200px;height:200px;background:repeating-linear-gradient(45deg,#000,#fff 9px)"></div>"""


async def test_password_fields_codes_and_sensitive_elements_are_one_flat_colour(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, SECRET_PAGE)
    picture = await taken(run)
    for box in (Box(100, 100, 400, 40), Box(100, 200, 400, 40), Box(100, 300, 200, 200)):
        assert covers(picture, box)
    assert all(flat(picture, box) for box in picture.covered)


async def test_the_same_boxes_are_not_flat_if_nothing_is_covered(
    run: BrowserRun, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for the test above: it would notice."""
    monkeypatch.setattr(pictures, "cover", lambda *_: None)
    await show(run.page, web, SECRET_PAGE)
    picture = await taken(run)
    assert len(picture.covered) == 3
    assert not any(flat(picture, box) for box in picture.covered)


async def test_a_password_field_turned_into_a_text_field_stays_covered(run: BrowserRun, web: Web) -> None:
    body = f"{STYLE}<input id=a type=password value=seen><button id=c onclick=a.type='text'>Show password</button>"
    await show(run.page, web, body)
    await run.page.perform(Click(css("#c")))
    assert (await run.page.expect(Check(Matcher.VISIBLE, css("#a[type=text]")), SOON)).held
    picture = await taken(run)
    assert covers(picture, Box(100, 100, 400, 40))


async def test_a_live_secret_is_covered_wherever_it_stands(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, f"{STYLE}<input id=key_consumer_secret readonly value={KEY}>")
    await run.page.perform(Capture(css("#key_consumer_secret"), "consumer_secret", secret=True))
    body = f"""{STYLE}<p id=a>Your secret is {KEY}</p><p id=b>{KEY[:20]}<b>{KEY[20:]}</b></p><input id=c readonly value="x{KEY}">
    <p style="position:absolute;top:500px">nothing here</p>"""
    web.show(body, "/again")
    await run.page.perform(Open("/again"))
    picture = await taken(run)
    for top in (100, 200, 300):
        assert any(abs(box.y - top) < 12 and box.width > 150 for box in picture.covered), top
    assert all(flat(picture, box) for box in picture.covered)
    assert not any(box.y > 400 for box in picture.covered)


async def test_a_spaced_password_is_covered_as_wordpress_shows_it(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, f"{STYLE}<input id=a value='abcd EFGH ijkl'><p id=b>abcd&nbsp;EFGH\n ijkl</p>")
    assert (await taken(run)).covered == ()
    await run.page.perform(Capture(css("#a"), "application_password", secret=True))
    picture = await taken(run)
    assert covers(picture, Box(100, 100, 400, 40))
    assert any(box.y >= 190 and box.width > 100 for box in picture.covered)


async def test_shadow_roots_and_frames_are_looked_into_and_closed_ones_covered_whole(run: BrowserRun, web: Web) -> None:
    web.show(f"{STYLE}<input id=a type=password>", "/inner")
    body = f"""{STYLE}<div id=host></div><iframe src=/inner style="position:absolute;left:600px;top:50px;width:550px;height:300px;border:5px solid"></iframe>
    <iframe sandbox srcdoc=x style="position:absolute;left:20px;top:500px;width:200px;height:100px;border:0"></iframe>
    <script>host.attachShadow({{mode:'open'}}).innerHTML='<input type=password style="position:absolute;left:50px;top:400px;width:100px;height:30px">'</script>"""
    await show(run.page, web, body)
    picture = await taken(run)
    assert covers(picture, Box(50, 400, 100, 30))
    assert covers(picture, Box(605 + 100, 55 + 100, 400, 40))
    assert covers(picture, Box(20, 500, 200, 100))
    assert all(flat(picture, box) for box in picture.covered)


async def test_a_sensitive_element_is_covered_however_its_locator_looks(
    browsers: Browsers, scope: RunScope, egress: EgressProxy, web: Web
) -> None:
    by_role = chain(Link(By.ROLE, "heading"), Link(By.HAS_TEXT, "Secret"))
    async with browsers.run(replace(scope, sensitive=(by_role,)), egress) as run:
        await show(run.page, web, f"{STYLE}<h1 id=a>Secret</h1><h1 id=b>Public</h1>")
        picture = await taken(run)
    assert covers(picture, Box(100, 100, 400, 40))
    assert not covers(picture, Box(100, 200, 400, 40))


async def test_what_never_stands_still_is_covered_whole(run: BrowserRun, web: Web) -> None:
    body = f"{STYLE}<input id=a type=password value=xxxxxxxx><script>n=0;setInterval(()=>a.style.left=(n=(n+7)%600)+'px',1)</script>"
    await show(run.page, web, body)
    picture = await taken(run)
    assert picture.covered == (Box(0, 0, 1280, 800),)
    assert flat(picture, picture.covered[0])


@HURRIED
async def test_a_page_that_does_not_answer_gives_a_flat_picture(
    run: BrowserRun, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.browser.eyes.ANSWER_WITHIN", 0.3)
    web.pages["/hangs"] = Answer("late", after=3)
    await show(run.page, web, "<h1>x</h1><button onclick=\"location='/hangs'\">Go</button>")
    await run.page.perform(Click(css("button")))
    picture = await taken(run)
    assert picture.covered == (Box(0, 0, 1280, 800),)
    assert await run.page.seen() == "the shop has not answered yet"


async def test_the_page_may_change_as_soon_as_the_picture_is_captured(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<body style='background:rgb(200,10,10)'>")
    pending = run.page.picture()
    await show(run.page, web, "<body style='background:rgb(10,10,200)'>")
    red, _, blue = middle(await pending.ready())
    assert red > 150 > blue


# Each turns the page blue, by way of what it does; the last by scrolling to what is out of sight.
TURNS_BLUE = "<body style='background:rgb(200,10,10)'><script>addEventListener('EVENT',()=>document.body.style.background='rgb(10,10,200)')</script>"
DEEDS = (
    ("input", "<input id=it>", Fill(css("#it"), "x")),
    ("input", "<input id=it type=password>", FillSecret(css("#it"), "password")),
    ("click", "<button id=it>Go</button>", Click(css("#it"))),
    ("keydown", "<input id=it>", Press(css("#it"), Key.ENTER)),
    ("mouseover", "<p id=it>Over</p>", Hover(css("#it"))),
    ("change", "<select id=it><option>a<option>b</select>", Select(css("#it"), "b")),
    ("change", "<input id=it type=checkbox>", SetChecked(css("#it"), checked=True)),
    ("scroll", "<p style='margin-top:3000px' id=it>Read</p>", Capture(css("#it"), "it")),
)


@pytest.mark.parametrize(("event", "body", "deed"), DEEDS, ids=[type(deed).__name__ for *_, deed in DEEDS])
async def test_no_deed_changes_the_page_before_its_picture_is_captured(
    run: BrowserRun, web: Web, monkeypatch: pytest.MonkeyPatch, event: str, body: str, deed: Action
) -> None:
    may_be_taken = asyncio.Event()
    original = Eyes.photograph

    async def late(self: Eyes) -> str:
        await may_be_taken.wait()
        return await original(self)

    monkeypatch.setattr(Eyes, "photograph", late)
    await show(run.page, web, TURNS_BLUE.replace("EVENT", event) + body)
    pending = run.page.picture()
    doing = asyncio.get_running_loop().create_task(run.page.perform(deed))
    waited = not (await asyncio.wait({doing}, timeout=0.4))[0]
    may_be_taken.set()
    assert waited
    red, _, blue = middle(await pending.ready())
    assert red > 150 > blue
    await doing
    red, _, blue = middle(await taken(run))
    assert blue > 150 > red


async def test_what_was_touched_is_told_where_it_is_also_while_a_picture_is_captured(run: BrowserRun, web: Web) -> None:
    """The button is in the window's sight, and out of that of the box around it, until it is brought there."""
    clipped = "<div style='height:60px;overflow:auto'><p style='height:300px'>Up</p><button id=it>Go</button></div>"
    await show(run.page, web, clipped)
    pending = run.page.picture()
    performed = await run.page.perform(Click(css("#it")))
    await pending.ready()
    assert performed.box is not None
    assert performed.box.y < 70


async def test_the_last_picture_is_captured_before_the_page_is_closed(
    browsers: Browsers, scope: RunScope, egress: EgressProxy, web: Web
) -> None:
    async with browsers.run(scope, egress) as run:
        await show(run.page, web, "<body style='background:rgb(200,10,10)'>")
        pending = run.page.picture()
    red, _, blue = middle(await pending.ready())
    assert red > 150 > blue


async def test_values_of_secrets_are_not_handed_to_the_page(
    run: BrowserRun, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is asked for its texts; they are compared on our side."""
    await show(run.page, web, "<input id=f type=password>")
    await run.page.perform(FillSecret(css("#f"), "password"))
    asked: list[object] = []
    original = Eyes.ask

    async def listening(self: Eyes, function: str, *arguments: object) -> object:
        asked.append((function, arguments))
        return await original(self, function, *arguments)

    monkeypatch.setattr(Eyes, "ask", listening)
    await taken(run)
    assert asked
    assert "correct horse" not in repr(asked)
