"""The vault: secrets go in sealed, come out one at a time for a purpose, and every use is counted and recorded first."""

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import col, func, select

from core.database.session import CustomerSession
from core.database.tables import CredentialRow, VaultKey, VaultMaster
from core.errors import CoreError, NotFound
from core.security import audit
from core.security.audit import AuditAction, AuditEvent
from core.security.envelope import KEY, NONCE, CannotOpen, place, seal, unseal
from core.security.keys import KeyProvider, key_id, wrapping_key
from core.security.origin import Origin
from core.security.secret import Secret

CANARY = b"canary"


class NoCredential(NotFound):
    """There is no such secret in the vault."""

    code: ClassVar[str] = "no_credential"


class CredentialExpired(CoreError):
    """This secret has expired."""

    code: ClassVar[str] = "credential_expired"


class WrongMasterKey(CoreError):
    """The master key does not match this database."""

    code: ClassVar[str] = "wrong_master_key"


@dataclass(frozen=True)
class SecretRef:
    """Which secret: a field of a service at one shop."""

    service: str
    origin: Origin
    field: str


@dataclass(frozen=True)
class StoredCredential:
    """What may be told of a secret."""

    id: UUID
    service: str
    origin: str
    field: str
    hint: str | None
    created_at: datetime
    last_used_at: datetime | None
    use_count: int
    expires_at: datetime | None


class Vault:
    """Seals with one master key. Every method is part of its caller's transaction."""

    def __init__(self, keys: KeyProvider) -> None:
        self._keys = keys

    def open_database(self, session: CustomerSession, *, at: datetime) -> None:
        """Make sure that this database was sealed with our key; a database without any key takes ours.

        Raises WrongMasterKey: a new key for sealed data would lose it.
        """
        master = self._keys.master_key()
        ours = key_id(master)
        known = session.exec(select(VaultMaster)).all()
        if not known:
            if session.exec(select(func.count()).select_from(VaultKey)).one():
                raise WrongMasterKey(because="Its own key is not recorded any more. Restore it from the back-up.")
            canary = seal(wrapping_key(master), CANARY, place("canary", ours))
            session.add(VaultMaster(key_id=ours, canary=canary, created_at=at))
            return
        row = next((row for row in known if row.key_id == ours), None)
        if row is None:
            raise WrongMasterKey(because=f"Expected {known[0].key_id}, got {ours}. Bring the right key file back.")
        unseal(wrapping_key(master), row.canary, place("canary", ours))

    def store(
        self, session: CustomerSession, customer_id: UUID, ref: SecretRef, secret: Secret, *, at: datetime, actor: str
    ) -> UUID:
        """Seal a secret; what was stored under that name before is replaced."""
        key = self._data_key_row(session, customer_id, at)
        row = self._find(session, ref)
        if row is None:
            row = CredentialRow(
                customer_id=customer_id,
                vault_key_id=key.id,
                service=ref.service,
                store_origin=str(ref.origin),
                field=ref.field,
                version=0,
                envelope="",
                created_at=at,
            )
        row.version += 1
        row.vault_key_id, row.created_at, row.use_count, row.last_used_at = key.id, at, 0, None
        row.envelope = seal(self._unwrap(key), secret.reveal().encode(), _place(row))
        session.add(row)
        session.flush()
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
        """A secret, once its use is counted and recorded. Raises NoCredential, CredentialExpired or CannotOpen."""
        row = self._find(session, ref)
        if row is None:
            raise NoCredential(because=f"“{ref.field}” for {ref.origin} is not stored.")
        if row.expires_at and row.expires_at <= at:
            raise CredentialExpired(because=f"“{ref.field}” for {ref.origin} has to be given anew.")
        key = session.get(VaultKey, (row.customer_id, row.vault_key_id))
        if key is None:
            raise CannotOpen
        secret = Secret(unseal(self._unwrap(key), row.envelope, _place(row)).decode())
        row.use_count, row.last_used_at = row.use_count + 1, at
        session.add(row)
        session.flush()
        self._audit(session, row, AuditEvent(AuditAction.SECRET_USED, actor, operation_id, {"purpose": purpose}), at)
        return secret

    def delete(self, session: CustomerSession, ref: SecretRef, *, at: datetime, actor: str, because: str) -> None:
        """Destroy a secret. Raises NoCredential."""
        self._delete(session, self._find(session, ref), at, actor, because)

    def delete_by_id(
        self, session: CustomerSession, credential_id: UUID, *, at: datetime, actor: str, because: str
    ) -> None:
        """Destroy the secret that has this id. Raises NoCredential."""
        row = session.exec(select(CredentialRow).where(col(CredentialRow.id) == credential_id)).first()
        self._delete(session, row, at, actor, because)

    def stored(self, session: CustomerSession) -> tuple[StoredCredential, ...]:
        """What is in the vault, without any value."""
        rows = session.exec(select(CredentialRow).order_by(CredentialRow.service, CredentialRow.store_origin)).all()
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
        return session.exec(
            select(CredentialRow).where(
                col(CredentialRow.service) == ref.service,
                col(CredentialRow.store_origin) == str(ref.origin),
                col(CredentialRow.field) == ref.field,
            )
        ).first()

    def _delete(
        self, session: CustomerSession, row: CredentialRow | None, at: datetime, actor: str, because: str
    ) -> None:
        if row is None:
            raise NoCredential
        session.delete(row)
        session.flush()
        self._audit(session, row, AuditEvent(AuditAction.SECRET_DELETED, actor, detail={"because": because}), at)

    def _data_key_row(self, session: CustomerSession, customer_id: UUID, at: datetime) -> VaultKey:
        row = session.exec(select(VaultKey).order_by(col(VaultKey.created_at).desc())).first()
        if row is not None:
            return row
        master, new_id = self._keys.master_key(), uuid4()
        master_id, nonce = key_id(master), os.urandom(NONCE)
        where = place("dek", str(customer_id), str(new_id), master_id)
        wrapped = nonce + AESGCM(wrapping_key(master)).encrypt(nonce, os.urandom(KEY), where)
        row = VaultKey(
            customer_id=customer_id,
            id=new_id,
            master_key_id=master_id,
            wrapped=b64encode(wrapped).decode(),
            created_at=at,
        )
        session.add(row)
        session.flush()
        return row

    def _unwrap(self, key: VaultKey) -> bytes:
        wrapped = b64decode(key.wrapped)
        where = place("dek", str(key.customer_id), str(key.id), key.master_key_id)
        try:
            return AESGCM(wrapping_key(self._keys.master_key())).decrypt(wrapped[:NONCE], wrapped[NONCE:], where)
        except InvalidTag:
            raise CannotOpen from None

    def _audit(self, session: CustomerSession, row: CredentialRow, event: AuditEvent, at: datetime) -> None:
        place_of: dict[str, str | int | bool | None] = {
            "service": row.service,
            "shop": row.store_origin,
            "field": row.field,
            "version": row.version,
        }
        audit.record(session, row.customer_id, replace(event, detail=place_of | dict(event.detail)), at=at)


def _place(row: CredentialRow) -> bytes:
    """What an envelope is bound to: moved to any other row, it does not open."""
    customer, key, record = str(row.customer_id), str(row.vault_key_id), str(row.id)
    return place("rec", key, customer, row.service, row.store_origin, row.field, record, row.version)
