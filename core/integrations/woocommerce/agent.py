"""Sets up WooCommerce: a key by the browser, into the vault, proven, and the products over."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import ClassVar

from core.agents.agent import CodeStep
from core.agents.catalog_agent import CatalogAgent
from core.agents.keys import KeyTooNarrow, KeyTooWide
from core.agents.minting import STAYS_CONNECTED
from core.agents.slots import Slots
from core.agents.task import AgentTask
from core.agents.upkeep import NO_BROWSER, BringingAgent, CheckingAgent
from core.catalog.sync import PRODUCTS_A_PAGE, ProductPage, ProductSource
from core.errors import CoreError
from core.integrations.woocommerce.api import WooCommerceApi
from core.integrations.woocommerce.key import KEY
from core.integrations.woocommerce.words import KEY_CAN, READ_WRITE, SERVICE, key_permission
from core.workflows.step import Workflow


class ApprovalMissing(CoreError):
    """The shop has sent no key."""

    code: ClassVar[str] = "approval_missing"


class WooCommerceSetupAgent(CatalogAgent):
    """Makes a key no wider than the consent, proves it, and brings the products over."""

    _shop: ProductSource

    def __init__(self, task: AgentTask) -> None:
        super().__init__(task, KEY)

    @property
    def permission(self) -> str:
        """As the consent says; whether the key is just as wide is tested."""
        return key_permission(self.task.permissions)

    def choices(self) -> Mapping[str, str]:
        """How wide the key is to be."""
        return {"key_permission": self.permission}

    @property
    def key_can(self) -> str:
        """In words for people."""
        return KEY_CAN[self.permission]

    def tests(self) -> Sequence[CodeStep]:
        """Ask the API for products, and for what was not allowed."""
        return (
            CodeStep("Test the connection", "The shop's API answers to the key, as far as you allowed", self._test),
        )

    async def products(self) -> ProductSource:
        """The shop; its first page was asked for by the test."""
        return self._shop

    async def _test(self) -> str:
        """Ask for the first products, and whether the key is exactly as wide as was allowed."""
        api = WooCommerceApi(self.task.origin, await self.key(), self.task.proxy_url)
        self._shop = KnownFirstPage(api)
        first, can_write = await asyncio.gather(self._shop.page(1, PRODUCTS_A_PAGE), api.can_write())
        if can_write is not (self.permission == READ_WRITE):
            raise KeyTooWide if can_write else KeyTooNarrow
        return f"the shop has {first.total} products; the key can {self.key_can}"


class ApprovedSetupAgent(WooCommerceSetupAgent):
    """Goes on with the key that the shop's owner approved and the shop sent. It signs in nowhere and opens no browser.

    A key can be taken back in the shop's admin pages alone, so what has to go is named.
    """

    def get_workflow(self) -> Workflow:
        """Nothing is done in a browser."""
        return NO_BROWSER

    async def get_credentials(self) -> Slots:
        """The key is in the vault already. Raises ApprovalMissing if it is not."""
        if not self.browser_is_done:
            raise ApprovalMissing(because="Start again, and approve it in your shop.")
        return await super().get_credentials()

    async def finish(self) -> str:
        """The keys that were replaced, for their owner to revoke."""
        superseded = await self.task.shelf.superseded(SERVICE, self.task.origin)
        return " ".join(self.kind.what_is_left(one) for one in superseded)

    async def clean_up(self) -> str:
        """The key of this operation, for its owner to revoke, unless it is in use."""
        return STAYS_CONNECTED if self.is_connected else self.kind.what_is_left(self.task.operation_id)


class WooCommerceChecking(CheckingAgent, WooCommerceSetupAgent):
    """Asks the API for products, and for what was not allowed, with the key that is stored."""


class WooCommerceBringing(BringingAgent, WooCommerceSetupAgent):
    """Brings the products over again with the key that is stored."""


class KnownFirstPage:
    """A shop whose first page of products is asked for once: it proves the connection, and is then brought over."""

    def __init__(self, shop: ProductSource) -> None:
        self._shop = shop
        self._first: ProductPage | None = None

    async def page(self, number: int, size: int) -> ProductPage:
        """One page; the first is remembered until it is taken a second time."""
        if number != 1:
            return await self._shop.page(number, size)
        if self._first is not None:
            first, self._first = self._first, None
            return first
        self._first = await self._shop.page(number, size)
        return self._first
