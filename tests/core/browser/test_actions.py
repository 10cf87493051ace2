"""Every action of the closed set, on a real page."""

from datetime import timedelta

import pytest

from core.browser.actions import Capture, Click, Fill, Hover, Key, Open, Press, Reload, Select, SetChecked
from core.browser.page import ActionFailed, InTheWay, OriginRefused
from core.browser.scope import PageLimits
from core.browser.sessions import BrowserRun
from core.workflows.locator import By, Link, Pattern
from core.workflows.step import Matcher
from tests.core.browser.shown import HURRIED, chain, css, holds, nth, show, text_of
from tests.fakes.web import Answer, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_open_goes_to_a_path_of_the_shop(run: BrowserRun, web: Web) -> None:
    web.show("<h1>Keys</h1>", "/wp-admin/admin.php")
    await run.page.perform(Open("/wp-admin/admin.php?page=wc-settings#top"))
    assert run.page.address == f"{web.origin}/wp-admin/admin.php?page=wc-settings"
    assert await text_of(run.page, "h1", "Keys")


ELSEWHERE = (
    "https://127.0.0.1/",
    "http://127.0.0.1:1/",
    "//evil.example/x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "view-source:http://127.0.0.1",
    "chrome://version",
    "http://user@127.0.0.1/",
    "\\\\evil.example",
)


async def test_open_refuses_every_other_origin_and_scheme(run: BrowserRun) -> None:
    for address in ELSEWHERE:
        with pytest.raises(OriginRefused):
            await run.page.perform(Open(address))
    assert run.page.address == "about:blank"


async def test_a_button_is_pressed_once_the_last_script_has_told_it_what_to_do(run: BrowserRun, web: Web) -> None:
    web.pages["/late.js"] = Answer("go.onclick = () => { h.textContent = 'told' }", after=0.5)
    web.show("<button id=go>Go</button><h1 id=h></h1><script src=/late.js></script>", "/late")
    await show(run.page, web, "<a href=/late>Late</a>")
    await run.page.perform(Click(css("a")))
    await run.page.perform(Click(css("#go")))
    assert await text_of(run.page, "h1", "told")


async def test_reload_loads_anew(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<h1>one</h1>")
    web.show("<h1>two</h1>")
    await run.page.perform(Reload())
    assert await text_of(run.page, "h1", "two")


async def test_click_clicks_and_says_where(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        "<button style='position:absolute;left:40px;top:60px;width:90px;height:30px' onclick='h.textContent=1'>Go</button><h1 id=h></h1>",
    )
    performed = await run.page.perform(Click(chain(Link(By.ROLE, "button", name="Go"))))
    assert await text_of(run.page, "h1", "1")
    assert performed.box is not None
    assert (performed.box.x, performed.box.y, performed.box.width, performed.box.height) == (40, 60, 90, 30)


async def test_click_waits_for_an_element_that_comes_late(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        "<h1></h1><script>setTimeout(()=>{document.body.insertAdjacentHTML('beforeend','<button onclick=document.querySelector(\"h1\").textContent=\"done\">Late</button>')},300)</script>",
    )
    await run.page.perform(Click(css("button")))
    assert await text_of(run.page, "h1", "done")


async def test_a_click_that_leads_to_a_slow_page_did_not_fail(run: BrowserRun, web: Web) -> None:
    web.pages["/slow"] = Answer("<title>Slow</title><h1>Arrived</h1>", after=1.6)
    await show(run.page, web, "<a href=/slow>Go</a>")
    await run.page.perform(Click(css("a")))
    assert await text_of(run.page, "h1", "Arrived")


BUSY = "const end=Date.now()+4000; h.textContent+='x'; while(Date.now()<end);"
# Less than the page is busy, and enough for a click to arrive on a machine that is busy, too.
THREE_SECONDS = pytest.mark.parametrize("limits", [PageLimits(action=timedelta(seconds=3))], ids=["three seconds"])
COVERED = (
    "<button id=go>Go</button><br><br><button id=under>Under</button><p style='position:fixed;inset:40px 0 0'></p>"
)


@THREE_SECONDS
@pytest.mark.parametrize(("event", "key"), [("click", None), ("keydown", Key.ENTER)])
async def test_what_was_pressed_counts_as_pressed_however_busy_the_page_is_with_it(
    event: str, key: Key | None, run: BrowserRun, web: Web
) -> None:
    await show(run.page, web, f'<button id=go on{event}="{BUSY}">Go</button><h1 id=h></h1>')
    await run.page.perform(Press(css("#go"), key) if key else Click(css("#go")))
    assert await text_of(run.page, "#h", "x")


@THREE_SECONDS
@pytest.mark.parametrize("presses_itself", [False, True], ids=["a click before", "and clicks of a script"])
async def test_neither_an_earlier_click_nor_a_script_s_stands_for_one_that_did_not_arrive(
    presses_itself: bool, run: BrowserRun, web: Web
) -> None:
    script = "<script>setInterval(() => under.click(), 50)</script>" if presses_itself else ""
    await show(run.page, web, COVERED + script)
    await run.page.perform(Click(css("#go")))
    with pytest.raises(InTheWay):
        await run.page.perform(Click(css("#under")))


async def test_hover_fill_select_tick_and_press(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        """<p onmouseover="this.textContent='over'">p</p><form onsubmit="h.textContent='sent';return false"><input id=t>
        <select id=s><option value=r>Read<option value=rw>Read/Write</select><input type=checkbox id=c></form><h1 id=h></h1>""",
    )
    await run.page.perform(Hover(css("p")))
    await run.page.perform(Fill(css("#t"), "words"))
    await run.page.perform(Select(css("#s"), "Read/Write"))
    await run.page.perform(SetChecked(css("#c"), checked=True))
    assert await text_of(run.page, "p", "over")
    assert (await holds(run.page, Matcher.HAS_VALUE, "#t", "words")).held
    assert (await holds(run.page, Matcher.HAS_VALUE, "#s", "rw")).held
    assert (await holds(run.page, Matcher.CHECKED, "#c")).held
    await run.page.perform(SetChecked(css("#c"), checked=False))
    assert (await holds(run.page, Matcher.CHECKED, "#c", negated=True)).held
    await run.page.perform(Press(css("#t"), Key.ENTER))
    assert await text_of(run.page, "h1", "sent")


async def test_capture_reads_a_field_or_what_an_element_says(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<input id=i readonly value=' ck_abc '><p id=p>47 <b>products</b></p><p id=e></p>")
    assert (await run.page.perform(Capture(css("#i"), "key"))).value == "ck_abc"
    assert (await run.page.perform(Capture(css("#p"), "count"))).value == "47 products"
    with pytest.raises(ActionFailed, match="nothing in it"):
        await run.page.perform(Capture(css("#e"), "nothing"))
    await show(run.page, web, f"<p>{'a' * 5000}</p>")
    with pytest.raises(ActionFailed, match="more in it than one value"):
        await run.page.perform(Capture(css("p"), "too much"))


async def test_present_counts_what_can_be_seen_and_does_not_wait(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<p>a</p><p>b</p><p hidden>c</p>")
    assert await run.page.present(css("p")) == 2
    assert await run.page.present(css("h6")) == 0


async def test_several_that_fit_are_refused_unless_one_is_meant(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        "<a href=# onclick=h.textContent=1>Settings</a><a href=# onclick=h.textContent=2>Settings</a><h1 id=h></h1>",
    )
    with pytest.raises(ActionFailed, match="2 elements fit link “Settings”"):
        await run.page.perform(Click(chain(Link(By.ROLE, "link", name="Settings"))))
    await run.page.perform(Click(nth("a", -1)))
    assert await text_of(run.page, "h1", "2")


@HURRIED
async def test_an_element_that_is_missing_covered_or_switched_off_fails_in_words(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        "<button id=off disabled>Off</button><button id=under>Under</button><div style='position:fixed;inset:0'></div><select id=s><option>a</select>",
    )
    with pytest.raises(ActionFailed, match="There is no “#none” on the page"):
        await run.page.perform(Click(css("#none")))
    for hidden in ("#off", "#under"):
        with pytest.raises(ActionFailed, match="It is covered, hidden or switched off"):
            await run.page.perform(Click(css(hidden)))
    with pytest.raises(ActionFailed, match="There is no such option"):
        await run.page.perform(Select(css("#s"), "b"))


LINKS = [
    (Link(By.ROLE, "button", name=Pattern("^disk ?save$", "i")),),
    (Link(By.ROLE, "heading", options=(("level", 3),)), Link(By.CSS, "button")),
    (Link(By.LABEL, "Name of it"), Link(By.XPATH, "../..//button")),
    (Link(By.TEXT, Pattern("^sa+ve$", "i")),),
    (Link(By.PLACEHOLDER, "Search"), Link(By.XPATH, "following::button[1]")),
    (Link(By.TEST_ID, "save"),),
    (Link(By.ALT, "Disk"), Link(By.XPATH, "..")),
    (Link(By.TITLE, "Keep it"),),
    (Link(By.CSS, "button"), Link(By.HAS_TEXT, "Save"), Link(By.NTH, 0)),
    (Link(By.CSS, "button"), Link(By.HAS_NOT_TEXT, Pattern("Draft|all")), Link(By.VISIBLE, True)),
    (Link(By.CSS, "button"), Link(By.HAS, css("img"))),
    (Link(By.CSS, "button"), Link(By.HAS_NOT, css("i")), Link(By.NTH, 0)),
    (Link(By.CSS, "#nothing"), Link(By.OR, css("[data-testid=save]"))),
    (Link(By.CSS, "button"), Link(By.AND, css("[title]"))),
]


async def test_each_link_of_a_locator_finds_the_one_button(run: BrowserRun, web: Web) -> None:
    web.show(
        """<h3><label>Name of it<input placeholder=Search></label><button data-testid=save title="Keep it"
        onclick="h.textContent='right'"><img alt=Disk src=x>Save</button></h3><button hidden>Hidden</button>
        <button>Save<i> all</i></button><button><i></i>Draft</button><h1 id=h></h1>"""
    )
    for links in LINKS:
        await run.page.perform(Open("/"))
        await run.page.perform(Click(chain(*links)))
        assert await text_of(run.page, "#h", "right"), links


async def test_an_element_in_a_frame_is_found(run: BrowserRun, web: Web) -> None:
    web.show("<button onclick=this.textContent='clicked'>In</button>", "/inner")
    await show(run.page, web, "<iframe src=/inner></iframe>")
    inside = chain(Link(By.FRAME, "iframe"), Link(By.ROLE, "button"))
    await run.page.perform(Click(inside))
    assert (await run.page.perform(Capture(inside, "it"))).value == "clicked"


async def test_a_locator_that_cannot_be_read_fails_in_words(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<a>x</a>")
    for link in (Link(By.CSS, "a >> nth=0"), Link(By.TEXT, Pattern("(")), Link(By.CSS, "a[[")):
        with pytest.raises(ActionFailed, match="can't be read"):
            await run.page.perform(Click(chain(link)))
