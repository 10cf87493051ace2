"""What is done with a key that is stored already: look whether it still works, or bring the products over again.

No browser is opened and nobody signs in. What is found out about the key stands at the connection: that it is refused,
or can do something else than was allowed, until it is found to work again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from core.agents.agent import AgentResult, CodeStep
from core.agents.catalog_agent import CatalogAgent
from core.agents.integration import Integration, Permission
from core.agents.keys import KeyKind, KeyTooNarrow, KeyTooWide
from core.agents.minting import MintingAgent
from core.agents.slots import Slots
from core.agents.task import AgentTask
from core.database.states import CHECK, RESYNC
from core.errors import CoreError, NotFound
from core.workflows.step import Workflow

NO_BROWSER = Workflow("no-browser", "Without a browser", "", 0, "", (), (), ())
CHECKS, BRINGS = "check_connection", "read_products_again"  # the permissions
TOO_WIDE, TOO_NARROW = "The key can do more than you allowed.", "The key can do less than you allowed."
INTRO = (
    "It works with the key that is stored. No password is asked for, and no browser is opened. "
    "You can follow it, and stop it at any moment."
)


class KeyRefused(CoreError):
    """The shop does not accept our key any more."""

    code: ClassVar[str] = "key_refused"


class WithStoredKey(MintingAgent):
    """Goes on with the key that is connected; to be put before the agent of a service's setup, whose tests it repeats."""

    def get_workflow(self) -> Workflow:
        """Nothing is done in a browser."""
        return NO_BROWSER

    async def get_credentials(self) -> Slots:
        """No sign-in; the key is as wide as it was allowed when it was made. Raises NotFound if nothing is connected."""
        made = await self.task.shelf.made_with(self.kind.service, self.task.origin)
        if made is None or not set(self.kind.parts) <= await self.task.credentials.stored():
            raise NotFound(because=f"No {self.kind.noun} of {self.task.origin} is kept here.")
        self.task = replace(self.task, permissions=made.permissions)
        self.permission_then = made.key_permission
        return self.slots("", self.task.operation_id)

    @property
    def browser_is_done(self) -> bool:
        """There is none."""
        return True

    @property
    def is_connected(self) -> bool:
        """It is the key in use."""
        return True

    async def finish(self) -> str:
        """Nothing was made that takes the place of something."""
        return ""

    async def clean_up(self) -> str:
        """Nothing was made that would have to go."""
        return ""

    def looking(self, step: CodeStep) -> CodeStep:
        """The same step, with what it finds out about the key written down."""
        return replace(step, do=partial(self._looked, step.do))

    async def works(self) -> str:
        """The key does what it should: whatever was wrong before is not any more."""
        await self.task.shelf.told_of_key(self.kind.service, self.task.origin, None)
        return "the connection is as it should be"

    async def _looked(self, do: Callable[[], Awaitable[str]]) -> str:
        try:
            return await do()
        except (KeyTooWide, KeyTooNarrow) as error:
            await self._wrong(TOO_WIDE if isinstance(error, KeyTooWide) else TOO_NARROW)
            raise
        except CoreError as error:
            if error.retry or not await self._is_refused():
                raise
            await self._wrong(KeyRefused().sentence)
            raise KeyRefused(because="Repair the connection: a new key takes its place.") from error

    async def _wrong(self, sentence: str) -> None:
        await self.task.shelf.told_of_key(self.kind.service, self.task.origin, sentence)

    async def _is_refused(self) -> bool:
        """Whether the service itself says so; if it says nothing, what went wrong before stands."""
        try:
            return await self.kind.is_refused(self.task, await self.key())
        except CoreError:
            return False


class CheckingAgent(WithStoredKey):
    """Repeats the proof of a key, without what follows from it."""

    def looks(self) -> Sequence[CodeStep]:
        """The steps that show that the key does what was allowed, and no more."""
        return self.tests() if isinstance(self, CatalogAgent) else self.proof()

    def follow_up(self) -> Sequence[CodeStep]:
        """The proof, and what it says of the connection."""
        return (
            *(self.looking(one) for one in self.looks()),
            CodeStep("Note that it works", "What was wrong before is not any more", self.works),
        )

    async def extract_result(self) -> AgentResult:
        """That it works."""
        said = f"The {self.kind.noun} works, and can do what you allowed."
        return AgentResult(said, str(self.task.origin), key_permission=self.permission)


class BringingAgent(WithStoredKey, CatalogAgent):
    """Brings the products over once more."""

    def follow_up(self) -> Sequence[CodeStep]:
        """The proof, for nothing is read by a key that does something else, and the products."""
        *_, bring = CatalogAgent.proof(self)
        return (
            *(self.looking(one) for one in self.tests()),
            CodeStep("Note that it works", "What was wrong before is not any more", self.works),
            self.looking(bring),
        )


def checking(setup: Integration, kind: KeyKind, make_agent: Callable[[AgentTask], CheckingAgent]) -> Integration:
    """The operation that looks whether the key still works."""
    return replace(
        _upkeep(setup),
        operation=CHECK,
        summary=f"Looks whether the {kind.noun} still works, and still has just the rights that you allowed.",
        in_short=lambda _: f"a look whether the {kind.noun} still works",
        permissions=(
            Permission(
                CHECKS,
                f"**Use** the {kind.noun} to see that it is still accepted, and can do what you allowed and **no more**.",
            ),
        ),
        required=frozenset({CHECKS}),
        will_not=("**Change** anything, or bring anything over.", "Visit any other site."),
        kept=("When it was looked at, and what was wrong, if anything was.",),
        make_agent=make_agent,
    )


def bringing(setup: Integration, kind: KeyKind, make_agent: Callable[[AgentTask], BringingAgent]) -> Integration:
    """The operation that brings the products over again."""
    return replace(
        _upkeep(setup),
        operation=RESYNC,
        summary="Brings your products over again.",
        in_short=lambda _: "your products, brought over again",
        permissions=(
            Permission(
                BRINGS,
                f"**Read** your **products** again with the {kind.noun}. They take the place of those from before.",
            ),
        ),
        required=frozenset({BRINGS}),
        will_not=("**Change** anything there.", "Visit any other site."),
        kept=("Your products, as they are at that time.",),
        make_agent=make_agent,
    )


def _upkeep(setup: Integration) -> Integration:
    return replace(
        setup,
        needs="A connection that was set up here.",
        intro=INTRO,
        sign_in=(),
        unproven=(),
        approval=None,
        what_is_left=lambda _: "",
        keeps_up=True,
    )
