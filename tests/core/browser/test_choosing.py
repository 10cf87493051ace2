"""An option is chosen in a select, and in a list that a page draws in place of one; if it is not clear which, none is."""

import pytest

from core.browser.actions import Select
from core.browser.page import ActionFailed, BrowserPage, InTheWay
from core.browser.sessions import BrowserRun
from core.workflows.step import Matcher
from tests.core.browser.shown import HURRIED, css, holds, show, text_of
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

NATIVE = "<select id=s><option value=>none</option><option value=r>Read</option><option value=rw>Read/Write</option></select>"
LIST = """<button id=s aria-haspopup=listbox onclick="l.hidden=!l.hidden">none</button><ul id=l role=listbox hidden
 onclick="s.textContent=event.target.dataset.value;l.hidden=true">%s</ul>"""
OPTIONS = "<li role=option data-value=r>Read</li><li role=option data-value=rw> Read/Write </li><li role=option data-value=w>Write</li>"
COVER = "<div style='position:fixed;inset:0'></div>"


async def chosen(page: BrowserPage, option: str) -> None:
    await page.perform(Select(css("#s"), option))


@pytest.mark.parametrize("option", ["rw", "Read/Write"])
async def test_a_select_takes_a_value_or_a_label(run: BrowserRun, web: Web, option: str) -> None:
    await show(run.page, web, NATIVE)
    await chosen(run.page, option)
    assert (await holds(run.page, Matcher.HAS_VALUE, "#s", "rw")).held


@pytest.mark.parametrize("option", ["rw", "Read/Write", "READ/WRITE"])
async def test_a_drawn_list_takes_a_value_or_a_label(run: BrowserRun, web: Web, option: str) -> None:
    await show(run.page, web, LIST % OPTIONS)
    await chosen(run.page, option)
    assert await text_of(run.page, "#s", "rw")


@HURRIED
@pytest.mark.parametrize("body", [NATIVE, LIST % OPTIONS], ids=["a select", "a drawn list"])
async def test_an_option_that_is_not_there_is_told(run: BrowserRun, web: Web, body: str) -> None:
    await show(run.page, web, body)
    with pytest.raises(ActionFailed, match=r"There is no such option\.$"):
        await chosen(run.page, "Execute")


async def test_a_part_of_a_label_is_no_option(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, LIST % OPTIONS)
    with pytest.raises(ActionFailed, match="no such option"):
        await chosen(run.page, "Read/")


async def test_of_two_that_fit_neither_is_chosen(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, LIST % (OPTIONS + "<li role=option data-value=other>Read/Write</li>"))
    with pytest.raises(ActionFailed, match="no such option"):
        await chosen(run.page, "Read/Write")
    assert (await holds(run.page, Matcher.HAS_TEXT, "#s", "none")).held


async def test_an_option_that_cannot_be_seen_is_none(run: BrowserRun, web: Web) -> None:
    hidden = "<ul role=listbox style='display:none'><li role=option data-value=rw>Read/Write</li></ul>"
    await show(run.page, web, hidden + LIST % OPTIONS)
    await chosen(run.page, "Read/Write")
    assert await text_of(run.page, "#s", "rw")


async def test_a_select_beside_a_drawn_list_is_not_mistaken_for_it(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, NATIVE.replace("id=s", "id=another") + LIST % OPTIONS)
    await chosen(run.page, "Read/Write")
    assert await text_of(run.page, "#s", "rw")
    assert (await holds(run.page, Matcher.HAS_VALUE, "#another", "")).held


@HURRIED
@pytest.mark.parametrize(
    "body",
    [
        COVER + LIST % OPTIONS,
        (LIST % OPTIONS).replace("l.hidden=!l.hidden", "l.hidden=!l.hidden;c.hidden=false")
        + COVER.replace("<div", "<div id=c hidden"),
    ],
    ids=["the list", "its options"],
)
async def test_what_is_covered_is_in_the_way(run: BrowserRun, web: Web, body: str) -> None:
    await show(run.page, web, body)
    with pytest.raises(InTheWay, match="It is covered, hidden or switched off"):
        await chosen(run.page, "Read/Write")
    assert (await holds(run.page, Matcher.HAS_TEXT, "#s", "none")).held


@HURRIED
async def test_a_list_that_is_switched_off_is_in_the_way(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, (LIST % OPTIONS).replace("<button", "<button disabled"))
    with pytest.raises(InTheWay):
        await chosen(run.page, "Read/Write")
