"""Changing keys while everything goes on: each step is small, can be done twice, and goes on where it was interrupted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import Customer
from core.security.keys.key_ring import KeyRing
from core.security.keys.master_keys import MasterKeys, MasterView
from core.security.vault.customer_keys import CustomerKeys
from core.security.vault.vault import Vault

T = TypeVar("T")

ACTOR = "system"
BECAUSE = "the vault's master key is changed"


@dataclass(frozen=True)
class Rewrapped:
    """How many data keys were wrapped anew, of how many customers."""

    keys: int
    customers: int


class MasterRotation:
    """The five steps of changing the master key: begin, promote, rewrap, retire, destroy."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._masters: MasterKeys = vault.masters
        self._ring: KeyRing = vault.ring
        self._keys = CustomerKeys(vault)
        self._clock = clock

    async def begin(self) -> str:
        """Make the new key, which opens and wraps nothing yet; its id. Raises NotItsTurn or KeyNotOurs."""
        return await self._across(partial(self._masters.begin, at=self._clock.now()))

    async def promote(self) -> str:
        """Let the new key wrap what is new; its id. Raises NotItsTurn, or UnknownKey if it is not here."""
        return await self._across(partial(self._masters.promote, at=self._clock.now()))

    async def rewrap(self) -> Rewrapped:
        """Wrap every customer's data keys by the new key, a transaction for each customer. Raises UnknownKey."""
        keys = customers = 0
        for customer_id in await every_customer(self._database, BECAUSE):
            use_case = partial(self._keys.rewrap, customer_id=customer_id, at=self._clock.now(), actor=ACTOR)
            count = await self._database.run(customer_id, use_case)
            keys, customers = keys + count, customers + bool(count)
        return Rewrapped(keys, customers)

    async def retire(self) -> str:
        """Let the old key open nothing any more; its id. Raises NotItsTurn or StillNeeded."""
        return await self._across(partial(self._masters.retire, at=self._clock.now()))

    async def destroy(self) -> tuple[str, ...]:
        """Destroy the retired keys themselves; their ids. What only they open, as an older back-up, is lost for good.

        The file goes before it is written that it is gone: whoever is interrupted in between does it again.
        Raises NotItsTurn, StillNeeded, or KeyNotOurs while a key is still given to us.
        """
        retired, stays = await self._across(self._masters.may_destroy)
        for one in retired:
            self._ring.provider.destroy(one, stays)
        await self._across(
            partial(self._masters.record_destroyed, destroyed=retired, at=self._clock.now()),
        )
        return retired

    async def status(self) -> tuple[MasterView, ...]:
        """Every master key that the database knows."""
        return await self._database.run_across_customers(self._masters.views, because="staff look at the vault's keys")

    async def _across(self, use_case: Callable[[CustomerSession], T]) -> T:
        return await self._database.run_across_customers(use_case, because=BECAUSE)


class CustomerRotation:
    """Changes one customer's data key, and seals their secrets anew."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._keys = CustomerKeys(vault)
        self._clock = clock

    async def rotate(self, customer_id: UUID, actor: str = ACTOR) -> int:
        """A new data key, and every secret under it; how many were sealed anew."""
        use_case = partial(self._keys.make_next, customer_id=customer_id, at=self._clock.now(), actor=actor)
        await self._database.run(customer_id, use_case)
        return await self.go_on(customer_id, actor)

    async def go_on(self, customer_id: UUID, actor: str = ACTOR) -> int:
        """Seal anew what is not under the newest data key, and destroy the keys that nothing needs; how many secrets."""
        count, some = 0, 1
        while some:
            reseal = partial(self._keys.reseal_some, customer_id=customer_id, at=self._clock.now(), actor=actor)
            some = await self._database.run(customer_id, reseal)
            count += some
        drop = partial(self._keys.drop_unused, customer_id=customer_id, at=self._clock.now(), actor=actor)
        await self._database.run(customer_id, drop)
        return count


async def every_customer(database: Database, because: str) -> tuple[UUID, ...]:
    """The ids of all customers, the oldest first."""
    by_age = select(Customer.id).order_by(col(Customer.created_at), col(Customer.id))
    return await database.run_across_customers(lambda session: tuple(session.exec(by_age)), because=because)
