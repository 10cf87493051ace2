"""A later revision may change every row of a filled database, though today's guards and policies are up."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from core.database.session import CustomerSession, Database
from core.database.tables import VaultMaster
from core.database.upgrade import missing_protection, upgrade
from tests.core.database.full import fill
from tests.core.database.later_version import later
from tests.core.database.rows import NOW, Company
from tests.postgres import as_owner, owned

EACH = """
    for name in {tables}:
        columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(name) if "computed" not in column]
        same = ", ".join(f"{{column}} = {{column}}" for column in columns)
        if op.get_bind().execute(sa.text(f"UPDATE {{name}} SET {{same}}")).rowcount != {rows}[name]:
            raise ValueError(name)
        if recreate == "always":
            with op.batch_alter_table(name, recreate=recreate) as batch:
                batch.add_column(sa.Column("shade", sa.String(), nullable=True))
"""


def fill_all(session: CustomerSession, ours: Company) -> None:
    session.add(VaultMaster(key_id="of the test", canary="", state="primary", created_at=NOW))
    session.flush()
    fill(session, ours.id, NOW, but=())


async def test_a_revision_that_updates_and_rebuilds_every_table_finds_every_row(
    database: Database, ours: Company, tmp_path: Path
) -> None:
    await database.run_across_customers(lambda session: fill_all(session, ours), because="the test begins")
    with as_owner(database).connect() as connection:
        count = "SELECT count(*) FROM "
        rows = {name: connection.execute(text(count + name)).scalar_one() for name in SQLModel.metadata.tables}
    filled = [name for name, found in rows.items() if found]
    assert {table.name for table in SQLModel.metadata.tables.values() if "customer_id" in table.columns} <= {*filled}
    upgrade(owned(database), later(tmp_path, EACH.strip().format(tables=filled, rows=rows)))
    with as_owner(database).connect() as connection:
        after = {name: connection.execute(text(count + name)).scalar_one() for name in rows}
        assert (after, missing_protection(connection)) == (rows, ())
    with pytest.raises(DatabaseError, match="never changed"), as_owner(database).begin() as connection:
        connection.execute(text("UPDATE autonomous_operations_audit SET actor = 'nobody'"))
