"""What can't be taken back is touched only where a learnt test named it; a page is asked, whatever the element is called."""

import pytest

from core.agents.policy import Policy
from core.browser.sessions import BrowserRun
from core.planner.planner import Decision, Rung
from core.workflows.step import ActionKind, TaskStep
from tests.core.browser.shown import css, show
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")
STEP = TaskStep(1, "Save it", ActionKind.CLICK, "the button “Save”", css("#save"))
PAGE = "<p id=around><a class=revoke href=/><b>Löschen</b></a></p><button id=save>Save</button><a id=far>Far</a>"


def policy(web: Web) -> Policy:
    return Policy(web.origin, (css("#nowhere"), css(".revoke")))


@pytest.mark.parametrize("target", ["a[href='/']", "b", "#around"], ids=["itself", "what is in it", "what it is in"])
@pytest.mark.parametrize("rung", [Rung.LIKENESS, Rung.MODEL])
async def test_nobody_touches_it_by_guess(run: BrowserRun, web: Web, target: str, rung: Rung) -> None:
    await show(run.page, web, PAGE)
    assert "can't be taken back" in await policy(web).guessed(STEP, Decision(css(target), rung), run.page)


@pytest.mark.parametrize("target", ["#save", "#far"])
async def test_what_stands_beside_it_may_be_touched(run: BrowserRun, web: Web, target: str) -> None:
    await show(run.page, web, PAGE)
    assert await policy(web).guessed(STEP, Decision(css(target), Rung.MODEL), run.page) == ""


@pytest.mark.parametrize("rung", [Rung.RECORDED, Rung.ALTERNATIVE])
async def test_where_the_test_named_it_it_is_touched(run: BrowserRun, web: Web, rung: Rung) -> None:
    await show(run.page, web, PAGE)
    assert await policy(web).guessed(STEP, Decision(css(".revoke"), rung), run.page) == ""


async def test_what_needs_no_element_touches_none(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, PAGE)
    assert await policy(web).guessed(STEP, Decision(None, Rung.MODEL), run.page) == ""
