"""How Alembic meets our tables: always on the connection it is given, so that an upgrade is the caller's transaction."""

from alembic import context
from sqlmodel import SQLModel

from core.database import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=False,  # the caller has begun the transaction already
)
context.run_migrations()

__all__ = ["tables"]
