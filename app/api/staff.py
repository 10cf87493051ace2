"""For staff: which customers there are, and an access to one's data, with a reason and an end."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app.api.paging import LINKS, name_pages
from app.api.schemas import In, Out
from app.api.visitor import Who
from core.operations.runs import MOST_LISTED
from core.security.people.customer_list import LONGEST_NAME
from core.security.people.staff_access import LONGEST, LONGEST_REASON
from core.services import Services

MOST_SKIPPED = 10**9


class CustomerQuery(BaseModel):
    """Which customers are listed."""

    q: str = Field(default="", max_length=LONGEST_NAME, description="words of the name")
    limit: int = Field(default=50, ge=1, le=MOST_LISTED)
    skip: int = Field(default=0, ge=0, le=MOST_SKIPPED, description="how many are left out; the header Link names it")


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

    @routes.get("/customers", responses=LINKS)
    async def customers(
        request: Request, response: Response, visitor: Who, query: Annotated[CustomerQuery, Query()]
    ) -> list[CustomerOut]:
        """The customers by name, page by page."""
        page = await services.staff_access.customers(visitor, query.q.strip(), query.limit, query.skip)
        name_pages(request, response, _pages(query, page.total), by=["skip"])
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
            for one in page.customers
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


def _pages(query: CustomerQuery, total: int) -> dict[str, dict[str, str]]:
    """What the pages beside this one are asked for by."""
    after, before = query.skip + query.limit, max(0, query.skip - query.limit)
    places = (("next", after, after < total), ("prev", before, query.skip > 0))
    return {rel: {"skip": str(skip)} for rel, skip, is_there in places if is_there}
