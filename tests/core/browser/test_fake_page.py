"""The fake page behaves like the real one: the same story is played on both."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from core.browser.actions import Capture, Click, Fill, FillSecret, Open
from core.browser.page import ActionFailed, BrowserPage, DialogSeen, OriginRefused
from core.browser.sessions import BrowserRun
from core.workflows.locator import By, Link
from core.workflows.step import Check, Matcher
from tests.core.browser.shown import HURRIED, SOON, chain, css
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.web import Answer, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

BUTTON = chain(Link(By.ROLE, "button", name="Log In"))
TROUBLE = chain(Link(By.CSS, "#welcome"), Link(By.OR, css("#login_error")), Link(By.VISIBLE, True), Link(By.NTH, 0))


def fake(web: Web) -> FakePage:
    def log_in(page: FakePage) -> None:
        if page.screen.elements[0].value == "olivia":
            page.go("/home")
        else:
            page.screen.notice = "Unknown user."
            page.screen.elements[3].visible = True

    fields = [FakeElement((css("#user"),)), FakeElement((css("#pass"),))]
    button, error = FakeElement((BUTTON,), "Log In", does=log_in), FakeElement((css("#login_error"),), visible=False)
    home = Screen(
        "/home",
        "Home",
        elements=[FakeElement((css("#welcome"),), "Hello"), FakeElement((css("a"),)), FakeElement((css("a"),))],
    )

    def say_revoked(page: FakePage) -> None:
        page.screen.elements[1].text = "revoked"

    revoke = FakeElement((css("#revoke"),), asks="Revoke it?", does=say_revoked)
    keys = Screen("/keys", "Keys", elements=[revoke, FakeElement((css("#state"),), "in use")])
    return FakePage(web.origin, Screen("/login", "Log in", elements=[*fields, button, error]), home, keys)


def real(web: Web) -> None:
    script = "if(user.value=='olivia')location='/home';else{login_error.hidden=false;login_error.textContent='Unknown user.'}"
    body = f'<input id=user><input id=pass type=password><button onclick="{script}">Log In</button><p id=login_error hidden></p>'
    web.pages["/login"] = Answer(f"<title>Log in</title>{body}")
    web.pages["/home"] = Answer("<title>Home</title><p id=welcome>Hello</p><a>a</a><a>b</a>")
    asking = "if(confirm('Revoke it?'))state.textContent='revoked'"
    body = f'<button id=revoke onclick="{asking}">Revoke</button><p id=state>in use</p>'
    web.pages["/keys"] = Answer(f"<title>Keys</title>{body}")


@pytest_asyncio.fixture(loop_scope="module", params=["fake", "real"])
async def page(request: pytest.FixtureRequest, run: BrowserRun, web: Web) -> AsyncIterator[BrowserPage]:
    real(web)
    yield fake(web) if request.param == "fake" else run.page


async def test_signing_in_goes_wrong_and_then_right(page: BrowserPage, web: Web) -> None:
    await page.perform(Open("/login"))
    await page.perform(Fill(css("#user"), "nobody"))
    await page.perform(FillSecret(css("#pass"), "password"))
    await page.perform(Click(BUTTON))
    assert (await page.expect(Check(Matcher.VISIBLE, TROUBLE), SOON)).held
    verdict = await page.expect(Check(Matcher.VISIBLE, css("#welcome")), timedelta(seconds=0.2))
    assert verdict.seen == "the page “Log in” says: Unknown user."
    await page.perform(Fill(css("#user"), "olivia"))
    await page.perform(Click(BUTTON))
    assert (await page.expect(Check(Matcher.VISIBLE, TROUBLE), SOON)).held
    assert (await page.expect(Check(Matcher.URL, value="/home"), SOON)).held
    assert (await page.expect(Check(Matcher.HIDDEN, css("#login_error")), SOON)).held
    assert (await page.perform(Capture(css("#welcome"), "greeting"))).value == "Hello"
    assert page.address == f"{web.origin}/home"
    assert (await page.picture().ready()).webp[8:12] == b"WEBP"


@HURRIED
async def test_what_the_page_refuses(page: BrowserPage) -> None:
    await page.perform(Open("/home"))
    assert await page.present(css("a")) == 2
    with pytest.raises(ActionFailed, match="2 elements fit “a”"):
        await page.perform(Click(css("a")))
    with pytest.raises(ActionFailed, match="There is no “#nothing” on the page"):
        await page.perform(Click(css("#nothing")))
    with pytest.raises(OriginRefused):
        await page.perform(Open("https://evil.example/"))


async def test_what_a_question_guards_is_only_done_if_the_action_accepts_it(page: BrowserPage) -> None:
    await page.perform(Open("/keys"))
    assert (await page.perform(Click(css("#revoke")))).dialogs == (DialogSeen("Revoke it?"),)
    assert (await page.expect(Check(Matcher.HAS_TEXT, css("#state"), "in use"), SOON)).held
    agreed = await page.perform(Click(css("#revoke"), accepts_dialog=True))
    assert agreed.dialogs == (DialogSeen("Revoke it?", agreed=True),)
    assert (await page.expect(Check(Matcher.HAS_TEXT, css("#state"), "revoked"), SOON)).held
    assert page.take_dialogs() == ()
