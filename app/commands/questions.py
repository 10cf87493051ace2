"""What becomes of a question that a run asks while it is watched in a terminal: asked there, pointed to, or declined."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable

import typer
from rich.console import Console
from rich.markup import escape

from core.agents.person import TYPED, QuestionKind
from core.errors import CoreError
from core.operations.answers import Given
from core.operations.views import OperationView, QuestionView
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.services import Services

OnQuestion = Callable[[Services, Visitor, OperationView, QuestionView], Awaitable[None]]


def whoever_is_there(console: Console, *, as_json: bool) -> OnQuestion:
    """Ask in this terminal, if somebody sits at it; else the run gets a no at once, instead of waiting for nobody."""
    return AskedHere(console) if sys.stdin.isatty() and not as_json else Declined(console)


class AskedHere:
    """Asks in this terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def __call__(self, services: Services, visitor: Visitor, view: OperationView, asked: QuestionView) -> None:
        """Ask, and pass on what was said; an empty answer is a no."""
        self._console.print(f"\n[bold]{escape(asked.words)}[/]")
        for number, option in enumerate(asked.options, start=1):
            self._console.print(f"  {number}  {escape(option)}")
        given = await asyncio.to_thread(_said, asked)
        try:
            if given is None:
                await services.questions.decline(visitor, view.id, asked.id)
            else:
                await services.questions.answer(visitor, view.id, asked.id, given)
        except CoreError as error:
            self._console.print(f"[red]{escape(error.sentence)}[/]")


class Declined:
    """Says no, for nobody is there."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def __call__(self, services: Services, visitor: Visitor, view: OperationView, asked: QuestionView) -> None:
        """Say no, and tell what was asked."""
        self._console.print(f"It asks: {escape(asked.words)} Nobody is here to answer, so it ends.")
        await services.questions.decline(visitor, view.id, asked.id)


class PointedTo:
    """Says where it can be answered."""

    def __init__(self, console: Console, dashboard: str) -> None:
        self._console = console
        self._dashboard = dashboard

    async def __call__(self, services: Services, visitor: Visitor, view: OperationView, asked: QuestionView) -> None:
        """Tell what is asked, and where."""
        self._console.print(f"It asks: {escape(asked.words)}")
        self._console.print(f"Answer it at {self._dashboard}/operations/{view.id}", soft_wrap=True)


def _said(asked: QuestionView) -> Given | None:
    """What somebody says, in a thread of its own; nothing is a no."""
    if asked.kind in TYPED:
        typed = getpass.getpass("Answer (nothing to say no): ").strip()
        return Given(typed=Secret(typed)) if typed else None
    if asked.kind is QuestionKind.APPROVAL:
        return Given(yes=True) if typer.confirm("Do it?", default=False) else None
    number = typer.prompt("Number (0 for none of these)", type=int, default=0)
    return Given(chosen=number - 1) if 0 < number <= len(asked.options) else None
