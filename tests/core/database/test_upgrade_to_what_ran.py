"""An upgrade counts, of operations that have ended before it, who decided their steps and how long they took."""

from datetime import timedelta
from importlib import import_module

from alembic.migration import MigrationContext
from alembic.operations import Operations

from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, StepRow
from tests.core.database.rows import NOW, Company, operation
from tests.postgres import as_owner

RUNGS = (
    ("recorded", StepState.DONE),
    ("recorded", StepState.DONE),
    ("likeness", StepState.DONE),
    ("model", StepState.FAILED),
)


async def test_what_has_ended_is_counted_and_what_goes_on_is_not(database: Database, ours: Company) -> None:
    over, bare, open_still = (operation(ours, shop=f"{name}.example") for name in ("over", "bare", "open"))
    for row in (over, bare):
        row.status, row.started_at, row.finished_at = OperationStatus.COMPLETED, NOW, NOW + timedelta(seconds=12.5)

    def write(session: CustomerSession) -> None:
        session.add_all([over, bare, open_still])
        session.flush()
        for row in (over, open_still):
            session.add_all(
                StepRow(customer_id=ours.id, operation_id=row.id, position=place, intent="Do it", action="click",
                        state=state, decided_by=rung)
                for place, (rung, state) in enumerate(RUNGS, start=1)
            )  # fmt: skip

    await database.run(ours.id, write)
    count_again(database)

    def read(session: CustomerSession) -> list[OperationRow | None]:
        return [session.get(OperationRow, (ours.id, one.id)) for one in (over, bare, open_still)]

    counted = [
        (one.decided_steps, one.furthest_rung, one.took_seconds) for one in await database.read(ours.id, read) if one
    ]
    assert counted == [({"likeness": 1, "recorded": 2}, "likeness", 12.5), (None, None, 12.5), (None, None, None)]


def count_again(database: Database) -> None:
    """What the upgrade does to the rows that are there."""
    revision = import_module("core.database.migrations.versions.0016_what_ran")
    with as_owner(database).begin() as connection, Operations.context(MigrationContext.configure(connection)):
        revision.count_what_has_ended()
