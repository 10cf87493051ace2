"""The data keys of customers: each wrapped by a master key, which the row names; how often that one wrapped is counted."""

import logging
import os
from base64 import b64decode, b64encode
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import update
from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.states import MasterState
from core.database.tables import AuditHead, VaultKey, VaultMaster
from core.errors import CoreError
from core.security.keys.envelope import KEY, NONCE, CannotOpen, place
from core.security.keys.key_providers import wrapping_key
from core.security.keys.key_ring import KeyRing, UnknownKey
from core.security.keys.master_keys import OPENS, changed

log = logging.getLogger(__name__)

# Random nonces of one key may meet: NIST SP 800-38D, 8.3, allows 2^32 of them. It is said long before.
MANY_WRAPS, MOST_WRAPS = 2**20, 2**32


class WornOut(CoreError):
    """The master key has wrapped as many keys as one may."""

    code: ClassVar[str] = "master_key_worn_out"


class DataKeys:
    """Makes, opens and wraps anew the data keys. Every method is part of its caller's transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def current(self, session: CustomerSession, customer_id: UUID, at: datetime) -> VaultKey:
        """The one that seals what is new; made if there is none."""
        newest = select(VaultKey).where(col(VaultKey.customer_id) == customer_id)
        row = session.exec(newest.order_by(col(VaultKey.generation).desc()).limit(1)).first()
        return row or self.make(session, customer_id, at)

    def make(self, session: CustomerSession, customer_id: UUID, at: datetime) -> VaultKey:
        """The next generation. Raises WornOut, or UnknownKey without a primary master key."""
        last = select(VaultKey.generation).where(col(VaultKey.customer_id) == customer_id)
        generation = session.exec(last.order_by(col(VaultKey.generation).desc()).limit(1)).first() or 0
        master_id, its_id = self.count_wrap(session), uuid4()
        row = VaultKey(
            customer_id=customer_id,
            id=its_id,
            master_key_id=master_id,
            wrapped=wrap(self._ring.key(master_id), os.urandom(KEY), _place(customer_id, its_id, master_id)),
            created_at=at,
            generation=generation + 1,
        )
        session.add(row)
        session.flush()
        return row

    def opened(self, session: CustomerSession, row: VaultKey) -> bytes:
        """The key itself. Raises CannotOpen, or UnknownKey: also for a master key that is retired."""
        master = session.get(VaultMaster, row.master_key_id)
        if master is None or master.state not in OPENS:
            raise UnknownKey(because=f"{row.master_key_id} is not in use.")
        where = _place(row.customer_id, row.id, row.master_key_id)
        return unwrap(self._ring.key(row.master_key_id), row.wrapped, where)

    def rewrap(self, session: CustomerSession, row: VaultKey) -> str:
        """Wrap it by the primary master key, unless somebody else did meanwhile: the id of the one before, or nothing."""
        before, data_key = row.master_key_id, self.opened(session, row)
        master_id = self.count_wrap(session)
        wrapped = wrap(self._ring.key(master_id), data_key, _place(row.customer_id, row.id, master_id))
        stands = update(VaultKey).where(col(VaultKey.id) == row.id, col(VaultKey.master_key_id) == before)
        values = {"master_key_id": master_id, "wrapped": wrapped}
        return before if changed(session, stands.values(**values)) == 1 else ""

    def count_wrap(self, session: CustomerSession) -> str:
        """The id of the primary master key, which wraps once more. Raises WornOut, or UnknownKey if there is none."""
        primary = select(VaultMaster).where(col(VaultMaster.state) == MasterState.PRIMARY.value)
        for _ in range(2):  # once more, if another one was promoted in between
            row = session.exec(primary.execution_options(populate_existing=True)).first()
            if row is None:
                break
            if row.wraps >= MOST_WRAPS:
                raise WornOut(because="Change it: autopilot vault rotate begin")
            wraps = row.wraps + 1
            stands = update(VaultMaster).where(
                col(VaultMaster.key_id) == row.key_id, col(VaultMaster.state) == MasterState.PRIMARY.value
            )
            if changed(session, stands.values(wraps=VaultMaster.wraps + 1)) == 1:
                if wraps >= MANY_WRAPS:
                    log.warning("the vault's master key %s wrapped %d keys; change it soon", row.key_id, wraps)
                return row.key_id
        raise UnknownKey(because="This database has no primary master key.")


def one_writer(session: CustomerSession, customer_id: UUID) -> None:
    """Keep others who write to this customer's vault waiting until this transaction ends; in SQLite all writers wait."""
    session.exec(select(AuditHead.seq).where(col(AuditHead.customer_id) == customer_id).with_for_update()).first()


def wrap(master: bytes, data_key: bytes, where: bytes) -> str:
    """A data key under a master key: base64 of nonce (12) ‖ AES-256-GCM(wrapping key, nonce, data key, place)."""
    nonce = os.urandom(NONCE)
    return b64encode(nonce + AESGCM(wrapping_key(master)).encrypt(nonce, data_key, where)).decode()


def unwrap(master: bytes, wrapped: str, where: bytes) -> bytes:
    """The data key. Raises CannotOpen."""
    try:
        raw = b64decode(wrapped, validate=True)
        return AESGCM(wrapping_key(master)).decrypt(raw[:NONCE], raw[NONCE:], where)
    except (InvalidTag, ValueError):
        raise CannotOpen from None


def _place(customer_id: UUID, its_id: UUID, master_id: str) -> bytes:
    return place("dek", str(customer_id), str(its_id), master_id)
