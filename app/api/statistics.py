"""How setups went: as figures, as a table for a spreadsheet, and for staff how the workflows fare."""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from io import StringIO
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from app.api.schemas import Out
from app.api.visitor import Who
from core.services import Services
from core.statistics.asked import LONGEST_LOOK_BACK, Asked
from core.statistics.summary import Part, SheetRow

MICRO = 1_000_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate, or come to after a blank
HEADER = (
    *("day", "service", "outcome", "reason", "reason_in_words", "runs"),
    *("seconds", "seconds_saved", "model_dollars"),
    *("workflow", "workflow_version", "furthest_rung"),
)


class DayOut(Out):
    """How many setups ended on a day, and how long those took that succeeded."""

    day: date
    succeeded: int
    failed: int
    median_seconds: float | None
    p95_seconds: float | None


class PartOut(Out):
    """The setups of one service, of one workflow in one version, or that came to need one rung; null: not recorded."""

    name: str | None
    version: str | None
    succeeded: int
    failed: int
    success_rate: float | None
    interval: tuple[float, float] | None
    median_seconds: float | None
    p95_seconds: float | None
    saved_seconds: float
    model_dollars: float


class ServiceOut(PartOut):
    """How the setups of a service ended."""

    service: str


class ReasonOut(Out):
    """Why setups failed."""

    code: str
    words: str
    runs: int


class SummaryOut(Out):
    """How setups went. Rates are from 0 to 1, times in seconds; null where nothing was counted.

    `savedSeconds` is what those that succeeded would have taken by hand, less what they took.
    """

    days: int
    service: str
    customer: str
    finished: int
    finished_before: int
    succeeded: int
    success_rate: float | None
    interval: tuple[float, float] | None
    median_seconds: float | None
    p95_seconds: float | None
    saved_seconds: float
    model_dollars: float
    by_day: list[DayOut]
    by_service: list[ServiceOut]
    by_version: list[PartOut]
    by_rung: list[PartOut]
    by_failure: list[ReasonOut]
    steps: int
    deciders: dict[str, float]


class WorkflowHealthOut(Out):
    """A workflow at one version of its service; counts are of the last thirty days, `proposals` are still to decide on."""

    workflow_id: str
    service_version: str | None
    last_green: datetime | None
    succeeded: int
    failed: int
    healed: int
    proposals: int


def asked(
    days: Annotated[int, Query(ge=1, le=LONGEST_LOOK_BACK)] = 30,
    service: Annotated[str, Query(max_length=50)] = "",
    customer: Annotated[str, Query(max_length=200)] = "",
) -> Asked:
    """The filters; `customer` is a name, and for staff alone."""
    return Asked(days, service, customer)


Filters = Annotated[Asked, Depends(asked)]


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous", tags=["statistics"])

    @routes.get("/statistics")
    async def summary(visitor: Who, filters: Filters) -> SummaryOut:
        """What ended within these days: the customer's own; for staff, everybody's."""
        found = await services.statistics.summary(visitor, filters)
        told = {name: getattr(found, name) for name in SummaryOut.model_fields if hasattr(found, name)}
        parts = {
            "by_service": [ServiceOut(**_part(one), service=one.name or "") for one in found.by_service],
            "by_version": [PartOut(**_part(one)) for one in found.by_version],
            "by_rung": [PartOut(**_part(one)) for one in found.by_rung],
        }
        more = {"deciders": dict(found.deciders), "model_dollars": found.millionths / MICRO}
        return SummaryOut.model_validate(told | vars(found.asked) | parts | more)

    @routes.get(
        "/statistics.csv",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}, "description": "The table."}},
    )
    async def table(visitor: Who, filters: Filters) -> Response:
        """The same as a table: a row for each day, service, outcome, reason, workflow, version of it and furthest rung.

        What a spreadsheet would calculate is quoted.
        """
        rows = await services.statistics.rows(visitor, filters)
        headers = {"Content-Disposition": f'attachment; filename="statistics-{filters.days}-days.csv"'}
        return Response(csv_of(rows), media_type="text/csv; charset=utf-8", headers=headers)

    @routes.get("/workflow-health")
    async def workflow_health(visitor: Who) -> list[WorkflowHealthOut]:
        """By workflow and version of the service: when it was last green, and how it fares lately. For staff."""
        return [WorkflowHealthOut.model_validate(one) for one in await services.workflow_health.lines(visitor)]

    return routes


def csv_of(rows: Iterable[SheetRow]) -> str:
    """A header and the rows, as RFC 4180 has them."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in rows:
        words = (row.day.isoformat(), row.service, row.outcome, row.reason, row.words)
        counts, what_ran = (
            (row.runs, row.seconds, row.saved_seconds, row.dollars),
            (row.workflow, row.version, row.rung),
        )
        writer.writerow([*map(harmless, words), *counts, *map(harmless, what_ran)])
    return text.getvalue()


def harmless(cell: str) -> str:
    """A word that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _part(part: Part) -> dict[str, Any]:
    """A part under the names of the schema."""
    told = {name: getattr(part, name) for name in PartOut.model_fields if hasattr(part, name)}
    return told | {"model_dollars": part.millionths / MICRO}
