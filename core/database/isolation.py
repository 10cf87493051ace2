"""Keeps a session to one customer's rows, before the database itself would refuse: what is asked, and what is written.

1. A statement on the tables' classes is narrowed to the customer's rows, class by class.
2. A row that is added, changed or deleted has to be the customer's.
3. Any other statement that names a customer's table is refused, whichever way it came to the connection.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Update, event, inspect
from sqlalchemy.orm import LoaderCriteriaOption, Mapper, ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlmodel import Session, SQLModel

from core.database.engines import EVERY_CUSTOMER, WHOSE
from core.database.narrowing import named_table, objection_to
from core.database.tables import Customer, OfCustomer
from core.errors import CoreError

HELD = "held_to_customer"  # the execution option of a statement that went through (1)
CRITERIA = "criteria"  # in a session's info: what its statements are narrowed by
FLUSHING = "flushing"  # in a connection's info, while (2) has looked at what is written


class OtherCustomersRow(CoreError):
    """This row belongs to another customer."""

    code = "forbidden"


def keep_sessions_apart(session: type[Session]) -> None:
    """Have sessions of this class look at every statement and every row."""
    event.listen(session, "do_orm_execute", _only_own_rows)
    event.listen(session, "before_flush", _write_only_own_rows)
    event.listen(session, "after_flush", lambda session, context: _flushed(session))
    event.listen(session, "after_soft_rollback", lambda session, previous: _flushed(session))


def refuse_other_statements(engine: Engine) -> None:
    """Have connections of this engine refuse what comes past the sessions."""
    event.listen(engine, "before_cursor_execute", _only_through_classes)
    event.listen(engine, "begin", lambda connection: connection.info.pop(FLUSHING, None))


def _only_own_rows(state: ORMExecuteState) -> None:
    customer_id = state.session.info.get(WHOSE)
    if not isinstance(customer_id, UUID):
        return
    if not (state.is_column_load or state.is_relationship_load):
        criteria = state.session.info.setdefault(CRITERIA, _rows_of(customer_id))
        if because := _cannot_be_held_to(state, criteria):
            raise OtherCustomersRow(because)
        state.statement = state.statement.options(*criteria)
    state.update_execution_options(**{HELD: True})


@lru_cache(maxsize=256)
def _rows_of(customer_id: UUID) -> tuple[LoaderCriteriaOption, ...]:
    """What keeps a statement to one customer's rows. To build it anew for each took a fifth of the time of all statements.

    A lambda is asked for what the statement names: criteria on the class itself would stay with it where an alias is joined.
    """
    any_of_theirs = OfCustomer.__subclasses__()[0]  # the lambda has to be tried on a class with columns
    return (
        _OfEveryTable(any_of_theirs, lambda named: named.customer_id == customer_id, include_aliases=True),
        with_loader_criteria(Customer, lambda named: named.id == customer_id, include_aliases=True),
    )


class _OfEveryTable(LoaderCriteriaOption):
    """One criterion for the tables of customers all together: with one for each, every statement carried thirty along.

    SQLAlchemy has this for a class that all of them inherit, if its columns are there to be named; SQLModel's are not. So
    that what it asks such a class for is answered here, where it asks in private. Were it to ask otherwise one day, the
    tests of this room would turn red: every table but the first would be open.
    """

    # By what its SQL is kept: of a class that does not say so none is.
    _traverse_internals = LoaderCriteriaOption._traverse_internals

    def _all_mappers(self) -> Iterator[Mapper[Any]]:
        for table in OfCustomer.__subclasses__():
            yield inspect(table)


def _cannot_be_held_to(state: ORMExecuteState, criteria: Sequence[LoaderCriteriaOption]) -> str:
    """Why a statement can't be kept to one customer's rows, or nothing."""
    if not state.is_orm_statement or state.is_from_statement:
        return "Only statements on the tables' classes are kept to one customer."
    if state.is_insert or isinstance(state.parameters, list):
        return "Rows are added to the session, one by one."
    if isinstance(state.statement, Update) and _moves_rows(state.statement, state.parameters):
        return "A row stays with its customer."
    if any(isinstance(one, LoaderCriteriaOption) and one not in criteria for one in state.statement._with_options):
        return "Criteria are put by the session alone."
    statement: Any = state.statement
    key = statement._generate_cache_key()
    asked = _Asked(statement, key.key if key else None)
    return _looked_through(asked) if key else _looked_through.__wrapped__(asked)


@dataclass(frozen=True)
class _Asked:
    """A statement, known by the key under which SQLAlchemy keeps its SQL: what has the same key is the same SQL."""

    statement: Any = field(compare=False)
    key: tuple[Any, ...] | None


@lru_cache(maxsize=1024)
def _looked_through(asked: _Asked) -> str:
    """Looking through a statement took an eighth of the time of all statements, and there are few different ones."""
    return objection_to(asked.statement)


def _moves_rows(update: Update, parameters: Any) -> bool:
    """Whether it would give rows to another customer, whatever the value is made of."""
    changed: Mapping[Any, Any] = update._values or {}
    return "customer_id" in {*(parameters or ()), *(getattr(one, "key", one) for one in changed)}


def _write_only_own_rows(session: Session, context: UOWTransaction, instances: Any) -> None:
    customer_id = session.info.get(WHOSE)
    for row in (*session.new, *session.dirty, *session.deleted):
        if customer_id != EVERY_CUSTOMER and _owner_of(row) not in {customer_id, None}:
            raise OtherCustomersRow
    session.connection().info[FLUSHING] = True  # it begins here, if it had not: beginning takes the mark away


def _owner_of(row: SQLModel) -> UUID | None:
    """The customer whose row this is; none for what belongs to nobody."""
    if isinstance(row, Customer):
        return row.id
    return row.customer_id if isinstance(row, OfCustomer) else None


def _flushed(session: Session) -> None:
    bound = session.get_bind()
    if isinstance(bound, Connection) and not bound.closed and not bound.invalidated:
        bound.info.pop(FLUSHING, None)


def _only_through_classes(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    if connection.get_execution_options().get(WHOSE) == EVERY_CUSTOMER or connection.info.get(FLUSHING):
        return
    if context is not None and context.execution_options.get(HELD):
        return
    if named := named_table().search(statement):
        raise OtherCustomersRow(f"“{named[0]}” is reached through its class, in a customer's session.")
