"""The recorded place first, then its recorded alternatives, then a wait for whichever comes; else why there is none."""

from dataclasses import replace
from datetime import timedelta

from core.browser.page import Verdict
from core.browser.snapshot import ElementSeen
from core.planner.planner import Decision, Rung, Situation, Undecided
from core.planner.recorded import RecordedPlanner
from core.security.origin import Origin
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, Check, TaskStep
from tests.fakes.page import FakeElement, FakePage, Screen

SHOP = Origin("https", "tea.example", 443)
RECORDED, OLDER, OLDEST = Locator.css("#new"), Locator.css("#older"), Locator.css("#oldest")
STEP = TaskStep(1, "Open the keys", ActionKind.CLICK, "the link “Keys”", RECORDED, alternatives=(OLDER, OLDEST))
PATIENCE = timedelta(seconds=3)


class PageInMotion(FakePage):
    """A page whose elements in `coming` appear while somebody waits; it remembers how long one would have."""

    def __init__(self, *now: FakeElement, coming: tuple[FakeElement, ...] = ()) -> None:
        super().__init__(SHOP)
        self.screen = Screen("/keys", "Settings", elements=list(now))
        self.coming = coming
        self.waited: list[timedelta] = []

    async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
        self.waited.append(within)
        self.screen.elements += self.coming
        return await super().expect(check, within, unless)


async def decided(page: FakePage, step: TaskStep = STEP) -> Decision | Undecided:
    return await RecordedPlanner(PATIENCE).decide(Situation(step), page)


async def test_what_was_recorded_is_taken_at_once() -> None:
    page = PageInMotion(FakeElement((OLDER,)), FakeElement((RECORDED,)))
    assert await decided(page) == Decision(RECORDED, Rung.RECORDED)
    assert page.waited == []


async def test_an_alternative_is_taken_in_its_order_and_said_so() -> None:
    page = PageInMotion(FakeElement((OLDEST,)), FakeElement((OLDER,)))
    assert await decided(page) == Decision(OLDER, Rung.ALTERNATIVE, "found under another name that is known")
    assert page.waited == []


async def test_what_is_hidden_is_not_there() -> None:
    page = PageInMotion(FakeElement((RECORDED,), visible=False), FakeElement((OLDEST,)))
    assert await decided(page) == Decision(OLDEST, Rung.ALTERNATIVE, "found under another name that is known")


async def test_what_is_not_there_yet_is_waited_for_with_patience() -> None:
    page = PageInMotion(coming=(FakeElement((RECORDED,)),))
    assert await decided(page) == Decision(RECORDED, Rung.RECORDED)
    assert page.waited == [PATIENCE]


async def test_an_alternative_may_come_late_too() -> None:
    page = PageInMotion(coming=(FakeElement((OLDEST,)),))
    assert await decided(page) == Decision(OLDEST, Rung.ALTERNATIVE, "found under another name that is known")


async def test_nothing_known_is_there_and_that_is_said() -> None:
    page = PageInMotion(FakeElement((Locator.css("#other"),)))
    page.screen.notice = "This page has moved."
    because = "the link “Keys” is not there; the page “Settings” says: This page has moved."
    assert await decided(page) == Undecided(because)


async def test_what_came_and_went_is_not_decided_on() -> None:
    class Flickering(PageInMotion):
        async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
            return Verdict(held=True)

    assert await decided(Flickering()) == Undecided("the link “Keys” is not there; the page “Settings”")


async def test_a_step_without_an_element_needs_no_page() -> None:
    page = PageInMotion()
    page.stop(because="nobody may look")
    assert await decided(page, TaskStep(1, "Open it", ActionKind.GOTO, "the page")) == Decision(None, Rung.RECORDED)


ACCEPTED = replace(STEP, accepted=(Locator.css("#healed"),))


def healed(**seen: str) -> FakeElement:
    return FakeElement((Locator.css("#healed"),), seen=ElementSeen("link", seen.get("name", "Keys"), ref="e1"))


async def test_a_place_that_staff_accepted_is_the_guess_it_was_with_what_it_is_now() -> None:
    place = await decided(PageInMotion(healed(name="Delete store")), ACCEPTED)
    assert isinstance(place, Decision)
    assert (place.target, place.rung, place.evidence) == (Locator.css("#healed"), Rung.ACCEPTED, {"accepted": True})
    assert place.element is not None
    assert place.element.name == "Delete store"


async def test_what_was_recorded_comes_before_what_was_accepted_which_may_come_late() -> None:
    page = PageInMotion(healed(), FakeElement((OLDEST,)))
    assert await decided(page, ACCEPTED) == Decision(OLDEST, Rung.ALTERNATIVE, "found under another name that is known")
    late = await decided(PageInMotion(coming=(healed(),)), ACCEPTED)
    assert isinstance(late, Decision)
    assert late.rung is Rung.ACCEPTED


async def test_of_two_at_an_accepted_place_neither_is_taken() -> None:
    assert isinstance(await decided(PageInMotion(healed(), healed()), ACCEPTED), Undecided)
