"""What an agent is given for one run: the request, its tools, and the seams it writes through."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

from core.agents.budget import RunBudget
from core.agents.pace import Pace
from core.agents.person import Person
from core.browser.page import BrowserPage, PendingPicture
from core.catalog.sync import ProductShelf
from core.database.session import CustomerSession
from core.planner.planner import Decision, Planner, Rung
from core.planner.spending import Purse
from core.security.origin import Origin
from core.security.secret import Secret
from core.workflows.locator import Locator
from core.workflows.registry import WorkflowRegistry
from core.workflows.step import TaskStep

T = TypeVar("T")

MADE = "made"  # the checkpoint after which the shop may hold something of ours


@dataclass(frozen=True)
class PlannedStep:
    """One line of the timeline before it has happened."""

    intent: str
    action: str
    expected: str | None = None


@dataclass(frozen=True)
class Healing:
    """A learnt step that was done on another element than it names, and held: what it looked for, and what it found.

    `step` is as it was learnt, slots and all; so is `after`. `evidence` says why the two are the same: score, margin,
    names, and what was verified; it holds nothing of JSON's that is secret.
    """

    workflow_id: str
    step: TaskStep
    rung: Rung
    after: Locator
    evidence: Mapping[str, Any]


@dataclass(frozen=True)
class StepOutcome:
    """How a step ended; `seen` says what was there instead if it failed, `note` what was unusual if it did not.

    `rung` decided where it was done; without it, that is whoever decided last, be it on what stood in between. What was
    pressed was `touched_on` an earlier picture, if it is to be seen there; all else is on the step's own.
    """

    done: bool
    seen: str = ""
    note: str = ""
    skipped: bool = False
    code: str = ""
    page_url: str | None = None
    touched: tuple[float, float, float, float] | None = None
    touched_on: PendingPicture | None = None
    picture: PendingPicture | None = None
    healing: Healing | None = None
    rung: Rung | None = None


class StepLog(Protocol):
    """Where an agent writes its steps. Intents are durable before the deed; outcomes follow in order, in the background."""

    async def plan(self, steps: Sequence[PlannedStep]) -> int:
        """Add these steps to the timeline; returns the position of the first."""
        ...

    async def intend(self, position: int, step: PlannedStep, decision: Decision, page_url: str | None) -> None:
        """Consent is checked and the intent recorded, in one transaction. Raises what forbids the step."""
        ...

    def conclude(self, position: int, outcome: StepOutcome) -> None:
        """Record how the step ended, once its picture is ready; the next step need not wait."""
        ...

    async def settled(self) -> None:
        """Return when every outcome so far is recorded. Raises what went wrong with one."""
        ...

    async def once(self, name: str, use_case: Callable[[CustomerSession], Any]) -> None:
        """Run this and remember, in the same transaction, that it is done; a resumed run finds it in `done_before`."""
        ...

    async def write(self, use_case: Callable[[CustomerSession], T]) -> T:
        """Run this in one transaction, unless somebody else has taken the operation over."""
        ...

    @property
    def done_before(self) -> frozenset[str]:
        """The names given to `once` in this operation, in this attempt and earlier ones."""
        ...


class RunCredentials(Protocol):
    """The secrets of one customer's one shop, by field name."""

    async def stored(self) -> frozenset[str]:
        """The names of the fields that are there."""
        ...

    async def use(self, field: str, purpose: str) -> Secret:
        """A secret; its use is counted and audited first. Raises NoCredential."""
        ...

    def keep(self, session: CustomerSession, field: str, secret: Secret) -> None:
        """Seal a secret, as part of a transaction of the run."""
        ...

    def forget(self, session: CustomerSession, field: str, because: str) -> None:
        """Destroy a secret, as part of a transaction of the run. Raises NoCredential."""
        ...


class OpenBrowser(Protocol):
    """Opens a fresh browser context that can reach this run's shop and nothing else."""

    def __call__(self, sensitive: tuple[Locator, ...]) -> AbstractAsyncContextManager[BrowserPage]:
        """A page; `sensitive` elements are covered in every picture."""
        ...


@dataclass(frozen=True)
class AgentTask:
    """One run. `proxy_url` is the run's own way out, for calls to the shop's API.

    `leftovers` are the earlier operations of which something may be left at the shop.
    """

    customer_id: UUID
    operation_id: UUID
    origin: Origin
    permissions: frozenset[str]
    workflows: WorkflowRegistry
    planner: Planner
    log: StepLog
    credentials: RunCredentials
    open_browser: OpenBrowser
    proxy_url: str
    shelf: ProductShelf
    person: Person | None = None
    purse: Purse = field(default_factory=Purse)
    budget: RunBudget = field(default_factory=RunBudget)
    pace: Pace = field(default_factory=Pace)
    leftovers: tuple[UUID, ...] = ()
