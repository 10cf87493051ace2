"""The connected shops of a customer, and forgetting one: what was brought over, how it is reached, and its keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlmodel import col, select

from core.agents.integration import Integrations
from core.catalog.sync import delete_connection
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import ConnectionRow, OperationRow
from core.errors import Conflict, NotFound
from core.operations.rows import open_operations
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor
from core.security.vault.vault import Vault


class StillBeingSetUp(Conflict):
    """A setup of this shop is not over yet."""

    code: ClassVar[str] = "still_being_set_up"


@dataclass(frozen=True)
class Connection:
    """A connected shop. `revoked_by` is the operation that takes its keys back at the shop, if there is one.

    `stays` says, in a sentence each, which keys stay at the shop if it is forgotten, and where to revoke them. `trouble`
    is a sentence on what is wrong with the key; `made_by` is the setup that makes it anew, `upkeep` what can be done
    with it again and again.
    """

    id: UUID
    title: str
    store_url: str
    key_hint: str
    product_count: int
    service: str
    revoked_by: str | None
    stays: tuple[str, ...]
    trouble: str | None = None
    trouble_since: datetime | None = None
    made_at: datetime | None = None
    made_by: str = ""
    upkeep: tuple[str, ...] = ()


class ConnectionDesk:
    """Where people see which shops are connected, and have one forgotten."""

    def __init__(self, database: Database, vault: Vault, integrations: Integrations, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._integrations = integrations
        self._clock = clock

    async def list(self, visitor: Visitor) -> tuple[Connection, ...]:
        """The shops whose key is proven, the newest first. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        proven = select(ConnectionRow).where(col(ConnectionRow.key_hint) != "")
        newest = proven.order_by(col(ConnectionRow.created_at).desc(), col(ConnectionRow.id))
        rows = await self._database.read(visitor.customer_id, lambda session: session.exec(newest).all())
        by = await self._database.read(visitor.customer_id, partial(_made_by, rows))
        return tuple(self._connection(row, by.get(row.id, "")) for row in rows)

    async def forget(self, visitor: Visitor, connection_id: UUID, because: str) -> tuple[str, ...]:
        """Delete a shop's products, its connection and all its secrets; says what stays at the shop.

        What was done stays on record. Raises NotFound or StillBeingSetUp.
        """
        authorize(visitor, Action.MANAGE_CREDENTIALS)
        use_case = partial(self._forget, visitor, connection_id, because)
        return await self._database.run(visitor.customer_id, use_case)

    def _forget(self, visitor: Visitor, connection_id: UUID, because: str, session: CustomerSession) -> tuple[str, ...]:
        still_open = open_operations(session)
        row = session.get(ConnectionRow, (visitor.customer_id, connection_id), with_for_update=True)
        if row is None:
            raise NotFound(because="This shop is not connected.")
        if any((one.service, one.store_origin) == (row.service, row.store_origin) for one in still_open):
            raise StillBeingSetUp(because="Stop it under Operations, or wait for its end.")
        self._delete_secrets(session, row, visitor, because)
        products = delete_connection(session, row)
        detail: dict[str, str | int | bool | None] = {
            "shop": row.store_origin,
            "key": row.key_hint,
            "products": products,
            "because": because,
        }
        event = AuditEvent(AuditAction.CONNECTION_FORGOTTEN, visitor.actor, detail=detail)
        audit_log.record(session, visitor.customer_id, event, at=self._clock.now())
        return self._stays(row)

    def _delete_secrets(self, session: CustomerSession, row: ConnectionRow, visitor: Visitor, because: str) -> None:
        for one in self._vault.stored(session):
            if (one.service, one.origin) == (row.service, row.store_origin):
                self._vault.delete_by_id(session, one.id, at=self._clock.now(), actor=visitor.actor, because=because)

    def _connection(self, row: ConnectionRow, made_by: str) -> Connection:
        ending = self._integrations.ending(row.service)
        return Connection(
            id=row.id,
            title=self._integrations.of_service(row.service).title,
            store_url=row.store_origin,
            key_hint=row.key_hint,
            product_count=row.product_count,
            service=row.service,
            revoked_by=ending.operation if ending else None,
            stays=self._stays(row),
            trouble=row.trouble,
            trouble_since=row.trouble_since,
            made_at=row.created_at,
            made_by=made_by,
            upkeep=tuple(one.operation for one in self._integrations.upkeep(row.service)),
        )

    def _stays(self, row: ConnectionRow) -> tuple[str, ...]:
        """The key in use, and those it replaced that could not be revoked."""
        makers = (row.operation_id, *(UUID(one) for one in row.superseded))
        integration = self._integrations.of_service(row.service)
        return tuple(integration.what_is_left(one) for one in makers)


def _made_by(rows: Iterable[ConnectionRow], session: CustomerSession) -> dict[UUID, str]:
    """By connection, the name of the setup that made its key."""
    made = ((row.id, session.get(OperationRow, (row.customer_id, row.operation_id))) for row in rows)
    return {connection: one.operation for connection, one in made if one}
