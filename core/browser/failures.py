"""Where Playwright's failures become ours: short sentences without a call log, for those hold what was typed."""

import asyncio
import re
from collections.abc import Awaitable
from typing import ClassVar, TypeVar

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from core.browser.page import ActionFailed, InTheWay, RunStopped
from core.errors import CoreError

T = TypeVar("T")

GONE = re.compile(r"has been closed|crashed|Connection closed|browser has disconnected|Target closed", re.IGNORECASE)
ELSEWHERE = re.compile(r"Execution context was destroyed|Cannot find context with specified id|Frame was detached")
SEVERAL = re.compile(r"strict mode violation: .* resolved to (\d+) elements", re.DOTALL)

# What Playwright says, in its order of likelihood, and what a person is told instead.
IN_WORDS = (
    (re.compile(r"ERR_TUNNEL_CONNECTION_FAILED|ERR_PROXY"), "The connection was refused."),
    (re.compile(r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"), "The shop does not answer."),
    (re.compile(r"ERR_CERT|ERR_SSL"), "The shop's certificate is not valid."),
    (re.compile(r"ERR_TOO_MANY_REDIRECTS"), "The shop sends the browser round in circles."),
    (re.compile(r"ERR_ABORTED|interrupted by another navigation"), "The page went elsewhere meanwhile."),
    (re.compile(r"not an <input>|is not an? .*element|cannot be filled"), "It is not a field that takes this."),
    (re.compile(r"did not find some options|option.* not found"), "There is no such option."),
    (
        re.compile(r"is not a valid selector|Unexpected token|Unsupported token|SyntaxError"),
        "Its locator can't be read.",
    ),
)


class WentElsewhere(ActionFailed):
    """The page did not answer."""

    code: ClassVar[str] = "went_elsewhere"


async def attempt(
    work: Awaitable[T],
    because: str = "It took too long.",
    within: float | None = None,
    failing: type[ActionFailed] = ActionFailed,
) -> T:
    """Do something with Playwright. Raises ActionFailed or RunStopped, neither holding a word of Playwright's.

    `because` is what is said when time runs out, as the kind of failure that is `failing`: Playwright's own, or `within` seconds for what has none. (While a page
    is on its way, Chromium answers no question about the one before it.) The error is raised outside the handler, so that
    not even its context leads to the original.
    """
    try:
        async with asyncio.timeout(within):
            return await work
    except (PlaywrightTimeout, TimeoutError):
        failure: CoreError = failing(because=because)
    except PlaywrightError as error:
        failure = in_our_words(str(error))
    raise failure


async def acted(work: Awaitable[None]) -> None:
    """Act on an element. What keeps that from being done in its time is in the way of it; raises as `attempt` does."""
    await attempt(work, "It is covered, hidden or switched off.", failing=InTheWay)


def in_our_words(message: str) -> CoreError:
    """The failure that a message of Playwright's stands for; nothing of the message itself is kept."""
    if GONE.search(message):
        return RunStopped(because="The page was closed.")
    if several := SEVERAL.search(message):
        return ActionFailed(because=f"{several[1]} elements fit, so it is not clear which one is meant.")
    if ELSEWHERE.search(message):
        return WentElsewhere(because="It went elsewhere meanwhile.")
    for pattern, sentence in IN_WORDS:
        if pattern.search(message):
            return ActionFailed(because=sentence)
    return ActionFailed(because="The browser could not do it.")
