"""The vault: secrets go in sealed, come out one at a time for a purpose, and every use is counted and recorded first."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from core.database.session import CustomerNotSet, CustomerSession
from core.database.tables import CredentialRow, VaultKey
from core.errors import CoreError, NotFound
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.keys.data_keys import DataKeys, one_writer
from core.security.keys.envelope import CannotOpen, place, seal, unseal
from core.security.keys.key_providers import KeyProvider
from core.security.keys.key_ring import KeyRing
from core.security.keys.master_keys import MasterKeys
from core.security.origin import Origin
from core.security.secret import Secret
from core.security.vault.rollback import WRITES, RolledBack, digest_of, fault_in, last_written, until_of

ROTATE_AFTER = timedelta(days=90)  # after so long the shop's password or key is to be changed there, and stored anew


class NoCredential(NotFound):
    """There is no such secret in the vault."""

    code: ClassVar[str] = "no_credential"


class CredentialExpired(CoreError):
    """This secret has expired."""

    code: ClassVar[str] = "credential_expired"


@dataclass(frozen=True)
class SecretRef:
    """Which secret: a field of a service at one shop."""

    service: str
    origin: Origin
    field: str


@dataclass(frozen=True)
class LimitedSecret:
    """A secret that is not used any more from some moment on."""

    secret: Secret
    until: datetime


@dataclass(frozen=True)
class StoredCredential:
    """What may be told of a secret; `origin` is the only place where it is used."""

    id: UUID
    service: str
    origin: str
    field: str
    hint: str | None
    created_at: datetime
    last_used_at: datetime | None
    use_count: int
    expires_at: datetime | None

    @property
    def rotate_by(self) -> datetime:
        """Until when it should be changed at the shop, and stored anew."""
        return self.created_at + ROTATE_AFTER

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should have been changed by now."""
        return self.rotate_by <= at


class Vault:
    """Seals with the customer's data key. Every method is part of its caller's transaction."""

    def __init__(self, keys: KeyProvider) -> None:
        self.ring = KeyRing(keys)
        self.masters = MasterKeys(self.ring)
        self.data_keys = DataKeys(self.ring)

    def open_database(self, session: CustomerSession, *, at: datetime) -> bool:
        """Make sure that this database was sealed with our keys; True if it had none and has taken ours.

        Raises WrongMasterKey: a new key for sealed data would lose it.
        """
        return self.masters.open_database(session, at=at)

    def store(
        self,
        session: CustomerSession,
        customer_id: UUID,
        ref: SecretRef,
        secret: Secret | LimitedSecret,
        *,
        at: datetime,
        actor: str,
    ) -> UUID:
        """Seal a secret; what was stored under that name before is replaced. Raises TooLarge."""
        plain, until = (secret.secret, secret.until) if isinstance(secret, LimitedSecret) else (secret, None)
        row = self._find(session, ref)
        last = last_written(session, row.id) if row else None
        key = self.data_keys.current(session, customer_id, at)
        if row is None:
            row = _new(customer_id, ref, key, at)
        row.version = max(row.version, last.version if last else 0) + 1  # a version is never used twice
        row.vault_key_id, row.created_at, row.use_count, row.last_used_at = key.id, at, 0, None
        row.expires_at = until
        self._seal(session, row, key, plain.reveal().encode())
        self._audit(session, row, AuditEvent(AuditAction.SECRET_STORED, actor), at)
        return row.id

    def use(
        self,
        session: CustomerSession,
        ref: SecretRef,
        *,
        at: datetime,
        purpose: str,
        actor: str,
        operation_id: UUID | None,
    ) -> Secret:
        """A secret, once its use is counted and recorded. Raises NoCredential, CredentialExpired, RolledBack or CannotOpen."""
        row, secret = self._counted(session, ref, at)
        self._audit(session, row, AuditEvent(AuditAction.SECRET_USED, actor, operation_id, {"purpose": purpose}), at)
        return secret

    def use_unrecorded(self, session: CustomerSession, ref: SecretRef, *, at: datetime) -> Secret:
        """A secret of ours that signs many messages, each of which is on record by itself: counted as `use` does, which it raises as."""
        return self._counted(session, ref, at)[1]

    def _counted(self, session: CustomerSession, ref: SecretRef, at: datetime) -> tuple[CredentialRow, Secret]:
        row = self._find(session, ref)
        if row is None:
            raise NoCredential(because=f"“{ref.field}” for {ref.origin} is not stored.")
        if row.expires_at and row.expires_at <= at:
            raise CredentialExpired(because=f"“{ref.field}” for {ref.origin} has to be given anew.")
        _check(session, row)
        secret = Secret(self.opened(session, row).decode())
        row.use_count, row.last_used_at = row.use_count + 1, at
        session.add(row)
        session.flush()
        return row, secret

    def opened(self, session: CustomerSession, row: CredentialRow) -> bytes:
        """What is in a row's envelope, for who counts it or seals it anew at once. Raises CannotOpen or UnknownKey."""
        key = session.get(VaultKey, (row.customer_id, row.vault_key_id))
        if key is None:
            raise CannotOpen
        return unseal(self.data_keys.opened(session, key), row.envelope, _place(row))

    def reseal(self, session: CustomerSession, row: CredentialRow, key: VaultKey, *, at: datetime, actor: str) -> None:
        """Seal a secret as it is under another data key of its customer; it is a new version, and no use.

        Raises RolledBack: an older one would be taken for the newest from then on.
        """
        _check(session, row)
        plain = self.opened(session, row)
        row.version, row.vault_key_id = row.version + 1, key.id
        self._seal(session, row, key, plain)
        self._audit(session, row, AuditEvent(AuditAction.SECRET_RESEALED, actor), at)

    def limit(
        self, session: CustomerSession, credential_id: UUID, until: datetime | None, *, at: datetime, actor: str
    ) -> None:
        """Let a secret end at another moment, or never; nothing else of it changes. Raises NoCredential or RolledBack."""
        row = self._only(session, col(CredentialRow.id) == credential_id)
        if row is None:
            raise NoCredential
        _check(session, row)
        row.expires_at = until
        session.add(row)
        session.flush()
        self._audit(session, row, AuditEvent(AuditAction.SECRET_LIMITED, actor), at)

    def delete(self, session: CustomerSession, ref: SecretRef, *, at: datetime, actor: str, because: str) -> None:
        """Destroy a secret. Raises NoCredential."""
        self._delete(session, self._find(session, ref), at, actor, because)

    def delete_by_id(
        self, session: CustomerSession, credential_id: UUID, *, at: datetime, actor: str, because: str
    ) -> None:
        """Destroy the secret that has this id. Raises NoCredential."""
        self._delete(session, self._only(session, col(CredentialRow.id) == credential_id), at, actor, because)

    def stored(self, session: CustomerSession) -> tuple[StoredCredential, ...]:
        """What is in the vault of the session's customer, without any value."""
        theirs = select(CredentialRow).where(col(CredentialRow.customer_id) == _of_one(session))
        rows = session.exec(theirs.order_by(CredentialRow.service, CredentialRow.store_origin)).all()
        return tuple(
            StoredCredential(
                id=row.id,
                service=row.service,
                origin=row.store_origin,
                field=row.field,
                hint=row.hint,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                use_count=row.use_count,
                expires_at=row.expires_at,
            )
            for row in rows
        )

    def _find(self, session: CustomerSession, ref: SecretRef) -> CredentialRow | None:
        return self._only(
            session,
            col(CredentialRow.service) == ref.service,
            col(CredentialRow.store_origin) == str(ref.origin),
            col(CredentialRow.field) == ref.field,
        )

    def _only(self, session: CustomerSession, *conditions: ColumnElement[bool]) -> CredentialRow | None:
        """The row of the session's customer that fits, as it stands now that nobody else writes to their vault."""
        customer_id = _of_one(session)
        one_writer(session, customer_id)
        fitting = select(CredentialRow).where(col(CredentialRow.customer_id) == customer_id, *conditions)
        fitting = fitting.execution_options(populate_existing=True)
        return session.exec(fitting).first()

    def _delete(
        self, session: CustomerSession, row: CredentialRow | None, at: datetime, actor: str, because: str
    ) -> None:
        if row is None:
            raise NoCredential
        session.delete(row)
        session.flush()
        self._audit(session, row, AuditEvent(AuditAction.SECRET_DELETED, actor, detail={"because": because}), at)

    def _seal(self, session: CustomerSession, row: CredentialRow, key: VaultKey, plain: bytes) -> None:
        row.envelope = seal(self.data_keys.opened(session, key), plain, _place(row))
        session.add(row)
        session.flush()

    def _audit(self, session: CustomerSession, row: CredentialRow, event: AuditEvent, at: datetime) -> None:
        place_of: dict[str, str | int | bool | None] = {
            "service": row.service,
            "shop": row.store_origin,
            "field": row.field,
            "version": row.version,
        }
        if event.action in WRITES:
            place_of |= {"item": str(row.id), "sha256": digest_of(row), "until": until_of(row)}
        audit_log.record(session, row.customer_id, replace(event, detail=place_of | dict(event.detail)), at=at)


def _of_one(session: CustomerSession) -> UUID:
    """Whose vault it is. Raises CustomerNotSet across customers: one's secrets would be taken for another's."""
    if session.customer_id is None:
        raise CustomerNotSet
    return session.customer_id


def _new(customer_id: UUID, ref: SecretRef, key: VaultKey, at: datetime) -> CredentialRow:
    return CredentialRow(
        customer_id=customer_id,
        vault_key_id=key.id,
        service=ref.service,
        store_origin=str(ref.origin),
        field=ref.field,
        version=0,
        envelope="",
        created_at=at,
    )


def _check(session: CustomerSession, row: CredentialRow) -> None:
    """Return if the audit chain says that this is what was stored last. Raises RolledBack."""
    if fault := fault_in(session, row):
        raise RolledBack(because=f"“{row.field}” for {row.store_origin} {fault}. Give it anew.")


def _place(row: CredentialRow) -> bytes:
    """What an envelope is bound to: moved to any other row, it does not open."""
    customer, key, record = str(row.customer_id), str(row.vault_key_id), str(row.id)
    return place("rec", key, customer, row.service, row.store_origin, row.field, record, row.version)
