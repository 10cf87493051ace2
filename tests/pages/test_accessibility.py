"""Every screen, light and dark, wide and on a phone, is looked through by axe-core in the real browser: nothing serious is found."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.agents.person import QuestionKind
from tests.pages.asking import asking
from tests.pages.conftest import PHONE, WIDE, ZONE
from tests.pages.served import Demo
from tests.pages.test_screens import SCREENS, ready

SERIOUS = {"serious", "critical"}
NOT_SIGNED_IN = ("/sign-in", "/sign-in?error=wrong_sign_in", "/nowhere")


def found(page: Page) -> list[str]:
    """What axe-core has to say that is serious: the rule, and where."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']} ({one['help']}): {node['target']} {node['html'][:120]}"
        for one in violations
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.fixture(scope="module", params=["light", "dark"])
def lit(chromium: Browser, running: Demo, signed_in: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of somebody signed in, by day and by night."""
    context = chromium.new_context(
        viewport=WIDE,
        base_url=running.dashboard,
        timezone_id=ZONE,
        storage_state=signed_in,
        color_scheme=request.param,
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_screen_can_be_used_by_everybody(lit: Page, size: Any) -> None:
    lit.set_viewport_size(size)
    wrong: list[str] = []
    for address in SCREENS.values():
        ready(lit, address)
        wrong += found(lit)
    assert wrong == []


def test_an_operation_can_be_watched_by_everybody(lit: Page, running: Demo) -> None:
    ready(lit, f"/operations/{running.operation}")
    expect(lit.locator(".thumb").first).to_be_visible()
    assert found(lit) == []
    lit.locator(".thumb").first.click()
    expect(lit.get_by_role("dialog")).to_be_visible()
    assert found(lit) == []


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_question_can_be_answered_by_everybody(lit: Page, running: Demo, kind: QuestionKind) -> None:
    with asking(running, kind, ("One", "Two") if kind is QuestionKind.CHOICE else ()) as asked:
        ready(lit, f"/operations/{asked.operation_id}")
        expect(lit.locator(".asked")).to_be_visible()
        assert found(lit) == []


def test_a_consent_can_be_read_by_everybody(lit: Page, running: Demo) -> None:
    ready(lit, f"/set-up?service=woocommerce&store={running.shop}")
    lit.get_by_role("button", name="Set up WooCommerce").click()
    expect(lit.get_by_role("dialog")).to_be_visible()
    assert found(lit) == []


@pytest.mark.parametrize("address", NOT_SIGNED_IN)
def test_who_is_not_signed_in_can_get_in(chromium: Browser, running: Demo, address: str) -> None:
    with chromium.new_context(base_url=running.dashboard) as context:
        page = context.new_page()
        ready(page, address)
        assert found(page) == []


def test_the_look_is_one_that_finds_what_is_wrong(lit: Page) -> None:
    ready(lit, "/")
    lit.evaluate("document.querySelector('main, body').insertAdjacentHTML('beforeend', '<button></button>')")
    assert any("button-name" in one for one in found(lit))
