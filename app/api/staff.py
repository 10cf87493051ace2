"""For staff: which customers there are, and an access to one's data, with a reason and an end."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.schemas import In, Out
from app.api.visitor import Who
from core.security.people.staff_access import LONGEST, LONGEST_REASON
from core.services import Services


class AccessIn(In):
    """Why, and for how many minutes. The customer finds both in their audit."""

    reason: str = Field(max_length=LONGEST_REASON, examples=["Ticket 4711: the setup stops at the second page"])
    minutes: int = Field(30, ge=1, le=LONGEST // timedelta(minutes=1))


class AccessOut(Out):
    """An access. Until it ends, name the customer in the header `Autopilot-Customer` to read their data."""

    access_id: UUID
    customer_id: UUID
    reason: str
    expires_at: datetime


class CustomerOut(Out):
    """A customer, and how many operations there are, in all, open and failed."""

    customer_id: UUID
    name: str
    created_at: datetime
    deleted_at: datetime | None
    operations: int
    open: int
    failed: int


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/staff", tags=["staff"])

    @routes.get("/customers")
    async def customers(visitor: Who) -> list[CustomerOut]:
        """Every customer, by name."""
        return [
            CustomerOut(
                customer_id=one.id,
                name=one.name,
                created_at=one.created_at,
                deleted_at=one.deleted_at,
                operations=one.operations,
                open=one.open,
                failed=one.failed,
            )
            for one in (await services.staff_access.customers(visitor)).customers
        ]

    @routes.post("/access/{customerId}", status_code=201)
    async def open_access(customerId: UUID, body: AccessIn, visitor: Who) -> AccessOut:  # noqa: N803  as the API spells it
        """Look at a customer's data for a while: reading only, and told in the customer's own audit."""
        minutes = timedelta(minutes=body.minutes)
        opened = await services.staff_access.open(visitor, customerId, body.reason, minutes)
        return AccessOut(
            access_id=opened.id, customer_id=opened.customer_id, reason=opened.reason, expires_at=opened.expires_at
        )

    @routes.delete("/access/{customerId}/{accessId}", status_code=204)
    async def end_access(customerId: UUID, accessId: UUID, visitor: Who) -> None:  # noqa: N803  as the API spells it
        """Look no more."""
        await services.staff_access.end(visitor, customerId, accessId)

    return routes
