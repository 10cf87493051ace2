"""The list of commands is told at once, and tells the truth."""

import subprocess
import sys

import pytest

from app.cli import COMMANDS, loaded
from tests.pages.served import ROOT


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_it_says_itself(name: str) -> None:
    assert loaded(COMMANDS[name]).help == COMMANDS[name].help


def imported_by(statement: str) -> set[str]:
    """The packages that a fresh process has imported after this."""
    told = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.check_output([sys.executable, "-c", told], cwd=ROOT, text=True).splitlines()[-1].split())


def test_no_command_imports_what_another_one_needs() -> None:
    telling = "from app.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    heavy = {"sqlalchemy", "nicegui", "fastapi", "pandas", "playwright"}
    assert not heavy & imported_by(telling)
    assert not {"sqlalchemy", "playwright"} & imported_by("import app.commands.workflows")
    assert not {"nicegui", "pandas"} & imported_by("import app.commands.setup, app.commands.people, app.commands.demo")


def test_a_server_is_ready_for_whoever_looks_at_the_statistics_first() -> None:
    assert "pandas" in imported_by("import app.server")


def test_a_command_that_is_not_there_is_said_to_be_missing() -> None:
    command = [sys.executable, "-c", "from app.cli import main; main()", "sync"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No such command 'sync'" in done.stderr


LOOKING = """
import gc
from app.cli import COMMANDS, loaded
looks = []
gc.callbacks.append(lambda phase, info: looks.append(info))
loaded(COMMANDS["setup"])
print(len(looks), gc.get_freeze_count() > 100_000, gc.isenabled())
"""


def test_no_garbage_is_looked_for_while_a_command_is_imported_nor_in_what_it_brings_along() -> None:
    told = subprocess.check_output([sys.executable, "-c", LOOKING], cwd=ROOT, text=True)
    assert told.split() == ["0", "True", "True"]
