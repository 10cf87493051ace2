"""A customer with a row in every table, made from the tables themselves: a new table is filled without a word here."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Float, Integer, LargeBinary, Table, Uuid
from sqlmodel import SQLModel, select

from core.database.columns import UtcDateTime
from core.database.session import CustomerSession
from core.database.tables import AuditCheckpointRow, AuditHead, AuditRow, OfCustomer, VaultMaster

CHAIN: set[type[OfCustomer]] = {AuditCheckpointRow, AuditHead, AuditRow}  # written by what happens
CANARY = "canary"
UNUSUAL = 7001  # what no test counts up to


def fill(session: CustomerSession, customer_id: UUID, at: datetime, but: Collection[type[OfCustomer]] = CHAIN) -> None:
    """One row in each table of the customer but the chain, each text a canary; a master key has to be there."""
    made: dict[str, dict[str, Any]] = {"customers": {"id": customer_id}}
    made["vault_master"] = {"key_id": session.exec(select(VaultMaster.key_id)).first()}
    by_name = {str(table.__tablename__): table for table in OfCustomer.__subclasses__() if table not in but}
    for table in SQLModel.metadata.sorted_tables:
        if (mapped := by_name.get(table.name)) is not None:
            values = _referred(table, made) | {"customer_id": customer_id}
            for column in table.columns:
                if column.name not in values:
                    values[column.name] = _value(table, column, at)
            made[table.name] = values
            session.add(mapped(**values))
            session.flush()


def values_of(mapped: type[OfCustomer], at: datetime) -> dict[str, Any]:
    """A value for each column of a table, whatever it refers to."""
    table = SQLModel.metadata.tables[str(mapped.__tablename__)]
    return {column.name: _value(table, column, at) for column in table.columns}


def _referred(table: Table, made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What its foreign keys refer to; one to its own table refers to nothing."""
    found: dict[str, Any] = {}
    for constraint in table.foreign_key_constraints:
        for column, element in zip(constraint.columns, constraint.elements, strict=True):
            if constraint.referred_table is not table:
                found[column.name] = made[constraint.referred_table.name][element.column.name]
            elif column.name != "customer_id":
                found[column.name] = None
    return found


def _value(table: Table, column: Column[Any], at: datetime) -> Any:
    kind: Any = column.type
    if words := _words_of(table, column):
        return words[0]
    if isinstance(kind, UtcDateTime):
        return at
    if isinstance(kind, BigInteger) and _stands_once(table, column):
        return uuid4().int >> 66
    for one, value in (
        (Uuid, uuid4()),
        (JSON, []),
        (Boolean, False),
        (Float, 1.0),
        (Integer, UNUSUAL),
        (BigInteger, UNUSUAL),
        (LargeBinary, CANARY.encode()),
    ):
        if isinstance(kind, one):
            return value
    return f"{CANARY} {table.name} {column.name} {uuid4().hex}"[: kind.length or 200]


def _stands_once(table: Table, column: Column[Any]) -> bool:
    """Whether no two rows have the same, whosever they are."""
    return any(index.unique and list(index.columns) == [column] for index in table.indexes)


def _words_of(table: Table, column: Column[Any]) -> list[str]:
    """The words that a check lets a column have; none if it is not checked."""
    for constraint in table.constraints:
        found = re.match(rf"{column.name} IN \((.*)\)$", str(getattr(constraint, "sqltext", "")))
        if isinstance(constraint, CheckConstraint) and found:
            return re.findall(r"'([^']*)'", found[1])
    return []
