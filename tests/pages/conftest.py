"""A running demo for all tests of the screens; for each module a browser, and for each test a page of its own.

The browser lives no longer than its module: a synchronous Playwright that lives on breaks every asynchronous test
after it. And the page is called `screen`: overriding pytest-playwright's `page` would draw its session fixtures in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser import browser_of
from tests.pages.served import ROOT, Demo, demo

PICTURES = ROOT / "test-artifacts"

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
ZONE = "UTC"  # of the people of these tests, wherever they run


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as shown:
        yield shown


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = browser_of(playwright)
        browser = playwright.chromium.launch(executable_path=found.executable, channel=found.channel)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, running: Demo) -> Any:
    """The cookies of somebody who has signed in."""
    with chromium.new_context(base_url=running.dashboard, timezone_id=ZONE) as context:
        sign_in(context.new_page(), running)
        return context.storage_state()


@contextmanager
def somebody(chromium: Browser, running: Demo) -> Iterator[Page]:
    """A page of a session of its own, for tests that end it."""
    with chromium.new_context(viewport=WIDE, base_url=running.dashboard, timezone_id=ZONE) as context:
        page = context.new_page()
        sign_in(page, running)
        yield page


@pytest.fixture
def screen(chromium: Browser, running: Demo, signed_in: Any) -> Iterator[Page]:
    """A page of somebody who has signed in; no script of it may fail."""
    context = chromium.new_context(viewport=WIDE, base_url=running.dashboard, timezone_id=ZONE, storage_state=signed_in)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


def keep(page: Page, name: str, *, dark: bool = False) -> None:
    """See that a screen fits, wide and on a phone, and keep a picture of both among the tests' artifacts; by night, too."""
    PICTURES.mkdir(exist_ok=True)
    for size, viewport in (("phone", PHONE), ("wide", WIDE)):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide: {size}"
        page.screenshot(path=PICTURES / f"{name}-{size}.png")
        if dark:
            page.emulate_media(color_scheme="dark")
            page.screenshot(path=PICTURES / f"{name}-{size}-dark.png")
            page.emulate_media(color_scheme="light")


def sign_in(page: Page, running: Demo) -> None:
    """Sign in as a person does."""
    page.goto("/consents")
    page.get_by_label("E-mail").fill("demo@tea.example")
    page.get_by_label("Password").fill(running.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Consents")).to_be_visible()
