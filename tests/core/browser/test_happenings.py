"""What a page does unasked: dialogs are answered, windows closed, and people are told."""

import pytest

from core.browser.actions import Click, Fill, Key, Open, Press
from core.browser.page import ActionFailed, DialogSeen
from core.browser.sessions import BrowserRun
from core.workflows.step import Matcher
from tests.core.browser.shown import HURRIED, css, holds, show, text_of
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_alert_is_closed_and_told(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<button onclick=\"alert('Careful');h.textContent='after'\">Go</button><h1 id=h></h1>")
    performed = await run.page.perform(Click(css("button")))
    assert performed.dialogs == (DialogSeen("Careful"),)
    assert await text_of(run.page, "h1", "after")


async def test_a_question_is_declined(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<button onclick=\"h.textContent=confirm('Delete all?')\">Go</button><h1 id=h></h1>")
    assert (await run.page.perform(Click(css("button")))).dialogs == (DialogSeen("Delete all?"),)
    assert await text_of(run.page, "h1", "false")


TWICE = "h.textContent=[confirm('Revoke?'),confirm('All?')]"
ONCE = (DialogSeen("Revoke?", agreed=True), DialogSeen("All?"))


async def test_an_action_that_accepts_a_dialog_agrees_to_one_question(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, f'<button onclick="{TWICE}">Go</button><input onkeydown="{TWICE}"><h1 id=h></h1>')
    assert (await run.page.perform(Click(css("button"), accepts_dialog=True))).dialogs == ONCE
    assert await text_of(run.page, "h1", "true,false")
    await run.page.perform(Fill(css("input"), "x"))
    assert (await run.page.perform(Press(css("input"), Key.ENTER, accepts_dialog=True))).dialogs == ONCE
    assert await text_of(run.page, "h1", "true,false")


async def test_only_a_question_is_agreed_to_and_other_dialogs_leave_it_its_turn(run: BrowserRun, web: Web) -> None:
    asking = "alert('Careful');h.textContent=JSON.stringify([prompt('Name?','Anna'),confirm('Sure?')])"
    await show(run.page, web, f'<button onclick="{asking}">Go</button><h1 id=h></h1>')
    performed = await run.page.perform(Click(css("button"), accepts_dialog=True))
    assert performed.dialogs == (DialogSeen("Careful"), DialogSeen("Name?"), DialogSeen("Sure?", agreed=True))
    assert await text_of(run.page, "h1", "[null,true]")


async def test_what_was_agreed_to_is_told_however_many_dialogs_came_before(run: BrowserRun, web: Web) -> None:
    asking = "for(let i=0;i<6;i++)alert(i);h.textContent=confirm('Sure?')"
    await show(run.page, web, f'<button onclick="{asking}">Go</button><h1 id=h></h1>')
    performed = await run.page.perform(Click(css("button"), accepts_dialog=True))
    assert (len(performed.dialogs), performed.dialogs[-1]) == (6, DialogSeen("Sure?", agreed=True))


async def test_what_no_question_used_up_ends_with_the_next_action(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        "<a>Quiet</a><button onclick=\"h.textContent=confirm('Sure?')\">Go</button><h1 id=h></h1>",
    )
    await run.page.perform(Click(css("a"), accepts_dialog=True))
    assert (await run.page.perform(Click(css("button")))).dialogs == (DialogSeen("Sure?"),)
    assert await text_of(run.page, "h1", "false")


# Asks as soon as the shop has a page at /go, so that a test says when.
LATER = """<a onclick="ask()">Go</a><button disabled>Off</button><h1 id=h></h1><script>
async function ask() {
  while (!(await fetch('/go')).ok) await new Promise(later => setTimeout(later, 20));
  h.textContent = confirm('Sure?');
}</script>"""


async def test_a_question_that_comes_after_the_click_is_agreed_to_and_told(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, LATER)
    assert (await run.page.perform(Click(css("a"), accepts_dialog=True))).dialogs == ()
    web.show("go", "/go")
    assert await text_of(run.page, "h1", "true")
    assert run.page.take_dialogs() == (DialogSeen("Sure?", agreed=True),)
    assert run.page.take_dialogs() == ()


async def test_a_question_that_comes_when_the_action_is_over_is_declined(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, LATER)
    await run.page.perform(Click(css("a"), accepts_dialog=True))
    assert run.page.take_dialogs() == ()
    web.show("go", "/go")
    assert await text_of(run.page, "h1", "false")
    assert run.page.take_dialogs() == (DialogSeen("Sure?"),)


@HURRIED
async def test_a_click_that_fails_agrees_to_nothing_afterwards(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, f"{LATER}<script>ask()</script>")
    with pytest.raises(ActionFailed, match="switched off"):
        await run.page.perform(Click(css("button"), accepts_dialog=True))
    web.show("go", "/go")
    assert await text_of(run.page, "h1", "false")


async def test_a_question_that_comes_before_the_click_is_declined(run: BrowserRun, web: Web) -> None:
    adding = "h.textContent=confirm('Sure?');document.body.append(document.createElement('button'))"
    await show(run.page, web, f"<h1 id=h></h1><script>setTimeout(()=>{{{adding}}},300)</script>")
    await run.page.perform(Click(css("button"), accepts_dialog=True))
    assert await text_of(run.page, "h1", "false")


async def test_leaving_a_changed_form_is_agreed_to(run: BrowserRun, web: Web) -> None:
    web.show("<h1>Elsewhere</h1>", "/elsewhere")
    await show(run.page, web, "<input id=i><script>onbeforeunload=event=>{event.preventDefault();return 'x'}</script>")
    await run.page.perform(Fill(css("#i"), "changed"))
    performed = await run.page.perform(Open("/elsewhere"))
    assert performed.dialogs == (DialogSeen("(beforeunload)", agreed=True),)
    assert await text_of(run.page, "h1", "Elsewhere")


async def test_a_new_window_is_closed_and_the_page_goes_on(run: BrowserRun, web: Web) -> None:
    web.show("window", "/window")
    await show(
        run.page,
        web,
        "<button onclick=\"window.open('/window');h.textContent='still here'\">Go</button><a target=_blank href=/window>Tab</a><h1 id=h></h1>",
    )
    await run.page.perform(Click(css("button")))
    assert await text_of(run.page, "h1", "still here")
    await run.page.perform(Click(css("a")))
    assert (await holds(run.page, Matcher.HAS_TEXT, "h1", "still here")).held
    assert run.page.address == f"{web.origin}/"
