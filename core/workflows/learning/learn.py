"""From test files to workflows: one for each test that touches a page."""

import ast
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.workflows.learning.reader import Reader, Reading
from core.workflows.learning.secrets import Secrets
from core.workflows.learning.slots import slots_of
from core.workflows.learning.source_code import secret_literals
from core.workflows.learning.sources import Function, SourceTree
from core.workflows.step import Parameter, Workflow

TEST_FILES = ("test_*.py", "*_test.py")


@dataclass(frozen=True)
class LearningResult:
    """What was learnt, and which files could not be read."""

    workflows: tuple[Workflow, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadTest:
    """A test that was read; what its steps say is not cleaned yet."""

    function: Function
    reading: Reading
    secrets: Secrets


def learn(paths: Sequence[Path], root: Path) -> LearningResult:
    """Learn from these files and folders. Places are told relative to `root`. No test is executed.

    All are read before any is kept: a secret of one test may stand in another one's comment.
    """
    tree, known, problems = SourceTree(root), dict[str, str](), []
    read: list[ReadTest] = []
    for path in _test_files(paths):
        try:
            module = tree.module(path)
        except (SyntaxError, UnicodeDecodeError) as error:
            problems.append(f"{path.name} can't be read: {error}")
            continue
        read += [_read(tree, test, known) for test in module.functions.values() if _is_test(test)]
    for module in tree.modules:
        known |= dict(secret_literals(module.tree)) | known
    return LearningResult(tuple(_with_unique_ids([_workflow(test) for test in read])), tuple(problems))


def _test_files(paths: Sequence[Path]) -> list[Path]:
    found = {path.resolve() for path in paths if path.is_file()}
    for folder in (path for path in paths if path.is_dir()):
        found |= {path.resolve() for pattern in TEST_FILES for path in folder.rglob(pattern)}
    return sorted(found)


def _is_test(function: Function) -> bool:
    return function.node.name.startswith("test_") and "page" in function.parameters


def _read(tree: SourceTree, test: Function, known: dict[str, str]) -> ReadTest:
    secrets = Secrets(test.parameters, known)
    return ReadTest(test, Reader(tree, secrets).read(test), secrets)


def _workflow(test: ReadTest) -> Workflow:
    node, secrets = test.function.node, test.secrets
    steps = tuple(secrets.without(step) for step in test.reading.steps)
    captured = {one.name for one in test.reading.outputs}
    names = [name for name in slots_of(steps) if name not in captured]
    docstring, title = ast.get_docstring(node), node.name.removeprefix("test_")
    return Workflow(
        id=slug(title),
        title=secrets.told(docstring.splitlines()[0] if docstring else title.replace("_", " ")),
        source_file=test.function.module.name,
        source_line=node.lineno,
        source_sha256=test.function.module.sha256,
        parameters=tuple(Parameter(name, "fixture", secret=secrets.is_secret(name)) for name in names),
        outputs=tuple(test.reading.outputs),
        steps=steps,
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
