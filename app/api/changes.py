"""Changes of learnt workflows that healed steps propose, for staff."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.schemas import In, Out, Words
from app.api.visitor import Who
from core.operations.change_views import ChangeView
from core.security.people.people import Visitor
from core.services import Services
from core.workflows.locator import Locator

# Another customer's picture: staff's browsers forget it soon, and the customer's audit tells each time it is asked for.
HEADERS = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}


class LookedFor(Out):
    """What a step looks for: in words, and as links of a locator."""

    words: str
    locator: list[dict[str, Any]]


class SeenAtOut(Out):
    """Where a step was healed; of a customer who was deleted nobody knows it any more."""

    customer: str
    store_url: str
    operation_id: UUID | None


class ChangeOut(Out):
    """A change of a learnt step. Unless it `holds`, the step was learnt anew since, and the change serves nobody."""

    change_id: UUID
    workflow_id: str
    step_order: int
    intent: str
    before: LookedFor | None
    after: LookedFor
    healed_by: str | None
    evidence: dict[str, Any]
    seen_at: SeenAtOut
    picture: str | None
    created_at: datetime
    state: str
    holds: bool
    decided_by: str | None
    decided_at: datetime | None


class DecisionIn(In):
    """What staff decide: it serves the customer it was seen at, or all, or nobody; or it is taken back."""

    decision: Literal["accept", "share", "refuse", "withdraw"]
    because: Words = "decided by staff"


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/workflows/changes", tags=["workflows"])

    @routes.get("")
    async def list_changes(visitor: Who) -> list[ChangeOut]:
        """What healed steps propose, for staff: undecided ones first, then the newest."""
        return [_out(one) for one in await services.changes.list(visitor)]

    @routes.post("/{changeId}", status_code=204)
    async def decide(changeId: UUID, body: DecisionIn, visitor: Who) -> None:  # noqa: N803  as the API spells it
        """Accept a change for its customer, share it with all, refuse it, or withdraw it. For staff, and audited."""
        await _decide(services, visitor, changeId, body)

    @routes.get("/{changeId}/picture", response_class=Response, responses={200: {"content": {"image/webp": {}}}})
    async def picture(changeId: UUID, visitor: Who) -> Response:  # noqa: N803  as the API spells it
        """The page when the step was healed, 1280 x 800 pixels. For staff; the customer's audit tells it."""
        webp = await services.changes.picture(visitor, changeId)
        return Response(webp, media_type="image/webp", headers=HEADERS)

    return routes


async def _decide(services: Services, visitor: Visitor, change_id: UUID, body: DecisionIn) -> None:
    match body.decision:
        case "accept":
            await services.changes.accept(visitor, change_id)
        case "share":
            await services.changes.share(visitor, change_id)
        case "refuse":
            await services.changes.refuse(visitor, change_id, body.because)
        case "withdraw":
            await services.changes.withdraw(visitor, change_id, body.because)


def _out(view: ChangeView) -> ChangeOut:
    return ChangeOut(
        change_id=view.id,
        workflow_id=view.workflow_id,
        step_order=view.step_order,
        intent=view.intent,
        before=_looked_for(view.looked_for, view.before) if view.before else None,
        after=_looked_for(view.found, view.after),
        healed_by=view.rung.value if view.rung else None,
        evidence=dict(view.evidence),
        seen_at=SeenAtOut(customer=view.customer, store_url=view.store_url, operation_id=view.operation_id),
        picture=f"/api/autonomous/workflows/changes/{view.id}/picture" if view.has_picture else None,
        created_at=view.created_at,
        state=view.state.value,
        holds=view.holds,
        decided_by=view.decided_by,
        decided_at=view.decided_at,
    )


def _looked_for(words: str, locator: Locator) -> LookedFor:
    return LookedFor(words=words, locator=locator.to_json())
