"""Every text of every screen is told: where each that is told stands in ⟦brackets⟧, no other has a letter but data and core's."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.conftest import somebody
from tests.pages.reading import known_texts, untold_on
from tests.pages.served import Demo
from tests.pages.test_screens import SCREENS, ready


@pytest.fixture(scope="module")
def bracketed(chromium: Browser, in_brackets: Demo) -> Iterator[tuple[Page, Demo]]:
    """A page of somebody signed in where every text that is told stands in brackets."""
    with somebody(chromium, in_brackets) as page:
        yield page, in_brackets


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    """What the demo's shop holds, and what core tells."""
    return known_texts()


@pytest.mark.parametrize("name", [*SCREENS, "operation"])
def test_no_text_of_a_screen_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str], name: str) -> None:
    page, shown = bracketed
    ready(page, SCREENS.get(name, f"/operations/{shown.operation}"))
    for chart in page.locator(".chart").all():
        chart.locator("svg").wait_for()
    assert page.title().startswith("⟦")
    assert not (left := untold_on(page, known)), "\n".join(left)


@pytest.mark.parametrize("address", ["/sign-in?error=wrong_sign_in", "/sign-in/code", "/first-admin", "/nowhere"])
def test_no_text_is_missed_where_nobody_is_signed_in(
    chromium: Browser, bracketed: tuple[Page, Demo], known: frozenset[str], address: str
) -> None:
    _, shown = bracketed
    with chromium.new_context(base_url=shown.dashboard) as context:
        page = context.new_page()
        ready(page, address)
        assert not (left := untold_on(page, known)), "\n".join(left)


@pytest.mark.parametrize(
    "missed",
    [
        "<p>Stop it</p>",
        "<p>⟦Stopped.⟧ Go on</p>",
        "<p>⟦See⟧ <b>them</b></p>",
        "<button aria-label=Menu></button>",
        "<input placeholder='What it is for'>",
        "<img alt='Your shop'>",
        "<select><option>All</option></select>",
        "<details><summary>⟦More⟧</summary><p>hidden</p></details>",
    ],
)
def test_what_is_not_told_stands_out(chromium: Browser, missed: str) -> None:
    page = chromium.new_page()
    page.set_content(f"<main><p>⟦A text with {{data}} of ⟦another⟧⟧ · a@tea.example</p>{missed}</main>")
    assert len(untold_on(page, frozenset())) == 1
    page.close()
