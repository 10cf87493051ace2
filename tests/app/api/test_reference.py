"""The reference names everything that can be called and nothing else; every line of it is walked."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from app.cli import COMMANDS, loaded, main
from tests.app.api.calling import Caller
from tests.attacks.matrix import PAGES

REFERENCE = (Path(__file__).parents[3] / "docs" / "reference.md").read_text()
README = (Path(__file__).parents[3] / "README.md").read_text()
COMMAND = re.compile(r"^\| `autopilot ([\w -]+)` \| (.+) \|$", re.MULTILINE)
CALL = re.compile(r"^\| `(GET|POST|PATCH|PUT|DELETE) (\S+)` \| (.+) \|$", re.MULTILINE)
SCREEN = re.compile(r"^\| `(/\S*)` \| .+ \|$", re.MULTILINE)
BELOW = re.compile(r"`(/settings/\w+)`")
PLAIN = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}


def told_by_the_program() -> dict[str, str]:
    """Every command, with the first line of its help."""
    found: dict[str, str] = {}
    for name, place in COMMANDS.items():
        command = loaded(place)
        below = getattr(command, "commands", None)
        found |= (
            {f"{name} {one}": str(each.help).strip().split("\n")[0] for one, each in below.items()}
            if below
            else {name: place.help}
        )
    return found


def test_every_command_is_there_and_says_of_itself_what_the_reference_says() -> None:
    assert dict(COMMAND.findall(REFERENCE)) == told_by_the_program()


@pytest.mark.parametrize("command", [name for name, _ in COMMAND.findall(REFERENCE)])
def test_a_command_answers(command: str) -> None:
    answered = CliRunner(env=PLAIN).invoke(main, [*command.split(), "--help"])
    assert (answered.exit_code, "Usage:" in answered.output) == (0, True), answered.output


def test_what_the_readme_calls_is_there() -> None:
    known = told_by_the_program()
    called = re.findall(
        r"autopilot ((?:[a-z-]+)(?: [a-z-]+)?)", " ".join(re.findall(r"`[^`]*`|```.*?```", README, re.DOTALL))
    )
    missing = [one for one in called if one not in known and one.split()[0] not in known]
    assert called
    assert missing == []


async def test_every_call_is_there_with_what_it_does(call: Caller) -> None:
    paths = (await call.client.get("/openapi.json")).json()["paths"]
    described = {
        (method.upper(), path): one["description"].split("\n")[0].strip()
        for path, calls in paths.items()
        for method, one in calls.items()
    }
    assert {(method, path): said for method, path, said in CALL.findall(REFERENCE)} == described


async def test_every_call_answers(call: Caller) -> None:
    """With nothing in it and ids that nothing has: well, or with a problem that says why not; never as if it were not there."""
    wrong = []
    for method, path, _ in CALL.findall(REFERENCE):
        address = re.sub(r"\{\w+\}", lambda _: str(uuid4()), path.replace("{size}", "full"))
        async with call.client.stream(method, address) as answer:
            text = await anext(answer.aiter_text(), "")
        if answer.status_code >= 500 or answer.status_code == 405 or "There is no such address" in text:
            wrong.append((method, path, answer.status_code, text[:200]))
    assert wrong == []


def test_every_screen_is_there() -> None:
    named = {*SCREEN.findall(REFERENCE), *BELOW.findall(REFERENCE)}
    apart = {
        "/demo",
        "/docs",
        "/operations/{id}",
        "/second-factor",
    }  # no screens of the matrix, or part of the settings
    assert named - apart == PAGES.keys() - apart
