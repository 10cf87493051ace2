"""The statistics page, workflow health and health as staff read them, in a real browser on the running product."""

import csv
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.pages.conftest import WIDE, keep, somebody
from tests.pages.served import Demo, opened
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready

MADE = "of the test of figures"  # by it, what was added is found again and taken away
TALL: ViewportSize = {"width": 1280, "height": 2000}


@pytest.fixture(scope="module")
def history(running: Demo) -> Iterator[None]:
    """Setups of another service that have ended: two that failed for one reason, one for another, and one that went well."""
    with closing(opened(running.database)) as database, database:
        for status, code in (("failed", "wrong_password"), ("failed", "wrong_password"), ("failed", "key_limit")):
            add(database, status, {"failure_code": code})
        add(database, "completed", {"workflow_id": "gone-since", "model_millionths": "12500"})
    yield
    with closing(opened(running.database)) as database, database:
        database.execute("DELETE FROM autonomous_operations WHERE failure_sentence = ?", (MADE,))


def add(database: sqlite3.Connection, status: str, changed: dict[str, str]) -> None:
    ended = datetime.now(UTC) - timedelta(minutes=5)
    row = {
        "status": status,
        "service": "pretix",
        "failure_sentence": MADE,
        "finished_at": f"{ended:%Y-%m-%d %H:%M:%S.%f}",
    }
    copy(database, "autonomous_operations", row | {"consent_id": "", "service_version": "pretix 7"} | changed)


def card(page: Page, title: str) -> Locator:
    return page.locator(".card", has=page.get_by_role("heading", name=title, exact=True))


@pytest.mark.usefixtures("history")
def test_the_figures_have_their_parts_and_their_charts_in_words(screen: Page) -> None:
    ready(screen, "/statistics")
    for title in ("By day", "Why setups fail", "How long setups take, in seconds", "How many of a hundred succeed"):
        expect(card(screen, title)).to_be_visible()
    line = card(screen, "By service").get_by_role("row", name="pretix")
    expect(line).to_contain_text(re.compile(r"4\s*25\.0 %\s*4\.6 to 69\.9 %"))
    expect(card(screen, "By workflow version").get_by_role("row", name="gone-since")).to_contain_text("$0.01")
    expect(card(screen, "By who had to decide").get_by_role("row", name=re.compile("^as recorded"))).to_be_visible()
    expect(
        screen.get_by_text(re.compile(r"h saved: .* times what a setup takes by hand \(2 h\), less what they took"))
    ).to_be_visible()
    expect(screen.locator(".chart[aria-label], .chart [aria-label]").first).to_have_attribute(
        "aria-label", re.compile("chart")
    )
    keep(screen, "statistics-in-parts")


@pytest.mark.usefixtures("history")
def test_a_reason_leads_to_the_operations_that_failed_for_it_with_the_same_filters(screen: Page) -> None:
    ready(screen, "/statistics?days=7&service=pretix")
    reasons = card(screen, "Why setups fail").get_by_role("link")
    expect(reasons).to_have_text(["Wrong password", "No room for another key"])
    expect(reasons.first).to_have_attribute(
        "href", "/operations?failure=wrong_password&status=failed&days=7&service=pretix"
    )


@pytest.mark.usefixtures("history")
def test_the_filters_stand_in_the_address_and_are_kept_from_one_to_the_next(screen: Page) -> None:
    ready(screen, "/statistics?days=7")
    screen.get_by_label("Service").select_option("pretix")
    screen.get_by_label("Customer").fill("tea shop")
    screen.get_by_role("button", name="Show").click()
    expect(screen).to_have_url(re.compile(r"/statistics\?days=7&service=pretix&customer=tea\+shop$"))
    expect(screen.get_by_text("Last 7 days · pretix · tea shop")).to_be_visible()
    screen.get_by_role("link", name="90 days").click()
    expect(screen).to_have_url(re.compile(r"days=90&service=pretix&customer=tea\+shop$"))
    ready(screen, "/statistics?customer=Nobody%27s+%3Cb%3E")
    expect(screen.get_by_text("Nothing has finished in this time.")).to_be_visible()
    expect(screen.get_by_label("Customer")).to_have_value("Nobody's <b>")


@pytest.mark.usefixtures("history")
def test_a_click_gives_the_same_as_a_table(screen: Page, tmp_path: Path) -> None:
    ready(screen, "/statistics?days=7&service=pretix")
    with screen.expect_download() as taken:
        screen.get_by_role("link", name="CSV").click()
    taken.value.save_as(tmp_path / "figures.csv")
    rows = list(csv.DictReader((tmp_path / "figures.csv").read_text().splitlines()))
    assert {(one["service"], one["outcome"], one["reason"], one["runs"]) for one in rows} == {
        ("pretix", "completed", "", "1"),
        ("pretix", "failed", "key_limit", "1"),
        ("pretix", "failed", "wrong_password", "2"),
    }


@pytest.mark.usefixtures("history")
def test_in_the_dark_the_charts_have_the_dark_colours(screen: Page) -> None:
    fills = {}
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    screen.set_viewport_size(TALL)
    for scheme in schemes:
        screen.emulate_media(color_scheme=scheme)
        ready(screen, "/statistics")
        bar = screen.locator(".chart svg path[fill='var(--accent)']").first
        fills[scheme] = bar.evaluate("path => getComputedStyle(path).fill")
    assert fills == {"light": "rgb(58, 78, 213)", "dark": "rgb(152, 164, 255)"}


@pytest.mark.usefixtures("history")
def test_staff_see_how_each_workflow_fares_at_each_version_of_its_service(screen: Page) -> None:
    ready(screen, "/workflows")
    fares = card(screen, "Workflow health")
    line = fares.get_by_role("row", name="gone-since")
    expect(line).to_contain_text("pretix 7")
    expect(line).to_contain_text(re.compile(r"\d+ \w+ 20\d\d\s*1\s*100\.0 %\s*0\s*none"))
    expect(
        fares.get_by_role("row", name=re.compile("Complete the WooCommerce setup.*WooCommerce 11.0.1"))
    ).to_be_visible()
    keep(screen, "workflow-health")


def test_health_has_a_line_for_each_thing_with_a_word_and_keeps_itself_up_to_date(screen: Page) -> None:
    ready(screen, "/health")
    for name in (
        "Workers",
        "Queue",
        "Notifications",
        "Database",
        "Audit chains",
        "Browser",
        "Model",
        "Disk, data folder",
        "Rounds",
    ):
        line = screen.locator(".item", has=screen.get_by_role("heading", name=name, exact=True))
        expect(line.locator(".badge")).to_have_text(re.compile("well|look at it|broken"))
    expect(screen.get_by_role("status")).to_have_text(re.compile("well|looked at|broken"))
    screen.locator(".item.health").first.evaluate("item => { item.dataset.stays = 'yes' }")
    told = screen.get_by_text(re.compile(r"looked at \d+ \w+ \d\d:")).inner_text()
    expect(screen.get_by_text(told, exact=True)).to_have_count(0)  # another look has come,
    expect(screen.locator(".item.health").first).to_have_attribute("data-stays", "yes")  # and changed words alone
    screen.set_viewport_size(WIDE)
    keep(screen, "health")


def test_health_is_not_for_customers(chromium: Browser, running: Demo) -> None:
    with closing(opened(running.database)) as database, database:
        copy(database, "users", {"email": "figures@tea.example", "role": "owner"}, "email LIKE 'demo@%'")
    with somebody(chromium, running, "figures@tea.example") as page:
        ready(page, "/statistics")
        expect(page.get_by_role("heading", name="Statistics", level=1)).to_be_visible()
        expect(page.get_by_label("Customer")).to_have_count(0)
        expect(page.get_by_text("your setups")).to_be_visible()
        answer = page.goto("/health")
        assert answer is not None
        assert answer.status == 403
        ready(page, "/workflows")
        expect(page.get_by_role("heading", name="Workflow health")).to_have_count(0)
