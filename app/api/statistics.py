"""How setups went."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic.alias_generators import to_camel

from app.api.schemas import visitor_of
from core.security.people import Visitor
from core.services import Services

Who = Annotated[Visitor, Depends(visitor_of)]


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/statistics", tags=["statistics"])

    @routes.get("")
    async def summary(visitor: Who, days: Annotated[int, Query(ge=1, le=366)] = 30) -> dict[str, Any]:
        told = asdict(await services.statistics.summary(visitor, days))
        return {to_camel(name): value for name, value in told.items()}

    return routes
