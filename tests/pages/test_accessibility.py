"""What axe-core has to say of a page, light and dark, in the real browser; and of what opens on the screens."""

from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from core.agents.person import QuestionKind
from tests.pages.asking import asking
from tests.pages.served import Demo
from tests.pages.test_screens import ready

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SERIOUS = {"serious", "critical"}
OF_COLOURS = [
    "color-contrast",
    "link-in-text-block",
]  # all that a page's being dark can change: its elements are the same
NOT_SIGNED_IN = ("/sign-in", "/sign-in?error=wrong_sign_in", "/nowhere")


def found(page: Page, only: list[str] | None = None) -> list[str]:
    """What axe-core has to say that is serious: the rule, and where. By all its rules, or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    asked: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": only} if only else {})
    violations = page.evaluate("asked => axe.run(asked)", asked)["violations"]
    return [
        f"{page.url}: {one['id']} ({one['help']}): {node['target']} {node['html'][:120]}"
        for one in violations
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def found_by_day_and_night(page: Page) -> list[str]:
    """What is serious on a page in its light colours, and what in its dark ones."""
    turn(page, "light")
    wrong = found(page)
    turn(page, "dark")
    wrong += [f"dark: {one}" for one in found(page, OF_COLOURS)]
    turn(page, "light")
    return wrong


def turn(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Into these colours, wholly: some of them change bit by bit."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function("document.getAnimations().every(one => !(one instanceof CSSTransition))")


def test_an_operation_can_be_watched_by_everybody(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}")
    expect(screen.locator(".thumb").first).to_be_visible()
    assert found_by_day_and_night(screen) == []
    screen.locator(".thumb").first.click()
    expect(screen.get_by_role("dialog")).to_be_visible()
    assert found_by_day_and_night(screen) == []


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_question_can_be_answered_by_everybody(screen: Page, running: Demo, kind: QuestionKind) -> None:
    with asking(running, kind, ("One", "Two") if kind is QuestionKind.CHOICE else ()) as asked:
        ready(screen, f"/operations/{asked.operation_id}")
        expect(screen.locator(".asked")).to_be_visible()
        assert found_by_day_and_night(screen) == []


def test_a_consent_can_be_read_by_everybody(screen: Page, running: Demo) -> None:
    ready(screen, f"/set-up?service=woocommerce&store={running.shop}")
    screen.get_by_role("button", name="Set up WooCommerce").click()
    expect(screen.get_by_role("dialog")).to_be_visible()
    assert found_by_day_and_night(screen) == []


@pytest.mark.parametrize("address", NOT_SIGNED_IN)
def test_who_is_not_signed_in_can_get_in(chromium: Browser, running: Demo, address: str) -> None:
    with chromium.new_context(base_url=running.dashboard) as context:
        page = context.new_page()
        ready(page, address)
        assert found(page) == []


def test_the_look_is_one_that_finds_what_is_wrong(screen: Page) -> None:
    ready(screen, "/")
    screen.evaluate("document.querySelector('main, body').insertAdjacentHTML('beforeend', '<button></button>')")
    assert any("button-name" in one for one in found(screen))


def test_the_look_by_night_finds_what_can_be_read_by_day_alone(screen: Page) -> None:
    ready(screen, "/")
    text = "<p style='color: #16202e'>By day</p>"
    screen.evaluate("text => document.querySelector('main').insertAdjacentHTML('beforeend', text)", text)
    wrong = found_by_day_and_night(screen)
    assert wrong
    assert all(one.startswith("dark: ") and "color-contrast" in one for one in wrong)
