"""A page that is left open can do nothing once its person has signed out."""

from playwright.sync_api import Browser, expect

from tests.pages.conftest import sign_in
from tests.pages.served import Demo
from tests.pages.test_screens import ready


def test_a_page_left_open_can_do_nothing_after_signing_out(chromium: Browser, running: Demo) -> None:
    with chromium.new_context(base_url=running.dashboard) as context:
        page, other = context.new_page(), context.new_page()
        sign_in(page, running)
        ready(other, "/settings")
        ready(page, "/settings")
        page.get_by_role("button", name="Account").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

        other.get_by_role("button", name="Make a token").click()
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
