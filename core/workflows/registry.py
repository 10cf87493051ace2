"""Finds learnt workflows: by id, or by words."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Self

from core.errors import NotFound
from core.workflows import knowledge_base
from core.workflows.step import Workflow

MOST_SUGGESTED = 3


class NoSuchWorkflow(NotFound):
    """No workflow of this id was learnt."""

    code: ClassVar[str] = "no_such_workflow"


class WorkflowRegistry:
    """The workflows of one knowledge base."""

    def __init__(self, workflows: Iterable[Workflow]) -> None:
        self._workflows = {workflow.id: workflow for workflow in workflows}

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Raises BadKnowledgeBase."""
        return cls(knowledge_base.from_file(path))

    def get(self, workflow_id: str) -> Workflow:
        """The workflow of this id. Raises NoSuchWorkflow, with what comes near."""
        if workflow_id not in self._workflows:
            near = difflib.get_close_matches(workflow_id, self._workflows, MOST_SUGGESTED, cutoff=0.3)
            raise NoSuchWorkflow(because=f"Near it there is: {', '.join(near) or 'nothing'}.")
        return self._workflows[workflow_id]

    def search(self, text: str) -> tuple[Workflow, ...]:
        """Workflows that have any of these words, those with most of them first."""
        words = {word.strip(".,!?").casefold() for word in text.split()}
        scored = [(_score(workflow, words), workflow) for workflow in self.list()]
        return tuple(workflow for score, workflow in sorted(scored, key=lambda pair: -pair[0]) if score)

    def list(self) -> tuple[Workflow, ...]:
        """All of them, by id."""
        return tuple(self._workflows[workflow_id] for workflow_id in sorted(self._workflows))


def _score(workflow: Workflow, words: set[str]) -> int:
    """Words of the title count for more than words of a step."""
    title = f"{workflow.id.replace('-', ' ')} {workflow.title}".casefold().split()
    steps = " ".join(step.intent for step in workflow.steps).casefold().split()
    return sum(3 * (word in title) + (word in steps) for word in words)
