"""The page in a real browser: does the closed set of actions, and lets no word of Playwright's and no secret out."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any, assert_never
from urllib.parse import urlsplit

from playwright.async_api import Locator as Element

from core.browser.actions import (
    Action,
    Capture,
    Click,
    Fill,
    FillOnce,
    FillSecret,
    Hover,
    Open,
    Press,
    Reload,
    Select,
    SetChecked,
)
from core.browser.choosing import choose
from core.browser.covering import Covering
from core.browser.describing import DESCRIBE, LONGEST_PART, MOST_NOTICES, sentence
from core.browser.expectations import holds
from core.browser.failures import WentElsewhere, acted, attempt
from core.browser.fresh_page import FreshPage
from core.browser.happenings import Happenings, origin_of
from core.browser.live import LiveCamera
from core.browser.loading import load, read_value
from core.browser.locating import find, in_words
from core.browser.page import ActionFailed, Box, DialogSeen, OriginRefused, Performed, RunStopped, Verdict
from core.browser.pictures import CoveredPicture, TakenPicture, asked_for_or_not, capture
from core.browser.places import Places
from core.browser.pressing import TOO_SLOW, Presser
from core.browser.redaction import Redactor
from core.browser.scope import RunScope
from core.browser.scripts import MEASURE, PUT_IN, SHOWN
from core.browser.secret_fields import objection
from core.browser.snapshot import ElementSeen, Snapshot
from core.browser.surveyor import Surveyor
from core.workflows.locator import Locator
from core.workflows.step import Check

SHORTEST_LOOK = 0.5  # seconds; also who does not want to wait gets an answer to what holds at this moment


class PlaywrightPage:
    """A BrowserPage on Chromium."""

    def __init__(self, fresh: FreshPage, scope: RunScope) -> None:
        self._page = fresh.page
        self._eyes = fresh.eyes
        self._viewport = fresh.viewport
        self._scope = scope
        self._redactor = Redactor()
        self._happenings = Happenings(self._page, scope.origin, self._redactor)
        self._surveyor = Surveyor(self._page, self._eyes, self._redactor)
        self._covering = Covering(self._page, self._eyes, self._redactor, scope.sensitive, self._viewport)
        self._patience = scope.limits.action.total_seconds()
        self._longest = scope.limits.navigation.total_seconds() * 1000
        self._presser = Presser(self._page, self._eyes, self._happenings, self._patience * 1000, self._longest)
        self._capturing: asyncio.Task[CoveredPicture] | None = None
        self._places = Places(self._eyes)
        self._camera = LiveCamera(self._eyes, self._covering, scope.live, self._has_nothing_live)

    @property
    def address(self) -> str:
        """Where the page is, without a fragment and without secrets."""
        return self._redactor.redact(urlsplit(self._page.url)._replace(fragment="").geturl())

    def redact(self, text: str) -> str:
        """The text with every secret of this run replaced."""
        return self._redactor.redact(text)

    def end(self, because: str) -> None:
        """From now on, everything asked of this page raises RunStopped with this reason."""
        self._happenings.end(because)

    async def live(self) -> None:
        """Show the page live while somebody watches it; until cancelled, or until it is closed."""
        await self._camera.run()

    def keep_from_view(self) -> None:
        """From now on nobody sees this page live."""
        self._camera.hide()

    async def perform(self, action: Action) -> Performed:
        """Do one action. Raises ActionFailed, OriginRefused or RunStopped.

        What it `accepts_dialog` is allowed right before the click, so that nothing is agreed to that the page asks while
        the element is still looked for. BrowserPage.perform says when that ends.
        """
        self._happenings.agree_no_more()
        self._check_alive()
        if self._happenings.strayed and not isinstance(action, Open):
            raise OriginRefused(because=f"The page went to {origin_of(self._page.url)}.")
        try:
            with self._camera.during(action):
                done = await self._do(action)
        except ActionFailed:
            self._happenings.agree_no_more()
            self._check_alive()
            raise
        return replace(done, dialogs=self._happenings.take_dialogs())

    def take_dialogs(self) -> tuple[DialogSeen, ...]:
        """The dialogs that no Performed has told yet; nothing more is agreed to."""
        self._happenings.agree_no_more()
        return self._happenings.take_dialogs()

    async def present(self, locator: Locator) -> int:
        """How many visible elements this finds right now; a page that comes in between is asked instead."""
        deadline = time.monotonic() + self._scope.limits.navigation.total_seconds()
        while True:
            self._check_alive()
            self._eyes.blink()
            left = deadline - time.monotonic()
            try:
                return await self._count(locator, left)
            except WentElsewhere:
                await self._eyes.wait_for_change(left)

    async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
        """Wait until the expectation holds, or one of `unless` is there; look again whenever the page changes."""
        deadline = time.monotonic() + within.total_seconds()
        while True:
            self._check_alive()
            self._eyes.blink()
            unclear, refused = "", False
            try:
                held, refused = await self._look(check, unless, deadline - time.monotonic())
                if held:
                    return Verdict(held=True)
            except ActionFailed as error:
                unclear = error.because
            left = deadline - time.monotonic()
            if left <= 0 or refused or self._happenings.strayed:
                return Verdict(held=False, seen="; ".join(filter(None, [unclear, await self.seen()])))
            await self._eyes.wait_for_change(left)

    async def seen(self) -> str:
        """One sentence on what the page shows now."""
        self._check_alive()
        if self._happenings.leaving:
            return self._happenings.trouble
        try:
            described = await self._eyes.ask(DESCRIBE, MOST_NOTICES, LONGEST_PART)
        except ActionFailed:
            self._check_alive()
            return self._happenings.trouble or "a page that does not answer"
        return sentence(described, self._happenings.trouble, self._redactor)

    async def snapshot(self) -> Snapshot:
        """What the page offers right now. Raises ActionFailed if it does not answer."""
        self._check_alive()
        return await self._surveyor.snapshot(self.address)

    async def element_at(self, locator: Locator) -> ElementSeen | None:
        """The element that this finds, as a snapshot has it; None if it finds another one as well, be it hidden, or no control."""
        self._check_alive()
        return await self._surveyor.element_at(locator, self.address)

    async def ways_to(self, ref: str) -> tuple[Locator, ...]:
        """Ways to find exactly this element of the newest snapshot, the most durable first; none if it is gone."""
        self._check_alive()
        return await self._surveyor.ways_to(ref)

    def picture(self) -> TakenPicture:
        """Begin to capture the page as it is now, after the picture before it."""
        self._check_alive()
        self._capturing = asyncio.get_running_loop().create_task(self._captured(self._capturing))
        self._capturing.add_done_callback(asked_for_or_not)
        return TakenPicture(self._capturing)

    async def still(self) -> None:
        """Return when no picture is being captured: only then may the page be changed, or closed."""
        if self._capturing is not None:
            await asyncio.wait({self._capturing})

    async def _captured(self, before: asyncio.Task[CoveredPicture] | None) -> CoveredPicture:
        if before is not None:
            await asyncio.wait({before})
        return await capture(self._eyes, self._covering, self._places, self._viewport, self.address)

    def _has_nothing_live(self) -> bool:
        """Whether there is no page yet, or a picture of it is being captured, which comes first."""
        is_capturing = self._capturing is not None and not self._capturing.done()
        return is_capturing or self._page.url.startswith("about:")

    def _check_alive(self) -> None:
        if self._happenings.ended:
            raise RunStopped(because=self._happenings.ended)

    async def _look(self, check: Check, unless: Locator | None, left: float) -> tuple[bool, bool]:
        """Whether the expectation holds right now, and whether one of `unless` is there; asked together, the page is busy."""
        if self._happenings.strayed:
            return False, False
        within = max(left, SHORTEST_LOOK)
        held, refused = await asyncio.gather(
            attempt(holds(self._page, check, self._scope.origin), within=within), self._shows(unless, within)
        )
        return held, refused

    async def _shows(self, locator: Locator | None, within: float) -> bool:
        """Whether one of these is there; a page that does not answer shows none."""
        if locator is None:
            return False
        try:
            return bool(await self._count(locator, within))
        except ActionFailed:
            return False

    async def _count(self, locator: Locator, within: float) -> int:
        """How many of these are visible."""
        return int(await attempt(find(self._page, locator).evaluate_all(SHOWN), TOO_SLOW, within))

    async def _do(self, action: Action) -> Performed:
        if isinstance(action, Open | Reload):
            await self.still()
            await load(self._page, action, self._scope.origin, self._longest)
            return Performed()
        element, box, path = await self._one(action.target)
        if isinstance(action, Capture):
            return Performed(box, await self._read(element, secret=action.secret))
        if isinstance(action, FillSecret):
            await self._fill_secret(element, action.secret)
            return Performed(box)
        await self.still()
        if isinstance(action, Select):
            return Performed(box, await choose(self._page, element, action.option, self._patience * 1000))
        on = await self._picture_with(path, box) if isinstance(action, Click | Press) else None
        await self._touch(element, action)
        return Performed(box, on=on)

    async def _picture_with(self, path: str, box: Box | None) -> TakenPicture | None:
        """The newest picture, if the element of this path is to be seen on it in this box."""
        is_there = box is not None and self._capturing is not None and await self._places.has(path, box)
        return TakenPicture(self._capturing) if is_there and self._capturing is not None else None

    async def _one(self, target: Locator) -> tuple[Element, Box | None, str]:
        """The one element a locator finds, waited for, brought into sight, and where it is: in sight, and in the tree."""
        element = find(self._page, target)
        began = time.monotonic()
        while True:
            self._check_alive()
            self._eyes.blink()
            longest = self._scope.limits.navigation.total_seconds()
            may_change = self._capturing is None or self._capturing.done()
            measured: dict[str, Any] = await attempt(element.evaluate_all(MEASURE, may_change), TOO_SLOW, longest)
            if measured["count"] == 1 and not (may_change or measured["inSight"]):
                await self.still()
                continue
            if measured["count"] == 1:
                return element, Box(*measured["box"]) if measured["box"] else None, measured["path"]
            if measured["count"] > 1:
                raise ActionFailed(because=f"{measured['count']} elements fit {in_words(target)}; one was meant.")
            left = began + (longest if self._happenings.leaving else self._patience) - time.monotonic()
            if left <= 0:
                raise ActionFailed(because=self._redactor.redact(f"There is no {in_words(target)} on the page."))
            await self._eyes.wait_for_change(left)

    async def _touch(self, element: Element, action: Click | Hover | Fill | FillOnce | SetChecked | Press) -> None:
        patience = self._patience * 1000
        match action:
            case Click() | Press():
                await self._presser.press(element, action)
            case Hover():
                await acted(element.hover(timeout=patience))
            case FillOnce(said=said):
                self._redactor.learn(said.reveal(), as_a_word=True)
                await acted(element.fill(said.reveal(), timeout=patience))
            case Fill(text=text):
                await acted(element.fill(text, timeout=patience))
            case SetChecked(checked=checked):
                await acted(element.set_checked(checked, timeout=patience))
            case _:
                assert_never(action)

    async def _fill_secret(self, element: Element, name: str) -> None:
        # First, and alone: a one-time code may be waited for, and the page may change meanwhile.
        secret = await self._scope.secrets.reveal(name)
        found = attempt(element.element_handle(timeout=self._patience * 1000))
        handle, _ = await asyncio.gather(found, self.still())
        self._redactor.learn(secret.reveal())
        if because := await attempt(objection(handle, secret, self._scope.origin)):
            raise ActionFailed(because=f"The secret {name} is not typed here. {because}")
        await attempt(handle.evaluate(PUT_IN, secret.reveal()))

    async def _read(self, element: Element, *, secret: bool) -> str:
        """What a field holds or an element says. A secret is known as one before anything else happens."""
        value = await read_value(self._page, element, self._patience * 1000)
        if secret:
            self._redactor.learn(value)
        return value
