"""What a page does unasked: dialogs are answered, windows closed, and people are told."""

import pytest

from core.browser.actions import Click, Fill, Open
from core.browser.sessions import BrowserRun
from core.workflows.step import Matcher
from tests.core.browser.shown import css, holds, show, text_of
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_alert_is_closed_and_told(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<button onclick=\"alert('Careful');h.textContent='after'\">Go</button><h1 id=h></h1>")
    performed = await run.page.perform(Click(css("button")))
    assert performed.dialogs == ("Careful",)
    assert await text_of(run.page, "h1", "after")


async def test_a_question_is_declined(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<button onclick=\"h.textContent=confirm('Delete all?')\">Go</button><h1 id=h></h1>")
    assert (await run.page.perform(Click(css("button")))).dialogs == ("Delete all?",)
    assert await text_of(run.page, "h1", "false")


async def test_leaving_a_changed_form_is_agreed_to(run: BrowserRun, web: Web) -> None:
    web.show("<h1>Elsewhere</h1>", "/elsewhere")
    await show(run.page, web, "<input id=i><script>onbeforeunload=event=>{event.preventDefault();return 'x'}</script>")
    await run.page.perform(Fill(css("#i"), "changed"))
    performed = await run.page.perform(Open("/elsewhere"))
    assert performed.dialogs == ("(beforeunload)",)
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
