"""Settings as sections: each has an address, and in each what is done there is done, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import ZONE, somebody
from tests.pages.served import Demo
from tests.pages.test_screens import ready

SECTIONS = {
    "Profile": "/settings",
    "Security": "/settings/security",
    "Credentials": "/settings/credentials",
    "Notifications": "/settings/notifications",
    "Privacy": "/settings/privacy",
}


def test_each_section_leads_to_each_other_and_says_which_it_is(screen: Page) -> None:
    ready(screen, "/settings")
    ways = screen.get_by_role("navigation", name="Settings")
    for name, address in SECTIONS.items():
        ways.get_by_role("link", name=name).click()
        screen.wait_for_url(f"**{address}")
        expect(ways.locator("[aria-current=page]")).to_have_text(name)
    assert ways.get_by_role("link").count() == len(SECTIONS)


def test_the_profile_says_who_one_is_and_in_which_time_zone(screen: Page) -> None:
    ready(screen, "/settings")
    facts = screen.locator("dl.facts")
    for told in ("demo@tea.example", "Tea Shop", "admin", f"{ZONE}, as your browser tells"):
        expect(facts).to_contain_text(told)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("/settings?changed=password", "/settings/security?changed=password", "Your password is changed"),
        ("/settings?error=wrong_sign_in", "/settings/security?error=wrong_sign_in", "not right"),
        ("/settings?error=wrong_sign_in&about=data", "/settings/privacy?error=wrong_sign_in", "not right"),
    ],
)
def test_where_forms_led_back_to_before_leads_on(screen: Page, before: str, now: str, told: str) -> None:
    screen.goto(before)
    screen.wait_for_url(f"**{now}")
    expect(screen.get_by_text(told)).to_be_visible()


def test_another_browser_is_seen_and_signed_out_and_this_one_stays(chromium: Browser, running: Demo) -> None:
    agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.4) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"
    with somebody(chromium, running) as page, somebody(chromium, running, user_agent=agent) as there:
        ready(there, "/settings")
        ready(page, "/settings/security")
        card = page.locator(".card", has=page.get_by_role("heading", name="Signed-in browsers"))
        expect(card.get_by_text(re.compile("^Chrome on Linux, this one$"))).to_be_visible()
        line = card.locator(".between", has_text="Safari on macOS")
        expect(line).to_contain_text("from 127.0.0.0/24")
        line.get_by_role("button", name="Sign out Safari on macOS").click()
        expect(line).to_have_count(0)
        expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(card.get_by_text("this one")).to_be_visible()


def test_everywhere_else_is_signed_out_after_a_yes(chromium: Browser, running: Demo) -> None:
    with somebody(chromium, running) as page, somebody(chromium, running) as other:
        ready(other, "/settings")
        ready(page, "/settings/security")
        page.get_by_role("button", name="Sign out everywhere else").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)
        ready(page, "/settings")


def test_what_one_is_told_by_email_is_kept_as_it_is_ticked(chromium: Browser, running: Demo) -> None:
    with somebody(chromium, running) as page:
        ready(page, "/settings/notifications")
        expect(page.get_by_text("has not set up e-mail")).to_be_visible()
        mine = page.get_by_role("group", name="What you are told by e-mail")
        mine.get_by_role("checkbox", name="Failed").check()
        expect(page.get_by_text("Kept.")).to_be_visible()
        ready(page, "/settings/notifications")
        ticked = {name: mine.get_by_role("checkbox", name=name).is_checked() for name in ("Finished", "Failed")}
        assert ticked == {"Finished": False, "Failed": True}
        mine.get_by_role("checkbox", name="Failed").uncheck()
        expect(page.get_by_text("Kept.")).to_be_visible()


def test_a_webhook_is_added_tried_and_removed(chromium: Browser, running: Demo) -> None:
    """The practice shop's sign-in page takes any form, and is the one place that the demo may call."""
    with somebody(chromium, running) as page:
        ready(page, "/settings/notifications")
        _add(page, running, "https://127.0.0.1/")
        expect(page.get_by_role("alert")).to_contain_text("Only public addresses")
        ready(page, "/settings/notifications")
        _add(page, running, f"{running.shop}/wp-login.php")
        dialog = page.get_by_role("dialog", name="The signing secret, shown this once")
        secret = dialog.locator(".mono").inner_text()
        assert secret.startswith("whsec_")
        dialog.get_by_role("button", name="I have kept it").click()
        line = page.locator(".between", has_text=f"{running.shop}/wp-login.php")
        expect(line).to_contain_text("finished, needs somebody · added")
        expect(line).to_contain_text("not called yet")
        assert secret not in page.content()

        line.get_by_role("button", name="Send a test").click()
        expect(line).to_contain_text(re.compile("last called .*: it arrived"))
        line.get_by_role("button", name="Remove").click()
        asked = page.get_by_role("dialog", name="Remove this webhook?")
        asked.get_by_role("button", name="Keep it").click()
        expect(line).to_be_visible()
        line.get_by_role("button", name="Remove").click()
        asked.get_by_role("button", name="Remove").click()
        expect(line).to_have_count(0)


def _add(page: Page, running: Demo, url: str) -> None:
    page.get_by_label("Address of the webhook").fill(url)
    page.get_by_role("group", name="What the webhook is told").get_by_role("checkbox", name="Failed").uncheck()
    page.get_by_role("button", name="Add a webhook").click()
    page.get_by_role("dialog").get_by_label("Your password").fill(running.password)
    page.get_by_role("button", name="Add it").click()
