"""Takes snapshots of one page, and finds the elements of the newest one again."""

import asyncio

from playwright.async_api import Page

from core.browser.describing import DESCRIBE, LONGEST_PART, MOST_NOTICES
from core.browser.eyes import Eyes
from core.browser.failures import attempt
from core.browser.locating import find
from core.browser.page import ActionFailed
from core.browser.redaction import Redactor
from core.browser.snapshot import ElementSeen, Snapshot
from core.browser.survey import ASKED, PATHS_OF, REF_AT, SURVEY, WAYS_TO, snapshot_of, ways_of
from core.workflows.locator import Locator

MOST_WAYS = 4  # to find one element again; more would not make it any more certain
FOUND_WITHIN = 5.0  # seconds; a page that is too busy for that has no element that could be acted on


class Surveyor:
    """One page's snapshots; refs are those of the newest."""

    def __init__(self, page: Page, eyes: Eyes, redactor: Redactor) -> None:
        self._page = page
        self._eyes = eyes
        self._redactor = redactor
        self._newest = Snapshot("", "", ())

    async def snapshot(self, address: str) -> Snapshot:
        """What the page offers right now. Raises ActionFailed if it does not answer."""
        told, described = await asyncio.gather(
            self._eyes.ask(SURVEY, *ASKED), self._eyes.ask(DESCRIBE, MOST_NOTICES, LONGEST_PART)
        )
        self._newest = snapshot_of(told, described["notices"], address, self._redactor)
        return self._newest

    async def element_at(self, locator: Locator, address: str) -> ElementSeen | None:
        """The element that this finds, as a snapshot has it; None if it finds another one as well, be it hidden, or no control."""
        snapshot = await self.snapshot(address)
        paths: list[str] = await attempt(find(self._page, locator).evaluate_all(PATHS_OF), within=FOUND_WITHIN)
        return snapshot.element(await self._eyes.ask(REF_AT, paths[0])) if len(paths) == 1 else None

    async def ways_to(self, ref: str) -> tuple[Locator, ...]:
        """Ways to find exactly this element; each was tried, and finds it and nothing else."""
        element = self._newest.element(ref)
        told = element and await self._eyes.ask(WAYS_TO, ref, _identity(element))
        if not told:
            return ()
        ways = list[Locator]()
        for way in ways_of(told):
            if len(ways) < MOST_WAYS and await self._finds(way, told["path"]):
                ways.append(way)
        return tuple(ways)

    async def _finds(self, way: Locator, path: str) -> bool:
        """Whether this finds the element that stands at this path of the tree, and no other."""
        try:
            found: list[str] = await attempt(find(self._page, way).evaluate_all(PATHS_OF), within=FOUND_WITHIN)
        except ActionFailed:
            return False
        return found == [path]


def _identity(element: ElementSeen) -> dict[str, str]:
    """What an element is known by, beside its place in the tree."""
    return {part: getattr(element, part) for part in ("role", "name", "kind", "placeholder", "place")}
