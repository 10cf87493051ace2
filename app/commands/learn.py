"""`autopilot learn`: workflows from end-to-end tests, without running them."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.shown import errors_shown
from app.settings import KNOWLEDGE_BASE, ROOT
from core.workflows.learning.learn import learn
from core.workflows.learning.report import report_of
from core.workflows.learning.write import is_stale, write


def learn_workflows(
    paths: Annotated[list[Path], typer.Argument(help="Test files or folders.", exists=True)],
    output: Annotated[Path, typer.Option(help="Where the knowledge base is written.")] = KNOWLEDGE_BASE,
    report: Annotated[bool, typer.Option(help="Say how much of each test was understood.")] = False,
    check: Annotated[bool, typer.Option(help="Write nothing; fail if the knowledge base is stale.")] = False,
) -> None:
    """Learn workflows from pytest-playwright tests."""
    with errors_shown():
        result = learn([path.resolve() for path in paths], root=_root_of(paths))
    if report:
        typer.echo(report_of(result))
    if check:
        if is_stale(output, result):
            typer.secho(f"{output} is stale: run autopilot learn {' '.join(map(str, paths))}", err=True)
            raise typer.Exit(1)
        return
    write(result, output)
    typer.echo(f"{len(result.workflows)} workflows → {output}")


def _root_of(paths: list[Path]) -> Path:
    """What the places in the knowledge base are relative to: this project, or the folder that was given."""
    first = paths[0].resolve()
    if first.is_relative_to(ROOT):
        return ROOT
    return first if first.is_dir() else first.parent
