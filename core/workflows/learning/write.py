"""Writes what was learnt, and says whether a file still is what the tests teach."""

import os
from pathlib import Path

from core.workflows.knowledge_base import to_text
from core.workflows.learning.learn import LearningResult


def write(result: LearningResult, path: Path) -> None:
    """Replace the file, whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(to_text(result.workflows), "utf-8")
    os.replace(draft, path)


def is_stale(path: Path, result: LearningResult) -> bool:
    """Whether the file differs from what was learnt."""
    return not path.is_file() or path.read_text("utf-8") != to_text(result.workflows)
