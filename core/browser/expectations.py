"""Holds a page against an expectation, once, at this moment; Playwright compares, so its rules for texts are ours."""

from collections.abc import Awaitable
from typing import Any
from urllib.parse import urljoin

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, expect

from core.browser.failures import in_our_words
from core.browser.locating import find, pattern
from core.browser.page import ActionFailed
from core.security.origin import Origin
from core.workflows.step import Check, Matcher

AT_ONCE = 1  # milliseconds; 0 would mean for ever

# What a matcher is called in Python, and whether it takes a value.
MATCHERS = {
    Matcher.VISIBLE: ("to_be_visible", False),
    Matcher.HIDDEN: ("to_be_hidden", False),
    Matcher.ENABLED: ("to_be_enabled", False),
    Matcher.CHECKED: ("to_be_checked", False),
    Matcher.HAS_TEXT: ("to_have_text", True),
    Matcher.CONTAINS_TEXT: ("to_contain_text", True),
    Matcher.HAS_VALUE: ("to_have_value", True),
    Matcher.HAS_COUNT: ("to_have_count", True),
    Matcher.URL: ("to_have_url", True),
    Matcher.TITLE: ("to_have_title", True),
}
ABOUT_THE_PAGE = frozenset({Matcher.URL, Matcher.TITLE})


async def holds(page: Page, check: Check, origin: Origin) -> bool:
    """Whether the expectation holds right now. Raises ActionFailed for one that can't be read or decided, or RunStopped."""
    message = ""
    try:
        await _assertion(page, check, origin)
    except AssertionError as error:
        message = str(error)
    except PlaywrightError as error:
        raise in_our_words(str(error)) from None
    if "strict mode violation" in message:
        raise in_our_words(message)
    return not message


def _assertion(page: Page, check: Check, origin: Origin) -> Awaitable[None]:
    name, takes_value = MATCHERS[check.matcher]
    if check.matcher in ABOUT_THE_PAGE:
        subject: Any = expect(page)
    else:
        subject = expect(find(page, check.locator) if check.locator else page.locator("body"))
    arguments = [_value(check, origin)] if takes_value else []
    assertion: Awaitable[None] = getattr(subject, f"not_{name}" if check.negated else name)(*arguments, timeout=AT_ONCE)
    return assertion


def _value(check: Check, origin: Origin) -> Any:
    value = check.value
    if check.matcher is Matcher.HAS_COUNT:
        if not str(value).isdigit():
            raise ActionFailed(because="An expected number can't be read.")
        return int(str(value))
    if value is None:
        raise ActionFailed(because="An expectation has no value to compare with.")
    if isinstance(value, str) and check.matcher is Matcher.URL:
        return urljoin(f"{origin}/", value)
    return pattern(value) if not isinstance(value, int) else str(value)
