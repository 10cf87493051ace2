"""What is open in one tab ends with the sign-in. How it follows what happens elsewhere is in test_live_view."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import somebody
from tests.pages.served import Demo
from tests.pages.test_screens import ready


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
