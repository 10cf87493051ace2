"""A later version of ours, for upgrades to it: its migrations rebuild a table, and do what a test says."""

from pathlib import Path
from shutil import copytree

from core.database.session import Database
from core.database.upgrade import MIGRATIONS

HEAD = "0019"
REBUILD = '''"""Rebuilds a table that others refer to, as SQLite needs it for most changes."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("autonomous_operations", recreate=recreate) as batch:
        batch.add_column(sa.Column("colour", sa.String(), nullable=True))
    {then}
'''


def later(folder: Path, then: str) -> Path:
    """A copy of the migrations in this folder, with one more."""
    migrations = copytree(MIGRATIONS, folder / "migrations")
    words = REBUILD.format(head=HEAD, then=then)
    (migrations / "versions" / "9999_rebuild.py").write_text(words)
    return migrations


def kept_copies(database: Database) -> list[Path]:
    """The copies that upgrades left beside a SQLite file."""
    file = Path(str(database.url.database))
    return sorted(file.parent.glob(f"{file.name}.before-*"))
