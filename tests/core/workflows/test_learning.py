"""What a test says becomes steps; what it does not say is never made up."""

from pathlib import Path
from textwrap import dedent

import pytest

from core.workflows import knowledge_base
from core.workflows.learning.learn import LearningResult, learn
from core.workflows.learning.report import report_of
from core.workflows.learning.write import is_stale, write
from core.workflows.locator import By, Link, Locator, Pattern
from core.workflows.registry import NoSuchWorkflow, WorkflowRegistry
from core.workflows.step import ActionKind, Matcher, Resolution, TaskStep, Workflow

ROOT = Path(__file__).parents[3]


def learnt(folder: Path, source: str, **more: str) -> Workflow:
    """The one workflow of a test file, beside other modules."""
    for name, text in more.items():
        (folder / f"{name}.py").write_text(dedent(text))
    path = folder / "test_it.py"
    path.write_text(dedent(source))
    (workflow,) = learn([path], folder).workflows
    return workflow


def steps_of(folder: Path, body: str, **more: str) -> tuple[TaskStep, ...]:
    indented = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    head = "import os\nimport re\nfrom playwright.sync_api import expect\n"
    return learnt(folder, f"{head}{more.pop('head', '')}\ndef test_it(page):\n{indented}\n", **more).steps


def test_an_action_has_verb_target_locator_and_value(tmp_path: Path) -> None:
    (step,) = steps_of(tmp_path, 'page.get_by_label("Name", exact=True).fill("Tea")')
    assert (step.action, step.target, step.value) == (ActionKind.FILL, "the field “Name”", "Tea")
    assert step.locator == Locator((Link(By.LABEL, "Name", exact=True),))
    assert (step.intent, step.intent_source) == ("Fill in the field “Name”", "synth")
    assert [(check.matcher, check.value, check.source) for check in step.checks] == [
        (Matcher.HAS_VALUE, "Tea", "intrinsic")
    ]


def test_the_comment_above_is_the_intent(tmp_path: Path) -> None:
    (step,) = steps_of(tmp_path, '# Name\n# the key\npage.get_by_label("Name").fill("Tea")')
    assert (step.intent, step.intent_source) == ("Name the key", "comment")


def test_an_expectation_belongs_to_the_step_before_it(tmp_path: Path) -> None:
    (step,) = steps_of(tmp_path, 'page.goto("/a")\nexpect(page.get_by_text("Hello")).to_be_visible()')
    assert step.value == "{{store_url}}/a"
    assert step.expected_result == "The text “Hello” is there"


def test_without_an_expectation_nothing_is_expected(tmp_path: Path) -> None:
    (step,) = steps_of(tmp_path, 'page.get_by_role("button", name="Go").click()')
    assert step.expected_result is None


def test_or_is_an_alternative_and_patterns_stay_patterns(tmp_path: Path) -> None:
    (step,) = steps_of(
        tmp_path, 'page.get_by_role("link", name=re.compile("keys?", re.I)).or_(page.locator("#k").first).click()'
    )
    assert step.locator == Locator((Link(By.ROLE, "link", name=Pattern("keys?", "i")),))
    assert step.alternatives == (Locator((Link(By.CSS, "#k"), Link(By.NTH, 0))),)


def test_a_visible_element_is_a_condition_that_an_agent_decides(tmp_path: Path) -> None:
    yes, no = steps_of(
        tmp_path,
        """
        if page.locator("#a").is_visible():
            page.locator("#b").click()
        else:
            page.locator("#c").click()
        """,
    )
    assert [control.negated for control in (*yes.controls, *no.controls)] == [False, True]
    assert yes.resolution is Resolution.LITERAL


def test_a_condition_that_the_text_does_not_decide_is_flagged(tmp_path: Path) -> None:
    (step,) = steps_of(tmp_path, 'if os.path.exists("x"):\n    page.locator("#b").click()')
    assert (step.resolution, step.why) == (Resolution.PARTIAL, "only if os.path.exists('…')")


def test_helpers_are_read_in_place_across_modules(tmp_path: Path) -> None:
    (step,) = steps_of(
        tmp_path,
        'open_it(page, "Tea")',
        head="from ways import open_it\n",
        ways='PATH = "/shop"\n\ndef open_it(page, name):\n    page.goto(f"{PATH}/{name}")\n',
    )
    assert (step.value, step.via) == ("{{store_url}}/shop/Tea", ("open_it",))
    assert step.at == "ways.py:4"


def test_what_is_read_off_the_page_is_captured_and_a_key_is_secret(tmp_path: Path) -> None:
    workflow = learnt(
        tmp_path,
        """
        def test_it(page):
            api_key = page.locator("#k").input_value()
            title = page.locator("h1").inner_text()
            page.locator("#again").fill(api_key)
        """,
    )
    assert [(one.name, one.secret) for one in workflow.outputs] == [("api_key", True), ("title", False)]
    assert workflow.steps[2].value == "{{api_key}}"
    assert workflow.parameters == ()


def test_no_password_gets_into_the_file(tmp_path: Path) -> None:
    workflow = learnt(tmp_path, 'def test_it(page):\n    page.get_by_label("Password").fill("hunter2")\n')
    assert "hunter2" not in knowledge_base.to_text([workflow])
    assert [(one.name, one.secret) for one in workflow.parameters] == [("password", True)]


@pytest.mark.parametrize(
    ("line", "resolution"),
    [
        ("page.evaluate('document.title')", Resolution.OPAQUE),
        ("page.locator('#a').drag_to(page.locator('#b'))", Resolution.OPAQUE),
        ("unknown_helper(page)", Resolution.OPAQUE),
        ("page.goto(os.path.join('a', 'b'))", Resolution.PARTIAL),
        ("while page.url: pass", Resolution.OPAQUE),
    ],
)
def test_what_is_not_known_stays_as_a_step_that_says_why(tmp_path: Path, line: str, resolution: Resolution) -> None:
    (step,) = steps_of(tmp_path, line)
    assert step.resolution is resolution
    assert step.why
    assert step.at == "test_it.py:6"


def test_a_loop_over_a_list_is_unrolled(tmp_path: Path) -> None:
    steps = steps_of(tmp_path, 'for name in ["A", "B"]:\n    page.get_by_text(name).click()')
    assert [step.target for step in steps] == ["the text “A”", "the text “B”"]


def test_tests_of_the_same_name_get_their_files_name(tmp_path: Path) -> None:
    for name in ("test_one", "test_two"):
        (tmp_path / f"{name}.py").write_text("def test_it(page):\n    page.reload()\n")
    assert {one.id for one in learn([tmp_path], tmp_path).workflows} == {"test-one--it", "test-two--it"}


def test_a_file_that_can_not_be_read_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_bad.py").write_text("def test_it(page:\n")
    (tmp_path / "test_good.py").write_text("def test_fine(page):\n    page.reload()\n")
    result = learn([tmp_path], tmp_path)
    assert [one.id for one in result.workflows] == ["fine"]
    assert "test_bad.py" in report_of(result)


def test_nothing_of_a_test_is_executed(tmp_path: Path) -> None:
    learnt(tmp_path, "open('ran', 'w')\n\ndef test_it(page):\n    page.reload()\n")
    assert not (tmp_path / "ran").exists()
    assert not Path("ran").exists()


def test_the_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    result = learn([ROOT / "tests" / "e2e"], ROOT)
    path = tmp_path / "known.json"
    write(result, path)
    assert knowledge_base.from_file(path) == tuple(sorted(result.workflows, key=lambda one: one.id))
    assert not is_stale(path, result)
    assert is_stale(path, LearningResult(result.workflows[:1]))


def test_the_committed_file_is_what_the_tests_teach() -> None:
    assert not is_stale(ROOT / "data" / "AGENT_KNOWLEDGE_BASE.json", learn([ROOT / "tests" / "e2e"], ROOT))


@pytest.mark.parametrize("text", ["", "{}", '{"format": 99, "workflows": []}', '{"format": 1, "workflows": [{}]}'])
def test_a_damaged_file_is_refused_with_the_command_that_mends_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(knowledge_base.BadKnowledgeBase):
        WorkflowRegistry.from_file(path)


def test_workflows_are_found_by_id_and_by_words() -> None:
    registry = WorkflowRegistry.from_file(ROOT / "data" / "AGENT_KNOWLEDGE_BASE.json")
    setup = registry.get("should-complete-woocommerce-setup-and-enable-product-search")
    assert setup.secret_outputs == ("consumer_key", "consumer_secret")
    assert registry.search("revoke a key")[0].id == "should-revoke-the-woocommerce-api-key"
    assert registry.search("zebra") == ()
    assert [one.id for one in registry.list()] == sorted(one.id for one in registry.list())
    with pytest.raises(NoSuchWorkflow, match="should-revoke"):
        registry.get("revoke-woocommerce-key")
