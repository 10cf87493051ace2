"""Shows an operation in a terminal while it happens: each step as it ends, and a bar."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from app.commands.questions import OnQuestion
from core.database.states import StepState
from core.operations.views import OperationView, StepView
from core.security.people.people import Visitor
from core.services import Services

WIDTH = 58  # characters of a step's words, so that the times stand below each other
MARKS = {StepState.DONE: "[green]✓[/]", StepState.FAILED: "[red]✗[/]"}


async def watch(
    services: Services, visitor: Visitor, operation_id: UUID, console: Console, on_question: OnQuestion | None = None
) -> OperationView:
    """Print each step once it has ended, until the operation is over; gives how it ended. Each question is passed on once."""
    changed = asyncio.Event()

    def on_change(changed_id: UUID) -> None:
        if changed_id == operation_id:
            changed.set()

    unsubscribe = services.progress.subscribe(visitor.customer_id, on_change)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    shown: set[int] = set()
    passed_on: set[UUID] = set()
    try:
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("waiting", total=None)
            while True:
                changed.clear()
                view = await services.operations.status(visitor, operation_id)
                _print_ended(view, shown, console.print)
                bar.update(task, description=_now(view), completed=view.counted.done, total=view.counted.every or None)
                if view.status.is_over:
                    return view
                if on_question and view.question and view.question.id not in passed_on:
                    passed_on.add(view.question.id)
                    bar.stop()
                    await on_question(services, visitor, view, view.question)
                    bar.start()
                    continue
                await changed.wait()
    finally:
        unsubscribe()


def _print_ended(view: OperationView, shown: set[int], say: Callable[[str], None]) -> None:
    for step in view.steps:
        if step.state in {StepState.TO_COME, StepState.RUNNING} or step.position in shown:
            continue
        shown.add(step.position)
        if step.state is not StepState.SKIPPED:
            say(_line(step))


def _line(step: StepView) -> str:
    seconds = f"{step.seconds:5.1f} s" if step.seconds is not None else ""
    lines = [f"{MARKS[step.state]} {escape(step.intent.ljust(WIDTH))} [dim]{seconds}[/]"]
    if step.note:
        lines.append(f"    [dim]{escape(step.note)}[/]")
    if step.state is StepState.FAILED and step.seen:
        lines.append(f"    [red]seen instead: {escape(step.seen)}[/]")
    return "\n".join(lines)


def _now(view: OperationView) -> str:
    running = next((step for step in view.steps if step.state is StepState.RUNNING), None)
    return escape(running.intent) if running else view.status.words
