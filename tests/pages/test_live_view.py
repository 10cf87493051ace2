"""Whoever has the page of an operation open sees the shop live, and that it is paused while a secret is on the page."""

import re

from playwright.sync_api import Page, Response, expect

from tests.pages.served import Demo
from tests.pages.test_setting_up import allow, fill_in

# Keeps every text of the badge over the picture.
RECORDER = """() => { window.said = new Set(); const note = () => { const badge = document.querySelector('.live-now .badge');
  if (badge && badge.checkVisibility()) window.said.add(badge.textContent) }; note();
  new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true}); }"""


def test_a_setup_is_seen_live_and_the_stored_pictures_once_it_is_over(screen: Page, running: Demo) -> None:
    fetched: list[Response] = []
    screen.on("response", lambda response: fetched.append(response) if "/pictures/live/" in response.url else None)
    fill_in(screen, running)
    allow(screen)
    screen.evaluate(RECORDER)
    expect(screen.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=60_000)
    assert "Paused while a secret is on the page" in screen.evaluate("[...window.said]")
    expect(screen.locator(".live-now .badge")).to_be_hidden()
    expect(screen.locator(".live-now img.there")).to_have_count(0)
    expect(screen.locator(".pictures > .picture > img").first).to_have_attribute("alt", re.compile("Your shop: "))
    assert fetched
    for answer in fetched:
        assert answer.status in {200, 404}  # one that is gone by then
        assert answer.headers["cache-control"].startswith("no-store")
