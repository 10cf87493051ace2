"""Home says what is connected, what is running and what needs somebody, and changes while one looks."""

from playwright.sync_api import Page, expect

from core.agents.person import QuestionKind
from tests.pages.asking import asking
from tests.pages.conftest import keep
from tests.pages.served import Demo
from tests.pages.test_screens import ready


def test_what_is_connected_and_was_done_is_told(screen: Page, running: Demo) -> None:
    ready(screen, "/")
    expect(screen.get_by_role("status")).to_contain_text("1 shop connected")
    connected = screen.get_by_role("region", name="Connected")
    expect(connected).to_contain_text("47 products")
    expect(connected.get_by_role("link", name="What is done by itself")).to_have_attribute("href", "/shops")
    expect(screen.get_by_role("region", name="Done lately")).to_contain_text("47 products synced.")
    keep(screen, "home")


def test_what_needs_somebody_leads_to_its_operation(screen: Page, running: Demo) -> None:
    with asking(running, QuestionKind.CODE) as asked:
        ready(screen, "/")
        needs = screen.get_by_role("region", name="Needs you")
        expect(needs).to_contain_text("It asks something of you")
        keep(screen, "home-needs-you")
        needs.get_by_role("link", name="Open: ").click()
        expect(screen).to_have_url(f"{running.dashboard}/operations/{asked.operation_id}")


def test_what_is_asked_for_elsewhere_appears_while_one_looks_and_goes_when_it_is_stopped(
    screen: Page, running: Demo
) -> None:
    ready(screen, "/")
    headers, needs = {"Origin": running.dashboard}, screen.get_by_role("region", name="Needs you")
    before = needs.get_by_role("link", name="Open: ").count()
    asked = {
        "service": "woocommerce",
        "operation": "api_key_generation",
        "permissions": ["update_products"],
        "metadata": {"storeUrl": running.shop},
    }
    begun = screen.request.post("/api/autonomous/initiate", data=asked, headers=headers).json()
    assert begun.get("status") == "awaiting_consent", begun
    try:
        expect(needs.get_by_role("link", name="Open: ")).to_have_count(before + 1)
        expect(needs).to_contain_text("Read what it will do, and allow it or not.")
    finally:
        screen.request.post(f"/api/autonomous/operations/{begun['operationId']}/cancel", data={}, headers=headers)
    expect(needs.get_by_role("link", name="Open: ")).to_have_count(before)
