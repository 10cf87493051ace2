"""One setup as whoever has it open sees it: its page tells each step and the time left, and shows the shop live, paused while a secret is
on it; the list tells each step, too; and once it is over, its pictures and products are there. Nothing is loaded again meanwhile.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Response, expect

from tests.pages.conftest import keep
from tests.pages.served import Demo
from tests.pages.test_screens import ready
from tests.pages.test_setting_up import allow, fill_in

# Keeps every text that what is meant by a selector ever had, so that nothing is missed between two looks.
RECORDER = """([name, selector]) => { window[name] = new Set(); const note = () => document.querySelectorAll(selector)
  .forEach(one => one.checkVisibility() && window[name].add(one.textContent)); note();
  new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true}); }"""


@dataclass(frozen=True)
class Watched:
    """A setup that was watched: its page, the list of operations, as many as it had before, and the answers with live pictures."""

    page: Page
    every: Page
    before: int
    fetched: list[Response]


def record(page: Page, name: str, selector: str) -> None:
    page.evaluate(RECORDER, [name, selector])


def recorded(page: Page, name: str) -> list[str]:
    """All of it; an error if the page had been loaded again."""
    told: list[str] = page.evaluate(f"[...window.{name}]")
    return told


@pytest.fixture(scope="module")
def watched(window: Page, running: Demo) -> Iterator[Watched]:
    """It is over; neither page was touched meanwhile, and no script of them has failed."""
    broken: list[str] = []
    window.on("pageerror", lambda error: broken.append(str(error)))
    fetched: list[Response] = []
    window.on("response", lambda response: fetched.append(response) if "/pictures/live/" in response.url else None)
    every = window.context.new_page()
    every.on("pageerror", lambda error: broken.append(str(error)))
    ready(every, "/operations")
    before = every.locator(".item").count()
    record(every, "newest", ".item p")
    record(every, "how_many", ".content p")
    window.bring_to_front()  # what is behind draws nothing, so it fetches no pictures
    fill_in(window, running)
    allow(window)
    record(window, "badge", ".live-now .badge")
    record(window, "how_far", ".how-far p")
    window.locator(".thumb").nth(3).wait_for()
    keep(window, "live")
    expect(window.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=60_000)
    yield Watched(window, every, before, fetched)
    assert broken == []


def test_a_setup_is_watched_to_the_end_without_reloading(watched: Watched) -> None:
    page = watched.page
    expect(page.get_by_text("Recorded and signed:")).to_be_visible()
    told = recorded(page, "how_far")
    assert any(re.match(r"Step \d+ of \d+ · about \d+ seconds? left", one) for one in told), told
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    keep(page, "operation")


def test_the_shop_is_seen_live_and_the_stored_pictures_once_it_is_over(watched: Watched) -> None:
    page = watched.page
    assert "Paused while a secret is on the page" in recorded(page, "badge")
    expect(page.locator(".live-now .badge")).to_be_hidden()
    expect(page.locator(".live-now img.there")).to_have_count(0)
    expect(page.locator(".pictures > .picture > img").first).to_have_attribute("alt", re.compile("Your shop: "))
    assert watched.fetched
    for answer in watched.fetched:
        assert answer.status in {200, 404}  # one that is gone by then
        assert answer.headers["cache-control"].startswith("no-store")


def test_the_list_tells_each_step_and_the_end_without_reloading(watched: Watched) -> None:
    every = watched.every
    expect(every.locator(".item")).to_have_count(watched.before + 1)
    newest = every.locator(".item").first
    expect(newest).to_contain_text("47 products synced")
    expect(newest.locator(".badge.completed")).to_have_text("Done")
    expect(every.get_by_text("none under way")).to_be_visible()
    assert any("1 under way" in one for one in recorded(every, "how_many"))
    told = recorded(every, "newest")
    assert len([one for one in told if re.fullmatch(r"Step \d+ of \d+", one)]) > 3, told


def test_its_products_are_asked_for_from_its_page(watched: Watched) -> None:
    watched.page.get_by_role("button", name="Ask").click()
    expect(watched.page.locator("tbody tr").first).to_contain_text("Earl Grey")
