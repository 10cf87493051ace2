"""Makes a key of a shop, proves it, and brings the shop's products over by it."""

from abc import abstractmethod
from collections.abc import Sequence

from core.agents.agent import AgentResult, CodeStep
from core.agents.minting import MintingAgent
from core.catalog.sync import ProductSource


class CatalogAgent(MintingAgent):
    """A service with products says how its key is tested, what it can do, and where the products are."""

    @property
    @abstractmethod
    def key_can(self) -> str:
        """What the key can do, in words for people."""

    @abstractmethod
    def tests(self) -> Sequence[CodeStep]:
        """The steps that show that the key does what was allowed, and no more."""

    @abstractmethod
    async def products(self) -> ProductSource:
        """Where the products are, once the key is tested."""

    def proof(self) -> Sequence[CodeStep]:
        """Make room, test the key, bring the products over."""
        return (
            CodeStep("Configure the connection", "There is room for the shop's products", self._configure),
            *self.tests(),
            CodeStep("Bring your products over", "As many products as the shop says it has", self._bring),
        )

    async def extract_result(self) -> AgentResult:
        """The masked key, what it can do, and the number of products."""
        products = await self.task.shelf.count(self.kind.service, self.task.origin)
        return AgentResult(
            said=f"{products} product{'' if products == 1 else 's'} synced.",
            store_url=str(self.task.origin),
            api_key=self.kind.masked(await self.key()),
            key_permission=self.permission,
            key_can=self.key_can,
            product_count=products,
        )

    async def _configure(self) -> str:
        await self.task.shelf.reserve(self.connection(await self.key()))
        return f"{self.task.origin}, with a {self.kind.noun} that can {self.key_can}"

    async def _bring(self) -> str:
        brought = await self.task.shelf.fill(self.kind.service, self.task.origin, await self.products())
        return f"{brought} products synced"
