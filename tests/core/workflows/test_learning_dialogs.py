"""A click agrees to a question if its test does, right before it; what agrees to nothing stays as a step that says so."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from core.workflows import knowledge_base
from core.workflows.learning.learn import LearningResult, learn
from core.workflows.learning.report import report_of
from core.workflows.learning.write import write
from core.workflows.step import ActionKind, Resolution, TaskStep, Workflow

ACCEPT = "page.once('dialog', lambda dialog: dialog.accept())"
ALWAYS = "page.on('dialog', lambda dialog: dialog.accept())"
DISMISS = "page.once('dialog', lambda dialog: dialog.dismiss())"
NEVER = "page.on('dialog', lambda dialog: dialog.dismiss())"
CLICK, OTHER = "page.locator('#a').click()", "page.locator('#b').click()"
UNCLEAR = "it is not clear which click it agrees at; it has to stand right before that"


def learnt(folder: Path, *lines: str, head: str = "") -> Workflow:
    body = "".join(f"    {line}\n" for line in lines)
    path = folder / "test_it.py"
    path.write_text(f"{dedent(head)}\ndef test_it(page):\n{body}")
    (workflow,) = learn([path], folder).workflows
    return workflow


def told(steps: tuple[TaskStep, ...]) -> list[str]:
    """The steps by their action, with a + if it agrees to a question."""
    return [f"{step.action}{'+' if step.accepts_dialog else ''}" for step in steps]


@pytest.mark.parametrize(
    ("lines", "steps"),
    [
        ((ACCEPT, CLICK, OTHER), ["click+", "click"]),
        ((ACCEPT, "page.locator('#a').press('Enter')", OTHER), ["press+", "click"]),
        ((ACCEPT, CLICK, ACCEPT, OTHER), ["click+", "click+"]),
        ((ACCEPT, "page.locator('#a').hover()", "page.locator('#i').fill('x')", CLICK), ["hover", "fill", "click+"]),
        ((ALWAYS, CLICK, "page.goto('/b')", OTHER), ["click+", "goto", "click+"]),
        ((CLICK, ALWAYS, OTHER), ["click", "click+"]),
        ((DISMISS, CLICK, OTHER), ["click", "click"]),
        ((NEVER, CLICK), ["click"]),
        ((DISMISS,), []),
        ((DISMISS, CLICK, ACCEPT, OTHER), ["click", "click+"]),
        (("for name in ('#a', '#b'):", f"    {ACCEPT}", "    page.locator(name).click()"), ["click+", "click+"]),
    ],
)
def test_once_is_for_the_next_click_and_on_for_all_that_follow(
    tmp_path: Path, lines: tuple[str, ...], steps: list[str]
) -> None:
    workflow = learnt(tmp_path, *lines)
    assert told(workflow.steps) == steps
    assert workflow.not_understood == ()
    assert [step.order for step in workflow.steps] == list(range(1, len(steps) + 1))


IF, ELSE = "if page.locator('#i').is_visible():", "else:"


@pytest.mark.parametrize(
    ("lines", "steps"),
    [
        ((CLICK, ACCEPT), ["click", "opaque"]),
        ((CLICK, ALWAYS), ["click", "opaque"]),
        ((ACCEPT, "page.goto('/b')", CLICK), ["opaque", "goto", "click"]),
        ((ACCEPT, "page.locator('#s').select_option('x')", CLICK), ["opaque", "select", "click"]),
        ((ACCEPT, ACCEPT, CLICK), ["opaque", "click+"]),
        ((ALWAYS, ACCEPT, CLICK), ["opaque", "click+"]),
        ((NEVER, ACCEPT, CLICK), ["opaque", "click"]),
        ((ACCEPT, DISMISS, CLICK), ["opaque", "click+"]),
        ((IF, f"    {ACCEPT}", CLICK), ["opaque", "click"]),
        ((ACCEPT, IF, f"    {CLICK}", OTHER), ["opaque", "click", "click"]),
        ((IF, f"    {ALWAYS}", f"    {CLICK}", OTHER), ["opaque", "click+", "click"]),
        ((IF, f"    {ALWAYS}", f"    {CLICK}", OTHER, IF, f"    {CLICK}"), ["opaque", "click+", "click", "click"]),
        ((IF, f"    {ACCEPT}", ELSE, f"    {CLICK}"), ["opaque", "click"]),
        (("if page.url:", f"    {ACCEPT}", CLICK), ["opaque", "click"]),
    ],
)
def test_an_agreement_that_no_click_explains_stays_in_its_place_and_is_reported(
    tmp_path: Path, lines: tuple[str, ...], steps: list[str]
) -> None:
    workflow = learnt(tmp_path, *lines)
    assert told(workflow.steps) == steps
    assert [step.order for step in workflow.steps] == list(range(1, len(steps) + 1))
    (unclear,) = workflow.not_understood
    assert (unclear.resolution, unclear.why) == (Resolution.OPAQUE, UNCLEAR)
    said = report_of(LearningResult((workflow,)))
    assert f"{unclear.at}: Do what page.on" in said


def test_under_a_condition_both_stand_under_it(tmp_path: Path) -> None:
    assert told(learnt(tmp_path, IF, f"    {ACCEPT}", f"    {CLICK}", OTHER).steps) == ["click+", "click"]
    assert told(learnt(tmp_path, ALWAYS, IF, f"    {CLICK}", OTHER).steps) == ["click+", "click+"]
    guessed = learnt(tmp_path, ALWAYS, "if page.url:", f"    {CLICK}").steps
    assert (told(guessed), guessed[0].resolution) == (["click+"], Resolution.PARTIAL)
    outside = learnt(tmp_path, "if page.url:", f"    {ALWAYS}", f"    {CLICK}", OTHER).steps
    assert told(outside) == ["opaque", "click+", "click"]


def test_several_agreements_without_a_click_stay_each_in_its_place(tmp_path: Path) -> None:
    goto = "page.goto('/b')"
    steps = learnt(tmp_path, ACCEPT, goto, ACCEPT, ALWAYS, goto, ALWAYS).steps
    assert told(steps) == ["opaque", "goto", "opaque", "opaque", "goto", "opaque"]
    assert [step.at for step in steps] == [f"test_it.py:{line}" for line in range(3, 9)]


@pytest.mark.parametrize(
    "handler",
    [
        "agree",
        "lambda dialog: dialog.accept('Anna')",
        "lambda dialog: dialog.accept(prompt_text='Anna')",
        "lambda dialog: print(dialog.message)",
        "lambda dialog: other.accept()",
        "lambda dialog, more=1: dialog.accept()",
        "lambda *dialog: dialog.accept()",
        "lambda: dialog.accept()",
        "lambda dialog: dialog.accept() if dialog.type == 'confirm' else dialog.dismiss()",
    ],
)
def test_any_other_handler_is_not_understood(tmp_path: Path, handler: str) -> None:
    workflow = learnt(tmp_path, f"page.once('dialog', {handler})", CLICK)
    assert told(workflow.steps) == ["opaque", "click"]
    assert workflow.steps[0].why == "it is not a step that is known"


@pytest.mark.parametrize(
    "listening",
    [
        "page.on('popup', lambda dialog: dialog.accept())",
        "page.once(event, lambda dialog: dialog.accept())",
        "page.remove_listener('dialog', lambda dialog: dialog.accept())",
        "page.locator('#a').once('dialog', lambda dialog: dialog.accept())",
    ],
)
def test_listening_to_something_else_is_not_understood_either(tmp_path: Path, listening: str) -> None:
    assert told(learnt(tmp_path, listening, CLICK).steps) == ["opaque", "click"]


def test_what_a_function_agrees_to_ends_with_it_and_holds_in_the_helpers_it_calls(tmp_path: Path) -> None:
    head = f"""
        def press(page):
            {CLICK}

        def revoke(page):
            {ALWAYS}
            press(page)
            {OTHER}
    """
    workflow = learnt(tmp_path, "press(page)", "revoke(page)", CLICK, "revoke(page)", head=head)
    assert told(workflow.steps) == ["click", "click+", "click+", "click", "click+", "click+"]
    assert workflow.not_understood == ()


def test_once_may_be_said_by_a_helper_for_its_callers_next_click(tmp_path: Path) -> None:
    head = f"""
        def agree(page):
            {ACCEPT}

        def always(page):
            {ALWAYS}
    """
    assert told(learnt(tmp_path, "agree(page)", CLICK, head=head).steps) == ["click+"]
    assert told(learnt(tmp_path, "always(page)", CLICK, head=head).steps) == ["opaque", "click"]


def test_an_agreement_does_not_come_between_a_step_and_what_is_expected_of_it(tmp_path: Path) -> None:
    shown = "expect(page.locator('h1')).to_be_visible()"
    first, second = learnt(tmp_path, CLICK, ACCEPT, shown, OTHER, shown).steps
    assert [len(step.checks) for step in (first, second)] == [1, 1]
    assert (first.accepts_dialog, second.accepts_dialog) == (False, True)


def test_one_test_agrees_to_nothing_in_another(tmp_path: Path) -> None:
    path = tmp_path / "test_two.py"
    path.write_text(f"def test_one(page):\n    {ACCEPT}\n\ndef test_two(page):\n    {CLICK}\n")
    one, two = learn([path], tmp_path).workflows
    assert (told(one.steps), told(two.steps)) == (["opaque"], ["click"])


def test_only_what_agrees_says_so_in_the_file_and_is_read_back(tmp_path: Path) -> None:
    workflow = learnt(tmp_path, ACCEPT, CLICK, OTHER)
    path = tmp_path / "known.json"
    write(LearningResult((workflow,)), path)
    file = json.loads(path.read_text())
    assert [step.get("acceptsDialog", "left out") for step in file["workflows"][0]["steps"]] == [True, "left out"]
    assert knowledge_base.from_file(path) == (workflow,)


def test_a_word_in_the_file_is_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    written = knowledge_base.to_text([learnt(tmp_path, ACCEPT, CLICK)])
    path.write_text(written.replace('"acceptsDialog": true', '"acceptsDialog": "false"'))
    assert '"false"' in path.read_text()
    ((step,),) = (one.steps for one in knowledge_base.from_file(path))
    assert (step.action, step.accepts_dialog) == (ActionKind.CLICK, False)
