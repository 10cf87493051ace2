"""The whole way without a mouse: sign in, set up, watch, look at pictures, stop, replay, answer; the focus is seen and never lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.agents.person import QuestionKind
from tests.pages.asking import asking
from tests.pages.conftest import a_context
from tests.pages.keyboard import Keyboard
from tests.pages.served import Demo
from tests.pages.test_screens import ready
from tests.pages.test_setting_up import SHOP_PASSWORD

TAKES = 60_000  # milliseconds until a run has its first pictures, or has ended
# As the focus goes on to the browser's own bar; then something on the page changes, and whoever would take it back could.
LEAVE = """async () => {
  document.activeElement.blur();
  document.body.append(document.createElement("i"));
  for (let frame = 0; frame < 3; frame++) await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
}"""


@pytest.fixture(scope="module")
def keyboard(chromium: Browser, running: Demo) -> Iterator[Keyboard]:
    """One window for all of it. Who signs in by the keyboard is led to where they wanted to go."""
    context = a_context(chromium, running)
    page, broken = context.new_page(), list[str]()
    page.on("pageerror", lambda error: broken.append(str(error)))
    keyboard = Keyboard(page)
    ready(page, "/demo")
    keyboard.fill(page.get_by_label("E-mail"), "demo@tea.example")
    keyboard.fill(page.get_by_label("Password"), running.password)
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Demo", level=1)).to_be_visible()
    yield keyboard
    context.close()
    assert broken == []


def arrived(page: Page) -> None:
    """A page that was led to is ready for keys."""
    page.wait_for_function("window.did_handshake === true")


def test_the_bar_is_skipped_and_its_menu_is_opened_and_closed(keyboard: Keyboard) -> None:
    page = keyboard.page
    ready(page, "/set-up")
    keyboard.press("Tab")
    keyboard.is_on(page.get_by_role("link", name="Skip to content"))
    keyboard.press("Enter")
    keyboard.is_on(page.locator(".content"))
    keyboard.press("Tab")
    keyboard.is_on(page.get_by_role("navigation", name="Services").get_by_role("link").first)
    account = page.get_by_role("button", name="Account")
    keyboard.to(account, "Shift+Tab")
    keyboard.press("Enter")
    menu = page.get_by_role("menu")
    keyboard.is_in(menu)
    keyboard.to(menu.get_by_role("link", name="Settings"))
    keyboard.press("Escape")
    expect(menu).to_have_count(0)
    keyboard.is_on(account)


def test_whoever_leaves_the_page_by_keyboard_is_let_go(keyboard: Keyboard) -> None:
    page = keyboard.page
    ready(page, "/set-up")
    keyboard.to(page.get_by_role("link", name="Skip to content"))
    page.evaluate(LEAVE)
    assert page.evaluate("document.activeElement === document.body")


def test_a_shop_is_set_up_watched_and_stopped(keyboard: Keyboard, running: Demo) -> None:
    choose_pace(keyboard, "1 s")
    fill_in(keyboard, running)
    look_at_the_consent_and_allow(keyboard)
    thumbs = keyboard.page.locator(".thumb")
    thumbs.nth(2).wait_for(timeout=TAKES)
    look_at_pictures(keyboard, thumbs.nth(1))
    stop(keyboard)
    choose_pace(keyboard, "off")


def test_a_run_is_replayed_and_left_again(keyboard: Keyboard, running: Demo) -> None:
    page = keyboard.page
    ready(page, f"/operations/{running.operation}")
    again, region = page.get_by_role("button", name="Replay"), page.get_by_role("region", name="Replay")
    keyboard.go(again)
    keyboard.is_on(region.get_by_role("button", name="Play"))
    keyboard.press("ArrowRight")
    expect(region).to_contain_text("Step 2 of 13")
    keyboard.to(region.get_by_role("slider", name="Step"))
    keyboard.press("ArrowRight")
    expect(region).to_contain_text("Step 3 of 13")
    keyboard.to(region.get_by_label("Pace"))
    keyboard.press("ArrowDown")
    expect(region.get_by_label("Pace")).to_have_value("2")
    keyboard.go(region.get_by_role("button", name="Close"))
    expect(region).to_be_hidden()
    keyboard.is_on(again)
    look_at_pictures(keyboard, page.locator(".thumb").first)


def test_a_question_is_answered(keyboard: Keyboard, running: Demo) -> None:
    page = keyboard.page
    with asking(running, QuestionKind.CHOICE, ("Continue as admin", "Continue as manager")) as asked:
        ready(page, f"/operations/{asked.operation_id}")
        card = page.locator(".asked")
        keyboard.to(card.get_by_role("button", name="I can't"))
        keyboard.press("Enter")
        keyboard.is_in(page.get_by_role("dialog"))
        keyboard.press("Escape")
        keyboard.is_on(card.get_by_role("button", name="I can't"))
        keyboard.to(card.get_by_role("radio", name="Continue as admin"), "Shift+Tab")
        keyboard.press("Space")
        keyboard.press("ArrowDown")
        keyboard.is_on(card.get_by_role("radio", name="Continue as manager"))
        keyboard.press("Enter")
        expect(card).to_have_count(0)
        keyboard.is_in(page.locator(".content"))
        assert asked.question().chosen == 1


def test_what_is_drawn_anew_meanwhile_keeps_the_focus(keyboard: Keyboard, running: Demo) -> None:
    page = keyboard.page
    ready(page, "/")
    done = page.get_by_role("region", name="Done lately").get_by_role("link", name="All operations")
    keyboard.to(done)
    headers = {"Origin": running.dashboard}
    asked = {
        "service": "woocommerce",
        "operation": "api_key_generation",
        "permissions": ["update_products"],
        "metadata": {"storeUrl": running.shop},
    }
    begun = page.request.post("/api/autonomous/initiate", data=asked, headers=headers).json()
    assert begun.get("status") == "awaiting_consent", begun
    needs = page.get_by_role("region", name="Needs you")
    expect(needs).to_contain_text("Read what it will do, and allow it or not.")
    keyboard.is_on(done)
    keyboard.to(needs.get_by_role("link", name="Open: ").first, "Shift+Tab")
    page.request.post(f"/api/autonomous/operations/{begun['operationId']}/cancel", data={}, headers=headers)
    expect(needs.get_by_text("Read what it will do")).to_have_count(0)
    keyboard.is_in(page.locator(".content"))


def choose_pace(keyboard: Keyboard, name: str) -> None:
    """How long the agent rests after each step."""
    page = keyboard.page
    ready(page, "/demo")
    paces = page.get_by_role("group", name="Slow motion")
    keyboard.to(paces.locator("input:checked"))
    for _ in range(paces.get_by_role("radio").count()):
        if keyboard.has_focus(paces.get_by_role("radio", name=name)):
            break
        keyboard.press("ArrowRight")
    keyboard.is_on(paces.get_by_role("radio", name=name))
    expect(page.get_by_role("radio", name=name)).to_be_checked()


def look_at_pictures(keyboard: Keyboard, thumb: Locator) -> None:
    """Open one large, go to the next, and come back to it."""
    page = keyboard.page
    keyboard.go(thumb)
    box = page.get_by_role("dialog", name="Picture")
    keyboard.is_in(box)
    first = box.get_by_text(re.compile(r"^\d+ of \d+ · ")).inner_text().split()[0]  # of how many grows while it runs
    keyboard.press("ArrowRight")
    expect(box.get_by_text(re.compile(rf"^{int(first) + 1} of \d+ · "))).to_be_visible()
    keyboard.to(box.get_by_role("button", name="Previous"))
    keyboard.press("ArrowLeft")  # also where a button has the focus
    expect(box.get_by_text(re.compile(rf"^{first} of \d+ · "))).to_be_visible()
    keyboard.press("Escape")
    expect(box).to_have_count(0)
    keyboard.is_on(thumb)


def stays_in(keyboard: Keyboard, whole: Locator) -> None:
    """However often one goes on, the focus does not leave this."""
    for _ in range(12):
        keyboard.press("Tab")
        keyboard.is_in(whole)


def fill_in(keyboard: Keyboard, running: Demo) -> None:
    """From the choice of a service to the sign-in at the shop."""
    page = keyboard.page
    ready(page, "/set-up")
    keyboard.go(page.get_by_role("link", name="WooCommerce"))
    page.wait_for_url("**/set-up?service=woocommerce")
    arrived(page)
    keyboard.is_on(page.get_by_label("Shop address"))  # what comes next is at hand
    keyboard.type(running.shop)
    keyboard.to(page.get_by_role("radio", name="Approve in your shop"))
    keyboard.press("ArrowDown")
    keyboard.is_on(page.get_by_role("radio", name="Let the agent do it"))
    keyboard.fill(page.get_by_label("User name"), "admin")
    keyboard.fill(page.get_by_label("Password", exact=True), SHOP_PASSWORD)


def look_at_the_consent_and_allow(keyboard: Keyboard) -> None:
    """Leave the dialog, and find oneself where one was; then tick what is needed, and allow it."""
    page = keyboard.page
    start, sheet = page.get_by_role("button", name="Set up WooCommerce"), page.get_by_role("dialog")
    keyboard.go(start)
    keyboard.is_in(sheet)
    stays_in(keyboard, sheet)
    keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    keyboard.is_on(start)
    keyboard.press("Enter")
    keyboard.is_in(sheet)
    for box in ("Keep the sign-in", "Keep the pictures"):
        keyboard.go(sheet.get_by_label(box), "Space")
    keyboard.go(sheet.get_by_role("button", name="Allow for 30 days"))
    page.wait_for_url("**/operations/*")
    arrived(page)


def stop(keyboard: Keyboard) -> None:
    """Ask to stop, think better of it, and stop it after all."""
    page = keyboard.page
    button, sheet = page.get_by_role("button", name="Stop", exact=True), page.get_by_role("dialog")
    keyboard.to(button, "Shift+Tab")
    keyboard.press("Enter")
    keyboard.is_in(sheet)
    keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    keyboard.is_on(button)
    keyboard.press("Enter")
    keyboard.is_in(sheet)
    keyboard.go(sheet.get_by_role("button", name="Stop it"))
    expect(page.get_by_role("heading", name="It was stopped")).to_be_visible(timeout=TAKES)
    expect(button).to_be_hidden()
    keyboard.is_in(page.locator(".content"))
