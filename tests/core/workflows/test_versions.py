"""The version of a workflow tells what is replayed, and nothing of where it was learnt."""

from dataclasses import replace

from app.settings import KNOWLEDGE_BASE
from core.workflows.knowledge_base import version_of
from core.workflows.registry import WorkflowRegistry


def test_a_workflow_keeps_its_version_until_what_it_does_changes() -> None:
    first = WorkflowRegistry.from_file(KNOWLEDGE_BASE).list()[0]
    version = version_of(first)
    assert len(version) == 12
    moved = replace(first.steps[0], at="elsewhere.py:7", via=("a helper",))
    elsewhere = replace(
        first, source_file="elsewhere.py", source_line=1, source_sha256="0", steps=(moved, *first.steps[1:])
    )
    assert version_of(elsewhere) == version
    assert version_of(replace(first, steps=first.steps[1:])) != version
    other = replace(first.steps[0], intent="Do something else")
    assert version_of(replace(first, steps=(other, *first.steps[1:]))) != version


def test_every_learnt_workflow_has_a_version_of_its_own() -> None:
    learnt = WorkflowRegistry.from_file(KNOWLEDGE_BASE).list()
    assert len({version_of(one) for one in learnt}) == len(learnt)
