"""Sets up pretix: an API token by the browser, into the vault, proven to be no wider than allowed, and the products over."""

from collections.abc import Mapping, Sequence

from core.agents.agent import CodeStep
from core.agents.catalog_agent import CatalogAgent
from core.agents.keys import KeyTooNarrow, KeyTooWide
from core.agents.task import AgentTask
from core.agents.upkeep import BringingAgent, CheckingAgent
from core.catalog.sync import ProductSource
from core.integrations.pretix.api import Event, Organizer
from core.integrations.pretix.catalog import TicketCatalog, events_of
from core.integrations.pretix.key import API_TOKEN, KEY, api_of, token_in
from core.integrations.pretix.rights import CHANGES_PRODUCTS, OTHERS
from core.integrations.pretix.words import CHANGE_PRODUCTS, TOKEN_CAN, level
from core.security.secret import Secret

MOST_NAMED = 3  # rights that are too many; more is no sentence any more


class PretixSetupAgent(CatalogAgent):
    """Makes one API token, shows that it can do what was allowed and nothing else, and brings the products over."""

    def __init__(self, task: AgentTask) -> None:
        super().__init__(task, KEY)
        self._organizer: Organizer | None = None
        self._events: tuple[Event, ...] = ()

    @property
    def permission(self) -> str:
        """As the consent says; whether the token is just as wide is tested."""
        return level(self.task.permissions)

    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        """Of the sentence that the token is said in, only the token is kept."""
        await super().take_over(
            {name: token_in(said) if name == API_TOKEN else said for name, said in captured.items()}
        )

    @property
    def key_can(self) -> str:
        """In words for people."""
        return TOKEN_CAN[self.permission]

    def tests(self) -> Sequence[CodeStep]:
        """See whether pretix lets the token in, and how wide it is."""
        return (
            CodeStep("Test the API token", "pretix's API lets it in", self._test),
            CodeStep("See what it can do", "It can do what you allowed, and nothing else", self._measure),
        )

    async def products(self) -> ProductSource:
        """The tickets of every event that the token sees."""
        _, events = await self._seen()
        return TicketCatalog(api_of(self.task, await self.key()), events)

    async def _test(self) -> str:
        organizer, events = await self._seen()
        return f"it sees {len(events)} event{'' if len(events) == 1 else 's'} of {organizer.name}"

    async def _measure(self) -> str:
        """Ask for every right there is, one after the other: pretix counts how many requests come at once."""
        api = api_of(self.task, await self.key())
        organizer, events = await self._seen()
        if not events:
            raise KeyTooNarrow(
                because="The team “OmniOps” sees no event. Give it its events in pretix, and start again."
            )
        too_many = [right.words for right in OTHERS if await api.has(right, organizer, events[0])]
        can_change = await api.has(CHANGES_PRODUCTS, organizer, events[0])
        may_change = CHANGE_PRODUCTS in self.task.permissions
        if can_change and not may_change:
            too_many.insert(0, CHANGES_PRODUCTS.words)
        if too_many:
            named = ", ".join(too_many[:MOST_NAMED]) + (", and more" if len(too_many) > MOST_NAMED else "")
            raise KeyTooWide(
                because=f"The team “OmniOps” may also: {named}. Take that from it in pretix, and start again."
            )
        if may_change and not can_change:
            raise KeyTooNarrow(because="The team “OmniOps” may not change products. Let it, or allow only reading.")
        return f"it can {self.key_can}; {len(OTHERS)} other rights were asked for, and refused"

    async def _seen(self) -> tuple[Organizer, tuple[Event, ...]]:
        """Whose token it is and what it sees; asked once."""
        if self._organizer is None:
            api = api_of(self.task, await self.key())
            organizer = await api.organizer()
            self._events = await events_of(api, organizer)
            self._organizer = organizer
        return self._organizer, self._events


class PretixChecking(CheckingAgent, PretixSetupAgent):
    """Asks for every right there is, with the token that is stored."""


class PretixBringing(BringingAgent, PretixSetupAgent):
    """Brings the products over again with the token that is stored."""
