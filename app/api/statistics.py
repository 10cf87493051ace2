"""How setups went."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from app.api.schemas import Out
from app.api.visitor import Who
from core.services import Services


class DayOut(Out):
    """How many setups ended on a day."""

    day: date
    succeeded: int
    failed: int


class ServiceOut(Out):
    """How the setups of a service ended."""

    service: str
    succeeded: int
    failed: int


class ReasonOut(Out):
    """Why setups failed."""

    code: str
    words: str
    runs: int


class SummaryOut(Out):
    """How setups went. Rates are from 0 to 1, times in seconds; null where nothing was counted."""

    days: int
    finished: int
    succeeded: int
    success_rate: float | None
    interval: tuple[float, float] | None
    median_seconds: float | None
    p95_seconds: float | None
    by_day: list[DayOut]
    by_service: list[ServiceOut]
    by_failure: list[ReasonOut]
    deciders: dict[str, float]


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/statistics", tags=["statistics"])

    @routes.get("")
    async def summary(visitor: Who, days: Annotated[int, Query(ge=1, le=366)] = 30) -> SummaryOut:
        """What ended within these days: the customer's own; for staff, everybody's."""
        found = await services.statistics.summary(visitor, days)
        return SummaryOut.model_validate(vars(found) | {"deciders": dict(found.deciders)})

    return routes
