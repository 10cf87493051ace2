"""The company's webhooks: seen, added, removed. What is sent there, and how it is signed: docs/notifications.md."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field, SecretStr

from app.api.privacy import LONGEST, proof_of
from app.api.schemas import In, Out
from app.api.visitor import Who
from core.database.states import NotificationEvent
from core.notifications.calling_out import LONGEST_URL
from core.notifications.desk import CHOOSABLE, Webhook
from core.services import Services


class WebhookIn(In):
    """An address to be called, and of what it is told: `finished`, `failed`, `needs_you`; without any, of all of them.

    Signed in, in a browser, your password is asked for once more; a token with the scope `credentials` needs none.
    """

    url: str = Field(max_length=LONGEST_URL, examples=["https://hooks.company.example/autopilot"])
    events: list[NotificationEvent] = Field(
        default_factory=lambda: list(CHOOSABLE), max_length=len(NotificationEvent), examples=[["failed", "needs_you"]]
    )
    password: SecretStr | None = Field(None, max_length=LONGEST)


class WebhookOut(Out):
    """An address that is called; what came of the newest call, if there was one, and how many could not be delivered."""

    webhook_id: UUID
    url: str
    events: list[NotificationEvent]
    created_at: datetime
    last_at: datetime | None
    last_failure: str | None
    undelivered: int


class AddedWebhookOut(WebhookOut):
    """The same, with the secret that signs what is sent there. It is shown this once."""

    secret: str = Field(examples=["whsec_…"])


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/webhooks", tags=["webhooks"])

    @routes.get("")
    async def list_webhooks(visitor: Who) -> list[WebhookOut]:
        """The addresses that are called, the oldest first."""
        return [WebhookOut(**_told(one)) for one in await services.notifications.webhooks(visitor)]

    @routes.post("", status_code=201)
    async def add(body: WebhookIn, visitor: Who, request: Request) -> AddedWebhookOut:
        """Have an address called for every operation of the company. It has to be public, over https at port 443."""
        proof = proof_of(request, body.password)
        added = await services.notifications.add_webhook(visitor, body.url, body.events, proof)
        return AddedWebhookOut(**_told(added.webhook), secret=added.secret.reveal())

    @routes.delete("/{webhookId}", status_code=204)
    async def remove(webhookId: UUID, visitor: Who) -> None:  # noqa: N803  as the API spells it
        """Call it no more, also for what is on its way."""
        await services.notifications.remove_webhook(visitor, webhookId)

    return routes


def _told(one: Webhook) -> dict[str, Any]:
    return {
        "webhook_id": one.id,
        "url": one.url,
        "events": [event for event in CHOOSABLE if event in one.events],
        "created_at": one.created_at,
        "last_at": one.last_at,
        "last_failure": one.last_failure,
        "undelivered": one.undelivered.number,
    }
