"""The index of the products' words: FTS5 on SQLite, a `tsvector` on PostgreSQL; both are kept by the database itself.

On SQLite the index reads a view of the products, in which each row begins with whose it is: so a search looks through the
words of one customer alone. It knows a row by `search_id`: SQLite's own row numbers change with VACUUM. On PostgreSQL the
vector stands in the row, without an index: row-level security lets no operator look before it that is not leakproof, and
`@@` is not; the rows of one customer are found by their key, and their vectors are read.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

INDEX, SOURCE = "product_words", "product_words_of"
VECTOR = "search_vector"
AS_VECTOR = "to_tsvector('simple'::regconfig, search_text)"
WORDS = "replace({row}.customer_id, '-', '') || ' ' || {row}.search_text"
DELETE = f"INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', OLD.search_id, {WORDS.format(row='OLD')});"  # noqa: S608  only our own names
INSERT = f"INSERT INTO {INDEX}(rowid, words) VALUES (NEW.search_id, {WORDS.format(row='NEW')});"  # noqa: S608  only our own names
# Words of deleted rows stay in the index until its parts are merged, which this does at once.
FORGET_WORDS = f"INSERT INTO {INDEX}({INDEX}) VALUES ('optimize')"  # noqa: S608  only our own names
MADE = {
    SOURCE: f"CREATE VIEW {SOURCE} AS SELECT search_id, {WORDS.format(row='products')} AS words FROM products",  # noqa: S608  only our own names
    INDEX: f"CREATE VIRTUAL TABLE {INDEX} USING fts5(words, content='{SOURCE}', content_rowid='search_id', "
    "tokenize='unicode61 remove_diacritics 0', prefix='2 3')",
    "product_words_come": f"CREATE TRIGGER product_words_come AFTER INSERT ON products BEGIN {INSERT} END",
    "product_words_go": f"CREATE TRIGGER product_words_go AFTER DELETE ON products BEGIN {DELETE} END",
    "product_words_change": "CREATE TRIGGER product_words_change AFTER UPDATE OF search_text ON products "
    f"WHEN OLD.search_text IS NOT NEW.search_text BEGIN {DELETE} {INSERT} END",
}


def take_search_down(connection: Connection) -> None:
    """Until `ensure_search`, in the same transaction: a revision may have to rebuild the table that it reads."""
    if connection.dialect.name == "sqlite":
        for name, made in reversed(MADE.items()):
            kind = {"V": "VIEW", "T": "TRIGGER"}[made.removeprefix("CREATE ")[0]] if "VIRTUAL" not in made else "TABLE"
            connection.exec_driver_sql(f"DROP {kind} IF EXISTS {name}")


def ensure_search(connection: Connection) -> None:
    """Make the index anew, from what the products are now."""
    if connection.dialect.name == "sqlite":
        take_search_down(connection)
        for made in MADE.values():
            connection.exec_driver_sql(made)
        connection.exec_driver_sql(f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')")  # noqa: S608  only our own names


def missing_search(connection: Connection) -> tuple[str, ...]:
    """What should be there of it and is not, or not as it should be."""
    if connection.dialect.name != "sqlite":
        return ()
    standing = {tuple(row) for row in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")}
    return tuple(name for name, made in MADE.items() if (name, made) not in standing)


def is_of_the_index(name: str | None, kind: str) -> bool:
    """Whether this is made here, and not by a table of ours: Alembic has nothing to say about it."""
    return (kind == "table" and str(name).startswith(INDEX)) or (kind == "column" and name == VECTOR)


class has_words(FunctionElement[bool]):  # noqa: N801  as SQLAlchemy names its functions
    """Of a product's `search_id`, and of phrases as `wanted_words` puts them: whether its words have each of these."""

    type = Boolean()
    inherit_cache = True


def wanted_words(dialect: str, customer_id: UUID, phrases: Iterable[tuple[str, ...]]) -> str:
    """Phrases of folded words, which are letters and digits, in the language of the database's search.

    The last word of a phrase is found by its beginning; a number is not: 1 is not 100.
    """
    if dialect == "sqlite":
        return " ".join([f'"{customer_id.hex}"', *(f'"{" ".join(one)}"{_if_begins(one, " *")}' for one in phrases)])
    return " & ".join(" <-> ".join(f"'{word}'" for word in one) + _if_begins(one, ":*") for one in phrases)


def _if_begins(phrase: tuple[str, ...], sign: str) -> str:
    return "" if phrase[-1].isdecimal() else sign


@compiles(has_words, "sqlite")
def _in_index(element: has_words, compiler: SQLCompiler, **kw: Any) -> str:
    search_id, wanted = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{search_id} IN (SELECT rowid FROM {INDEX}({wanted}))"  # noqa: S608  a column of ours and a parameter


@compiles(has_words, "postgresql")
def _in_vector(element: has_words, compiler: SQLCompiler, **kw: Any) -> str:
    search_id, wanted = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({search_id.removesuffix('search_id')}{VECTOR} @@ to_tsquery('simple'::regconfig, {wanted}))"
