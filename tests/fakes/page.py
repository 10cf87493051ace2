"""A page that behaves without a browser: screens with elements that show, hide, take values and lead to other screens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urljoin

from PIL import Image

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
from core.browser.locating import in_words, pattern
from core.browser.page import (
    ActionFailed,
    DialogSeen,
    InTheWay,
    OriginRefused,
    Performed,
    Picture,
    RunStopped,
    Verdict,
)
from core.browser.pictures import encoded
from core.browser.snapshot import ElementSeen, Snapshot
from core.security.origin import Origin
from core.workflows.locator import By, Locator
from core.workflows.step import Check, Matcher

NARROWING = frozenset({By.OR, By.NTH, By.VISIBLE})


@dataclass
class FakeElement:
    """An element, known by each of its locators. `does` is called when it is clicked or a key is pressed in it.

    If it `asks` a question first, it does so only if that is agreed to. What is `covered` can be seen, and not acted on.
    With `seen` it is in the page's snapshots.
    """

    locators: tuple[Locator, ...]
    text: str = ""
    value: str = ""
    visible: bool = True
    enabled: bool = True
    covered: bool = False
    checked: bool = False
    asks: str = ""
    seen: ElementSeen | None = None
    does: "Callable[[FakePage], None] | None" = None


@dataclass
class Screen:
    """What is shown at an address."""

    path: str
    title: str = ""
    notice: str = ""
    elements: list[FakeElement] = field(default_factory=list)


class FakePicture:
    """A picture that is ready at once; all of them look alike."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def ready(self) -> Picture:
        return encoded(Image.new("RGB", (16, 10), (59, 63, 70)), (), self._address)


class FakePage:
    """A BrowserPage over screens. `done` are the actions in their order; `dialogs` is told with the next one."""

    def __init__(self, origin: Origin, *screens: Screen) -> None:
        self.origin = origin
        self.screens = {screen.path: screen for screen in screens}
        self.screen = Screen("")
        self.done: list[Action] = []
        self.dialogs: list[DialogSeen] = []
        self.pictures = 0
        self.objections: list[Locator | None] = []
        self.stopped: str | None = None
        self.secrets: set[str] = set()
        self.hidden_after: int | None = None

    @property
    def address(self) -> str:
        return f"{self.origin}{self.screen.path}" if self.screen.path else "about:blank"

    def go(self, path: str) -> None:
        """Show another screen."""
        if path not in self.screens:
            self.screens[path] = Screen(path, "Page not found")
        self.screen = self.screens[path]

    def stop(self, because: str) -> None:
        """Behave like a page whose gate was shut."""
        self.stopped = because

    def redact(self, text: str) -> str:
        """No secret is live on a page of this kind, but those that a test puts there."""
        for secret in self.secrets:
            text = text.replace(secret, "•••")
        return text

    async def perform(self, action: Action) -> Performed:
        self._check_alive()
        value = None
        if isinstance(action, Open):
            self._open(action.address)
        elif not isinstance(action, Reload):
            value = self._act(action, self._one(action.target))
        if not isinstance(action, Hover):  # to point at something does nothing to a fake page
            self.done.append(action)
        return Performed(None, value, self.take_dialogs())

    def keep_from_view(self) -> None:
        """Remember after how many actions that was said first."""
        if self.hidden_after is None:
            self.hidden_after = len(self.done)

    def take_dialogs(self) -> tuple[DialogSeen, ...]:
        told, self.dialogs = tuple(self.dialogs), []
        return told

    async def present(self, locator: Locator) -> int:
        self._check_alive()
        return sum(element.visible for element in self._find(locator))

    async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
        self._check_alive()
        self.objections.append(unless)
        held = self._holds(check) is not check.negated
        return Verdict(held, "" if held else await self.seen())

    async def seen(self) -> str:
        self._check_alive()
        page = f"the page “{self.screen.title}”"
        return f"{page} says: {self.screen.notice}" if self.screen.notice else page

    async def snapshot(self) -> Snapshot:
        self._check_alive()
        shown = tuple(one.seen for one in self.screen.elements if one.seen and one.visible)
        notices = (self.screen.notice,) if self.screen.notice else ()
        filled = [(one.seen.ref, bool(one.value), one.checked) for one in self.screen.elements if one.seen]
        return Snapshot(self.address, self.screen.title, shown, notices, state=repr((self.address, shown, filled)))

    async def element_at(self, locator: Locator) -> ElementSeen | None:
        found = self._find(locator)
        return found[0].seen if len(found) == 1 and found[0].visible else None

    async def ways_to(self, ref: str) -> tuple[Locator, ...]:
        self._check_alive()
        shown = [one for one in self.screen.elements if one.seen and one.seen.ref == ref and one.visible]
        return shown[0].locators if shown else ()

    def picture(self) -> FakePicture:
        self._check_alive()
        self.pictures += 1
        return FakePicture(self.address)

    def _check_alive(self) -> None:
        if self.stopped is not None:
            raise RunStopped(because=self.stopped)

    def _open(self, address: str) -> None:
        whole = urljoin(f"{self.origin}/", address)
        if Origin.of(whole) != self.origin:
            raise OriginRefused(because=f"This run may only open {self.origin}.")
        self.go(whole.removeprefix(str(self.origin)))

    def _act(self, action: Action, element: FakeElement) -> str | None:
        match action:
            case Fill(text=text):
                element.value = text
            case FillSecret(secret=name):
                element.value = f"({name})"
            case FillOnce(said=said):
                element.value = said.reveal()
                self.secrets.add(element.value)
            case Select(option=option):
                element.value = option
            case SetChecked(checked=checked):
                element.checked = checked
            case Click(accepts_dialog=agrees) | Press(accepts_dialog=agrees):
                self._press(element, agrees=agrees)
            case Capture():
                return element.value or element.text
        return None

    def _press(self, element: FakeElement, *, agrees: bool) -> None:
        if element.asks:
            self.dialogs.append(DialogSeen(element.asks, agrees))
        if element.does and (agrees or not element.asks):
            element.does(self)

    def _one(self, target: Locator) -> FakeElement:
        found = self._find(target)
        if not found:
            raise ActionFailed(because=f"There is no {in_words(target)} on the page.")
        if len(found) > 1:
            raise ActionFailed(because=f"{len(found)} elements fit {in_words(target)}; one was meant.")
        if not (found[0].visible and found[0].enabled):
            raise ActionFailed(because="It is covered, hidden or switched off.")
        if found[0].covered:
            raise InTheWay(because="It is covered, hidden or switched off.")
        return found[0]

    def _find(self, locator: Locator) -> list[FakeElement]:
        """The elements that are known by the chain up to its narrowing links, which are then followed."""
        looking = tuple(link for link in locator.links if link.by not in NARROWING)
        found = [one for one in self.screen.elements if any(known.links == looking for known in one.locators)]
        for link in locator.links:
            if link.by is By.OR and isinstance(link.value, Locator):
                either = [*found, *self._find(link.value)]
                found = [one for one in self.screen.elements if any(one is other for other in either)]
            elif link.by is By.VISIBLE:
                found = [one for one in found if one.visible is bool(link.value)]
            elif link.by is By.NTH and isinstance(link.value, int):
                found = found[link.value :][:1]
        return found

    def _holds(self, check: Check) -> bool:
        if check.matcher is Matcher.URL:
            return _fits(check, self.address) or _fits(check, self.screen.path)
        if check.matcher is Matcher.TITLE:
            return _fits(check, self.screen.title)
        found = self._find(check.locator) if check.locator else []
        if check.matcher is Matcher.HAS_COUNT:
            return len(found) == int(str(check.value))
        if check.matcher is Matcher.HIDDEN:
            return not any(element.visible for element in found)
        return len(found) == 1 and _shows(check, found[0])


def _shows(check: Check, element: FakeElement) -> bool:
    match check.matcher:
        case Matcher.VISIBLE:
            return element.visible
        case Matcher.ENABLED:
            return element.enabled
        case Matcher.CHECKED:
            return element.checked
        case Matcher.CONTAINS_TEXT if isinstance(check.value, str):
            return check.value in element.text
        case Matcher.HAS_VALUE:
            return _fits(check, element.value)
        case _:
            return _fits(check, element.text)


def _fits(check: Check, text: str) -> bool:
    if check.value is None or isinstance(check.value, int):
        return str(check.value) == text
    wanted = pattern(check.value)
    return wanted == text if isinstance(wanted, str) else bool(wanted.search(text))
