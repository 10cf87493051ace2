"""Every screen, loaded once: it fits, wide and on a phone; it needs nothing that its policy forbids; and everybody can use it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import PHONE, WIDE, keep
from tests.pages.test_accessibility import found, found_by_day_and_night, turn
from tests.pages.test_content_policy import LISTEN
from tests.pages.test_screens import SCREENS, ready

WHOLE = "home"  # the screen that is looked at in each width by day and by night


@pytest.fixture(scope="module")
def looked_at(window: Page) -> Iterator[Page]:
    """The window, which notes what its policy has blocked; no script of any screen may fail."""
    broken: list[str] = []
    window.on("pageerror", lambda error: broken.append(str(error)))
    window.add_init_script(LISTEN)
    yield window
    assert broken == []


@pytest.fixture(scope="module", params=SCREENS)
def name(looked_at: Page, request: pytest.FixtureRequest) -> str:
    """The name of the screen that is drawn now."""
    looked_at.set_viewport_size(WIDE)
    ready(looked_at, SCREENS[request.param])
    looked_at.wait_for_load_state("networkidle")
    return str(request.param)


def test_every_screen_is_drawn_and_fits(looked_at: Page, name: str) -> None:
    expect(looked_at.locator("h1")).to_have_count(1)
    keep(looked_at, name)


def test_no_screen_needs_what_its_policy_forbids(looked_at: Page, name: str) -> None:
    assert looked_at.evaluate("window.violations") == [], name


def test_every_screen_can_be_used_by_everybody(looked_at: Page, name: str) -> None:
    """Wide by day and on a phone by night: its elements are the same, and so are their colours. What stands around all is in every cell."""
    turn(looked_at, "light")
    wrong = found_by_day_and_night(looked_at) if name == WHOLE else found(looked_at)
    looked_at.set_viewport_size(PHONE)
    turn(looked_at, "dark")
    wrong += found_by_day_and_night(looked_at) if name == WHOLE else found(looked_at)
    turn(looked_at, "light")
    assert wrong == [], name
