"""`autopilot workflows`: what has been learnt."""

from typing import Annotated

import typer

from app.commands.shown import errors_shown
from app.settings import KNOWLEDGE_BASE
from core.workflows.registry import WorkflowRegistry

commands = typer.Typer(no_args_is_help=True, help="The learnt workflows.")


@commands.command("list")
def list_workflows(
    search: Annotated[str, typer.Option(help="Only those that fit these words.")] = "",
) -> None:
    """List the learnt workflows."""
    registry = WorkflowRegistry.from_file(KNOWLEDGE_BASE)
    for workflow in registry.search(search) if search else registry.list():
        typer.echo(f"{workflow.id}  ({len(workflow.steps)} steps, {workflow.source_file}:{workflow.source_line})")


@commands.command("show")
def show(workflow_id: str) -> None:
    """Show the steps of a workflow."""
    with errors_shown():
        workflow = WorkflowRegistry.from_file(KNOWLEDGE_BASE).get(workflow_id)
    typer.echo(workflow.title)
    for step in workflow.steps:
        typer.echo(f"{step.order:3}. {step.intent}")
        if step.expected_result:
            typer.echo(f"     → {step.expected_result}")
