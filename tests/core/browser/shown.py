"""Short words for what these tests do all the time."""

from datetime import timedelta

import pytest

from core.browser.actions import Open
from core.browser.page import BrowserPage, Verdict
from core.browser.scope import PageLimits
from core.workflows.locator import By, Link, Locator
from core.workflows.step import Check, Matcher
from tests.fakes.web import Web

SOON = timedelta(seconds=10)
NOW = timedelta(0)
HURRIED = pytest.mark.parametrize("limits", [PageLimits(action=timedelta(seconds=1))], ids=["hurried"])


def css(selector: str) -> Locator:
    return Locator.css(selector)


def chain(*links: Link) -> Locator:
    return Locator(links)


def nth(selector: str, index: int) -> Locator:
    return chain(Link(By.CSS, selector), Link(By.NTH, index))


async def show(page: BrowserPage, web: Web, body: str) -> None:
    """Have the shop serve this, and open it."""
    web.show(body)
    await page.perform(Open("/"))


async def holds(
    page: BrowserPage,
    matcher: Matcher,
    selector: str,
    value: object = None,
    *,
    negated: bool = False,
    within: timedelta = SOON,
) -> Verdict:
    """Whether an expectation holds, or comes to."""
    return await page.expect(Check(matcher, css(selector), value, negated), within)  # type: ignore[arg-type]


async def text_of(page: BrowserPage, selector: str, text: str) -> bool:
    """Whether an element comes to say exactly this."""
    return (await page.expect(Check(Matcher.HAS_TEXT, css(selector), text), SOON)).held
