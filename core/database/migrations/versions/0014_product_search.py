"""Products are found by their words: folded text beside each, and what the database's own full-text search needs."""

import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.database.product_search import AS_VECTOR, VECTOR
from core.database.search_words import folded

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PRODUCTS, ONE_ID = "products", "uq_products_search_id"
AT_ONCE = 1000  # rows
product = sa.table(
    PRODUCTS,
    *(sa.column(name) for name in ("name", "sku", "description", "search_text")),
    sa.column("customer_id", sa.Uuid()),
    sa.column("id", sa.Uuid()),
    sa.column("categories", sa.JSON()),
    sa.column("search_id", sa.BigInteger()),
)


def upgrade() -> None:
    """What was brought over before is found, too."""
    op.add_column(PRODUCTS, sa.Column("search_text", sa.String(), nullable=False, server_default=""))
    op.add_column(PRODUCTS, sa.Column("search_id", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    fold_words(connection)
    with op.batch_alter_table(PRODUCTS) as batch:
        batch.alter_column("search_id", existing_type=sa.BigInteger(), nullable=False)
    op.create_index(ONE_ID, PRODUCTS, ["search_id"], unique=True)
    if connection.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {PRODUCTS} ADD COLUMN {VECTOR} tsvector GENERATED ALWAYS AS ({AS_VECTOR}) STORED")


def fold_words(connection: sa.Connection, at_once: int = AT_ONCE) -> None:
    """Give each product its folded words and its number, so many at once in the order of their key: never all in memory."""
    key = sa.tuple_(product.c.customer_id, product.c.id)
    page = sa.select(product).order_by(product.c.customer_id, product.c.id).limit(at_once)
    found = connection.execute(page).all()
    while found:
        _fold(connection, found)
        found = connection.execute(page.where(key > (found[-1].customer_id, found[-1].id))).all()


def _fold(connection: sa.Connection, found: Sequence[sa.Row[Any]]) -> None:
    connection.execute(
        sa.update(product).where(product.c.customer_id == sa.bindparam("whose"), product.c.id == sa.bindparam("one")),
        [
            {
                "whose": row.customer_id,
                "one": row.id,
                "search_text": folded(" ".join([row.name, row.sku or "", *row.categories, row.description])),
                "search_id": secrets.randbits(62),
            }
            for row in found
        ],
    )


def downgrade() -> None:
    """Look for words in the names themselves."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column(PRODUCTS, VECTOR)
    op.drop_index(ONE_ID, table_name=PRODUCTS)
    with op.batch_alter_table(PRODUCTS) as batch:
        batch.drop_column("search_id")
        batch.drop_column("search_text")
