"""Where shops send the keys that their owners have approved: no sign-in, for the state in it is the proof."""

from fastapi import APIRouter

from app.api.errors import WHAT_CAN_GO_WRONG
from app.api.schemas import Out
from core.agents.approval import KeyAnswer, OwnerApproval
from core.agents.integration import Integrations
from core.operations.approvals import CALLBACKS
from core.services import Services


class TakenOut(Out):
    """The key was taken in."""

    taken: bool = True


def places(integrations: Integrations) -> frozenset[str]:
    """The paths that shops call, one for each service whose owners can approve."""
    return frozenset(_place(one.approval) for one in integrations.all() if one.approval)


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["callbacks"], responses=WHAT_CAN_GO_WRONG)
    for one in services.integrations.all():
        if one.approval:
            _add(routes, services, one.approval)
    return routes


def _add(routes: APIRouter, services: Services, approval: OwnerApproval) -> None:
    async def take(body: KeyAnswer) -> TakenOut:
        """For shops alone: takes a key in that its owner has approved. Any other answer makes the shop delete it again."""
        await services.approvals.take(body.sent())
        return TakenOut()

    take.__annotations__["body"] = approval.answer  # each service sends it in names of its own
    routes.post(_place(approval), name=f"from_{approval.kind.service}")(take)


def _place(approval: OwnerApproval) -> str:
    return f"{CALLBACKS}/{approval.kind.service}"
