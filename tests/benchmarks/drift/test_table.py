"""The tables say what came of the runs, and find their place in a document."""

from pathlib import Path

from tests.benchmarks.documents import written_into
from tests.benchmarks.drift.judge import Verdict
from tests.benchmarks.drift.matrix import Case, Outcome
from tests.benchmarks.drift.running import Ran
from tests.benchmarks.drift.table import in_short, told

HEALED = Verdict(True, "", ())
LOST = Verdict(False, "No key was made.", ("The decoy “x” was touched.",))
OUTCOMES = (
    Outcome(Case(("ids",), "agent"), Ran(rungs={"likeness": 3}), HEALED),
    Outcome(Case(("ids",), "agent"), Ran(asked=2), HEALED),
    Outcome(Case(("ids",), "script"), Ran(ended="Nothing | there."), LOST),
    Outcome(Case(("lazy", "ids"), "agent"), Ran(), LOST),
)


def test_what_a_model_was_asked_for_is_not_healed_without_one() -> None:
    assert "| 1/2 |  | likeness 3 |" in told(OUTCOMES)


def test_a_pair_counts_for_both_its_kinds() -> None:
    lines = told(OUTCOMES).splitlines()
    assert {"| lazy | 0/1 | 1 |", "| ids | 0/1 | 1 |"} <= set(lines)
    assert "The agent did not reach the goal in: lazy with ids." in lines


def test_a_cell_keeps_to_its_own_line_and_column() -> None:
    assert r"| 0/1 | Nothing \| there. The decoy “x” was touched. |" in told(OUTCOMES)


def test_all_that_was_changed_is_summed_up() -> None:
    summed = "**agent**: the goal in 2 of 3 changed shops (67 %), 1 of them without a model; wrong actions in 1."
    assert summed in told(OUTCOMES)


def test_a_planner_that_is_held_against_the_usual_one_has_one_line() -> None:
    unchanged = Outcome(Case((), "agent"), Ran(rungs={"recorded": 9}), HEALED)
    line = in_short((*OUTCOMES, unchanged), "wrong-model")
    assert line == (
        "- **wrong-model**: the goal in 2 of 3, wrong actions in 1; steps decided by likeness 3. The decoy “x” was touched."
    )


def test_a_document_keeps_what_is_around_its_tables(tmp_path: Path) -> None:
    file = tmp_path / "drift.md"
    file.write_text("# Drift\n\n<!-- drift: begin -->\nold\n<!-- drift: end -->\n\nThe end.\n")
    written_into(file, "drift", "new")
    assert file.read_text() == "# Drift\n\n<!-- drift: begin -->\nnew\n<!-- drift: end -->\n\nThe end.\n"


def test_a_document_without_tables_gets_them_at_its_end(tmp_path: Path) -> None:
    written_into(tmp_path / "drift.md", "drift", "new")
    written_into(tmp_path / "drift.md", "drift", "newer")
    assert (tmp_path / "drift.md").read_text() == "<!-- drift: begin -->\nnewer\n<!-- drift: end -->\n"
