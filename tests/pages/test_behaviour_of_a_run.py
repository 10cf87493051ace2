"""How the page of one run behaves: replayed once it is over, asked and answered while it waits; by NiceGUI's simulated person."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nicegui import ElementFilter, background_tasks, ui
from nicegui.testing.user_interaction import UserInteraction

from core.agents.person import ANSWER_WITHIN, QuestionKind
from core.database.roles import Role
from core.database.states import OperationStatus, QuestionEnding, StepState
from core.operations.answers import Given
from core.security.people.visitor import Visitor
from tests.fakes.clock import MovedClock
from tests.pages.asking import WORDS
from tests.pages.simulation import Person, simulated
from tests.pages.staged import Told, answer_elsewhere, put_question, put_run, question_of

OPTIONS = ("Continue as admin", "Continue as manager")
SEND = "submit.prevent"


@pytest.fixture
async def owner(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Person]:
    async with simulated(tmp_path, sqlite_template, clock) as person:
        yield person


def press_icon(person: Person, name: str) -> None:
    """Press what has no words but its name for screen readers."""
    with person.user:
        (found,) = (one for one in ElementFilter() if one.tag == "button" and one.props.get("aria-label") == name)
    UserInteraction(person.user, {found}, name).trigger("click")


def choose(person: Person, number: int) -> None:
    """Take one of the options, from 0."""
    with person.user:
        dots = [one for one in ElementFilter() if one.props.get("type") == "radio"]
    UserInteraction(person.user, {dots[number]}, str(number)).trigger("change")


async def is_gone(person: Person, text: str) -> None:
    """This is not to be seen any more, now or in a moment."""
    await person.user.should_not_see(text, retries=20)


async def rests() -> None:
    """The page has looked, and looks again only if it is told of a change."""
    looking = [one for one in background_tasks.running_tasks if one.get_name() == "watch operations"]
    assert looking
    _, still = await asyncio.wait(looking, timeout=10)
    assert not still


def replays(person: Person) -> bool:
    """Whether the replay is there."""
    with person.user:
        (found,) = (one for one in ElementFilter() if one.props.get("aria-label") == "Replay")
    return bool(found.visible)


async def colleague(person: Person) -> Visitor:
    """Somebody else of the same company."""
    people, company = person.services.people, person.stage.visitor.customer_id
    return await people.add_user(company, "colleague@tea.example", "a long enough one", Role.MEMBER)


# The replay of a run that is over

RUN = (
    Told("Open the sign-in page"),
    Told("Sign in as admin", decided_by="likeness", note="the button was renamed"),
    Told("Skip the tour", StepState.SKIPPED),
    Told("Create the key", StepState.FAILED, decided_by="model"),
    Told("Copy the key", StepState.TO_COME, decided_by=None),
)


async def test_a_run_is_replayed_forward_and_back_and_each_step_says_how_it_went(owner: Person) -> None:
    run = await put_run(owner, *RUN, status=OperationStatus.FAILED, failure_code="shop_error", failure_sentence="No.")
    await owner.open(f"/operations/{run}")
    assert not replays(owner)
    owner.press("Replay")
    await owner.sees(
        "Step 1 of 3", "found as recorded · 1.5 s"
    )  # what was not needed and what was not begun is no step
    press_icon(owner, "Next step")
    await owner.sees("Step 2 of 3", "found by likeness · 1.5 s · the button was renamed")
    press_icon(owner, "Next step")
    await owner.sees("Step 3 of 3", "found by the model · 1.5 s")
    press_icon(owner, "Next step")
    await owner.sees("Step 3 of 3")
    press_icon(owner, "Previous step")
    await owner.sees("Step 2 of 3", "This run has no pictures, or they have been deleted since.")
    owner.press("Close")
    await is_gone(owner, "Step 2 of 3")
    assert not replays(owner)


async def test_the_address_leads_to_a_step_and_the_last_is_as_far_as_it_goes(owner: Person) -> None:
    run = await put_run(owner, *RUN)
    await owner.open(f"/operations/{run}?step=2")
    await owner.sees("Step 2 of 3")
    await owner.open(f"/operations/{run}?step=99")
    await owner.sees("Step 3 of 3")


async def test_the_replay_plays_by_itself_and_stands_still_when_it_is_told_to(owner: Person) -> None:
    run = await put_run(owner, *RUN)
    await owner.open(f"/operations/{run}?step=2")
    press_icon(owner, "Play")
    press_icon(owner, "Pause")
    await owner.sees("Step 2 of 3")
    press_icon(owner, "Play")
    await owner.user.should_see("Step 3 of 3", retries=40)
    press_icon(owner, "Play")  # it has come to its end by itself, and begins anew
    await owner.sees("Step 1 of 3")


async def test_what_goes_on_or_has_no_step_is_not_replayed(owner: Person) -> None:
    under_way = await put_run(
        owner, Told("Sign in", StepState.RUNNING), status=OperationStatus.IN_PROGRESS, finished_at=None
    )
    await owner.open(f"/operations/{under_way}?step=1")
    await owner.sees("Sign in")
    await owner.sees_nothing_of("Replay")
    assert not replays(owner)
    stopped: dict[str, Any] = {
        "status": OperationStatus.CANCELLED,
        "failure_code": "cancelled",
        "failure_sentence": "You stopped it.",
    }
    empty = await put_run(owner, **stopped)
    await owner.open(f"/operations/{empty}")
    await owner.sees("It was stopped")
    await owner.sees_nothing_of("Replay")


# What it asks


async def test_an_answer_is_typed_and_an_empty_one_refused(owner: Person) -> None:
    asked = await put_question(owner, QuestionKind.CODE)
    await owner.open(f"/operations/{asked[0]}")
    await owner.sees("It needs a code from you", WORDS[QuestionKind.CODE], "https://tea.example/wp-login.php")
    owner.press("Send it", SEND)
    await owner.sees("It is empty.")
    assert (await question_of(owner, *asked)).answered_by is None
    owner.type("Code", "731942")
    owner.press("Send it", SEND)
    await is_gone(owner, "It needs a code from you")
    assert (await question_of(owner, *asked)).answered_by == owner.stage.visitor.actor
    assert [one.field for one in await owner.services.credentials.list(owner.stage.visitor)] == ["answer"]


async def test_an_option_has_to_be_chosen(owner: Person) -> None:
    asked = await put_question(owner, QuestionKind.CHOICE, OPTIONS)
    await owner.open(f"/operations/{asked[0]}")
    owner.press("Send it", SEND)
    await owner.sees("It asks for one of its options.")
    choose(owner, 1)
    owner.press("Send it", SEND)
    await is_gone(owner, "It needs you to choose")
    assert (await question_of(owner, *asked)).chosen == 1


async def test_what_a_colleague_answers_meanwhile_goes_from_the_page(owner: Person) -> None:
    asked = await put_question(owner, QuestionKind.CHOICE, OPTIONS)
    await owner.open(f"/operations/{asked[0]}")
    await owner.sees("It needs you to choose")
    await owner.services.questions.answer(await colleague(owner), *asked, Given(chosen=0))
    await is_gone(owner, "It needs you to choose")


async def test_who_answers_after_a_colleague_is_told_so(owner: Person) -> None:
    asked = await put_question(owner, QuestionKind.CHOICE, OPTIONS)
    await owner.open(f"/operations/{asked[0]}")
    await owner.sees("It needs you to choose")
    await rests()
    await answer_elsewhere(owner, *asked, chosen=1)
    choose(owner, 0)
    owner.press("Send it", SEND)
    await owner.sees("Somebody has answered this already. The agent goes by the first answer.")
    assert (await question_of(owner, *asked)).chosen == 1


async def test_who_only_looks_sees_the_question_and_no_way_to_answer(owner: Person) -> None:
    asked = await put_question(owner, QuestionKind.CODE)
    await owner.become(Role.AUDITOR)
    await owner.open(f"/operations/{asked[0]}")
    await owner.sees(WORDS[QuestionKind.CODE])
    await owner.sees_nothing_of("Send it", "I can't")


# What it asks leave for


@pytest.mark.parametrize(("button", "ending"), [("Do it", None), ("Don't do it", QuestionEnding.DECLINED)])
async def test_an_approval_is_given_or_refused(owner: Person, button: str, ending: QuestionEnding | None) -> None:
    asked = await put_question(owner, QuestionKind.APPROVAL)
    await owner.open(f"/operations/{asked[0]}")
    await owner.sees("It needs your approval", WORDS[QuestionKind.APPROVAL])
    owner.press(button)
    await is_gone(owner, "It needs your approval")
    row = await question_of(owner, *asked)
    assert (row.ending, row.answered_by is None) == (ending, ending is not None)


async def test_an_approval_that_comes_too_late_is_none(owner: Person, clock: MovedClock) -> None:
    asked = await put_question(owner, QuestionKind.APPROVAL)
    await owner.open(f"/operations/{asked[0]}")
    await owner.sees("It needs your approval")
    await rests()
    clock.move(ANSWER_WITHIN)
    owner.press("Do it")
    await owner.sees("This question is not open any more. If the agent still needs to know it, it asks anew.")
    assert (await question_of(owner, *asked)).answered_by is None


async def test_who_can_not_answer_ends_it_after_a_yes(owner: Person) -> None:
    asked = await put_question(owner, QuestionKind.CODE)
    await owner.open(f"/operations/{asked[0]}")
    owner.press("I can't")
    await owner.sees("The agent can't go on without it.")
    owner.press("Go back")
    assert (await question_of(owner, *asked)).ending is None
    owner.press("I can't")
    await owner.sees("End it")
    owner.press("End it")
    await is_gone(owner, "It needs a code from you")
    assert (await question_of(owner, *asked)).ending == QuestionEnding.DECLINED


async def test_what_the_shop_asks_its_owner_can_be_left_to_the_agent_after_a_yes(owner: Person) -> None:
    waiting: dict[str, Any] = {
        "operation": "api_key_authorization",
        "status": OperationStatus.AWAITING_INPUT,
        "finished_at": None,
    }
    run = await put_run(owner, **waiting)
    await owner.open(f"/operations/{run}")
    await owner.sees("It waits for you to approve it", "Approve in your shop")
    owner.press("Let the agent do it")
    await owner.sees("This setup is stopped.")
    owner.press("Go back")
    await owner.sees_nothing_of("This setup is stopped.")
    await owner.sees("It waits for you to approve it")
    owner.press("Let the agent do it")
    await owner.sees("This setup is stopped.")
    owner.press("Let the agent do it")
    await owner.sees("Set up a service")
    view = await owner.services.operations.status(owner.stage.visitor, run)
    assert view.status is OperationStatus.CANCELLED


# What follows it


async def test_how_the_next_try_stands_is_told_as_it_changes(owner: Person) -> None:
    who, failed = owner.stage.visitor, await put_run(owner, status=OperationStatus.FAILED)
    await owner.open(f"/operations/{failed}")
    again = await owner.services.retries.retry(who, failed)
    await owner.sees("Another try waits for your consent.")
    await owner.services.operations.cancel(who, again.id, because="not now")
    await owner.sees("It was tried once more.")
    await is_gone(owner, "Another try waits for your consent.")


# How it begins


async def test_who_presses_twice_is_asked_once(owner: Person) -> None:
    await owner.open("/set-up?service=woocommerce&operation=api_key_generation")
    owner.type("Shop address", owner.stage.store_url)
    await owner.sees("WooCommerce 11")
    owner.type("User name", "admin")
    owner.type("Password", "practice-tea-4711")
    owner.press("Set up WooCommerce", SEND)
    owner.press("Set up WooCommerce", SEND)
    await owner.sees("It will not")
    with owner.user:
        assert (
            len([one for one in ElementFilter(kind=ui.dialog) if one.props["aria-label"].startswith("Let Autopilot")])
            == 1
        )
