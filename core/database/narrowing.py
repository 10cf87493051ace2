"""Whether a statement can be narrowed to one customer's rows: it names their tables only where the criteria reach.

SQLAlchemy adds the criteria of isolation.py where a statement names a class, at any depth; it adds none to a table that
is named past its class, to SQL that is written as text, and to what an UPDATE or DELETE reads beside its own table.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    Alias,
    BindParameter,
    ClauseElement,
    ColumnClause,
    Delete,
    FromClause,
    Select,
    Table,
    Update,
    Values,
)
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.selectable import TableClause
from sqlmodel import SQLModel

from core.database.tables import Customer, OfCustomer

Tables = frozenset[TableClause]
OF_CLASS = "parententity"  # how SQLAlchemy marks what a class named
AS_WRITTEN = ("_prefixes", "_suffixes", "_hints", "_statement_hints")  # where SQLAlchemy keeps text of the caller
PAST_CLASS = "“{}” is reached through its class, in a customer's session."
TEXT = "SQL as text is not kept to one customer."
ONE_TABLE = "What changes rows names one class, and others in subqueries."


def named_table() -> re.Pattern[str]:
    """Finds the name of a customer's table in SQL."""
    return _pattern(tables_of_customers())


def tables_of_customers() -> tuple[str, ...]:
    """Every table whose rows belong to customers, in alphabetical order."""
    return tuple(sorted(str(table.__tablename__) for table in OfCustomer.__subclasses__()))


def objection_to(statement: Any) -> str:
    """Why the criteria would not reach all that this statement names, or nothing.

    1. From the statement itself, look at each element and at what it is made of.
    2. Stop at what a class named: the criteria are put there.
    3. Refuse a table that no class named, unless nobody's rows are in it, and whatever is emitted as it was written.
    """
    if isinstance(statement, Update | Delete) and _reads_beside(statement):
        return ONE_TABLE
    selects: dict[int, ClauseElement] = {}  # each once: a CTE may be read from many places
    waiting: list[tuple[ClauseElement, Tables]] = [(statement, frozenset())]
    while waiting:
        element, narrowed = waiting.pop()
        if isinstance(element, Select):
            if id(element) in selects:
                continue
            selects[id(element)] = element
            narrowed = _narrowed(element)
        if isinstance(element, UpdateBase) and element is not statement:
            return ONE_TABLE
        if because := _objection(element, narrowed):
            return because
        waiting.extend((part, narrowed) for part in _parts(element, narrowed))
    return ""


def _narrowed(select: Select[Any]) -> Tables:
    """The tables of the classes that it selects; a column of such a table is narrowed, whoever named it.

    So SQLAlchemy itself asks for a row by its key, and for which rows an UPDATE or DELETE changed.
    """
    named = (*select._raw_columns, *select._from_obj)
    return frozenset(table for table in named if isinstance(table, TableClause) and _is_of_class(table))


def _objection(element: ClauseElement, narrowed: Tables) -> str:
    if isinstance(element, TableClause):
        return "" if _is_of_class(element) else _of_table(element)
    if isinstance(element, ColumnClause):
        if element.is_literal and element.name != "*":  # which count(*) is made of
            return TEXT
        known = _is_of_class(element) or element.table in narrowed
        return "" if known else _of_table(element.table)
    return TEXT if _is_text(element) else ""


def _of_table(table: FromClause | None) -> str:
    """What there is to say of a table that no class named."""
    return PAST_CLASS.format(table.name) if isinstance(table, TableClause) and table not in _nobodys() else ""


def _is_text(element: ClauseElement) -> bool:
    """Whether words of the caller stand in the SQL as they are; or values that can't be looked at."""
    if isinstance(element, TextClause | Values):
        return True
    if isinstance(element, Select | UpdateBase | CTE):
        return any(getattr(element, words, ()) for words in AS_WRITTEN)
    operator = getattr(element, "operator", None)
    return isinstance(operator, custom_op) and named_table().search(operator.opstring) is not None


def _parts(element: ClauseElement, narrowed: Tables) -> Iterable[Any]:
    below: FromClause | None
    if isinstance(element, TableClause | BindParameter):
        return ()
    if isinstance(element, Select):  # its own get_children() follows columns to their tables, past the marks
        return super(Select, element).get_children(omit_attrs=("_correlate", "_correlate_except"))
    if isinstance(element, ColumnClause):
        below = element.table
    elif isinstance(element, Alias):
        below = element.element
    else:
        return element.get_children()
    if below is None or below in narrowed or (_is_of_class(element) and _is_table(below)):
        return ()
    return (below,)


def _is_table(named: FromClause) -> bool:
    return isinstance(named.element if isinstance(named, Alias) else named, TableClause)


def _reads_beside(statement: Update | Delete) -> bool:
    """Whether it joins another table: where an UPDATE … FROM reads, no criteria are put."""
    target = getattr(statement.table, "name", None)
    values: dict[Any, Any] = getattr(statement, "_values", None) or {}
    parts = (*statement._where_criteria, *values.values(), *statement._returning)
    return any(
        isinstance(beside, Alias | TableClause) and beside.name != target
        for part in parts
        for beside in getattr(part, "_from_objects", ())
    )


def _is_of_class(element: ClauseElement) -> bool:
    return OF_CLASS in element._annotations


@cache
def _nobodys() -> frozenset[Table]:
    """The tables that have no customer in them."""
    theirs = {*tables_of_customers(), str(Customer.__tablename__)}
    return frozenset(table for table in SQLModel.metadata.sorted_tables if table.name not in theirs)


@cache
def _pattern(tables: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join((*tables, str(Customer.__tablename__)))
    return re.compile(rf"\b({names})\b", re.IGNORECASE)
