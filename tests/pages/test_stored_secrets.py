"""What is stored is told with its end and its ninety days, and never with its value."""

from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.conftest import keep
from tests.pages.served import Demo, opened
from tests.pages.test_screens import ready


def stored(screen: Page) -> Locator:
    ready(screen, "/settings/credentials")
    return screen.locator(".card", has=screen.get_by_role("heading", name="Stored credentials"))


def test_an_end_is_set_refused_and_taken_back(screen: Page) -> None:
    card = stored(screen)
    line = card.locator(".between", has_text="Consumer secret").first
    expect(line).to_contain_text("no end · change it by ")
    line.get_by_role("button", name="Set an end").click()
    asked = screen.get_by_role("dialog")
    expect(asked).to_contain_text("Until when may the consumer secret be used?")
    keep(screen, "end")
    asked.get_by_role("button", name="Set", exact=True).click()
    expect(asked.get_by_role("alert")).to_have_text("Choose a day.")
    asked.get_by_label("Not used from").fill("2020-01-01")
    asked.get_by_role("button", name="Set", exact=True).click()
    expect(screen.get_by_text("A secret can't end then.")).to_be_visible()
    expect(line).to_contain_text("no end")

    line.get_by_role("button", name="Set an end").click()
    day = str(screen.evaluate("new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10)"))
    asked.get_by_label("Not used from").fill(day)
    asked.get_by_role("button", name="Set", exact=True).click()
    expect(line).to_contain_text("ends ")

    line.get_by_role("button", name="Set an end").click()
    expect(asked.get_by_label("Not used from")).to_have_value(day)
    asked.get_by_role("button", name="No end").click()
    expect(line).to_contain_text("no end")


@pytest.fixture
def long_ago(running: Demo) -> None:
    """One was stored long ago."""
    with closing(opened(running.database)) as database, database:
        database.execute(
            "UPDATE autonomous_credentials SET created_at = '2020-01-01 09:00:00.000000' WHERE field = 'consumer_key'"
        )


@pytest.mark.usefixtures("long_ago")
def test_what_should_have_been_changed_is_named(screen: Page) -> None:
    card = stored(screen)
    told = card.get_by_role("status")
    expect(told).to_contain_text("Due to be changed at the shop, and stored anew: consumer key of ")
    expect(card.locator(".between", has_text="Consumer key").first).to_contain_text("was to be changed by 31 Mar 2020")
    expect(told).not_to_contain_text("consumer secret")
