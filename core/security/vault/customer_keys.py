"""A customer's own data key: changed, and destroyed, which shreds all that it sealed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from core.database.session import CustomerSession, OtherCustomersRow
from core.database.tables import CredentialRow, VaultKey
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.keys.data_keys import one_writer
from core.security.vault.vault import Vault

AT_ONCE = 100  # secrets sealed anew in one transaction, so that nobody waits long


class CustomerKeys:
    """Works with the data keys of customers. Every method is part of its caller's transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def make_next(self, session: CustomerSession, customer_id: UUID, *, at: datetime, actor: str) -> UUID:
        """A new data key, which seals what is new from now on; what is there is sealed anew by `reseal_some`."""
        one_writer(session, customer_id)
        row = self._vault.data_keys.make(session, customer_id, at)
        event = AuditEvent(AuditAction.DATA_KEY_MADE, actor, detail={"key": str(row.id), "generation": row.generation})
        audit_log.record(session, customer_id, event, at=at)
        return row.id

    def reseal_some(self, session: CustomerSession, customer_id: UUID, *, at: datetime, actor: str) -> int:
        """Seal up to a hundred secrets anew under the customer's newest data key; how many, 0 once all are.

        Whoever is interrupted begins again. Nobody else writes meanwhile, so no newer secret is lost.
        """
        one_writer(session, customer_id)
        key = self._vault.data_keys.current(session, customer_id, at)
        elsewhere = select(CredentialRow).where(
            col(CredentialRow.customer_id) == customer_id, col(CredentialRow.vault_key_id) != key.id
        )
        rows = session.exec(elsewhere.limit(AT_ONCE).execution_options(populate_existing=True)).all()
        for row in rows:
            self._vault.reseal(session, row, key, at=at, actor=actor)
        return len(rows)

    def drop_unused(self, session: CustomerSession, customer_id: UUID, *, at: datetime, actor: str) -> int:
        """Destroy the customer's data keys that nothing is sealed with any more, but for the newest; how many."""
        one_writer(session, customer_id)
        newest = self._vault.data_keys.current(session, customer_id, at)
        in_use = set(
            session.exec(select(CredentialRow.vault_key_id).where(col(CredentialRow.customer_id) == customer_id))
        )
        unused = [row for row in self._all(session, customer_id) if row.id not in {newest.id, *in_use}]
        if unused:
            self._destroy(session, unused, at=at, event=AuditEvent(AuditAction.DATA_KEYS_DESTROYED, actor))
        return len(unused)

    def rewrap(self, session: CustomerSession, customer_id: UUID, *, at: datetime, actor: str) -> int:
        """Wrap the customer's data keys by the primary master key; how many were not. Raises UnknownKey."""
        one_writer(session, customer_id)
        primary = self._vault.masters.primary(session)
        count = 0
        for row in self._all(session, customer_id):
            if row.master_key_id == primary or not (before := self._vault.data_keys.rewrap(session, row)):
                continue
            detail = {"key": str(row.id), "from": before, "to": primary}
            event = AuditEvent(AuditAction.DATA_KEY_REWRAPPED, actor, detail=detail)
            audit_log.record(session, customer_id, event, at=at)
            count += 1
        return count

    def destroy(
        self, session: CustomerSession, customer_id: UUID, *, at: datetime, actor: str, because: str
    ) -> tuple[UUID, ...]:
        """Delete all secrets of a customer and all data keys; the ids of the keys, for a ledger of what was destroyed.

        What was sealed with them opens nowhere any more, in no copy either that has not the keys. After a back-up was
        put back it is to be done again. Raises OtherCustomersRow in any session but that customer's own.
        """
        if session.customer_id != customer_id:
            raise OtherCustomersRow
        for one in self._vault.stored(session):
            self._vault.delete_by_id(session, one.id, at=at, actor=actor, because=because)
        one_writer(session, customer_id)
        rows = self._all(session, customer_id)
        if rows:
            event = AuditEvent(AuditAction.DATA_KEYS_DESTROYED, actor, detail={"because": because})
            self._destroy(session, rows, at=at, event=event)
        return tuple(row.id for row in rows)

    def _all(self, session: CustomerSession, customer_id: UUID) -> Sequence[VaultKey]:
        mine = select(VaultKey).where(col(VaultKey.customer_id) == customer_id).order_by(col(VaultKey.generation))
        return session.exec(mine.execution_options(populate_existing=True)).all()

    def _destroy(self, session: CustomerSession, rows: Sequence[VaultKey], *, at: datetime, event: AuditEvent) -> None:
        for row in rows:
            session.delete(row)
        session.flush()
        told = {"keys": ", ".join(str(row.id) for row in rows), **event.detail}
        audit_log.record(session, rows[0].customer_id, AuditEvent(event.action, event.actor, detail=told), at=at)
