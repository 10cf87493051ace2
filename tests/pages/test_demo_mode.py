"""The demo's own page in a real browser: switch a fault and watch, slowly; stop, reset, and be shown around by keyboard."""

import re
from contextlib import closing
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.parts.tour import STOPS, address_at
from tests.pages.conftest import PHONE, keep
from tests.pages.served import Demo, opened
from tests.pages.test_accessibility import found
from tests.pages.test_screens import ready

HEALS_WITHIN = 150_000  # milliseconds; each name that is gone is waited for ten seconds first
RUNS_WITHIN = 60_000


@pytest.fixture(scope="module")
def running(spent: Demo) -> Demo:
    """Not the demo of all: these tests reset theirs."""
    return spent


@pytest.fixture
def as_at_first(screen: Page) -> None:
    """A test that runs something finds no faults, no rests, nothing under way, and no key of an earlier run to be revoked."""
    ready(screen, "/demo")
    reset(screen)


def switch(page: Page, name: str) -> Locator:
    return page.get_by_role("switch", name=name)


def choose_pace(page: Page, name: str) -> None:
    page.get_by_role("group", name="Slow motion").get_by_role("radio", name=name).check()


def run(page: Page) -> None:
    """Run it without the reading, and come to the live page."""
    page.get_by_label("Skip the reading").check()
    page.get_by_role("button", name="Run it").click()
    page.wait_for_url("**/operations/*")


def reset(page: Page) -> None:
    page.get_by_role("button", name="Reset the demo").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset it").click()
    expect(page.get_by_role("status").filter(has_text="The shop is as at first.")).to_be_visible(timeout=RUNS_WITHIN)


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop it").click()


def test_the_first_visit_of_home_offers_the_tour_once(screen: Page) -> None:
    ready(screen, "/")
    offered = screen.get_by_role("region", name="Guided tour")
    expect(offered.get_by_role("link", name="Take the tour")).to_have_attribute("href", "/?tour=1")
    keep(screen, "home-invites")
    offered.get_by_role("button", name="Not now").click()
    expect(offered).to_have_count(0)
    ready(screen, "/")
    expect(screen.get_by_role("heading", name="Connected")).to_be_visible()
    expect(offered).to_have_count(0)


def test_the_tour_is_gone_by_keyboard_from_end_to_end(screen: Page, running: Demo) -> None:
    ready(screen, "/demo")
    screen.get_by_role("link", name="Take the tour").focus()
    screen.keyboard.press("Enter")
    card = screen.get_by_role("region", name="Guided tour")
    for number, told in enumerate(STOPS, 1):
        screen.wait_for_function("window.did_handshake === true")
        expect(card.get_by_role("heading", name=told.title)).to_be_visible()
        expect(card).to_contain_text(f"{number} of {len(STOPS)}")
        assert f"tour={number}" in screen.url
        onward = card.get_by_role("link").first
        expect(onward).to_be_focused()
        if number in {4, 5}:
            assert screen.url.startswith(f"{running.dashboard}/operations/{running.operation}")
        screen.keyboard.press("Enter")
        screen.wait_for_url(re.compile(f"tour={number + 1}$" if number < len(STOPS) else "/demo$"))


def test_the_tour_survives_a_reload_and_goes_back_and_ends(screen: Page) -> None:
    card = screen.get_by_role("region", name="Guided tour")
    ready(screen, address_at(7))
    screen.reload()
    expect(card.get_by_role("heading", name=STOPS[6].title)).to_be_visible()
    card.get_by_role("link", name="Next").click()
    expect(card.get_by_role("heading", name=STOPS[7].title)).to_be_visible()
    screen.go_back()
    expect(card.get_by_role("heading", name=STOPS[6].title)).to_be_visible()
    card.get_by_role("link", name="Back").click()
    expect(card.get_by_role("heading", name=STOPS[5].title)).to_be_visible()
    card.get_by_role("link", name="End the tour").click()
    expect(card).to_have_count(0)
    assert screen.url.endswith("/products?q=Show+me+your+best+sellers")


def test_on_a_phone_the_tour_covers_nothing_that_it_tells_of(screen: Page) -> None:
    screen.set_viewport_size(PHONE)
    for number in range(1, len(STOPS) + 1):
        ready(screen, address_at(number))
        parts = [screen.locator(name).bounding_box() for name in (".bar", ".tour", ".content")]
        for above, below in pairwise(one for one in parts if one):
            assert above["y"] + above["height"] <= below["y"], screen.url
        assert all(parts)
        assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth"), screen.url


@pytest.mark.parametrize("number", ["0", "99999999999", "-1", "x"])
def test_a_step_that_there_is_not_breaks_nothing(screen: Page, number: str) -> None:
    answer = screen.request.get(f"/statistics?tour={number}")
    assert answer.status == 200
    assert "<title>Statistics" in answer.text()


def test_what_does_not_fit_together_goes_off(screen: Page) -> None:
    ready(screen, "/demo")
    for name in ("Renamed buttons and labels", "A captcha", "Another language"):
        switch(screen, name).check()
    expect(switch(screen, "Renamed buttons and labels")).not_to_be_checked()
    expect(switch(screen, "A captcha")).to_be_checked()
    expect(screen.get_by_text("2 faults are on")).to_be_visible()
    keep(screen, "demo-switched")
    assert found(screen) == []
    screen.reload()
    expect(switch(screen, "Another language")).to_be_checked()
    screen.get_by_role("button", name="Switch all off").click()
    expect(screen.get_by_text("All is well")).to_be_visible()
    expect(switch(screen, "A captcha")).not_to_be_checked()


@pytest.mark.usefixtures("as_at_first")
def test_two_faults_at_once_after_the_real_consent_a_code_answers_one_and_likeness_the_other(screen: Page) -> None:
    ready(screen, "/")
    screen.get_by_role("link", name="Demo", exact=True).click()
    for fault in ("A second factor", "Renamed buttons and labels"):
        switch(screen, fault).check()
    expect(screen.get_by_text("2 faults are on")).to_be_visible()
    screen.get_by_role("button", name="Run it").click()
    sheet = screen.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="It will not")).to_be_visible()
    sheet.get_by_role("button", name="Don't allow").click()
    expect(sheet).to_have_count(0)
    assert screen.url.endswith("/demo")
    screen.get_by_role("button", name="Run it").click()
    sheet.get_by_label("Keep the sign-in").check()
    sheet.get_by_label("Keep the pictures").check()
    sheet.get_by_role("button", name="Allow for 30 days").click()
    expect(screen.locator(".asked")).to_be_visible(timeout=RUNS_WITHIN)
    elsewhere = screen.context.new_page()
    ready(elsewhere, "/demo")
    elsewhere.get_by_role("button", name="Show the code of now").click()
    code = elsewhere.get_by_role("status").filter(has_text=re.compile(r"^\d{6}$"))
    screen.locator(".asked input").first.fill(code.inner_text())
    screen.locator(".asked").get_by_role("button").first.click()
    elsewhere.close()
    expect(screen.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=HEALS_WITHIN)
    expect(screen.get_by_text("found by its likeness: button “Create credentials”")).to_be_visible()
    keep(screen, "demo-healed")


def pauses(running: Demo, operation: str) -> list[float]:
    """How many seconds lay between the end of each step and the beginning of the next one that was begun."""
    with closing(opened(running.database)) as database:
        rows = database.execute(
            "SELECT julianday(started_at) * 86400, julianday(finished_at) * 86400 FROM operation_steps"
            " WHERE operation_id = ? AND started_at IS NOT NULL ORDER BY position",
            (operation.replace("-", ""),),
        ).fetchall()
    return [after[0] - before[1] for before, after in pairwise(rows)]


@pytest.mark.usefixtures("as_at_first")
def test_slow_motion_is_slow_is_led_to_instead_of_begun_twice_and_is_stopped(screen: Page, running: Demo) -> None:
    ready(screen, "/demo")
    choose_pace(screen, "2 s")
    run(screen)
    address = screen.url
    ready(screen, "/demo")
    run(screen)
    assert screen.url == address
    expect(screen.locator(".step.done").nth(1)).to_be_visible(timeout=RUNS_WITHIN)
    stop(screen)
    expect(screen.get_by_role("heading", name="It was stopped")).to_be_visible()
    expect(screen.locator(".step.running")).to_have_count(0)
    rests = pauses(running, address.rpartition("/")[2])
    assert rests
    assert all(seconds >= 1.9 for seconds in rests)
    ready(screen, "/operations")
    expect(screen.locator(".badge.cancelled").first).to_be_visible()


@pytest.mark.usefixtures("as_at_first")
def test_what_is_switched_while_it_goes_on_fails_it_at_once_and_a_reset_forgets_it_all(screen: Page) -> None:
    """It signs nobody out, and stands in the audit."""
    ready(screen, "/demo")
    choose_pace(screen, "1 s")
    run(screen)
    expect(screen.locator(".step.done").first).to_be_visible(timeout=RUNS_WITHIN)
    elsewhere, failed = screen.context.new_page(), screen.url
    ready(elsewhere, "/demo")
    expect(elsewhere.get_by_role("radio", name="1 s")).to_be_checked()
    switch(elsewhere, "No room for a key").check()
    expect(elsewhere.get_by_text("1 fault is on")).to_be_visible()
    choose_pace(elsewhere, "off")
    expect(screen.get_by_role("heading", name="It could not be done")).to_be_visible(timeout=RUNS_WITHIN)
    expect(screen.get_by_text("The shop has no room for another API key.").first).to_be_visible()

    reset(elsewhere)
    expect(switch(elsewhere, "No room for a key")).not_to_be_checked()
    expect(screen.get_by_role("heading", name="There is no such operation")).to_be_visible()
    expect(screen.get_by_text("or it was forgotten with its shop")).to_be_visible()
    answer = screen.goto(failed)
    assert answer
    assert answer.status == 404
    ready(screen, "/")
    expect(screen.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    ready(screen, "/audit")
    expect(screen.get_by_text("Demo reset").locator("visible=true").first).to_be_visible()
    screen.get_by_role("button", name="Verify the chain").click()
    expect(screen.get_by_role("status").filter(has_text="none changed and none missing")).to_be_visible()
