"""What a shop says is shown in the terminal as it is; it is no markup of ours."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from rich.console import Console

from app.commands.setup import tell
from app.commands.terminal_run import _line
from core.database.states import OperationStatus, StepState
from core.operations.views import Failure, OperationView, StepView

NOW = datetime(2026, 11, 25, tzinfo=UTC)
STEP = StepView(
    position=1,
    intent="Name the key “[/]”",
    action="click",
    state=StepState.FAILED,
    note="a dialog said “[bold]”; it was closed",
    expected=None,
    seen="the page says: [/red] Sale! [50%]",
    decided_by="recorded",
    page_url=None,
    picture_id=None,
    touched=None,
    touched_on=None,
    started_at=NOW,
    finished_at=NOW,
)
VIEW = OperationView(
    id=uuid4(),
    service="woocommerce",
    operation="api_key_generation",
    store_url="https://shop.example",
    permissions=(),
    status=OperationStatus.FAILED,
    current_step=1,
    total_steps=1,
    steps=(STEP,),
    result=None,
    failure=Failure("page_not_recognised", "Seen: [/] “[link]”.", "A key named “[x]” may be left."),
    consent_id=None,
    created_at=NOW,
    started_at=NOW,
    finished_at=NOW,
)


def printed(*lines: str) -> str:
    told = io.StringIO()
    console = Console(file=told, width=200)
    for line in lines:
        console.print(line)
    return told.getvalue()


def test_a_step_is_shown_with_brackets_as_they_stand_in_the_shop() -> None:
    shown = printed(_line(STEP))
    for text in (STEP.intent, STEP.note, STEP.seen):
        assert text is not None
        assert text in shown
    assert "✓ Done" in printed(_line(replace(STEP, state=StepState.DONE, intent="Done")))


def test_a_failure_is_told_with_brackets_as_they_stand_in_the_shop() -> None:
    told = io.StringIO()
    tell(VIEW, Console(file=told, width=200))
    assert VIEW.failure is not None
    assert VIEW.failure.sentence in told.getvalue()
    assert VIEW.failure.left_behind in told.getvalue()
