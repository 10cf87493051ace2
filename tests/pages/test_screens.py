"""The screens in a real browser: what a customer does from signing in to asking for the best sellers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from core.browser.find_browser import find_browser
from tests.pages.served import ROOT, Demo, demo

SCREENS = {
    "set-up": "/",
    "operations": "/operations",
    "products": "/products?q=Show+me+your+best+sellers",
    "consents": "/consents",
    "audit": "/audit",
    "statistics": "/statistics",
    "settings": "/settings",
}
SIZES = {"wide": (1280, 800), "phone": (390, 844)}
PICTURES = ROOT / "test-artifacts"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as shown:
        yield shown


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not of the session: a synchronous Playwright that lives on breaks every asynchronous test after it."""
    with sync_playwright() as playwright:
        found = find_browser(Path(playwright.chromium.executable_path))
        browser = playwright.chromium.launch(executable_path=found.executable, channel=found.channel)
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(chromium: Browser, running: Demo, size: str) -> Iterator[Page]:
    """A page of somebody who has signed in."""
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, base_url=running.dashboard)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto("/consents")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    keep(page, "sign-in", size)
    page.get_by_label("E-mail").fill("demo@tea.example")
    page.get_by_label("Password").fill(running.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Consents")).to_be_visible()
    yield page
    context.close()
    assert broken == []


def keep(page: Page, name: str, size: str) -> None:
    """Keep a picture of the screen among the test's artifacts."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{size}.png")


def test_every_screen_is_drawn_and_fits(page: Page, size: str) -> None:
    for name, address in SCREENS.items():
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        keep(page, name, size)


def test_a_finished_operation_shows_steps_pictures_and_result(page: Page, running: Demo, size: str) -> None:
    page.goto(f"/operations/{running.operation}")
    expect(page.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Sign in as admin")).to_be_visible()
    page.get_by_role("button", name="Generate the key").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_text("7 of 9 · Generate the key")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("8 of 9 · Read the consumer key")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    keep(page, "operation", size)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("sorted by sales")).to_be_visible()
    expect(page.get_by_text("Earl Grey")).to_be_visible()


def test_a_customer_sets_up_the_shop_and_watches(page: Page, running: Demo, size: str) -> None:
    page.goto("/")
    page.get_by_label("Shop address").fill("https://10.0.0.1")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("practice-tea-4711")
    page.get_by_role("button", name="Set up WooCommerce").click()
    expect(page.get_by_role("alert").filter(has_text="use the shop's domain")).to_be_visible()

    page.get_by_label("Shop address").fill(running.shop)
    page.get_by_role("button", name="Set up WooCommerce").click()
    expect(page.get_by_role("heading", name="Let Autopilot do this on 127.0.0.1?")).to_be_visible()
    no = page.get_by_role("button", name="Don't allow")
    assert len({*weights(page.locator(".choice button"))}) == 1
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    keep(page, "consent", size)
    no.click()
    expect(page.get_by_role("button", name="Set up WooCommerce")).to_be_visible()

    page.get_by_role("button", name="Set up WooCommerce").click()
    page.get_by_role("button", name="Allow for 30 days").click()
    expect(page.get_by_role("heading", name="Setting up WooCommerce")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=60_000)


def test_an_operation_that_is_not_there_says_so(page: Page) -> None:
    page.goto("/operations/00000000-0000-0000-0000-000000000000")
    expect(page.get_by_role("heading", name="There is no such operation")).to_be_visible()


def test_the_chain_is_verified_by_a_click(page: Page) -> None:
    page.goto("/audit")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("none changed and none missing")).to_be_visible()


def test_a_page_left_open_can_do_nothing_after_signing_out(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/consents")
    expect(other.get_by_role("heading", name="Consents")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    other.get_by_role("button", name="Withdraw").first.click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def weights(buttons: Locator) -> list[str]:
    """What makes each of these buttons look more or less important."""
    found: list[str] = buttons.evaluate_all(
        "all => all.map(e => { const s = getComputedStyle(e), r = e.getBoundingClientRect();"
        " return `${r.width.toFixed()} ${r.height.toFixed()} ${s.color} ${s.backgroundColor} ${s.borderColor} ${s.fontWeight}` })"
    )
    assert len(found) == 2
    return found
