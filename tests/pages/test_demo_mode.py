"""The demo's own page in a real browser: switch a fault and watch, slowly; stop, reset, and be shown around by keyboard."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.parts.tour import STOPS, address_at
from tests.pages.conftest import PHONE, keep
from tests.pages.served import Demo, demo
from tests.pages.test_accessibility import found
from tests.pages.test_screens import ready

HEALS_WITHIN = 150_000  # milliseconds; each name that is gone is waited for ten seconds first
RUNS_WITHIN = 60_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo of these tests' own: they reset it."""
    with demo(tmp_path_factory.mktemp("demo-mode")) as shown:
        yield shown


@pytest.fixture
def as_at_first(screen: Page) -> Iterator[None]:
    """A test that switches or runs something leaves no faults, no rests and nothing under way."""
    yield
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


@pytest.mark.usefixtures("as_at_first")
def test_a_renamed_button_is_found_by_its_likeness_and_the_setup_succeeds(screen: Page) -> None:
    ready(screen, "/")
    screen.get_by_role("link", name="Demo", exact=True).click()
    switch(screen, "Renamed buttons and labels").check()
    expect(screen.get_by_text("1 fault is on")).to_be_visible()
    run(screen)
    expect(screen.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=HEALS_WITHIN)
    expect(screen.get_by_text("found by its likeness: button “Create credentials”")).to_be_visible()
    keep(screen, "demo-healed")


@pytest.mark.usefixtures("as_at_first")
def test_a_fault_that_fails_says_why(screen: Page) -> None:
    ready(screen, "/demo")
    switch(screen, "A wrong password").check()
    run(screen)
    expect(screen.get_by_role("heading", name="It could not be done")).to_be_visible(timeout=RUNS_WITHIN)
    expect(screen.get_by_text("The shop refused the password.").first).to_be_visible()


@pytest.mark.usefixtures("as_at_first")
def test_what_is_switched_while_it_goes_on_holds_at_once(screen: Page) -> None:
    ready(screen, "/demo")
    choose_pace(screen, "1 s")
    run(screen)
    expect(screen.locator(".step.done").first).to_be_visible(timeout=RUNS_WITHIN)
    elsewhere = screen.context.new_page()
    ready(elsewhere, "/demo")
    expect(elsewhere.get_by_role("radio", name="1 s")).to_be_checked()
    switch(elsewhere, "No room for a key").check()
    expect(elsewhere.get_by_text("1 fault is on")).to_be_visible()
    choose_pace(elsewhere, "off")
    expect(screen.get_by_text("The shop has no room for another API key.").first).to_be_visible(timeout=RUNS_WITHIN)


@pytest.mark.usefixtures("as_at_first")
def test_slow_motion_is_slow_and_is_stopped_at_once(screen: Page) -> None:
    ready(screen, "/demo")
    choose_pace(screen, "2 s")
    run(screen)
    expect(screen.locator(".step.done")).to_have_count(2, timeout=RUNS_WITHIN)
    stop(screen)
    expect(screen.get_by_role("heading", name="It was stopped")).to_be_visible(timeout=5_000)
    assert screen.locator(".step.done").count() <= 3
    expect(screen.locator(".step.running")).to_have_count(0)
    ready(screen, "/operations")
    expect(screen.locator(".badge.cancelled").first).to_be_visible()


@pytest.mark.usefixtures("as_at_first")
def test_a_setup_that_is_under_way_is_led_to_and_not_begun_twice(screen: Page) -> None:
    ready(screen, "/demo")
    choose_pace(screen, "2 s")
    run(screen)
    address = screen.url
    ready(screen, "/demo")
    run(screen)
    assert screen.url == address


@pytest.mark.usefixtures("as_at_first")
def test_without_skipping_the_real_consent_is_asked(screen: Page) -> None:
    ready(screen, "/demo")
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
    expect(screen.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=RUNS_WITHIN)


@pytest.mark.usefixtures("as_at_first")
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
def test_the_code_of_the_second_factor_answers_the_agent(screen: Page) -> None:
    ready(screen, "/demo")
    switch(screen, "A second factor").check()
    run(screen)
    expect(screen.locator(".asked")).to_be_visible(timeout=RUNS_WITHIN)
    elsewhere = screen.context.new_page()
    ready(elsewhere, "/demo")
    elsewhere.get_by_role("button", name="Show the code of now").click()
    code = elsewhere.get_by_role("status").filter(has_text=re.compile(r"^\d{6}$"))
    screen.locator(".asked input").first.fill(code.inner_text())
    screen.locator(".asked").get_by_role("button").first.click()
    expect(screen.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=RUNS_WITHIN)


def test_a_reset_forgets_what_was_done_signs_nobody_out_and_stands_in_the_audit(screen: Page) -> None:
    ready(screen, "/demo")
    switch(screen, "Slow pages").check()
    run(screen)
    expect(screen.locator(".step.done").first).to_be_visible(timeout=RUNS_WITHIN)
    done = screen.url
    elsewhere = screen.context.new_page()
    ready(elsewhere, done.removeprefix(screen.url.partition("/operations/")[0]))
    ready(screen, "/demo")
    reset(screen)
    expect(elsewhere.get_by_role("heading", name="There is no such operation")).to_be_visible()
    expect(elsewhere.get_by_text("or it was forgotten with its shop")).to_be_visible()
    elsewhere.close()
    expect(switch(screen, "Slow pages")).not_to_be_checked()
    answer = screen.goto(done)
    assert answer
    assert answer.status == 404
    ready(screen, "/")
    expect(screen.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    ready(screen, "/audit")
    expect(screen.get_by_text("Demo reset").locator("visible=true").first).to_be_visible()
    screen.get_by_role("button", name="Verify the chain").click()
    expect(screen.get_by_role("status").filter(has_text="none changed and none missing")).to_be_visible()


@pytest.mark.usefixtures("as_at_first")
def test_the_tour_is_gone_by_keyboard_from_end_to_end(screen: Page) -> None:
    ready(screen, "/demo")
    choose_pace(screen, "off")
    run(screen)
    expect(screen.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=RUNS_WITHIN)
    operation = screen.url
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
            assert screen.url.startswith(operation)
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
