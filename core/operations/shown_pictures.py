"""Which rows show pictures: of a step, of a question to a person, and of a change that a healed step proposes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import OperationRow, QuestionRow, StepRow, WorkflowChangeRow

SHOW = (StepRow, QuestionRow, WorkflowChangeRow)


def show_no_more(session: CustomerSession, customer_id: UUID, pictures: Iterable[UUID]) -> None:
    """Have nothing refer to these any more, in the caller's transaction; their files are still there."""
    gone = tuple(pictures)
    for table in SHOW:
        shown = update(table).where(col(table.customer_id) == customer_id, col(table.picture_id).in_(gone))
        session.execute(shown.values(picture_id=None), execution_options={"synchronize_session": False})


def pictures_of_what_ended(session: CustomerSession, before: datetime) -> Iterator[tuple[OperationRow, Sequence[UUID]]]:
    """Each operation that was over by then and has pictures, with all of them."""
    over = select(OperationRow).where(col(OperationRow.finished_at) <= before).order_by(col(OperationRow.id))
    rows = {row.id: row for row in session.exec(over)}
    found: dict[UUID, list[UUID]] = {}
    for operation_id, picture_id in _shown(session):
        if operation_id in rows and picture_id not in found.setdefault(operation_id, []):
            found[operation_id].append(picture_id)
    return ((rows[operation_id], pictures) for operation_id, pictures in found.items())


def shown_by_nothing(session: CustomerSession, pictures: Iterable[UUID]) -> list[UUID]:
    """Those of these that no row refers to: what a crash has left, or a later attempt at the same step."""
    shown = {picture_id for _, picture_id in _shown(session)}
    return [one for one in pictures if one not in shown]


def pictures_of(session: CustomerSession, operations: Collection[UUID]) -> list[UUID]:
    """The pictures that these operations show, each once."""
    mine = frozenset(operations)
    return list(dict.fromkeys(picture_id for operation_id, picture_id in _shown(session) if operation_id in mine))


def _shown(session: CustomerSession) -> Iterator[tuple[UUID, UUID]]:
    """Every picture that is shown, with its operation."""
    for table in SHOW:
        with_picture = select(table.operation_id, table.picture_id).where(col(table.picture_id).is_not(None))
        for operation_id, picture_id in session.exec(with_picture):
            if picture_id is not None:
                yield operation_id, picture_id
