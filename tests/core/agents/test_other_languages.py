"""A service in a language nobody learnt: elements go by their other names, and a no is known by what it shows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.agents.agent import StepFailed, Trouble, planned
from core.agents.here import StepTools
from core.agents.policy import Policy
from core.agents.slots import Slots
from core.agents.step import StepRunner
from core.browser.page import ActionFailed
from core.planner.recorded import RecordedPlanner
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, Check, Matcher
from tests.core.agents.learnt import css, learnt, workflow
from tests.core.agents.tea_agent import MAKE_A_KEY, NOTICES, SHOP, Play, says, tea_shop
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.step_log import MemoryStepLog

SIGN = css("#login_error")
BY_SIGN = Trouble("", "wrong_password", "The shop refused the sign-in.", shown=SIGN)


async def failure_of(page: FakePage, *troubles: Trouble) -> StepFailed:
    """How a setup ends on this page, if these are the troubles that are known."""
    play = Play(page)
    play.agent.troubles = troubles
    with pytest.raises(StepFailed) as failed:
        await play.agent.run()
    return failed.value


def a_shop_that_says(words: str, sign: Locator = SIGN, *, visible: bool = True) -> FakePage:
    page = tea_shop(says(words))
    page.screens["/form"].elements.append(FakeElement((sign,), visible=visible))
    return page


async def test_a_trouble_is_known_by_what_is_shown_whatever_is_said() -> None:
    failed = await failure_of(a_shop_that_says("Nein."), BY_SIGN)
    assert (failed.failure_code, failed.because) == ("wrong_password", "The shop refused the sign-in.")


async def test_what_is_hidden_is_no_sign() -> None:
    failed = await failure_of(a_shop_that_says("Nein.", visible=False), BY_SIGN)
    assert failed.failure_code == "page_not_recognised"


@pytest.mark.parametrize(
    ("words", "sign", "code"),
    [
        ("the shop answered 403", SIGN, "no_rights"),
        ("the shop answered 404", SIGN, "page_not_recognised"),
        ("the shop answered 403", css("#another"), "page_not_recognised"),
    ],
)
async def test_words_and_sign_have_both_to_be_there(words: str, sign: Locator, code: str) -> None:
    both = Trouble("answered 403", "no_rights", "This user may not.", shown=SIGN)
    assert (await failure_of(a_shop_that_says(words, sign), both)).failure_code == code


async def test_the_first_that_fits_is_told() -> None:
    closer = Trouble("nobody", "unknown_user", "The shop does not know this user.")
    assert (await failure_of(a_shop_that_says("nobody"), closer, BY_SIGN)).failure_code == "unknown_user"


async def test_a_page_that_does_not_answer_shows_no_sign() -> None:
    page = a_shop_that_says("Nein.")
    silent = SilentPage(page.origin, *page.screens.values())
    assert (await failure_of(silent, BY_SIGN)).failure_code == "page_not_recognised"


class SilentPage(FakePage):
    """A page that, asked for the sign, does not answer in time."""

    async def present(self, locator: Locator) -> int:
        if locator == SIGN:
            raise ActionFailed(because="The page is too busy to answer.")
        return await super().present(locator)


async def test_what_was_expected_is_told_with_the_values_of_this_run() -> None:
    step = replace(MAKE_A_KEY.steps[1], expected_result="The form of {{name}} is there")
    page = tea_shop(says("Nein."))
    page.screens["/form"].elements.clear()
    play = Play(page, learnt=workflow(MAKE_A_KEY.steps[0], step))
    with pytest.raises(StepFailed) as failed:
        await play.agent.run()
    assert failed.value.because.startswith("Expected: The form of Tea is there. ")


@pytest.mark.parametrize("label", ["#label", "#unknown"])
async def test_what_is_expected_of_an_element_is_looked_for_where_the_step_was_done(label: str) -> None:
    by_label, by_id = css("#label"), css("#user_login")
    fill = learnt("Enter the name", ActionKind.FILL, "#label", value="olivia", alternatives=(by_id,))
    fill = replace(fill, checks=(Check(Matcher.HAS_VALUE, by_label, "olivia"),))
    page, log = form(css(label), by_id), MemoryStepLog(planned=[planned(fill)])
    assert (await runner(page, log).take(1, fill)).outcome.done


def runner(page: FakePage, log: MemoryStepLog) -> StepRunner:
    return StepRunner(StepTools(page, RecordedPlanner(timedelta(0)), log, Policy(SHOP), NOTICES), Slots({}))


def form(*names: Locator) -> FakePage:
    """A page with one element of these names."""
    page = FakePage(SHOP, Screen("/", elements=[FakeElement(names)]))
    page.go("/")
    return page


async def test_what_is_expected_of_another_element_stays_there() -> None:
    click = learnt("Sign in", ActionKind.CLICK, "#label", alternatives=(css("#submit"),))
    click = replace(click, checks=(Check(Matcher.VISIBLE, css("#list")),))
    page, log = form(css("#submit")), MemoryStepLog(planned=[planned(click)])
    assert not (await runner(page, log).take(1, click)).outcome.done
