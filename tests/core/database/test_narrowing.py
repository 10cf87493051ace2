"""A class that a statement names opens the way to no table that it names otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import column, delete, func, insert, literal_column, table, text, true, update, values
from sqlalchemy.orm import aliased, with_loader_criteria
from sqlalchemy.types import Uuid
from sqlmodel import SQLModel, col

from core.database.session import CustomerSession, Database, OtherCustomersRow
from core.database.tables import Customer, OperationRow, User
from tests.core.database.rows import Company, company

select: Any = sqlalchemy.select  # its types don't know SQLModel's attributes
NOBODYS: Any = SQLModel.metadata.tables["vault_master"]
T: Any = SQLModel.metadata.tables["autonomous_operations"]
ITS_ID = select(T.c.id).limit(1).scalar_subquery()

PAST_THE_CLASS: dict[str, Callable[[], Any]] = {
    "joined to a class": lambda: select(T.c.id).select_from(User).join(T, true()),
    "beside a column of a class": lambda: select(User.id, T.c.id),
    "beside a class": lambda: select(User, T),
    "under another name": lambda: select(User.id, T.alias("other").c.id),
    "under the class's own name": lambda: select(aliased(OperationRow, select(T).subquery()).id),
    "in a CTE": lambda: _beside(select(T.c.id).cte()),
    "in a CTE that nothing reads": lambda: select(User.id).add_cte(select(T.c.id).cte()),
    "in a subquery": lambda: _beside(select(T.c.id).subquery()),
    "in a lateral subquery": lambda: _beside(select(T.c.id).lateral()),
    "in a union": lambda: select(OperationRow.id).union_all(select(T.c.id)),
    "in a union of a subquery": lambda: _beside(select(OperationRow.id).union_all(select(T.c.id)).subquery()),
    "in a column": lambda: select(User.id, ITS_ID),
    "in a function": lambda: select(User.id, func.coalesce(func.max(T.c.attempt), 0)),
    "in a condition": lambda: select(User.id).where(col(User.id).in_(select(T.c.requested_by))),
    "in an order": lambda: select(User.id).order_by(ITS_ID),
    "named by hand": lambda: select(User.id, table("autonomous_operations", column("id")).c.id),
    "in a text column": lambda: select(User.id, literal_column("(select count(*) from autonomous_operations)")),
    "in a text condition": lambda: select(User.id).where(text("(select count(*) from autonomous_operations) > 1")),
    "in a prefix": lambda: select(User.id).prefix_with(text("(select id from autonomous_operations),")),
    "in a hint": lambda: select(User.id).with_statement_hint("union select id from autonomous_operations"),
    "in an operator": lambda: select(
        User.id, col(User.email).op("in (select id from autonomous_operations) or ''=")("")
    ),
    "in values": lambda: _beside(values(column("id", Uuid), name="v").data([(ITS_ID,)])),
    "in criteria of one's own": lambda: select(User.id).options(with_loader_criteria(User, true())),
    "in what an update sets": lambda: update(User).values(email=ITS_ID),
    "in what an update answers": lambda: update(User).values(email="x").returning(col(User.id), ITS_ID),
    "beside what an update changes": lambda: update(User).values(email="x").where(col(OperationRow.attempt) == 0),
    "beside what a delete removes": lambda: delete(User).where(col(User.id) == OperationRow.requested_by),
    "written in a CTE": lambda: select(User.id).add_cte(insert(OperationRow).values(attempt=1).cte()),
}


def _beside(other: Any) -> Any:
    return select(User.id, other.c.id).join(other, true())


@pytest.fixture
async def ours(sqlite_database: Database) -> Company:
    await company(sqlite_database, "theirs")
    return await company(sqlite_database, "ours")


@pytest.mark.parametrize("statement", PAST_THE_CLASS.values(), ids=PAST_THE_CLASS)
async def test_a_class_opens_no_other_way(
    sqlite_database: Database, ours: Company, statement: Callable[[], Any]
) -> None:
    with pytest.raises(OtherCustomersRow):
        await sqlite_database.run(ours.id, lambda session: session.execute(statement()).all())


# What SQLAlchemy writes as the same SQL, or nearly: by classes alone, and past them.
TWINS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "a table": (lambda: select(OperationRow.id), lambda: select(T.c.id)),
    "joined": (
        lambda: select(User.id).join(OperationRow, true()),
        lambda: select(User.id).join(T, true()),
    ),
    "a subquery": (lambda: _beside(select(OperationRow.id).subquery()), lambda: _beside(select(T.c.id).subquery())),
    "a hint": (lambda: select(User.id), lambda: select(User.id).with_statement_hint("union select 1")),
    "a prefix": (lambda: select(User.id), lambda: select(User.id).prefix_with(text("(select 1),"))),
    "an operator": (
        lambda: select(User.id, col(User.email).op("||")("")),
        lambda: select(User.id, col(User.email).op("in (select id from autonomous_operations) or ''=")("")),
    ),
    "what is set": (lambda: update(User).values(email="x"), lambda: update(User).values(customer_id=None)),
}


@pytest.mark.parametrize(("allowed", "refused"), TWINS.values(), ids=TWINS)
async def test_what_was_allowed_once_opens_no_way_to_what_looks_like_it(
    sqlite_database: Database, ours: Company, allowed: Callable[[], Any], refused: Callable[[], Any]
) -> None:
    for _ in range(2):
        await sqlite_database.run(ours.id, lambda session: session.execute(allowed()))
        with pytest.raises(OtherCustomersRow):
            await sqlite_database.run(ours.id, lambda session: session.execute(refused()))


async def test_what_names_classes_alone_is_asked_and_narrowed(sqlite_database: Database, ours: Company) -> None:
    own = select(OperationRow.id).subquery()
    other = aliased(OperationRow)
    asked: dict[Any, Any] = {
        select(User.id, own.c.id).join(own, true()): (ours.user_id, ours.operation_id),
        select(User.id, other.id).join(other, true()): (ours.user_id, ours.operation_id),
        select(OperationRow.id, other.id).select_from(OperationRow).join(other, true()): (ours.operation_id,) * 2,
        select(aliased(OperationRow, select(OperationRow).subquery()).id): (ours.operation_id,),
        select(func.count(), func.max(OperationRow.attempt)).select_from(OperationRow): (1, 0),
        select(User.id).where(col(User.id).in_(select(OperationRow.requested_by))): (ours.user_id,),
        select(NOBODYS.c.key_id, User.id).join(User, true()): (),
        select(Customer.id): (ours.id,),
    }

    def ask(session: CustomerSession) -> None:
        for statement, answer in asked.items():
            assert [tuple(row) for row in session.execute(statement)] == ([answer] if answer else [])

    await sqlite_database.run(ours.id, ask)


async def test_a_delete_may_ask_classes_in_a_subquery(sqlite_database: Database, ours: Company) -> None:
    asked_for = delete(User).where(col(User.id).not_in(select(OperationRow.id)))

    def remove(session: CustomerSession) -> int:
        session.exec(delete(OperationRow).where(col(OperationRow.id).in_(select(OperationRow.id))))
        removed: int = session.exec(asked_for).rowcount
        return removed

    assert await sqlite_database.run(ours.id, remove) == 1
