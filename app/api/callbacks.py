"""Where shops send the keys that their owners have approved: no sign-in, for the state in it is the proof."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import WHAT_CAN_GO_WRONG
from app.api.schemas import Out
from core.operations.approvals import CALLBACKS, SentKey
from core.security.secret import Secret
from core.services import Services

WOOCOMMERCE = f"{CALLBACKS}/woocommerce"
PLACES = frozenset({WOOCOMMERCE})

Sent = Annotated[str, Field(min_length=1, max_length=100, repr=False, pattern=r"^[!-~]+$")]


class WooCommerceKey(BaseModel):
    """A key as WooCommerce sends it (class-wc-auth.php), in its own names; `user_id` is the state that it was given."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    user_id: Sent
    consumer_key: Sent
    consumer_secret: Sent
    key_permissions: Sent = Field(examples=["read"])


class TakenOut(Out):
    """The key was taken in."""

    taken: bool = True


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["callbacks"], responses=WHAT_CAN_GO_WRONG)

    @routes.post(WOOCOMMERCE)
    async def from_woocommerce(body: WooCommerceKey) -> TakenOut:
        """For shops alone: takes a key in that its owner has approved. Any other answer makes the shop delete it again."""
        key = {"consumer_key": Secret(body.consumer_key), "consumer_secret": Secret(body.consumer_secret)}
        await services.approvals.take(SentKey("woocommerce", Secret(body.user_id), body.key_permissions, key))
        return TakenOut()

    return routes
