"""The operations so far, filtered and page by page; and many of them tried again at once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app.api.paging import LINKS, name_pages
from app.api.schemas import In, OperationOut, Out, operation_out
from app.api.visitor import Who
from core.errors import BadInput
from core.operations.run_filter import LONGEST_DAYS, LONGEST_WORDS, Kind, Mark, RunFilter, Standing
from core.operations.runs import MOST_AT_ONCE, MOST_LISTED, Cut, RunPage
from core.operations.views import OperationView
from core.security.people.staff_access import LONGEST_REASON
from core.services import Services


class HistoryQuery(BaseModel):
    """What is listed, and from where on."""

    limit: int = Field(default=50, ge=1, le=MOST_LISTED)
    status: Standing | None = Field(default=None, description="one status, or open, or needs_you")
    service: str = Field(default="", max_length=50)
    failure: str = Field(default="", max_length=50, description="the code of an error")
    days: int | None = Field(default=None, ge=1, le=LONGEST_DAYS, description="asked for within these days")
    kind: Kind = Field(default=Kind.ALL, description="upkeep is what schedules do; setups is all else")
    q: str = Field(
        default="",
        max_length=LONGEST_WORDS,
        description="a part of the shop's address, or of an id its first 8 digits or more",
    )
    before: str = Field(default="", max_length=60, description="older than this place, which the header Link names")
    after: str = Field(default="", max_length=60, description="newer than this place")


class RetryIn(In):
    """Which operations are tried again, and why; of a customer's, staff say so for the customer to read."""

    operation_ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)
    because: str = Field(default="", max_length=LONGEST_REASON, pattern=r"^[^\x00-\x1f\x7f]*$")


class RetriedOut(Out):
    """What came of one: `retriedBy` tries it once more, and stands like this; or `code` and `because` say why nothing does."""

    operation_id: UUID
    retried_by: UUID | None
    status: str | None
    code: str = Field(examples=["consent_ended"])
    because: str


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous", tags=["operations"])

    @routes.get("/history", responses=LINKS)
    async def history(
        request: Request, response: Response, visitor: Who, query: Annotated[HistoryQuery, Query()]
    ) -> list[OperationOut]:
        """The operations so far, the newest first. Pages stay where they are while new operations come."""
        wanted = RunFilter(query.status, query.service, query.failure, query.days, query.kind, query.q.strip())
        cut = Cut(_mark(query.before), _mark(query.after), query.limit)
        page = await services.runs.page(visitor, wanted, cut)
        name_pages(request, response, _pages(page), by=["before", "after"])
        return [operation_out(view) for view in page.runs]

    @routes.post("/operations/retry")
    async def retry(body: RetryIn, visitor: Who) -> list[RetriedOut]:
        """Try operations again that have failed, each as by itself; what can't be is told, and hinders no other.

        Staff name those of any customer, with a reason that stands in the customer's audit. For them nothing begins that
        the customer's consent in force does not cover, or that needs a sign-in which is not stored.
        """
        came_of_it = await services.bulk_retries.retry(visitor, body.operation_ids, body.because)
        return [
            RetriedOut(
                operation_id=one.operation_id,
                retried_by=one.again,
                status=one.status.value if one.status else None,
                code=one.code,
                because=one.because,
            )
            for one in came_of_it
        ]

    return routes


def _mark(text: str) -> Mark | None:
    found = Mark.read(text)
    if text and found is None:
        raise BadInput(because="A place in the list is one that the header Link has named.")
    return found


def _pages(page: RunPage[OperationView]) -> dict[str, dict[str, str]]:
    """What the pages beside this one are asked for by."""
    places = (("next", "before", page.older), ("prev", "after", page.newer))
    return {rel: {name: str(mark)} for rel, name, mark in places if mark}
