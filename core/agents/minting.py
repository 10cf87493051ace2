"""Makes a key in a service's admin pages: sealed, proven, and only then in the place of the one before."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial

from core.agents.agent import CodeStep, StepFailed
from core.agents.keys import Key, KeyAgent, KeyKind
from core.agents.slots import Slots
from core.agents.task import MADE, AgentTask
from core.catalog.sync import NewConnection
from core.database.session import CustomerSession
from core.security.secret import Secret
from core.workflows.step import Workflow

KEY_KEPT, CONNECTED = "key_kept", "connected"
STAYS_CONNECTED = "It was connected by then, and stays so. You can forget it under Shops."
DONE_BEFORE = "it was done before"


class MintingAgent(KeyAgent):
    """One key, whatever happens. A service says how its key is proven, how wide it is, and what to tell in the end.

    1. Replay the learnt workflow; take over the key that it read.
    2. Seal the key under names of its own: what is connected goes on with its own key.
    3. Prove it.
    4. In one transaction it takes the place of the key before, in the vault and at the connection.
    5. Revoke the keys that it replaced.

    A crashed attempt goes on with the sealed key; if it was not sealed, it is revoked and made anew.
    """

    def __init__(self, task: AgentTask, kind: KeyKind) -> None:
        super().__init__(task, kind)
        self._key: Key | None = None
        self.permission_then = ""  # of a key that was made before

    @abstractmethod
    def proof(self) -> Sequence[CodeStep]:
        """The steps that show that the key does what was allowed; after the last of them it is in use."""

    @property
    @abstractmethod
    def permission(self) -> str:
        """What the key can do, in one word of the service; known at the latest when it is proven."""

    def get_workflow(self) -> Workflow:
        """Learnt from the test that proves the way."""
        return self.task.workflows.get(self.kind.makes)

    async def get_credentials(self) -> Slots:
        """The user name in plain, the password by name. Raises SignInMissing."""
        if self.browser_is_done:
            return self.slots("", self.task.operation_id)
        return await self.signed_in_as(
            self.task.operation_id, or_else="Enter the user name and password, and start again."
        )

    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        """Hold the key that was read until it is sealed. Raises StepFailed if it is none."""
        if not set(self.kind.parts) <= captured.keys():
            raise StepFailed("page_not_recognised", because=f"The {self.kind.noun} could not be read off the page.")
        if not self.kind.fits(captured):
            raise StepFailed("page_not_recognised", because=f"What stands on the page is no {self.kind.noun}.")
        self._key = {part: captured[part] for part in self.kind.parts}

    @property
    def browser_is_done(self) -> bool:
        """The key is in the vault: nothing more to do in the browser."""
        return KEY_KEPT in self.task.log.done_before

    @property
    def is_connected(self) -> bool:
        """The new key is in use, so there is nothing left that could fail."""
        return CONNECTED in self.task.log.done_before

    def follow_up(self) -> Sequence[CodeStep]:
        """Put the key away, prove it, and only then let it replace what was there before."""
        *proofs, last = self.proof()
        noun = self.kind.noun
        return (
            CodeStep(f"Put the {noun} into the vault", "It is encrypted, for OmniOps alone", self._seal),
            *(CodeStep(one.intent, one.expected, partial(self._prove, one)) for one in proofs),
            CodeStep(last.intent, last.expected, partial(self._prove_and_connect, last)),
        )

    async def before_first_step(self) -> None:
        """A crashed attempt may have left a key whose secret nobody has: it is revoked, and made anew.

        So may earlier operations that could not clean up: no new key is made before theirs are gone.
        """
        if MADE in self.task.log.done_before:
            await self.remove_key_of(self.task.operation_id)
        await self.remove_leftovers()

    async def finish(self) -> str:
        """The new key is in use, so those it replaced go; what could not be removed."""
        return await self.remove_superseded()

    async def clean_up(self) -> str:
        """Revoke the key of this operation, unless it is in use; what is left, if that fails."""
        if self.is_connected:
            return STAYS_CONNECTED
        try:
            await self.remove_key_of(self.task.operation_id)
        except StepFailed:
            return self.kind.what_is_left(self.task.operation_id)
        return ""

    async def key(self) -> Key:
        """The key; after a crash, out of the vault."""
        if self._key is None:
            names = self.kind.parts if self.is_connected else self.kind.unproven
            use = partial(self.task.credentials.use, purpose="call the service's API")
            self._key = {part: await use(name) for part, name in zip(self.kind.parts, names, strict=True)}
        return self._key

    def connection(self, key: Key) -> NewConnection:
        """What is connected by this key."""
        return NewConnection(
            self.kind.service, self.task.origin, self.task.operation_id, self.kind.hint(key), self.permission
        )

    async def _seal(self) -> str:
        await self.task.log.once(KEY_KEPT, self._keep)
        return f"{self.kind.masked(await self.key())}, AES-256-GCM"

    async def _prove(self, step: CodeStep) -> str:
        return DONE_BEFORE if self.is_connected else await step.do()

    async def _prove_and_connect(self, step: CodeStep) -> str:
        note = await self._prove(step)
        await self.task.log.once(CONNECTED, partial(self._connect, await self.key()))
        return note

    def _keep(self, session: CustomerSession) -> None:
        """Seal the key under a name of its own: what is connected goes on with its own key until this one is proven."""
        if self._key is None:
            raise StepFailed("page_not_recognised", because=f"The {self.kind.noun} could not be read off the page.")
        for part, name in zip(self.kind.parts, self.kind.unproven, strict=True):
            self.task.credentials.keep(session, name, self._key[part])

    def _connect(self, key: Key, session: CustomerSession) -> None:
        """The proven key takes the place of the one before, in the vault and at the connection."""
        for part, name in zip(self.kind.parts, self.kind.unproven, strict=True):
            self.task.credentials.keep(session, part, key[part])
            self.task.credentials.forget(session, name, because="the key is proven, and kept under its own name")
        self.task.shelf.connect(session, self.connection(key))
