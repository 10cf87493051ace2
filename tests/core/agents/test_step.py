"""One step: decided, checked, its intent recorded, done, verified and pictured; in this order, and no further than it may."""

from datetime import timedelta

import pytest

from core.agents.here import StepTools
from core.agents.policy import Policy
from core.agents.slots import NotPerformable, Slots
from core.agents.step import StepRunner, Taken
from core.agents.task import PlannedStep
from core.agents.verifying import OBSTACLES
from core.browser.actions import Action, Click, Fill, FillSecret
from core.browser.page import Box, BrowserPage, DialogSeen, Performed, RunStopped, Verdict
from core.planner.planner import Decision, Rung, Situation
from core.planner.recorded import RecordedPlanner
from core.security.consent.consent import ConsentRevoked
from core.security.origin import Origin
from core.workflows.locator import By, Link, Locator
from core.workflows.step import ActionKind, Check, Control, Matcher, Resolution, TaskStep
from tests.core.agents.learnt import css, learnt, shows
from tests.fakes.page import FakeElement, FakePage, FakePicture, Screen
from tests.fakes.step_log import MemoryStepLog

SHOP = Origin("https", "tea.example", 443)
NOTICES = css(".error")
SLOTS = Slots({"username": "olivia"}, secrets={"password": "admin_password"})
CLICK = learnt("Open the keys", ActionKind.CLICK, "#keys", expected_result="The keys are there", checks=shows("#list"))


class NotingPage(FakePage):
    """A page that notes its deeds and pictures in the log, between the log's own notes."""

    def __init__(self, log: MemoryStepLog, *elements: FakeElement) -> None:
        super().__init__(SHOP, Screen("/settings", "Settings", elements=list(elements)))
        self.go("/settings")
        self.log = log

    async def perform(self, action: Action) -> Performed:
        self.log.happened.append("done")
        performed = await super().perform(action)
        return Performed(Box(1, 2, 30, 40), performed.value, performed.dialogs)

    def picture(self) -> FakePicture:
        self.log.happened.append("pictured")
        return super().picture()


@pytest.fixture
def log() -> MemoryStepLog:
    return MemoryStepLog(planned=[PlannedStep("Open the keys", "click")])


@pytest.fixture
def page(log: MemoryStepLog) -> NotingPage:
    """Settings, where a click on the keys shows the list of them."""
    listed, error = FakeElement((css("#list"),), visible=False), FakeElement((NOTICES,), visible=False)
    return NotingPage(log, FakeElement((css("#keys"), css("#older")), does=lambda page: show(listed)), listed, error)


def show(element: FakeElement) -> None:
    element.visible = True


def runner(page: FakePage, log: MemoryStepLog, slots: Slots = SLOTS) -> StepRunner:
    return StepRunner(StepTools(page, RecordedPlanner(timedelta(0)), log, Policy(SHOP), NOTICES), slots)


async def take(page: FakePage, log: MemoryStepLog, step: TaskStep) -> Taken:
    """Take one step."""
    return await runner(page, log).take(1, step)


async def test_the_intent_is_recorded_before_the_deed_and_the_outcome_after(
    page: NotingPage, log: MemoryStepLog
) -> None:
    taken = await take(page, log, CLICK)
    assert log.happened == ["intended: Open the keys", "done", "pictured", "concluded: Open the keys"]
    intent = log.intended[0]
    assert intent.step == PlannedStep("Open the keys", "click", "The keys are there")
    assert (intent.decision, intent.page_url) == (Decision(css("#keys"), Rung.RECORDED), f"{SHOP}/settings")
    assert log.outcomes == [(1, taken.outcome)]
    assert (taken.outcome.done, taken.outcome.note, taken.outcome.skipped) == (True, "", False)
    assert (taken.outcome.page_url, taken.outcome.touched) == (f"{SHOP}/settings", (1, 2, 30, 40))
    assert taken.outcome.picture is not None
    assert (await taken.outcome.picture.ready()).webp[8:12] == b"WEBP"


async def test_what_the_log_forbids_is_not_done(page: NotingPage) -> None:
    log = MemoryStepLog(forbids=lambda step: ConsentRevoked(because="It was withdrawn a moment ago."))
    with pytest.raises(ConsentRevoked):
        await take(page, log, CLICK)
    assert (page.done, log.outcomes) == ([], [])


@pytest.mark.parametrize(
    ("step", "seen"),
    [
        (
            learnt("Open the keys", ActionKind.GOTO, value="https://evil.example/"),
            "https://evil.example is not the shop this was allowed for.",
        ),
        (
            learnt("Open the keys", ActionKind.CLICK, "#keys", resolution=Resolution.PARTIAL, why="only if it rains"),
            "This step was not understood to the end: only if it rains.",
        ),
    ],
)
async def test_what_the_policy_refuses_is_neither_intended_nor_done(
    page: NotingPage, log: MemoryStepLog, step: TaskStep, seen: str
) -> None:
    taken = await take(page, log, step)
    assert (taken.outcome.done, taken.outcome.seen, taken.outcome.code) == (False, seen, "refused_by_policy")
    assert (page.done, log.intended, log.outcomes) == ([], [], [(1, taken.outcome)])


async def test_what_is_outside_the_closed_set_raises_before_anything_is_done(
    page: NotingPage, log: MemoryStepLog
) -> None:
    with pytest.raises(NotPerformable):
        await take(page, log, learnt("Run it", ActionKind.SCRIPT, "#keys", value="alert(1)"))
    assert (page.done, log.intended) == ([], [])


async def test_a_failing_check_says_what_is_there_instead(page: NotingPage, log: MemoryStepLog) -> None:
    page.screen.notice = "Nothing has changed."
    taken = await take(page, log, learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows("#receipt")))
    assert (taken.outcome.done, taken.outcome.seen) == (False, "the page “Settings” says: Nothing has changed.")
    assert taken.outcome.touched == (1, 2, 30, 40)
    assert taken.outcome.picture is not None


async def test_the_shops_no_ends_the_wait_and_is_no_success(page: NotingPage, log: MemoryStepLog) -> None:
    def refuse(page: FakePage) -> None:
        page.screen.notice = "The password you entered is incorrect."
        show(page.screen.elements[2])

    page.screen.elements[0].does = refuse
    taken = await take(page, log, CLICK)
    seen = "the page “Settings” says: The password you entered is incorrect."
    assert (taken.outcome.done, taken.outcome.seen) == (False, seen)


async def test_every_check_has_to_hold(page: NotingPage, log: MemoryStepLog) -> None:
    both = (*shows("#list"), Check(Matcher.URL, value=f"{SHOP}/keys"))
    taken = await take(page, log, learnt("Open the keys", ActionKind.CLICK, "#keys", checks=both))
    assert (taken.outcome.done, taken.outcome.seen) == (False, "the page “Settings”")


async def test_a_negated_check_holds_if_it_is_not_so(page: NotingPage, log: MemoryStepLog) -> None:
    gone = (Check(Matcher.VISIBLE, css("#list"), negated=True),)
    taken = await take(page, log, learnt("Open the keys", ActionKind.CLICK, "#keys", checks=gone))
    assert not taken.outcome.done


async def test_a_page_that_refuses_is_an_outcome(page: NotingPage, log: MemoryStepLog) -> None:
    page.screen.elements[0].enabled = False
    taken = await take(page, log, CLICK)
    assert (taken.outcome.done, taken.outcome.seen) == (False, "It is covered, hidden or switched off.")
    assert taken.outcome.picture is not None


async def test_a_page_that_was_shut_raises(page: NotingPage, log: MemoryStepLog) -> None:
    page.stop(because="Consent was withdrawn.")
    with pytest.raises(RunStopped, match=r"Consent was withdrawn\."):
        await take(page, log, CLICK)
    assert log.outcomes == []


async def test_an_element_that_is_not_there_is_an_outcome_and_nothing_was_intended(
    page: NotingPage, log: MemoryStepLog
) -> None:
    taken = await take(page, log, learnt("Open the keys", ActionKind.CLICK, "#gone"))
    assert (taken.outcome.done, taken.outcome.seen) == (False, "“#gone” is not there; the page “Settings”")
    assert (page.done, log.intended) == ([], [])
    assert taken.outcome.picture is not None


async def test_an_alternative_is_used_and_said_so(page: NotingPage, log: MemoryStepLog) -> None:
    alternatives: tuple[Locator, ...] = (css("#oldest"), css("#older"))
    taken = await take(page, log, learnt("Open the keys", ActionKind.CLICK, "#newest", alternatives=alternatives))
    assert page.done == [Click(css("#older"))]
    assert log.intended[0].decision.rung is Rung.ALTERNATIVE
    assert (taken.outcome.done, taken.outcome.note) == (True, "found under another name that is known")


async def test_dialogs_are_told_in_the_note(page: NotingPage, log: MemoryStepLog) -> None:
    page.dialogs = [DialogSeen("Sure?", agreed=True), DialogSeen("Really?")]
    taken = await take(page, log, CLICK)
    assert taken.outcome.note == "a dialog said “Sure?”; it was agreed to; a dialog said “Really?”; it was closed"


@pytest.mark.parametrize(
    ("accepts", "done", "told"),
    [
        (True, True, "a dialog said “Revoke?”; it was agreed to"),
        (False, False, "a dialog said “Revoke?”; it was closed"),
    ],
)
async def test_a_step_agrees_to_a_question_only_if_it_was_learnt_so(
    page: NotingPage, log: MemoryStepLog, accepts: bool, done: bool, told: str
) -> None:
    page.screen.elements[0].asks = "Revoke?"
    step = learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows("#list"), accepts_dialog=accepts)
    taken = await take(page, log, step)
    assert taken.outcome.done is done
    assert told in (taken.outcome.note if done else taken.outcome.seen)


async def test_no_step_waits_on_once_the_service_says_no(page: NotingPage, log: MemoryStepLog) -> None:
    await take(page, log, CLICK)
    assert page.objections == [Locator((*NOTICES.links, Link(By.OR, OBSTACLES)))]


class LateAskingPage(NotingPage):
    """A page that asks while it is looked at, and is agreed to."""

    async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
        self.dialogs.append(DialogSeen("Revoke?", agreed=True))
        return await super().expect(check, within, unless)


@pytest.mark.parametrize("wanted", ["#list", "#receipt"])
async def test_a_dialog_that_comes_while_a_step_is_verified_is_told_with_it_however_it_ends(
    log: MemoryStepLog, wanted: str
) -> None:
    page = LateAskingPage(log, FakeElement((css("#keys"),)), FakeElement((css("#list"),)))
    taken = await take(page, log, learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows(wanted)))
    assert taken.outcome.done is (wanted == "#list")
    assert (taken.outcome.note or taken.outcome.seen).endswith("a dialog said “Revoke?”; it was agreed to")
    assert page.take_dialogs() == ()


@pytest.mark.parametrize(
    ("shown", "negated", "skipped"),
    [(True, False, False), (False, False, True), (True, True, True), (False, True, False)],
)
async def test_a_conditional_step_is_skipped_unless_its_condition_holds(
    page: NotingPage, log: MemoryStepLog, shown: bool, negated: bool, skipped: bool
) -> None:
    page.screen.elements.append(FakeElement((css("#notice"),), visible=shown))
    step = learnt("Open the keys", ActionKind.CLICK, "#keys", controls=(Control(css("#notice"), negated),))
    taken = await take(page, log, step)
    assert (taken.outcome.done, taken.outcome.skipped) == (True, skipped)
    assert (len(page.done), len(log.intended), len(log.outcomes)) == (not skipped, not skipped, 1)


async def test_a_secret_reaches_the_page_as_a_name(page: NotingPage, log: MemoryStepLog) -> None:
    page.screen.elements += [FakeElement((css("#user"),)), FakeElement((css("#pass"),))]
    shown = (Check(Matcher.HAS_VALUE, css("#pass"), "{{password}}"),)
    await take(page, log, learnt("Name", ActionKind.FILL, "#user", value="{{username}}"))
    await take(page, log, learnt("Word", ActionKind.FILL, "#pass", value="{{password}}", checks=shown))
    assert page.done == [Fill(css("#user"), "olivia"), FillSecret(css("#pass"), "admin_password")]


async def test_a_value_that_looks_like_a_secrets_slot_stays_a_text(page: NotingPage, log: MemoryStepLog) -> None:
    page.screen.elements.append(FakeElement((css("#user"),)))
    sly = Slots({"username": "{{password}}"}, secrets={"password": "admin_password"})
    step = learnt("Open the keys", ActionKind.FILL, "#user", value="{{username}}")
    await runner(page, log, sly).take(1, step)
    assert page.done == [Fill(css("#user"), "{{password}}")]


async def test_what_was_read_is_given_back_and_told_nobody(page: NotingPage, log: MemoryStepLog) -> None:
    page.screen.elements.append(FakeElement((css("#key"),), value="ck_secret"))
    taken = await take(page, log, learnt("Read the key", ActionKind.CAPTURE, "#key", output="consumer_key"))
    assert taken.value == "ck_secret"
    assert "ck_secret" not in repr(taken) + repr(log.outcomes) + repr(log.intended)


@pytest.mark.parametrize(("wanted", "done"), [("#keys", True), ("#gone", False)])
async def test_an_assertion_only_looks(page: NotingPage, log: MemoryStepLog, wanted: str, done: bool) -> None:
    taken = await take(page, log, learnt("See it", ActionKind.ASSERT, checks=shows(wanted)))
    assert (taken.outcome.done, page.done, log.intended) == (done, [], [])
    assert taken.outcome.picture is not None


async def test_each_step_has_a_picture_of_its_own_from_before_the_next_deed(
    page: NotingPage, log: MemoryStepLog
) -> None:
    run = runner(page, log)
    await run.take(1, CLICK)
    await run.take(1, CLICK)
    one = ["intended: Open the keys", "done", "pictured", "concluded: Open the keys"]
    assert log.happened == [*one, *one]


async def test_what_cannot_be_taken_back_is_not_clicked_by_guess(page: NotingPage, log: MemoryStepLog) -> None:
    guess = Guess(css("#keys"))
    page.screen.elements.append(FakeElement((Locator((*css("#keys").links, Link(By.AND, css(".revoke")))),)))
    run = StepRunner(StepTools(page, guess, log, Policy(SHOP, (css(".revoke"),)), NOTICES), SLOTS)
    taken = await run.take(1, CLICK)
    assert (taken.outcome.done, taken.outcome.code) == (False, "refused_by_policy")
    assert (page.done, log.intended) == ([], [])


class Guess:
    """A planner that takes an element for what was meant."""

    def __init__(self, target: Locator) -> None:
        self.target = target

    async def decide(self, situation: Situation, page: BrowserPage) -> Decision:
        return Decision(self.target, Rung.MODEL)
