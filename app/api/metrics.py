"""`/metrics`: what Prometheus collects, for staff and for whoever has the token that was set for it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, Security

from app.api.errors import WHAT_CAN_GO_WRONG
from app.api.visitor import BY_COOKIE, BY_TOKEN, signed_in, visitor_of
from core.services import Services


async def may_collect(
    request: Request,
    token: Annotated[object, Security(BY_TOKEN)] = None,
    session: Annotated[object, Security(BY_COOKIE)] = None,
) -> None:
    """Return for the token of metrics, which the gate has found, and for staff. Raises NotSignedIn or NotAllowed."""
    if not getattr(request.state, "collects", False):
        await signed_in(request, visitor_of(request))


def router(services: Services) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["health"], dependencies=[Depends(may_collect)], responses=WHAT_CAN_GO_WRONG)

    @routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """The metrics in Prometheus' text format: of all customers together, with nothing that names one."""
        exposition = services.exposition
        return Response(await exposition.text(), media_type=exposition.content_type)

    return routes
