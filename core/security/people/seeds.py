"""The keys of people's authenticator apps, in the vault: sealed under their company's key, each use counted and audited."""

from contextlib import suppress
from datetime import datetime

from core.database.session import CustomerSession
from core.security.origin import Origin
from core.security.people.visitor import Visitor
from core.security.secret import Secret
from core.security.vault.vault import NoCredential, SecretRef, Vault

SERVICE = "autopilot"  # ourselves: no integration has this name
HERE = Origin("https", "sign-in.invalid", 443)  # no shop's, and none can have it: RFC 2606, 2


class VaultSeeds:
    """Keeps them where shops' secrets are kept, so that keys rotate, and are erased, in one place."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def keep(self, session: CustomerSession, visitor: Visitor, seed: Secret, *, at: datetime) -> None:
        """Seal one; what was there before is replaced."""
        self._vault.store(session, visitor.customer_id, _ref(visitor), seed, at=at, actor=visitor.actor)

    def seed_of(self, session: CustomerSession, visitor: Visitor, *, at: datetime) -> Secret:
        """Take it out to make a code of it. Raises NoCredential or CannotOpen."""
        purpose = "check the code of a sign-in"
        return self._vault.use(session, _ref(visitor), at=at, purpose=purpose, actor=visitor.actor, operation_id=None)

    def forget(self, session: CustomerSession, visitor: Visitor, *, at: datetime) -> None:
        """Destroy it, if it is there."""
        with suppress(NoCredential):
            self._vault.delete(
                session, _ref(visitor), at=at, actor=visitor.actor, because="no code is asked for any more"
            )


def _ref(visitor: Visitor) -> SecretRef:
    return SecretRef(SERVICE, HERE, f"seed:{visitor.user_id}")
