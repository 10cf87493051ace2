"""A run's secrets in memory, and for what each was used."""

from core.database.session import CustomerSession
from core.security.secret import Secret
from core.security.vault.vault import NoCredential


class MemoryCredentials:
    """Behaves like the vault: what is not there raises, and what is kept can be used from then on."""

    def __init__(self, **fields: str) -> None:
        self.fields = {name: Secret(text) for name, text in fields.items()}
        self.used: list[tuple[str, str]] = []

    async def stored(self) -> frozenset[str]:
        return frozenset(self.fields)

    async def use(self, field: str, purpose: str) -> Secret:
        if field not in self.fields:
            raise NoCredential(because=f"“{field}” is not stored.")
        self.used.append((field, purpose))
        return self.fields[field]

    def keep(self, session: CustomerSession, field: str, secret: Secret) -> None:
        self.fields[field] = secret

    def forget(self, session: CustomerSession, field: str, because: str) -> None:
        if field not in self.fields:
            raise NoCredential
        del self.fields[field]
