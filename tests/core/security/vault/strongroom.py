"""A vault with customers in it, for tests of what becomes of its keys."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import select

from core.database.session import CustomerSession, Database
from core.database.tables import CredentialRow, VaultKey
from core.security.audit import audit_log
from core.security.origin import Origin
from core.security.people.people import People
from core.security.secret import Secret
from core.security.vault.customer_keys import CustomerKeys
from core.security.vault.rotation import CustomerRotation, MasterRotation
from core.security.vault.vault import LimitedSecret, SecretRef, Vault
from core.security.vault.vault_check import VaultCheck, VaultReport
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedKey

SHOP = Origin.of("https://tea.example")
PASSWORD = SecretRef("woocommerce", SHOP, "admin_password")
USERNAME = SecretRef("woocommerce", SHOP, "admin_username")


@dataclass
class Strongroom:
    """One process that has the keys; `again` is another one, begun later."""

    database: Database
    clock: MovedClock
    keys: FixedKey = field(default_factory=FixedKey)

    def __post_init__(self) -> None:
        self.vault = Vault(self.keys)
        self.customer_keys = CustomerKeys(self.vault)
        self.master = MasterRotation(self.database, self.vault, self.clock)
        self.own = CustomerRotation(self.database, self.vault, self.clock)

    def again(self) -> "Strongroom":
        """Another process with the same keys, which has read nothing yet."""
        return Strongroom(self.database, self.clock, self.keys)

    async def open(self) -> bool:
        """As every process does at its start."""
        opened = partial(self.vault.open_database, at=self.clock.now())
        return await self.database.run_across_customers(opened, because="a test begins")

    async def customer(self, name: str = "Tea Shop") -> UUID:
        return await People(self.database, self.clock).add_customer(name)

    async def put(
        self, customer: UUID, value: str | LimitedSecret, ref: SecretRef = PASSWORD, actor: str = "user:1"
    ) -> UUID:
        secret = Secret(value) if isinstance(value, str) else value
        stored = await self.run(customer, self.vault.store, customer, ref, secret, at=self.clock.now(), actor=actor)
        return UUID(str(stored))

    async def use(self, customer: UUID, ref: SecretRef = PASSWORD) -> str:
        words = {"purpose": "a test", "actor": "agent", "operation_id": None}
        secret = await self.run(customer, self.vault.use, ref, at=self.clock.now(), **words)
        assert isinstance(secret, Secret)
        return secret.reveal()

    async def forget(self, customer: UUID, ref: SecretRef = PASSWORD) -> None:
        await self.run(customer, self.vault.delete, ref, at=self.clock.now(), actor="user:1", because="a test")

    async def run(self, customer: UUID, use_case: Any, *words: Any, **more: Any) -> Any:
        return await self.database.run(customer, lambda session: use_case(session, *words, **more))

    async def rows(self, customer: UUID) -> list[CredentialRow]:
        return await self.database.read(customer, lambda session: list(session.exec(select(CredentialRow))))

    async def data_keys(self, customer: UUID) -> list[VaultKey]:
        """The oldest generation first."""
        found = await self.database.read(customer, lambda session: list(session.exec(select(VaultKey))))
        return sorted(found, key=lambda one: one.generation)

    async def put_back(self, customer: UUID, before: CredentialRow) -> None:
        """The whole row as it was, as somebody with the database's own rights and an old copy would."""
        values = before.model_dump()

        def replace(session: CustomerSession) -> None:
            for row in session.exec(select(CredentialRow).where(CredentialRow.field == before.field)):
                session.delete(row)
            session.flush()
            session.add(CredentialRow(**values))

        await self.run(customer, replace)

    async def check(self) -> VaultReport:
        return await VaultCheck(self.database, self.vault).run()

    async def actions(self, customer: UUID) -> list[str]:
        """What the customer's chain tells, the oldest first."""
        entries = await self.database.read(customer, partial(audit_log.read, limit=1000))
        return [entry.action for entry in entries][::-1]
