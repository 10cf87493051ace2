"""From test files to workflows: one for each test that touches a page."""

import ast
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.workflows.learning.playwright_words import names_a_secret
from core.workflows.learning.reader import Reader, slots_of
from core.workflows.learning.sources import Function, Module, SourceTree
from core.workflows.step import Parameter, Workflow

TEST_FILES = ("test_*.py", "*_test.py")


@dataclass(frozen=True)
class LearningResult:
    """What was learnt, and which files could not be read."""

    workflows: tuple[Workflow, ...]
    problems: tuple[str, ...] = ()


def learn(paths: Sequence[Path], root: Path) -> LearningResult:
    """Learn from these files and folders. Places are told relative to `root`. No test is executed."""
    tree, workflows, problems = SourceTree(root), [], []
    for path in _test_files(paths):
        try:
            module = tree.module(path)
        except (SyntaxError, UnicodeDecodeError) as error:
            problems.append(f"{path.name} can't be read: {error}")
            continue
        workflows += [_workflow(tree, module, test) for test in module.functions.values() if _is_test(test)]
    return LearningResult(tuple(_with_unique_ids(workflows)), tuple(problems))


def _test_files(paths: Sequence[Path]) -> list[Path]:
    found = {path.resolve() for path in paths if path.is_file()}
    for folder in (path for path in paths if path.is_dir()):
        found |= {path.resolve() for pattern in TEST_FILES for path in folder.rglob(pattern)}
    return sorted(found)


def _is_test(function: Function) -> bool:
    return function.node.name.startswith("test_") and "page" in function.parameters


def _workflow(tree: SourceTree, module: Module, test: Function) -> Workflow:
    reading = Reader(tree).read(test)
    captured = {one.name for one in reading.outputs}
    names = [name for name in slots_of(reading.steps) if name not in captured]
    docstring = ast.get_docstring(test.node)
    return Workflow(
        id=slug(test.node.name.removeprefix("test_")),
        title=docstring.splitlines()[0] if docstring else test.node.name.removeprefix("test_").replace("_", " "),
        source_file=module.name,
        source_line=test.node.lineno,
        source_sha256=module.sha256,
        parameters=tuple(Parameter(name, "fixture", secret=names_a_secret(name)) for name in names),
        outputs=tuple(reading.outputs),
        steps=tuple(reading.steps),
    )


def slug(title: str) -> str:
    """A title as an id."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _with_unique_ids(workflows: list[Workflow]) -> list[Workflow]:
    """Tests of the same title get their file's name before it."""
    counted = Counter(one.id for one in workflows)
    return [
        one if counted[one.id] == 1 else replace(one, id=f"{slug(Path(one.source_file).stem)}--{one.id}")
        for one in workflows
    ]
