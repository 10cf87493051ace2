"""What is done by itself is off until it is switched on, by a consent of its own, and can be switched off again."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.pages.conftest import keep
from tests.pages.served import Demo, opened
from tests.pages.test_screens import ready

CHECK, RENEW = "Check the connection every hour", "Renew the key every 90 days"


def test_it_is_switched_on_by_a_consent_of_its_own_and_off_again(screen: Page) -> None:
    ready(screen, "/shops")
    expect(screen.get_by_text("Off.")).to_have_count(3)
    keep(screen, "switched-off")
    screen.get_by_role("button", name=f"Switch on: {CHECK}").click()
    sheet = screen.get_by_role("dialog")
    expect(sheet).to_contain_text("can do what you allowed and no more")
    expect(sheet.get_by_role("checkbox")).to_have_count(0)
    keep(screen, "consent-to-look")
    sheet.get_by_role("button", name="Don't allow").click()
    expect(screen.get_by_text("Off.")).to_have_count(3)

    screen.get_by_role("button", name=f"Switch on: {CHECK}").click()
    screen.get_by_role("button", name="Allow for 30 days").click()
    expect(screen.get_by_text("On, next")).to_have_count(1)
    screen.get_by_role("button", name=f"Switch on: {RENEW}").click()
    expect(screen.get_by_text("On, next")).to_have_count(2)
    screen.set_viewport_size({"width": 1280, "height": 1400})
    screen.get_by_role("button", name=f"Switch off: {CHECK}").scroll_into_view_if_needed()
    screen.screenshot(path="test-artifacts/switched-on-wide.png", full_page=True)
    screen.set_viewport_size({"width": 390, "height": 844})
    screen.screenshot(path="test-artifacts/switched-on-phone.png", full_page=True)
    for name, left in ((CHECK, 1), (RENEW, 0)):
        screen.get_by_role("button", name=f"Switch off: {name}").click()
        expect(screen.get_by_text("On, next")).to_have_count(left)  # it is drawn anew: the next press waits for that
    expect(screen.get_by_text("Off.")).to_have_count(3)


def test_a_key_that_is_refused_is_told_with_the_way_to_repair_it(screen: Page, running: Demo) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)

    def mark(*values: str | None) -> None:
        with closing(opened(running.database)) as database, database:
            database.execute("UPDATE connections SET trouble = ?, trouble_since = ?", values)

    mark("The shop does not accept our key any more.", f"{since:%Y-%m-%d %H:%M:%S.%f}")
    try:
        told = f"The shop does not accept our key any more, since {since:%-d %b %Y, %H:%M}."
        ready(screen, "/shops")
        expect(screen.get_by_text(told)).to_be_visible()
        ready(screen, "/products?q=Teapots")
        expect(screen.get_by_text(told)).to_be_visible()
        screen.screenshot(path="test-artifacts/needs-repair-wide.png", full_page=True)
        screen.get_by_role("link", name="Repair").click()
        expect(screen.get_by_label("Shop address")).to_have_value(running.shop)
    finally:
        mark(None, None)
