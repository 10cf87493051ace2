"""Every expectation, held at once, later and not at all; and what people are told was seen instead."""

import time
from datetime import timedelta

import pytest

from core.browser.actions import Click, Fill, FillSecret, Open
from core.browser.page import RunStopped
from core.browser.sessions import BrowserRun
from core.workflows.locator import By, Link, Pattern
from core.workflows.step import Check, Matcher
from tests.core.browser.shown import NOW, SOON, chain, css, holds, show
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import Answer, Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = """<h1>Products</h1><p id=gone hidden>gone</p><button id=b>Go</button><button id=off disabled>Off</button>
<input type=checkbox id=c checked><input type=checkbox id=u><input id=i value=Read><ul><li>one<li>two</ul>"""

# Matcher, element, value that holds, value that does not.
WITH_VALUE = (
    (Matcher.HAS_TEXT, "h1", "Products", "Product"),
    (Matcher.HAS_TEXT, "h1", Pattern("^prod", "i"), Pattern("^prod")),
    (Matcher.CONTAINS_TEXT, "h1", "duct", "ducks"),
    (Matcher.CONTAINS_TEXT, "ul", Pattern("one.*two", "s"), Pattern("two.*one")),
    (Matcher.HAS_VALUE, "#i", "Read", "read"),
    (Matcher.HAS_VALUE, "#i", Pattern("R.ad"), Pattern("^ead")),
    (Matcher.HAS_COUNT, "li", 2, 3),
    (Matcher.HAS_COUNT, "li", "2", "1"),
    (Matcher.URL, "", "/wp-admin/?page=wc", "/wp-admin/"),
    (Matcher.URL, "", Pattern(r"page=wc$"), Pattern("page=x")),
    (Matcher.TITLE, "", "Practice", "practise"),
    (Matcher.TITLE, "", Pattern("^prac", "i"), Pattern("tice.")),
)

# Matcher, element for which it holds, element for which it does not.
WITHOUT_VALUE = (
    (Matcher.VISIBLE, "h1", "#gone"),
    (Matcher.VISIBLE, "h1", "#nowhere"),
    (Matcher.HIDDEN, "#gone", "h1"),
    (Matcher.HIDDEN, "#nowhere", "h1"),
    (Matcher.ENABLED, "#b", "#off"),
    (Matcher.CHECKED, "#c", "#u"),
)


async def says_both(run: BrowserRun, matcher: Matcher, right: tuple[str, object], wrong: tuple[str, object]) -> None:
    """What is right holds, and what is wrong does not; negated, it is the other way round."""
    for negated, holding, failing in ((False, right, wrong), (True, wrong, right)):
        assert (await holds(run.page, matcher, *holding, negated=negated)).held, (matcher, holding)
        assert not (await holds(run.page, matcher, *failing, negated=negated, within=NOW)).held, (matcher, failing)


async def test_every_matcher_says_yes_and_no_and_the_contrary_when_negated(run: BrowserRun, web: Web) -> None:
    web.show(PAGE, "/wp-admin/")
    await run.page.perform(Open("/wp-admin/?page=wc"))
    for matcher, element, right, wrong in WITH_VALUE:
        await says_both(run, matcher, (element, right), (element, wrong))
    for matcher, yes, no in WITHOUT_VALUE:
        await says_both(run, matcher, (yes, None), (no, None))
    assert {case[0] for case in (*WITH_VALUE, *WITHOUT_VALUE)} == set(Matcher)


async def test_what_comes_later_is_noticed_when_it_comes(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        "<h1></h1><button onclick=\"setTimeout(()=>{at=Date.now();document.querySelector('h1').textContent='now'},400)\">Go</button>",
    )
    await run.page.perform(Click(css("button")))
    began = time.monotonic()
    verdict = await run.page.expect(Check(Matcher.HAS_TEXT, css("h1"), "now"), SOON)
    assert verdict.held
    assert 0.2 < time.monotonic() - began < 5


async def test_a_value_set_by_a_script_is_noticed_although_nothing_rings(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<input id=i><script>setTimeout(()=>{i.value='set'},300)</script>")
    assert (await run.page.expect(Check(Matcher.HAS_VALUE, css("#i"), "set"), SOON)).held


async def test_an_expectation_survives_going_to_another_page(run: BrowserRun, web: Web) -> None:
    web.pages["/next"] = Answer("<title>Next</title><h1>There</h1>", after=0.4)
    await show(run.page, web, "<a href=# onclick=\"setTimeout(()=>location='/next',100)\">go</a>")
    await run.page.perform(Click(css("a")))
    assert (await run.page.expect(Check(Matcher.URL, value="/next"), SOON)).held
    assert (await run.page.expect(Check(Matcher.VISIBLE, css("h1")), SOON)).held


async def test_it_gives_up_in_time_and_says_what_was_seen(run: BrowserRun, web: Web) -> None:
    await show(
        run.page,
        web,
        "<h1>Log in</h1><div id=login_error>Error: The password you entered\n is incorrect.</div><p class=notice hidden>no</p>",
    )
    began = time.monotonic()
    verdict = await run.page.expect(Check(Matcher.VISIBLE, css("#adminmenu")), timedelta(seconds=0.5))
    assert not verdict.held
    assert verdict.seen == "the page “Practice” says: Error: The password you entered is incorrect."
    assert 0.5 <= time.monotonic() - began < 5


async def test_several_that_fit_are_no_answer(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<p>a</p><p>b</p>")
    verdict = await holds(run.page, Matcher.VISIBLE, "p", within=NOW)
    assert not verdict.held
    assert "2 elements fit" in verdict.seen
    either = chain(Link(By.CSS, "h1"), Link(By.OR, css("p")), Link(By.VISIBLE, True), Link(By.NTH, 0))
    assert (await run.page.expect(Check(Matcher.VISIBLE, either), SOON)).held


async def test_a_page_without_notices_is_told_by_its_heading_or_its_first_words(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<h1>REST API keys</h1>")
    assert await run.page.seen() == "the page “Practice” is headed “REST API keys”"
    web.pages["/bare"] = Answer("Fatal error somewhere")
    await run.page.perform(Open("/bare"))
    assert await run.page.seen() == "a page without a title begins “Fatal error somewhere”"


async def test_a_shop_that_answers_500_is_named(run: BrowserRun, web: Web) -> None:
    web.pages["/broken"] = Answer("<title>Oops</title>", status=500)
    await run.page.perform(Open("/broken"))
    verdict = await holds(run.page, Matcher.VISIBLE, "h1", within=NOW)
    assert verdict.seen == "the shop answered 500; the page “Oops”"


async def test_long_notices_are_cut_and_secrets_taken_out(run: BrowserRun, web: Web, secrets: FakeSecrets) -> None:
    await show(run.page, web, "<input type=password><div class=notice></div><input id=t>")
    await run.page.perform(FillSecret(css("[type=password]"), "password"))
    await run.page.perform(Fill(css("#t"), "x"))
    web.show(
        "<div class=notice>You typed correct horse+battery, or correct%20horse%2Bbattery " + "a" * 900 + "</div>",
        "/echo",
    )
    await run.page.perform(Open("/echo?p=correct%20horse%2Bbattery"))
    seen = await run.page.seen()
    assert "You typed •••, or •••" in seen
    assert len(seen) <= 400
    assert run.page.address == f"{web.origin}/echo?p=•••"


async def test_a_run_that_ended_says_so(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<h1>x</h1>")
    run.gate.shut(because="the customer withdrew consent")
    with pytest.raises(RunStopped):
        await run.page.expect(Check(Matcher.VISIBLE, css("h2")), SOON)


@pytest.mark.parametrize(("comes", "held"), [("wanted", True), ("refused", False)])
async def test_waiting_ends_as_soon_as_the_page_says_yes_or_no(
    run: BrowserRun, web: Web, comes: str, held: bool
) -> None:
    late = f"<script>setTimeout(() => document.getElementById('{comes}').hidden = false, 100)</script>"
    await show(run.page, web, f"<h1>Keys</h1><p id=wanted hidden>Here it is</p><p id=refused hidden>No</p>{late}")
    began = time.monotonic()
    verdict = await run.page.expect(Check(Matcher.VISIBLE, css("#wanted")), timedelta(seconds=20), css("#refused"))
    assert verdict.held is held
    assert time.monotonic() - began < 10
    assert held or "Keys" in verdict.seen


async def test_what_is_wanted_counts_even_if_something_speaks_against_it(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, "<p id=wanted>Here it is</p><p id=refused>No</p>")
    assert (await run.page.expect(Check(Matcher.VISIBLE, css("#wanted")), SOON, css("#refused"))).held
