"""A column means the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import text
from sqlmodel import select

from core.database.session import CustomerSession, Database
from core.database.tables import OperationRow
from tests.core.database.rows import Company, operation
from tests.postgres import as_owner


async def test_a_moment_comes_back_aware_and_in_utc(database: Database, ours: Company) -> None:
    in_berlin = datetime(2026, 11, 23, 10, 30, tzinfo=timezone(timedelta(hours=1)))

    def set_it(session: CustomerSession) -> None:
        session.exec(select(OperationRow)).one().started_at = in_berlin

    await database.run(ours.id, set_it)
    row = await database.read(ours.id, lambda session: session.exec(select(OperationRow)).one())
    assert row.started_at == in_berlin
    assert row.started_at is not None
    assert row.started_at.tzinfo is UTC


async def test_no_value_is_null_and_not_a_null_of_json(database: Database, ours: Company) -> None:
    """The guard lets an entry lose its detail to NULL only, and a query for rows without a result finds them."""

    def save(session: CustomerSession) -> None:
        row = operation(ours, shop="second.example")
        row.result = None
        session.add(row)

    await database.run(ours.id, save)
    with as_owner(database).connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM autonomous_operations WHERE result IS NULL")).scalar()
    assert found == 2


async def test_json_comes_back_as_it_was(database: Database, ours: Company) -> None:
    checkpoint = {"step": 3, "seen": ["ä", None, 1.5], "done": True}

    def save(session: CustomerSession) -> None:
        session.exec(select(OperationRow)).one().checkpoint = checkpoint

    await database.run(ours.id, save)
    row = await database.read(ours.id, lambda session: session.exec(select(OperationRow)).one())
    assert row.checkpoint == checkpoint
