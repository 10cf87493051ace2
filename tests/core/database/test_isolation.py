"""A session of one customer reaches no other customer's rows, whichever way it asks."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import bindparam, delete, func, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from core.database.session import CustomerNotSet, CustomerSession, Database, OtherCustomersRow
from core.database.tables import Customer, OperationRow, User, UserSession
from tests.core.database.rows import NOW, Company, operation

Ask = Callable[[CustomerSession], Any]


def everything(session: CustomerSession) -> Any:
    return {row.id for row in session.exec(select(OperationRow))}


def a_column(session: CustomerSession) -> Any:
    return set(session.exec(select(OperationRow.id)))


def an_alias(session: CustomerSession) -> Any:
    return set(session.exec(select(aliased(OperationRow).id)))


def a_subquery(session: CustomerSession) -> Any:
    inner = select(OperationRow.id).subquery()
    return set(session.exec(select(OperationRow.id).join(inner, inner.c.id == OperationRow.id)))


def a_union(session: CustomerSession) -> Any:
    return set(session.execute(select(OperationRow.id).union(select(OperationRow.id))).scalars())


def a_join(session: CustomerSession) -> Any:
    joined = select(OperationRow.id).join(User, col(User.id) == OperationRow.requested_by)
    return set(session.exec(joined))


@pytest.mark.parametrize("ask", [everything, a_column, an_alias, a_subquery, a_union, a_join])
async def test_a_customer_reads_its_own_rows_only(database: Database, ours: Company, theirs: Company, ask: Ask) -> None:
    assert await database.read(ours.id, ask) == {ours.operation_id}
    assert await database.read(theirs.id, ask) == {theirs.operation_id}


async def test_a_customer_counts_its_own_rows_only(database: Database, ours: Company, theirs: Company) -> None:
    count = select(func.count()).select_from(OperationRow)
    assert await database.read(ours.id, lambda session: session.exec(count).one()) == 1


async def test_another_customers_row_is_not_found_by_its_key(
    database: Database, ours: Company, theirs: Company
) -> None:
    key = (theirs.id, theirs.operation_id)
    assert await database.read(ours.id, lambda session: session.get(OperationRow, key)) is None
    assert await database.read(theirs.id, lambda session: session.get(OperationRow, key)) is not None


async def test_a_use_case_across_customers_sees_all(database: Database, ours: Company, theirs: Company) -> None:
    seen = await database.run_across_customers(everything, because="the test asks")
    assert seen == {ours.operation_id, theirs.operation_id}


async def test_an_update_without_where_changes_own_rows_only(
    database: Database, ours: Company, theirs: Company
) -> None:
    changed = await database.run(ours.id, lambda session: session.exec(update(OperationRow).values(attempt=9)).rowcount)
    assert changed == 1
    assert await attempts(database) == {ours.operation_id: 9, theirs.operation_id: 0}


async def test_a_delete_without_where_removes_own_rows_only(database: Database, ours: Company, theirs: Company) -> None:
    assert await database.run(ours.id, lambda session: session.exec(delete(OperationRow)).rowcount) == 1
    assert set(await attempts(database)) == {theirs.operation_id}


async def attempts(database: Database) -> dict[UUID, int]:
    rows = select(OperationRow.id, OperationRow.attempt)
    return dict(await database.run_across_customers(lambda session: session.exec(rows).all(), because="the test looks"))


def add_theirs(session: CustomerSession, theirs: Company) -> None:
    session.add(operation(theirs, shop="other.example"))


def merge_theirs(session: CustomerSession, theirs: Company) -> None:
    row = operation(theirs, theirs.operation_id)
    row.attempt = 9
    session.merge(row)


def move_own_row_there(session: CustomerSession, theirs: Company) -> None:
    session.exec(select(User)).one().customer_id = theirs.id


def move_own_rows_there_at_once(session: CustomerSession, theirs: Company) -> None:
    session.exec(update(User).values(customer_id=theirs.id))


def move_own_rows_there_by_parameters(session: CustomerSession, theirs: Company) -> None:
    session.execute(update(User).values(email="x"), {"customer_id": theirs.id})


def move_own_rows_there_by_a_name(session: CustomerSession, theirs: Company) -> None:
    session.execute(update(User).values(customer_id=bindparam("z")), {"z": theirs.id})


def move_own_rows_there_by_a_function(session: CustomerSession, theirs: Company) -> None:
    session.execute(update(User).values(customer_id=func.coalesce(theirs.id)))


def move_own_rows_there_in_order(session: CustomerSession, theirs: Company) -> None:
    session.execute(update(User).ordered_values((col(User.customer_id), theirs.id)))


def insert_there(session: CustomerSession, theirs: Company) -> None:
    session.exec(insert(OperationRow).values(operation(theirs).model_dump()))


def insert_many_there(session: CustomerSession, theirs: Company) -> None:
    session.execute(insert(OperationRow), [operation(theirs).model_dump()])


def update_by_key_there(session: CustomerSession, theirs: Company) -> None:
    session.execute(update(OperationRow), [{"customer_id": theirs.id, "id": theirs.operation_id, "attempt": 9}])


def core_statement(session: CustomerSession, theirs: Company) -> None:
    session.execute(select(OperationRow.__table__))  # type: ignore[attr-defined]  # the table, past its class


def written_by_hand(session: CustomerSession, theirs: Company) -> None:
    session.execute(text("UPDATE autonomous_operations SET attempt = 9"))


def core_on_the_connection(session: CustomerSession, theirs: Company) -> None:
    session.connection().execute(select(OperationRow.__table__))  # type: ignore[attr-defined]  # the table, past its class


def by_hand_on_the_connection(session: CustomerSession, theirs: Company) -> None:
    session.connection().execute(text("UPDATE autonomous_operations SET attempt = 9"))


def by_the_driver(session: CustomerSession, theirs: Company) -> None:
    session.connection().exec_driver_sql('SELECT * FROM "AUTONOMOUS_OPERATIONS"')


def by_hand_after_a_flush(session: CustomerSession, theirs: Company) -> None:
    session.exec(select(User)).one().password_hash = "new"
    session.flush()
    by_hand_on_the_connection(session, theirs)


def by_hand_after_a_flush_that_failed(session: CustomerSession, theirs: Company) -> None:
    point = session.begin_nested()
    session.exec(select(User)).one().email = "theirs@shop.example"
    with pytest.raises(IntegrityError):
        session.flush()
    point.rollback()
    by_hand_on_the_connection(session, theirs)


def from_a_text(session: CustomerSession, theirs: Company) -> None:
    session.exec(select(OperationRow).from_statement(text("SELECT * FROM autonomous_operations"))).all()  # type: ignore[call-overload]  # so it is written


def saved_in_bulk(session: CustomerSession, theirs: Company) -> None:
    session.bulk_save_objects([operation(theirs, shop="other.example")])


def mapped_in_bulk(session: CustomerSession, theirs: Company) -> None:
    session.bulk_update_mappings(OperationRow, [{"customer_id": theirs.id, "id": theirs.operation_id, "attempt": 9}])


def rename_them(session: CustomerSession, theirs: Company) -> None:
    session.merge(Customer(id=theirs.id, name="ours now", created_at=NOW))


@pytest.mark.parametrize(
    "attempt",
    [
        core_on_the_connection,
        by_hand_on_the_connection,
        by_the_driver,
        by_hand_after_a_flush,
        by_hand_after_a_flush_that_failed,
        from_a_text,
        saved_in_bulk,
        mapped_in_bulk,
        rename_them,
        add_theirs,
        merge_theirs,
        move_own_row_there,
        move_own_rows_there_at_once,
        move_own_rows_there_by_parameters,
        move_own_rows_there_by_a_name,
        move_own_rows_there_by_a_function,
        move_own_rows_there_in_order,
        insert_there,
        insert_many_there,
        update_by_key_there,
        core_statement,
        written_by_hand,
    ],
)
async def test_what_could_reach_another_customers_row_is_refused(
    database: Database, ours: Company, theirs: Company, attempt: Callable[[CustomerSession, Company], None]
) -> None:
    with pytest.raises(OtherCustomersRow):
        await database.run(ours.id, lambda session: attempt(session, theirs))
    assert await attempts(database) == {ours.operation_id: 0, theirs.operation_id: 0}


@pytest.mark.parametrize("whose", [None, "", "*"])
async def test_without_a_customer_nothing_is_asked(database: Database, ours: Company, whose: Any) -> None:
    with pytest.raises(CustomerNotSet):
        await database.read(whose, everything)
    with pytest.raises(CustomerNotSet):
        await database.run(whose, everything)
    with pytest.raises(CustomerNotSet):
        await database.run_across_customers(everything, because="")


async def test_only_its_own_row_of_customers_is_seen(database: Database, ours: Company, theirs: Company) -> None:
    every = select(Customer.id)
    assert await database.read(ours.id, lambda session: session.exec(every).all()) == [ours.id]


async def test_a_connection_without_a_session_reads_no_table_of_customers(database: Database, ours: Company) -> None:
    with database.engine.connect() as connection, pytest.raises(OtherCustomersRow):
        connection.execute(text("SELECT * FROM autonomous_operations"))
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


async def test_a_row_given_in_from_another_session_is_not_deleted(
    database: Database, ours: Company, theirs: Company
) -> None:
    row = await database.read(theirs.id, lambda session: session.exec(select(OperationRow)).one())
    with pytest.raises(OtherCustomersRow):
        await database.run(ours.id, lambda session: session.delete(row))
    assert theirs.operation_id in await attempts(database)


async def test_a_foreign_key_cannot_leave_its_customer(database: Database, ours: Company, theirs: Company) -> None:
    """The database refuses by itself, also where no session filters: our operation, asked for by their person."""
    row = operation(ours, requested_by=theirs.user_id, shop="other.example")
    with pytest.raises(IntegrityError):
        await database.run_across_customers(lambda session: session.add(row), because="the test tries")


async def test_a_session_of_another_customers_person_is_refused_by_the_database(
    database: Database, ours: Company, theirs: Company
) -> None:
    row = UserSession(
        customer_id=ours.id,
        id=uuid4(),
        user_id=theirs.user_id,
        token_sha256="0" * 64,
        created_at=NOW,
        last_seen_at=NOW,
        expires_at=NOW,
    )
    with pytest.raises(IntegrityError):
        await database.run(ours.id, lambda session: session.add(row))
