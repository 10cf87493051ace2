"""How Alembic meets our tables: on the connection it is given, so that an upgrade is the caller's transaction.

For a new revision: `alembic -x url=sqlite:///some.db revision --autogenerate -m "why"`, on a database that is current.
"""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from core.database import tables
from core.database.engines import plain_engine
from core.database.product_search import is_of_the_index


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Whether we say what it looks like; the index of words, and the library that wakes workers, have theirs."""
    return not (is_of_the_index(name, kind) or (kind == "table" and str(name).startswith("procrastinate_")))


def migrate(connection: Connection) -> None:
    """Run in a transaction that has been begun already."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=is_ours,
        transactional_ddl=False,
    )
    context.run_migrations()


if given := context.config.attributes.get("connection"):
    migrate(given)
else:
    with plain_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as begun:
        migrate(begun)

__all__ = ["tables"]  # imported so that the metadata knows them
