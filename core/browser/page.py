"""The page as the agent has it: it performs actions, answers expectations and gives masked pictures. Nothing else."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Protocol

from core.browser.actions import Action
from core.errors import CoreError
from core.workflows.locator import Locator
from core.workflows.step import Check

if TYPE_CHECKING:
    from core.browser.snapshot import ElementSeen, Snapshot


class ActionFailed(CoreError):
    """The page did not let this be done."""

    code: ClassVar[str] = "action_failed"


class InTheWay(ActionFailed):
    """Something else has to be done before this can be."""

    code: ClassVar[str] = "in_the_way"


class OriginRefused(CoreError):
    """That address is outside the shop this was allowed for."""

    code: ClassVar[str] = "origin_refused"


class RunStopped(CoreError):
    """The browser of this run was shut."""

    code: ClassVar[str] = "run_stopped"
    retry: ClassVar[bool] = True


@dataclass(frozen=True)
class Box:
    """A rectangle on the picture, in CSS pixels from its top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class DialogSeen:
    """A dialog that a page opened: its redacted words, and whether it was agreed to; if not, it was closed."""

    words: str
    agreed: bool = False


@dataclass(frozen=True)
class Performed:
    """An action was done: on which element (its box, if it has one), what it read or shows, and which dialogs it met.

    What was pressed may be gone by then: its box is `on` the picture before, if it is to be seen there.
    """

    box: Box | None = None
    value: str | None = field(default=None, repr=False)  # it may be a secret
    dialogs: tuple[DialogSeen, ...] = ()
    on: "PendingPicture | None" = None


@dataclass(frozen=True)
class Verdict:
    """Whether an expectation held in time; if not, one redacted sentence of what was seen instead."""

    held: bool
    seen: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture of the page, secrets covered by one flat colour. `webp` and the small `thumbnail` are bytes of WebP files."""

    webp: bytes
    thumbnail: bytes
    width: int
    height: int
    covered: tuple[Box, ...]
    address: str


class BrowserPage(Protocol):
    """One page of one run. Every text it gives is redacted; every failure of the page is ActionFailed."""

    @property
    def address(self) -> str:
        """Where the page is: origin, path and query without values that are secret."""
        ...

    def redact(self, text: str) -> str:
        """The text with every secret that is live in this run replaced, in whichever form it is written."""
        ...

    async def perform(self, action: Action) -> Performed:
        """Do one action. Raises ActionFailed, OriginRefused or RunStopped.

        An action that `accepts_dialog` agrees to one question (a `confirm`, no other dialog): the first that the page asks
        from the click or key press on, also after this has returned, for a page may ask after an answer of its shop. That
        ends with the question itself, or with `take_dialogs`, or when the action fails, or when the next one begins.
        """
        ...

    def keep_from_view(self) -> None:
        """From now on nobody sees this page live: it may show what only its own learnt step knows to be a secret."""
        ...

    def take_dialogs(self) -> tuple[DialogSeen, ...]:
        """The dialogs that no Performed has told yet. The action is over with that: nothing more is agreed to."""
        ...

    async def present(self, locator: Locator) -> int:
        """How many visible elements this finds right now; 0 if none. Never waits."""
        ...

    async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
        """Wait until the expectation holds, at most `within`, and no longer than until one of `unless` is visible."""
        ...

    async def seen(self) -> str:
        """One sentence for people on what the page shows now: its title, heading and notices."""
        ...

    async def snapshot(self) -> "Snapshot":
        """What the page offers right now. Raises ActionFailed if it does not answer."""
        ...

    async def element_at(self, locator: Locator) -> "ElementSeen | None":
        """The element that this finds, as a snapshot has it; None if it finds another one as well, be it hidden, or no control."""
        ...

    async def ways_to(self, ref: str) -> tuple[Locator, ...]:
        """Ways to find exactly this element of the newest snapshot, the most durable first; none if it is gone."""
        ...

    def picture(self) -> "PendingPicture":
        """Begin to capture the page as it is now. Whatever would change the page waits until it is captured."""
        ...


class PendingPicture(Protocol):
    """A picture from the moment its capture begins; it is covered and encoded off the event loop."""

    async def ready(self) -> Picture:
        """The finished picture. Until then no unmasked byte is stored anywhere."""
        ...
