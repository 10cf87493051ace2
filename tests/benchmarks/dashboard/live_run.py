"""An operation whose steps are written as a worker writes them, as often as the benchmark says."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy import event

from app.bootstrap import Autopilot
from core.agents.task import PlannedStep, StepOutcome
from core.browser.page import Picture
from core.browser.pictures import encoded
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.operations import lease as leases
from core.operations.consents import ConsentRequest
from core.operations.lease import RENEW_EVERY, Lease
from core.operations.progress import ProgressBus, Watcher
from core.operations.step_log import DatabaseStepLog, FoundTimeline, StepLogTools
from core.planner.planner import Decision, Rung
from core.security.people.people import Visitor

SERVICE, OPERATION, SHOP = "woocommerce", "api_key_generation", "https://tea.example"
PERMISSIONS = ("create_api_keys", "read_products")
WIDTH, HEIGHT, LINES = 1280, 800, 46


@dataclass(frozen=True)
class Ready:
    """A picture that is covered and encoded already."""

    picture: Picture

    async def ready(self) -> Picture:
        """It."""
        return self.picture


class StampedProgress:
    """The process's bus, which remembers when what it told of was committed: just after, in the writer's thread."""

    def __init__(self, bus: ProgressBus) -> None:
        self._bus = bus
        self.committed_at = 0.0

    def subscribe(self, customer_id: UUID, watcher: Watcher) -> Any:
        """As the bus does."""
        return self._bus.subscribe(customer_id, watcher)

    def publish(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        """As the bus does, and note the moment."""
        event.listen(session, "after_commit", self._note, once=True)
        self._bus.publish(session, customer_id, operation_id)

    def _note(self, _: object) -> None:
        self.committed_at = time.time()


class LiveRun:
    """One operation that is under way: `step` does its next step, the first one again after the last."""

    def __init__(
        self, autopilot: Autopilot, lease: Lease, steps: tuple[PlannedStep, ...], pictures: list[Ready]
    ) -> None:
        self._autopilot = autopilot
        self._lease = lease
        self._steps = steps
        self._pictures = pictures
        services = autopilot.services
        self._progress = StampedProgress(services.progress)
        tools = StepLogTools(services.database, services.pictures, self._progress, services.clock)
        self._log = DatabaseStepLog(tools, lease, FoundTimeline())
        self._at = 0
        self._beside = [asyncio.create_task(work) for work in (self._log.record_outcomes(), self._renew())]

    @property
    def operation_id(self) -> UUID:
        """Which operation it is."""
        return self._lease.operation_id

    @classmethod
    async def begun(cls, autopilot: Autopilot, visitor: Visitor, steps: int, pictures: int) -> Self:
        """An operation with so many steps to come, whose steps show these so many pictures in turn."""
        services = autopilot.services
        consent = await services.consents.grant(visitor, ConsentRequest(SERVICE, OPERATION, SHOP, PERMISSIONS))
        shown = [Ready(await asyncio.to_thread(page_like, number)) for number in range(pictures)]
        planned = tuple(
            PlannedStep(f"Click “Add key” under “REST API”, the {number}. time", "click")
            for number in range(1, steps + 1)
        )

        def claimed(session: CustomerSession) -> Lease | None:
            row = OperationRow(
                customer_id=visitor.customer_id,
                requested_by=visitor.user_id,
                service=SERVICE,
                operation=OPERATION,
                store_origin=SHOP,
                permissions=sorted(PERMISSIONS),
                status=OperationStatus.PENDING,
                consent_id=consent.id,
                created_at=services.clock.now(),
            )
            session.add(row)
            session.flush()
            return leases.claim(session, row.id, "benchmark", services.clock.now())

        lease = await services.database.run(visitor.customer_id, claimed)
        assert lease is not None
        run = cls(autopilot, lease, planned, shown)
        await run._log.plan(planned)
        await run._intend()
        return run

    async def step(self) -> tuple[int, float]:
        """End the step that is under way and begin the next; its position, and when its end was committed."""
        position = self._position
        picture = self._pictures[self._at % len(self._pictures)] if self._pictures else None
        box = (200.0, 300.0, 120.0, 40.0)
        self._log.conclude(position, StepOutcome(done=True, touched=box, touched_on=picture, picture=picture))
        await self._log.settled()
        committed_at = self._progress.committed_at
        self._at += 1
        await self._intend()
        return position, committed_at

    async def end(self) -> None:
        """Complete it, and let go."""
        for task in self._beside:
            task.cancel()
        await asyncio.wait(self._beside)

        def end(session: CustomerSession) -> None:
            leases.write(session, self._lease, status=OperationStatus.CANCELLED.value)

        await self._autopilot.services.database.run(self._lease.customer_id, end)

    @property
    def _position(self) -> int:
        return self._at % len(self._steps) + 1

    async def _intend(self) -> None:
        decision = Decision(None, Rung.RECORDED)
        await self._log.intend(self._position, self._steps[self._position - 1], decision, SHOP)

    async def _renew(self) -> None:
        services = self._autopilot.services
        while True:
            await asyncio.sleep(RENEW_EVERY.total_seconds())
            await services.database.run(
                self._lease.customer_id, lambda session: leases.renew(session, self._lease, services.clock.now())
            )


def page_like(number: int) -> Picture:
    """A picture as of a page full of words, of the size and weight of a real one; another for each number."""
    chance = random.Random(number)  # noqa: S311  nothing is kept secret by it
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 160, HEIGHT), fill=(35, 40, 45))
    for line in range(LINES):
        written = "".join(chance.choice("abcdefghij klmnop qrstuv ") for _ in range(170))
        draw.text((180, 12 + 17 * line), written, fill=(60, 67, 74))
    return encoded(image, (), f"{SHOP}/wp-admin/")
