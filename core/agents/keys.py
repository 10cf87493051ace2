"""What a kind of key is: how a service calls it, where it stands there, how it is made, shown, read and taken back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Protocol
from uuid import UUID

from core.agents.agent import AutonomousAgent, StepFailed, Trouble, planned
from core.agents.leftovers import is_gone
from core.agents.on_the_page import on_the_page
from core.agents.slots import Slots
from core.agents.task import AgentTask
from core.errors import CoreError
from core.planner.harm import Harm, harms_of_step
from core.security.secret import Secret
from core.workflows.locator import Locator
from core.workflows.step import Workflow

Key = Mapping[str, Secret]  # the parts of a key, by the names they have in the workflow and in the vault

USERNAME, PASSWORD = "admin_username", "admin_password"  # the sign-in, as the vault calls it for every service


class IsRefused(Protocol):
    """Asks a service whether it still knows a key."""

    def __call__(self, task: AgentTask, key: Key) -> Awaitable[bool]:
        """Whether it is refused. Raises a CoreError if the service does not answer."""
        ...


@dataclass(frozen=True)
class KeyKind:
    """A key that a service gives out in its admin pages; everything about it that is particular to the service.

    `parts` are what the workflow `makes` reads off the page; the first is the one of which the end may be shown.
    `fits` says whether what was read looks like such a key. `sensitive` shows it, and is covered in every picture.
    What is `irreversible` is done only where a learnt step names it. `where` is the way to the key by hand. `is_private`
    says that nobody sees it but the user who made it: that it is not there shows nothing to another.
    """

    service: str
    noun: str
    parts: tuple[str, ...]
    begins: str
    shown: int
    makes: str
    revokes: str
    where: str
    fits: Callable[[Key], bool]
    is_refused: IsRefused
    sensitive: tuple[Locator, ...]
    irreversible: tuple[Locator, ...]
    notices: Locator
    troubles: Sequence[Trouble]
    is_private: bool = False

    @property
    def unproven(self) -> tuple[str, ...]:
        """What the vault calls the parts until they are proven."""
        return tuple(f"new_{part}" for part in self.parts)

    def name(self, operation_id: UUID) -> str:
        """What the key of an operation is called at the service."""
        return f"OmniOps · op {operation_id.hex[:8]}"

    def hint(self, key: Key) -> str:
        """The end of it, by which people know it again."""
        return key[self.parts[0]].reveal()[-self.shown :]

    def masked(self, key: Key) -> str:
        """The key as it may be shown."""
        return f"{self.begins}…{self.hint(key)}"

    def what_is_left(self, operation_id: UUID) -> str:
        """What may remain at the service, and where to find it."""
        return f"The {self.noun} named “{self.name(operation_id)}” may still be there. Revoke it under {self.where}."


class KeyTooWide(CoreError):
    """The key that was made can do more than you allowed."""

    code: ClassVar[str] = "key_too_wide"


class KeyTooNarrow(CoreError):
    """The key that was made can do less than you allowed."""

    code: ClassVar[str] = "key_too_narrow"


class SignInMissing(CoreError):
    """There is no sign-in stored for this address."""

    code: ClassVar[str] = "credentials_missing"


class KeyAgent(AutonomousAgent):
    """What agents that make keys and agents that take them back have in common: they sign in, and know a key by its name."""

    def __init__(self, task: AgentTask, kind: KeyKind) -> None:
        super().__init__(task)
        self.kind = kind
        self.troubles, self.trouble_notices = kind.troubles, kind.notices
        self.sensitive, self.irreversible = kind.sensitive, kind.irreversible

    def choices(self) -> Mapping[str, str]:
        """What the workflow asks for besides the address, the user and the key's name."""
        return {}

    def consented_to(self, workflow: Workflow) -> frozenset[Harm]:
        """Who agrees to a key agrees to its removal: it is one, whatever happens, and can be taken back."""
        return frozenset({Harm.REMOVES}) if workflow.id == self.kind.revokes else frozenset()

    async def signed_in_as(self, operation_id: UUID, *, or_else: str) -> Slots:
        """The values of a run that signs in: the user name in plain, the password by name. Raises SignInMissing."""
        if not {USERNAME, PASSWORD} <= await self.task.credentials.stored():
            raise SignInMissing(because=or_else)
        username = await self.task.credentials.use(USERNAME, purpose="sign in")
        return self.slots(username.reveal(), operation_id)

    def slots(self, username: str, operation_id: UUID) -> Slots:
        """The values of the key of this operation."""
        plain = {
            "store_url": str(self.task.origin),
            "username": username,
            "key_description": self.kind.name(operation_id),
            **self.choices(),
        }
        return Slots(plain, secrets={"password": PASSWORD})

    async def remove_key_of(self, operation_id: UUID) -> bool:
        """Replay the learnt way to revoke the key of an operation; finds nothing to do if there is none.

        False if that is no proof that there is none.
        """
        slots = await self.signed_in_as(operation_id, or_else=self.kind.what_is_left(operation_id))
        workflow = self.task.workflows.get(self.kind.revokes)
        first = await self.task.log.plan([planned(slots.bind(step)) for step in on_the_page(workflow)])
        async with self.task.open_browser(self.sensitive) as page:
            done = (await self.replay(page, workflow, slots, first)).done
        await self.task.log.settled()
        return not self.kind.is_private or any(Harm.REMOVES in harms_of_step(step) for step in done)

    async def remove_leftovers(self) -> None:
        """Revoke what earlier operations left at this shop, and say so of them. Raises StepFailed or SignInMissing."""
        here, named = self.task.operation_id, self.kind.what_is_left
        for left in self.task.leftovers:
            if await self.remove_key_of(left):
                await self.task.log.write(partial(is_gone, operation_id=here, left=left, named=named))

    async def remove_superseded(self) -> str:
        """Revoke the keys of earlier setups of this place; what could not be removed, or nothing."""
        left, shelf = list[str](), self.task.shelf
        for operation_id in await shelf.superseded(self.kind.service, self.task.origin):
            try:
                await self.remove_key_of(operation_id)
            except (StepFailed, SignInMissing):
                left.append(self.kind.what_is_left(operation_id))
            else:
                await shelf.revoked(self.kind.service, self.task.origin, operation_id)
        return " ".join(left)
