"""Pages for those who look at them: elements as they are seen, each found by ways of its own."""

from core.browser.page import ActionFailed
from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.planner import Situation
from core.security.origin import Origin
from core.workflows.locator import By, Link, Locator
from core.workflows.step import ActionKind, TaskStep
from tests.fakes.page import FakeElement, FakePage, Screen

SHOP = Origin("https", "tea.example", 443)
WORKFLOW = "make-a-key"
FORM = "text select submit"


def ways_to(ref: str) -> tuple[Locator, Locator]:
    """Both ways by which these pages find an element."""
    return Locator.css(f"#{ref}"), Locator.css(f"main > .{ref}")


def page_of(*seen: ElementSeen) -> FakePage:
    """A page with these elements on it."""
    return showing(FakePage(SHOP), *seen)


def showing(page: FakePage, *seen: ElementSeen) -> FakePage:
    """The same page, with these elements on it."""
    page.screen = Screen("/keys", "Keys", elements=[FakeElement(ways_to(one.ref), seen=one) for one in seen])
    return page


class Vanishing(FakePage):
    """A page whose elements go away once they were looked at."""

    async def snapshot(self) -> Snapshot:
        taken = await super().snapshot()
        self.screen = Screen("/keys", "Keys")
        return taken


class Leaving(FakePage):
    """A page that was looked at, and then answers nothing more."""

    async def ways_to(self, ref: str) -> tuple[Locator, ...]:
        raise ActionFailed(because="The page is too busy to answer.")


class Silent(FakePage):
    """A page that does not answer."""

    async def snapshot(self) -> Snapshot:
        raise ActionFailed(because="The page is too busy to answer.")


def step_on(
    target: str, action: ActionKind = ActionKind.CLICK, *, name: str = "", intent: str = "Go on with the key"
) -> TaskStep:
    """A learnt step, whose locator may call its element by a name."""
    recorded = Locator((Link(By.ROLE, "button", name=name),)) if name else Locator.css("#as-it-was")
    return TaskStep(1, intent, action, target, recorded)


def situation(step: TaskStep, *failed: Locator, secret: str | None = None, stayed: bool = False) -> Situation:
    """That step, in its workflow."""
    return Situation(step, WORKFLOW, failed=frozenset(failed), secret=secret, stayed=stayed)
