"""How the terminal tells of errors: one sentence, and the exit code that shells understand."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from core.errors import CoreError


@contextmanager
def errors_shown() -> Iterator[None]:
    """A known error becomes its sentence and exit code 1; a bug passes."""
    try:
        yield
    except CoreError as error:
        typer.secho(error.sentence, fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from error
