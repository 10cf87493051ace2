"""What is open in one tab follows what happens elsewhere, and ends with the sign-in."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import somebody
from tests.pages.served import Demo
from tests.pages.test_screens import ready
from tests.pages.test_setting_up import allow, fill_in

# Keeps every text the newest line ever had, so that nothing is missed between two looks.
RECORDER = """() => { window.told = new Set(); const note = () => { const line = document.querySelector('.item p');
  if (line) window.told.add(line.textContent) }; note();
  new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true}); }"""


def waiting_operation(page: Page, running: Demo) -> str:
    """An operation that waits for consent; its id."""
    asked = {
        "service": "woocommerce",
        "operation": "api_key_generation",
        "permissions": ["update_products"],
        "metadata": {"storeUrl": running.shop},
    }
    answer = page.request.post("/api/autonomous/initiate", data=asked, headers={"Origin": running.dashboard})
    assert answer.status == 201, answer.text()
    return str(answer.json()["operationId"])


def cancel(page: Page, running: Demo, operation_id: str) -> None:
    address = f"/api/autonomous/operations/{operation_id}/cancel"
    headers = {"Origin": running.dashboard, "Content-Type": "application/json"}
    assert page.request.post(address, headers=headers).ok


def test_the_list_tells_each_step_and_the_end_without_reloading(screen: Page, running: Demo) -> None:
    ready(screen, "/operations")
    before = screen.locator(".item").count()
    screen.evaluate(RECORDER)
    elsewhere = screen.context.new_page()
    fill_in(elsewhere, running)
    allow(elsewhere)
    expect(screen.locator(".item")).to_have_count(before + 1)
    expect(screen.get_by_text("1 under way")).to_be_visible()
    newest = screen.locator(".item").first
    expect(newest).to_contain_text("47 products synced", timeout=60_000)
    expect(newest.locator(".badge.completed")).to_have_text("Done")
    expect(screen.get_by_text("none under way")).to_be_visible()
    told = screen.evaluate("[...window.told]")  # gone if the screen had been loaded again
    assert len([one for one in told if re.fullmatch(r"Step \d+ of \d+", one)]) > 3, told


@pytest.mark.parametrize("address", ["/operations/{operation}", "/operations"])
def test_who_signed_out_elsewhere_is_shown_nothing_more(
    chromium: Browser, running: Demo, screen: Page, address: str
) -> None:
    operation_id = waiting_operation(screen, running)
    here = address.format(operation=operation_id)
    with somebody(chromium, running) as page:
        ready(page, here)
        expect(page.get_by_text("Needs your consent")).to_be_visible()
        page.request.post("/auth/sign-out", headers={"Origin": running.dashboard})
        cancel(screen, running, operation_id)
        page.wait_for_url("**/sign-in?next=*")
        expect(page.locator("input[name=next]")).to_have_value(here)
