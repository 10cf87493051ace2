"""An agent plans, replays, takes over and goes on by code; what goes wrong is told, and what was begun is remembered."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.agents.agent import FRESH_STARTS, AgentResult, StepFailed, Trouble
from core.agents.on_the_page import on_the_page, what_makes, what_shows
from core.agents.task import MADE
from core.browser.actions import Action, Click, Fill, Reload
from core.browser.page import ActionFailed, Performed
from core.errors import Conflict
from core.planner.planner import Rung
from core.security.consent.consent import ConsentRevoked
from core.security.secret import Secret
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, Control
from tests.core.agents.learnt import css, learnt, shows, workflow
from tests.core.agents.tea_agent import (
    BY_CODE,
    EXPIRED,
    IN_THE_BROWSER,
    MAKE_A_KEY,
    SHOP,
    Play,
    makes_a_key,
    one_after_the_other,
    says,
    tea_shop,
)
from tests.fakes.page import FakePage
from tests.fakes.step_log import MemoryStepLog


async def test_the_whole_way_is_planned_at_once_and_gone_in_order() -> None:
    play = Play(tea_shop(makes_a_key))
    result = await play.agent.run()
    assert result == AgentResult("47 products synced.", str(SHOP), "ck_…secret", "read", "read", 47)
    assert [step.intent for step in play.log.planned] == IN_THE_BROWSER + BY_CODE
    assert [position for position, _ in play.log.outcomes] == [1, 2, 3, 4, 5, 6, 7]
    assert all(outcome.done for _, outcome in play.log.outcomes)
    assert play.agent.captured == {"key": Secret("ck_secret")}
    steps = [note for note in play.log.happened if not note.startswith("concluded")]
    browser = [f"intended: {intent}" for intent in IN_THE_BROWSER]
    browser.insert(3, f"once: {MADE}")
    code = [f"intended: {intent}" for intent in BY_CODE]
    assert steps == ["put right", *browser, "taken over", *code, "finished"]


async def test_what_an_earlier_setup_left_is_told_with_the_result() -> None:
    play = Play(tea_shop(makes_a_key))
    play.agent.left = "A key may still be there."
    result = await play.agent.run()
    assert (result.product_count, result.left_behind) == (47, "A key may still be there.")


async def test_a_code_step_has_a_note_and_no_page() -> None:
    play = Play(tea_shop(makes_a_key))
    await play.agent.run()
    intent = play.log.intended[-1]
    assert (intent.step.action, intent.step.expected) == ("code", "It is here")
    assert (intent.decision.rung, intent.page_url) == (Rung.CODE, None)
    assert [play.log.by_intent[name].note for name in BY_CODE] == ["it fits", "47 products"]


async def test_the_browser_covers_what_is_sensitive_and_is_closed_before_code_goes_on() -> None:
    play = Play(tea_shop(makes_a_key), test=lambda: opened.append(play.browser.opened - play.browser.closed))
    opened: list[int] = []
    await play.agent.run()
    assert (opened, play.browser.opened, play.browser.sensitive) == ([0], 1, [(css("#key"),)])
    assert len(play.log.pictures) == len(IN_THE_BROWSER)


async def test_the_result_waits_until_every_outcome_is_recorded() -> None:
    play = Play(tea_shop(makes_a_key))
    await play.agent.run()
    assert play.log.unsettled == 0


async def test_before_the_click_that_makes_the_key_it_is_remembered_that_there_may_be_one() -> None:
    def noted(page: FakePage) -> None:
        play.log.happened.append("a key is made")
        makes_a_key(page)

    play = Play(tea_shop(noted))
    await play.agent.run()
    happened = play.log.happened
    assert happened.index(f"once: {MADE}") < happened.index("a key is made")
    assert play.log.done_before == {MADE}


async def test_a_run_that_fails_earlier_made_nothing() -> None:
    page = tea_shop(makes_a_key)
    page.screens["/form"].elements.pop(0)
    play = Play(page)
    with pytest.raises(StepFailed):
        await play.agent.run()
    assert play.log.done_before == frozenset()


async def test_a_failing_check_tells_what_was_expected_and_what_was_seen() -> None:
    play = Play(tea_shop(lambda page: None))
    with pytest.raises(StepFailed) as failed:
        await play.agent.run()
    assert failed.value.failure_code == "page_not_recognised"
    assert failed.value.because == "Expected: A key is there. Seen: the page “Key”."
    assert play.log.unsettled == 0
    assert play.browser.closed == 1
    assert [note for note in play.log.happened if note in {"taken over", "finished"}] == []


async def test_a_step_without_an_expectation_tells_what_was_seen() -> None:
    page = tea_shop(makes_a_key)
    page.screens["/form"].elements[0].enabled = False
    with pytest.raises(StepFailed) as failed:
        await Play(page).agent.run()
    assert failed.value.because == "Seen: It is covered, hidden or switched off."


async def test_what_the_shop_says_is_translated() -> None:
    play = Play(tea_shop(says("Error: WRONG PASSWORD for olivia")))
    with pytest.raises(StepFailed) as failed:
        await play.agent.run()
    assert (failed.value.failure_code, failed.value.because) == ("wrong_password", "The shop refused the password.")
    assert "WRONG PASSWORD for olivia" in play.log.by_intent["Generate the key"].seen


async def test_what_the_policy_refuses_has_its_own_code() -> None:
    elsewhere = workflow(learnt("Open it", ActionKind.GOTO, value="https://evil.example/"))
    play = Play(tea_shop(makes_a_key), learnt=elsewhere)
    with pytest.raises(StepFailed) as failed:
        await play.agent.run()
    assert failed.value.failure_code == "refused_by_policy"
    assert failed.value.because == "Seen: https://evil.example is not the shop this was allowed for."


@pytest.mark.parametrize("times", range(1, FRESH_STARTS + 1))
async def test_an_expired_form_begins_anew_where_the_page_began(times: int) -> None:
    page = tea_shop(one_after_the_other(*[says(EXPIRED)] * times, makes_a_key))
    play = Play(page)
    await play.agent.run()
    once_more = [Reload(), Fill(css("#name"), "Tea"), Click(css("#generate"))]
    assert page.done[2:-1] == [*once_more[1:], *once_more * times]
    assert page.done.count(Click(css("#log-in"))) == 1
    assert play.agent.captured == {"key": Secret("ck_secret")}
    assert play.log.happened.count(f"once: {MADE}") == 1
    assert len(play.log.planned) == len(IN_THE_BROWSER + BY_CODE)


async def test_a_form_that_goes_on_expiring_is_given_up() -> None:
    page = tea_shop(says(EXPIRED))
    with pytest.raises(StepFailed) as failed:
        await Play(page).agent.run()
    assert (failed.value.failure_code, failed.value.because) == ("link_expired", "The form had expired.")
    assert page.done.count(Reload()) == FRESH_STARTS == 2
    assert page.done.count(Click(css("#generate"))) == 3


async def test_a_page_that_cannot_be_begun_anew_is_given_up() -> None:
    page = PageThatStays(tea_shop(says(EXPIRED)))
    with pytest.raises(StepFailed) as failed:
        await Play(page).agent.run()
    assert (failed.value.failure_code, failed.value.because) == ("page_not_recognised", "It does not load.")


async def test_a_page_that_does_not_answer_is_asked_for_no_second_sign_of_trouble() -> None:
    page = MutePage(tea_shop(makes_a_key))
    agent = Play(page).agent
    shown = [Trouble("", code, "It is there.", shown=css(f"#{code}")) for code in ("one", "two")]
    agent.troubles = (*shown, Trouble("too long", "slow", "It takes too long."))
    assert await agent._trouble(page, "The shop took too long.") is agent.troubles[-1]
    assert page.asked == 1


class MutePage(FakePage):
    """A page that is on its way, and says nothing of the one before."""

    asked = 0

    def __init__(self, page: FakePage) -> None:
        super().__init__(page.origin, *page.screens.values())

    async def present(self, locator: Locator) -> int:
        self.asked += 1
        raise ActionFailed(because="It took too long.")


class PageThatStays(FakePage):
    """A page that can't be loaded a second time."""

    def __init__(self, page: FakePage) -> None:
        super().__init__(page.origin, *page.screens.values())

    async def perform(self, action: Action) -> Performed:
        if action == Reload():
            raise ActionFailed(because="It does not load.")
        return await super().perform(action)


async def test_a_code_step_that_fails_is_told_and_nothing_follows() -> None:
    play = Play(tea_shop(makes_a_key), test=fails_with(Conflict(because="The key is another's.")))
    with pytest.raises(StepFailed) as failed:
        await play.agent.run()
    said = "This does not fit what is already there. The key is another's."
    assert failed.value.failure_code == "conflict"
    assert failed.value.because == f"Expected: It opens the door. Seen: {said}"
    assert (play.log.by_intent["Test the key"].done, play.log.by_intent["Test the key"].seen) == (False, said)
    assert "Bring it over" not in play.log.by_intent
    assert "finished" not in play.log.happened
    assert play.log.unsettled == 0


async def test_a_bug_in_a_code_step_is_no_outcome() -> None:
    play = Play(tea_shop(makes_a_key), test=fails_with(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        await play.agent.run()
    assert "Test the key" not in play.log.by_intent


def fails_with(error: Exception) -> Callable[[], None]:
    def test() -> None:
        raise error

    return test


@pytest.mark.parametrize("forbidden", ["Sign in", "Test the key"])
async def test_withdrawn_consent_stops_it_before_the_deed(forbidden: str) -> None:
    def forbids(step: object) -> Exception | None:
        return ConsentRevoked(because="Just now.") if getattr(step, "intent", "") == forbidden else None

    tested: list[bool] = []
    play = Play(tea_shop(makes_a_key), MemoryStepLog(forbids=forbids), test=lambda: tested.append(True))
    with pytest.raises(ConsentRevoked):
        await play.agent.run()
    assert (tested, forbidden in play.log.by_intent, "finished" in play.log.happened) == ([], False, False)
    assert (Click(css("#log-in")) in play.page.done) is (forbidden == "Test the key")
    assert play.browser.closed == 1


async def test_what_an_earlier_attempt_did_in_the_browser_is_not_done_again() -> None:
    play = Play(tea_shop(makes_a_key), MemoryStepLog(done=frozenset({MADE, "kept"})))
    await play.agent.run()
    assert (play.browser.opened, play.page.done) == (0, [])
    assert [step.intent for step in play.log.planned] == IN_THE_BROWSER + BY_CODE
    assert [position for position, _ in play.log.outcomes] == [6, 7]
    assert {"put right", "taken over"} & set(play.log.happened) == set()
    assert play.log.happened[-1] == "finished"


async def test_a_skipped_step_is_concluded_and_its_capture_is_missing() -> None:
    only_if = (Control(css("#never")),)
    steps = [replace(step, controls=only_if) if step.output else step for step in MAKE_A_KEY.steps]
    play = Play(tea_shop(makes_a_key), learnt=workflow(*steps))
    await play.agent.run()
    assert play.log.by_intent["Read the key"].skipped
    assert play.agent.captured == {}


CLICK, READ, FILL = ActionKind.CLICK, ActionKind.CAPTURE, ActionKind.FILL


@pytest.mark.parametrize(
    ("kinds", "index"),
    [
        ([CLICK, FILL, CLICK, FILL, READ, CLICK, READ], 2),
        ([CLICK, READ], 0),
        ([FILL, READ], None),
        ([READ, CLICK], None),
        ([CLICK, CLICK], None),
        ([], None),
    ],
)
def test_the_last_click_before_the_first_capture_makes_what_is_read(kinds: list[ActionKind], index: int | None) -> None:
    assert what_makes([learnt(kind, kind, "a") for kind in kinds]) == index


LOOK, IF_ASKED = ActionKind.ASSERT, (Control(css("#asked")),)


@pytest.mark.parametrize(
    ("kinds", "index"),
    [
        ([CLICK, FILL, CLICK, FILL, READ, CLICK, READ], 3),
        ([FILL, CLICK, LOOK, READ, READ], 1),
        ([FILL, READ], 0),
        ([READ, CLICK], 0),
        ([CLICK, CLICK], None),
        ([], None),
    ],
)
def test_from_the_last_deed_before_the_first_capture_on_the_page_may_show_what_is_read(
    kinds: list[ActionKind], index: int | None
) -> None:
    assert what_shows([learnt(kind, kind, "a") for kind in kinds]) == index


def test_a_deed_that_may_be_skipped_is_not_what_shows_it() -> None:
    steps = [
        learnt("Make it", CLICK, "a"),
        learnt("Close the hint", CLICK, "b", controls=IF_ASKED),
        learnt("Read", READ, "c"),
    ]
    assert what_shows(steps) == 0


async def test_nobody_sees_the_page_live_from_when_it_may_show_the_key() -> None:
    shop = tea_shop(makes_a_key)
    await Play(shop).agent.run()
    assert shop.hidden_after is not None
    assert [type(one).__name__ for one in shop.done[shop.hidden_after :]] == ["Click", "Capture"]


def test_only_what_is_done_on_the_page_is_replayed() -> None:
    looks = learnt("See it", ActionKind.ASSERT, checks=shows("#key"))
    assert on_the_page(workflow(*MAKE_A_KEY.steps, looks)) == [
        *(step for step in MAKE_A_KEY.steps if step.intent in IN_THE_BROWSER),
        looks,
    ]
