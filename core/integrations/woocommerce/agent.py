"""Sets up WooCommerce: a key by the browser, into the vault, proven, and the products over."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar
from uuid import UUID

from core.agents.agent import MADE, AgentResult, AutonomousAgent, CodeStep, StepFailed, on_the_page, planned
from core.agents.slots import Slots
from core.catalog.sync import PRODUCTS_A_PAGE, NewConnection, ProductPage, ProductSource
from core.database.session import CustomerSession
from core.errors import CoreError
from core.integrations.woocommerce.api import ApiKey, WooCommerceApi
from core.integrations.woocommerce.words import (
    KEY_CAN,
    KEY_SHOWN_ONCE,
    NOTICES,
    PROVEN,
    READ_WRITE,
    SERVICE,
    STAYS_CONNECTED,
    TROUBLES,
    UNPROVEN,
    key_name,
    key_permission,
    what_is_left,
)
from core.security.secret import Secret
from core.workflows.locator import Locator
from core.workflows.step import Workflow

SETUP = "should-complete-woocommerce-setup-and-enable-product-search"
REVOKE = "should-revoke-the-woocommerce-api-key"
KEY_KEPT, CONNECTED = "key_kept", "connected"


class KeyTooWide(CoreError):
    """The key the shop made can do more than you allowed."""

    code: ClassVar[str] = "key_too_wide"


class KeyTooNarrow(CoreError):
    """The key the shop made can do less than you allowed."""

    code: ClassVar[str] = "key_too_narrow"


class SignInMissing(CoreError):
    """There is no sign-in stored for this shop."""

    code: ClassVar[str] = "credentials_missing"


class WooCommerceSetupAgent(AutonomousAgent):
    """Signs in, makes a key no wider than the consent, proves it, and brings the products over."""

    service = SERVICE
    operation = "api_key_generation"
    troubles = TROUBLES
    trouble_notices = NOTICES
    sensitive: ClassVar[tuple[Locator, ...]] = KEY_SHOWN_ONCE
    _products = 0
    _known: ApiKey | None = None
    _shop: ProductSource

    def get_workflow(self) -> Workflow:
        """Learnt from the test that proves the setup."""
        return self.task.workflows.get(SETUP)

    async def get_credentials(self) -> Slots:
        """The user name in plain, the password by name. Raises SignInMissing."""
        if self.browser_is_done:
            return self._slots("", self.task.operation_id)
        if not {"admin_username", "admin_password"} <= await self.task.credentials.stored():
            raise SignInMissing(because="Enter the user name and password, and start again.")
        username = await self.task.credentials.use("admin_username", purpose="sign in to the shop")
        return self._slots(username.reveal(), self.task.operation_id)

    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        """Hold the key that was read until it is sealed. Raises StepFailed if it is none."""
        if not {"consumer_key", "consumer_secret"} <= captured.keys():
            raise StepFailed("page_not_recognised", because="The key could not be read off the page.")
        key = ApiKey(captured["consumer_key"], captured["consumer_secret"])
        if not (key.consumer_key.reveal().startswith("ck_") and key.consumer_secret.reveal().startswith("cs_")):
            raise StepFailed("page_not_recognised", because="What stands on the page is not a WooCommerce key.")
        self._known = key

    @property
    def browser_is_done(self) -> bool:
        """The key is in the vault: nothing more to do in the browser."""
        return KEY_KEPT in self.task.log.done_before

    def follow_up(self) -> Sequence[CodeStep]:
        """Put the key away, prove it, bring the products over, and only then let it replace what was there before."""
        return (
            CodeStep("Put the key into the vault", "The key is encrypted, for OmniOps alone", self._seal),
            CodeStep("Configure the connection", "There is room for the shop's products", self._configure),
            CodeStep("Test the connection", "The shop's API answers to the key, as far as you allowed", self._test),
            CodeStep("Bring your products over", "As many products as the shop says it has", self._bring),
        )

    async def before_first_step(self) -> None:
        """A crashed attempt may have left a key whose secret nobody has: it is revoked, and made anew."""
        if MADE in self.task.log.done_before:
            await self._remove_key_of(self.task.operation_id)

    async def finish(self) -> str:
        """The new key is in use, so the keys of earlier setups of this shop go; what could not be removed."""
        left = ""
        for operation_id in await self.task.shelf.superseded(SERVICE, self.task.origin):
            try:
                await self._remove_key_of(operation_id)
            except (StepFailed, SignInMissing):
                left = what_is_left(operation_id)
            else:
                await self.task.shelf.revoked(SERVICE, self.task.origin, operation_id)
        return left

    async def clean_up(self) -> str:
        """Revoke the key of this operation at the shop, unless it is in use; what is left, if that fails."""
        if self._is_connected:
            return STAYS_CONNECTED
        try:
            await self._remove_key_of(self.task.operation_id)
        except StepFailed:
            return what_is_left(self.task.operation_id)
        return ""

    async def extract_result(self) -> AgentResult:
        """The masked key and the number of products."""
        return AgentResult(
            api_key=(await self._key()).masked,
            key_permission=key_permission(self.task.permissions),
            product_count=self._products,
            store_url=str(self.task.origin),
        )

    async def _seal(self) -> str:
        await self.task.log.once(KEY_KEPT, self._keep)
        return f"{(await self._key()).masked}, AES-256-GCM"

    async def _configure(self) -> str:
        new = self._connection(await self._key())
        await self.task.shelf.reserve(new)
        return f"{new.origin}, with a key that can {KEY_CAN[new.key_permission]}"

    async def _test(self) -> str:
        """Ask for the first products, and whether the key is exactly as wide as was allowed."""
        if self._is_connected:
            return "it was proven before"
        api = WooCommerceApi(self.task.origin, await self._key(), self.task.proxy_url)
        self._shop = KnownFirstPage(api)
        first, can_write = await asyncio.gather(self._shop.page(1, PRODUCTS_A_PAGE), api.can_write())
        permission = key_permission(self.task.permissions)
        if can_write is not (permission == READ_WRITE):
            raise KeyTooWide if can_write else KeyTooNarrow
        return f"the shop has {first.total} products; the key can {KEY_CAN[permission]}"

    async def _bring(self) -> str:
        if self._is_connected:
            self._products = await self.task.shelf.count(SERVICE, self.task.origin)
        else:
            self._products = await self.task.shelf.fill(SERVICE, self.task.origin, self._shop)
            await self.task.log.once(CONNECTED, partial(self._connect, await self._key()))
        return f"{self._products} products synced"

    @property
    def _is_connected(self) -> bool:
        """The new key is in use, so there is nothing left that could fail."""
        return CONNECTED in self.task.log.done_before

    async def _key(self) -> ApiKey:
        """The key; after a crash, out of the vault."""
        if self._known is None:
            names = PROVEN if self._is_connected else UNPROVEN
            use = partial(self.task.credentials.use, purpose="call the shop's API")
            self._known = ApiKey(await use(names[0]), await use(names[1]))
        return self._known

    def _keep(self, session: CustomerSession) -> None:
        """Seal the key under a name of its own: what is connected goes on with its own key until this one is proven."""
        if self._known is None:
            raise StepFailed("page_not_recognised", because="The key could not be read off the page.")
        for name, secret in zip(UNPROVEN, self._known.pair, strict=True):
            self.task.credentials.keep(session, name, secret)

    def _connect(self, key: ApiKey, session: CustomerSession) -> None:
        """The proven key takes the place of the one before, in the vault and at the connection."""
        for unproven, proven, secret in zip(UNPROVEN, PROVEN, key.pair, strict=True):
            self.task.credentials.keep(session, proven, secret)
            self.task.credentials.forget(session, unproven, because="the key is proven, and kept under its own name")
        self.task.shelf.connect(session, self._connection(key))

    def _connection(self, key: ApiKey) -> NewConnection:
        permission = key_permission(self.task.permissions)
        return NewConnection(SERVICE, self.task.origin, self.task.operation_id, key.hint, permission)

    async def _remove_key_of(self, operation_id: UUID) -> None:
        """Replay the learnt way to revoke the key of an operation; finds nothing to do if there is none."""
        stored = await self.task.credentials.stored()
        if not {"admin_username", "admin_password"} <= stored:
            raise SignInMissing(because=what_is_left(operation_id))
        username = await self.task.credentials.use("admin_username", purpose="sign in to revoke a key")
        slots = self._slots(username.reveal(), operation_id)
        steps = on_the_page(self.task.workflows.get(REVOKE))
        first = await self.task.log.plan([planned(slots.bind(step)) for step in steps])
        async with self.task.open_browser(self.sensitive) as page:
            await self.replay(page, steps, slots, first)
        await self.task.log.settled()

    def _slots(self, username: str, operation_id: UUID) -> Slots:
        plain = {
            "store_url": str(self.task.origin),
            "username": username,
            "key_description": key_name(operation_id),
            "key_permission": key_permission(self.task.permissions),
        }
        return Slots(plain, secrets={"password": "admin_password"})


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
