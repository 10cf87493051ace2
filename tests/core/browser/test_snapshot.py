"""What a page offers: roles, names and neighbours, no values and no secrets; and each element is found again, or not at all."""

import pytest

from core.browser.actions import Click, Fill
from core.browser.sessions import BrowserRun
from core.browser.snapshot import MOST_ELEMENTS, ElementSeen, Snapshot
from core.workflows.step import Check, Matcher
from tests.core.browser.shown import SOON, css, show
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM = """<main><h1>New key</h1><form>
<table><tr><th>Description</th><td><input id=key_description name=description class='wide field'></td></tr>
<tr><th>May</th><td><select id=may><option value=read>Read<option value=write>Write</select></td></tr></table>
<label>Password <input type=password name=pwd value=hunter2hunter2></label>
<input type=hidden name=nonce value=n0nce><input placeholder='Search the shop'>
<button type=submit aria-label='Make the key'><svg width=20 height=20></svg></button>
<button type=button style='display:none'>Not there</button><a href='/wp-admin/keys?tab=advanced'>All keys</a></form></main>"""


async def taken(run: BrowserRun, web: Web, body: str) -> Snapshot:
    await show(run.page, web, body)
    return await run.page.snapshot()


def one(snapshot: Snapshot, role: str, name: str = "") -> ElementSeen:
    found = [element for element in snapshot.elements if element.role == role and name in element.name]
    assert len(found) == 1, snapshot.elements
    return found[0]


async def test_it_tells_roles_names_and_what_stands_around(run: BrowserRun, web: Web) -> None:
    snapshot = await taken(run, web, FORM)
    assert snapshot.title == "Practice"
    described = snapshot.elements[1]
    assert (described.role, described.kind, described.place) == ("textbox", "text", "main")
    assert {"description", "key", "wide", "field"} <= set(described.words)
    assert described.near[0] == "Description"
    assert "New key" in described.near
    assert one(snapshot, "combobox").options == ("Read", "Write")
    assert one(snapshot, "button").name == "Make the key"
    assert {"advanced", "keys"} <= set(one(snapshot, "link").leads)
    assert one(snapshot, "textbox", "Search").placeholder == "Search the shop"
    assert one(snapshot, "heading").name == "New key"


async def test_no_value_of_a_field_is_in_it(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, FORM)
    await run.page.perform(Fill(css("#key_description"), "typed by nobody else"))
    told = repr(await run.page.snapshot())
    assert "hunter2" not in told
    assert "typed by nobody else" not in told
    assert "n0nce" not in told


async def test_every_element_is_found_again_by_ways_that_find_nothing_else(run: BrowserRun, web: Web) -> None:
    snapshot = await taken(run, web, FORM)
    for element in snapshot.elements:
        ways = await run.page.ways_to(element.ref)
        assert ways, element
        for way in ways:
            assert await run.page.present(way) == 1


async def test_of_two_alike_each_is_itself(run: BrowserRun, web: Web) -> None:
    body = "<div><button onclick=\"document.title='first'\">Go</button></div><div><button onclick=\"document.title='second'\">Go</button></div>"
    snapshot = await taken(run, web, body)
    (way, *_) = await run.page.ways_to(snapshot.elements[1].ref)
    await run.page.perform(Click(way))
    assert (await run.page.expect(Check(Matcher.TITLE, value="second"), SOON)).held


async def test_an_element_of_a_shadow_tree_is_seen_and_found(run: BrowserRun, web: Web) -> None:
    body = "<x-form></x-form><script>document.querySelector('x-form').attachShadow({mode:'open'}).innerHTML='<button>Inside</button>'</script>"
    snapshot = await taken(run, web, body)
    assert await run.page.ways_to(one(snapshot, "button", "Inside").ref)


async def test_what_is_gone_or_was_never_listed_is_not_found(run: BrowserRun, web: Web) -> None:
    snapshot = await taken(run, web, "<button onclick='this.remove()'>Go</button>")
    (way, *_) = await run.page.ways_to(snapshot.elements[0].ref)
    await run.page.perform(Click(way))
    assert await run.page.ways_to(snapshot.elements[0].ref) == ()
    assert await run.page.ways_to("e999") == ()
    assert await run.page.ways_to("e1 >> nth=0") == ()


async def test_its_state_tells_a_changed_page_from_the_same_one(run: BrowserRun, web: Web) -> None:
    first = await taken(run, web, FORM)
    assert (await run.page.snapshot()).state == first.state
    await run.page.perform(Fill(css("#key_description"), "x"))
    assert (await run.page.snapshot()).state != first.state


async def test_a_huge_page_is_cut_and_what_is_in_view_comes_first(run: BrowserRun, web: Web) -> None:
    body = "<button>First</button><script>for(let i=0;i<8000;i++)document.body.append(Object.assign(document.createElement('button'),{textContent:i}))</script>"
    snapshot = await taken(run, web, body)
    assert len(snapshot.elements) == MOST_ELEMENTS
    assert snapshot.elements[0].name == "First"
    assert snapshot.left_out == 8_001 - MOST_ELEMENTS


async def test_a_page_cannot_bend_what_is_asked(run: BrowserRun, web: Web) -> None:
    """Its scripts replace what a survey stands on; in our own world nothing is replaced."""
    body = (
        "<button>Delete the shop</button><script>Element.prototype.getAttribute=()=>'Harmless';"
        "Document.prototype.querySelectorAll=()=>[];Map.prototype.get=()=>document.body</script>"
    )
    snapshot = await taken(run, web, body)
    assert [element.name for element in snapshot.elements] == ["Delete the shop"]


async def test_the_one_element_that_a_locator_finds_is_told_as_a_snapshot_has_it(run: BrowserRun, web: Web) -> None:
    await taken(run, web, FORM)
    found = await run.page.element_at(css("button[type=submit]"))
    assert found is not None
    assert (found.role, found.name) == ("button", "Make the key")
    assert found == one(await run.page.snapshot(), "button")


async def test_two_that_fit_one_that_is_hidden_and_one_that_is_no_control_are_none(run: BrowserRun, web: Web) -> None:
    await taken(run, web, FORM)
    for selector in ("input", "button[style]", "tr:first-child", "#none"):
        assert await run.page.element_at(css(selector)) is None, selector
