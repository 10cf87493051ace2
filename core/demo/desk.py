"""Where a demo is given: faults and pace are switched, a setup begins with one click, and all of it is reset."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar
from uuid import UUID, uuid4

from core.browser.screenshots import ScreenshotStore
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.demo.forgetting import BECAUSE, Forgotten, forget_shop
from core.demo.practice_room import PACES, PracticeFault, PracticeRoom
from core.errors import BadInput, Conflict
from core.operations.consents import ConsentDesk, ConsentRequest, ConsentSheet
from core.operations.credentials import CredentialDesk
from core.operations.progress import ProgressBus
from core.operations.rows import open_operations
from core.operations.runs import MOST_LISTED
from core.operations.service import AlreadyOver, NewOperation, OperationService
from core.operations.views import OperationView
from core.security.consent.agreement import Circumstances, Purpose
from core.security.people.authorize import Action, authorize
from core.security.people.visitor import Visitor
from core.security.vault.vault import Vault

ANOTHER = "The demo begins another."
STOPPED_WITHIN = 90  # seconds a run that is stopped for a reset may take to end; removing what it made takes up to 60


class StillUnderWay(Conflict):
    """What is under way in the practice shop does not end."""

    code: ClassVar[str] = "still_under_way"


class NoSuchPace(BadInput):
    """The agent can't go at this pace."""

    code: ClassVar[str] = "no_such_pace"


@dataclass(frozen=True)
class DemoTools:
    """What the desk works with."""

    database: Database
    operations: OperationService
    consents: ConsentDesk
    credentials: CredentialDesk
    vault: Vault
    pictures: ScreenshotStore
    progress: ProgressBus
    clock: Clock


class DemoDesk:
    """The use cases of a demo; there is one only where the product runs as a demo."""

    def __init__(self, room: PracticeRoom, tools: DemoTools) -> None:
        self._room = room
        self._tools = tools
        self._toured: set[UUID] = set()  # a demo that is begun anew has a new audience, so this outlives no process

    @property
    def setup(self) -> ConsentRequest:
        """What is set up, and where."""
        return self._room.setup

    @property
    def shop_sign_in(self) -> tuple[str, ...]:
        """The made-up sign-in to the practice shop, for who wants to look at it in their own browser."""
        return tuple(one.reveal() for one in self._room.sign_in.values())

    @property
    def sheet(self) -> ConsentSheet:
        """What is agreed to when it is set up."""
        return self._tools.consents.sheet(self._room.setup)

    @property
    def pace(self) -> float:
        """How many seconds the agent rests after a step."""
        return self._room.pace.seconds

    def faults(self) -> tuple[PracticeFault, ...]:
        """Everything that can go wrong, as it is switched."""
        return self._room.faults()

    def set_fault(self, visitor: Visitor, name: str, on: bool) -> tuple[PracticeFault, ...]:
        """Switch a fault, and off what it does not fit with; all of them, as they are then. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.OPERATE)
        self._room.set_fault(name, on)
        return self._room.faults()

    def set_pace(self, visitor: Visitor, seconds: float) -> None:
        """Have the agent rest for so long after a step. Raises NotAllowed or NoSuchPace."""
        authorize(visitor, Action.OPERATE)
        if seconds not in PACES:
            raise NoSuchPace(because=f"There are {', '.join(f'{one:g}' for one in PACES)} seconds.")
        self._room.pace.change(seconds)

    def one_time_code(self, visitor: Visitor) -> str:
        """What the practice shop's authenticator app shows now. Raises NotAllowed."""
        authorize(visitor, Action.OPERATE)
        return self._room.one_time_code()

    def invites(self, visitor: Visitor) -> bool:
        """Whether they have not been shown around yet, and have not said that they need not be."""
        return visitor.user_id not in self._toured

    def has_invited(self, visitor: Visitor) -> None:
        """They are being shown around, or need not be."""
        self._toured.add(visitor.user_id)

    async def newest(self, visitor: Visitor) -> OperationView | None:
        """What was asked for last in the practice shop. Raises NotAllowed."""
        history = await self._tools.operations.history(visitor, MOST_LISTED)
        return next((one for one in history if one.store_url == self.setup.store_url), None)

    async def under_way(self, visitor: Visitor) -> OperationView | None:
        """The setup of the practice shop that has begun, is not over and does not wait to be tried again. Raises NotAllowed."""
        return next((one for one in await self._open(visitor) if _has_begun(one)), None)

    async def begin(
        self,
        visitor: Visitor,
        given: Circumstances,
        permissions: Iterable[str] = (),
        refused: Iterable[Purpose] = (),
    ) -> OperationView:
        """Keep the shop's sign-in, record what was agreed to, beyond what it needs too, and begin. Raises as its parts.

        What waits to be tried again gives way.
        """
        authorize(visitor, Action.OPERATE)
        tools, asked = self._tools, replace(self.setup, permissions=(*self.setup.permissions, *permissions))
        for one in await self._open(visitor):
            if one.waits_until:
                await tools.operations.cancel(visitor, one.id, because=ANOTHER)
        self._room.begin_anew()
        await tools.credentials.store(visitor, asked.service, asked.store_url, self._room.sign_in, given)
        await tools.consents.agree(visitor, asked, given, refused)
        begun = await self.under_way(visitor)  # one that waited for just this consent
        wanted = NewOperation(asked.service, asked.operation, asked.store_url, asked.to_act)
        return begun or await tools.operations.initiate(visitor, wanted)

    async def reset(self, visitor: Visitor) -> Forgotten:
        """Put the shop back to how it was at first, and forget all that was done there; who is signed in stays so.

        1. What is under way there is stopped, and waited for.
        2. Operations, connection, products, secrets and consents go, and the audit chain says so: one transaction.
        3. The shop begins anew, and pictures that nothing shows any more go.

        Raises NotAllowed or StillUnderWay.
        """
        authorize(visitor, Action.MANAGE_CREDENTIALS)
        authorize(visitor, Action.DECIDE_CONSENT)
        await self._stop_what_is_under_way(visitor)
        forgotten = await self._tools.database.run(visitor.customer_id, partial(self._forget, visitor))
        self._room.reset()
        await self._tools.pictures.delete(visitor.customer_id, forgotten.pictures)
        return forgotten

    async def _stop_what_is_under_way(self, visitor: Visitor) -> None:
        changed = asyncio.Event()
        unsubscribe = self._tools.progress.subscribe(visitor.customer_id, lambda _: changed.set())
        try:
            async with asyncio.timeout(STOPPED_WITHIN):
                while still_open := await self._open(visitor):
                    changed.clear()
                    for one in still_open:
                        with suppress(AlreadyOver):
                            await self._tools.operations.cancel(visitor, one.id, because=BECAUSE)
                    if await self._open(visitor):
                        await changed.wait()
        except TimeoutError:
            raise StillUnderWay(because="Look at it under Operations.") from None
        finally:
            unsubscribe()

    async def _open(self, visitor: Visitor) -> tuple[OperationView, ...]:
        history = await self._tools.operations.history(visitor, MOST_LISTED)
        return tuple(one for one in history if one.store_url == self.setup.store_url and not one.status.is_over)

    def _forget(self, visitor: Visitor, session: CustomerSession) -> Forgotten:
        tools = self._tools
        if any(row.store_origin == self.setup.store_url for row in open_operations(session)):
            raise StillUnderWay(because="Something has begun there meanwhile. Reset it once more.")
        forgotten = forget_shop(session, tools.vault, visitor, self.setup.store_url, at=tools.clock.now())
        # Screens of every operation draw anew; that of one that is gone is not told, as it would look for it.
        tools.progress.publish(session, visitor.customer_id, uuid4())
        return forgotten


def _has_begun(one: OperationView) -> bool:
    return one.status is not OperationStatus.AWAITING_CONSENT and one.waits_until is None
