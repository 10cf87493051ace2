"""What is done again and again: seen, switched on, switched off."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.schemas import In, Name, Out, ShopMetadata
from app.api.visitor import Who
from core.operations.schedules import LONGEST, SHORTEST, NewSchedule, Schedule
from core.services import Services


class ScheduleIn(In):
    """What is to be done again and again at a connected shop: `check`, `resync`, or the setup, to renew the key."""

    service: Name = Field(examples=["woocommerce"])
    operation: Name = Field(examples=["resync"])
    metadata: ShopMetadata
    every_seconds: int | None = Field(
        default=None,
        ge=int(SHORTEST.total_seconds()),
        le=int(LONGEST.total_seconds()),
        description="without it: an hour for a check, a day for products, 90 days for the key",
        examples=[86400],
    )


class ScheduleOut(Out):
    """What is done again and again, when it is next, or why it is paused.

    `waits` says that `lastOperationId` waits for a person: for a renewal, somebody has to sign in to the shop.
    `heldUpBy` is the operation at this shop that waits for a person, whoever asked for it; nothing is begun there meanwhile.
    """

    schedule_id: UUID
    service: str
    operation: str
    store_url: str
    every_seconds: int
    next_at: datetime
    paused_because: str | None
    last_operation_id: UUID | None
    waits: bool
    held_up_by: UUID | None
    created_at: datetime


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/schedules", tags=["schedules"])

    @routes.get("")
    async def list_schedules(visitor: Who) -> list[ScheduleOut]:
        """What is switched on. Nothing is done by itself that does not stand here."""
        return [_out(one) for one in await services.schedules.list(visitor)]

    @routes.post("", status_code=201)
    async def add(body: ScheduleIn, visitor: Who) -> ScheduleOut:
        """Switch something on, or on again after it was paused; the next time is counted from now.

        `check` and `resync` need a consent of their own: without it the answer is 403, `consent_required`. The setup
        is asked for when the key is old, and waits for a person if the sign-in is not stored.
        """
        every = timedelta(seconds=body.every_seconds) if body.every_seconds else None
        wanted = NewSchedule(body.service, body.operation, body.metadata.store_url, every)
        return _out(await services.schedules.add(visitor, wanted))

    @routes.delete("/{scheduleId}", status_code=204)
    async def remove(scheduleId: UUID, visitor: Who) -> None:  # noqa: N803  as the API spells it
        """Switch it off. What it has asked for already goes on."""
        await services.schedules.remove(visitor, scheduleId)

    return routes


def _out(one: Schedule) -> ScheduleOut:
    return ScheduleOut(
        schedule_id=one.id,
        service=one.service,
        operation=one.operation,
        store_url=one.store_url,
        every_seconds=int(one.every.total_seconds()),
        next_at=one.next_at,
        paused_because=one.paused_because,
        last_operation_id=one.last_operation_id,
        waits=one.waits,
        held_up_by=one.held_up_by,
        created_at=one.created_at,
    )
