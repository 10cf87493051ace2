"""Operations: start one, see how it stands, follow it, answer what it asks, stop it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, SecretStr

from app.api.events import OVER, until_over
from app.api.schemas import In, Name, OperationOut, Out, Permissions, ShopMetadata, Words, operation_out
from app.api.visitor import Who
from core.operations.answers import Given, WrongAnswer
from core.operations.service import NewOperation
from core.security.secret import Secret
from core.services import Services

TYPED_ANSWER = "to a question of kind code, captcha or text: `code` and `text` mean the same"
TEXT_CHANGED = "The consent text has changed since this was allowed. Read it, and allow it anew."
AS_EVENTS = {"X-Accel-Buffering": "no"}  # proxies should pass each on as it comes


class InitiateIn(In):
    """What is to be set up, and where; without permissions, those it needs."""

    service: Name = Field(examples=["woocommerce"])
    operation: Name = Field(examples=["api_key_generation"])
    metadata: ShopMetadata
    permissions: Permissions = Field(default_factory=list, examples=[["create_api_keys", "read_products"]])


class InitiateOut(Out):
    """The operation that was recorded; while it awaits consent, what is missing, and why if it had been allowed once."""

    operation_id: UUID
    status: str
    missing_permissions: list[str]
    because: str = Field("", examples=["The consent text has changed since this was allowed."])


class RetryOut(Out):
    """The operation that tries it once more; `awaiting_consent` if a person has to say yes, or to sign in, first."""

    operation_id: UUID
    status: str


class ApprovalOut(Out):
    """Where the shop's owner approves, and until when. The address is for them alone: it holds a secret, used once."""

    approve_url: str = Field(examples=["https://shop.example/wc-auth/v1/authorize?app_name=…"])
    expires_at: datetime


class CancelIn(In):
    """Why it is stopped."""

    because: Words = "stopped by the customer"


class InputIn(In):
    """The answer to the open question: exactly one of `code`, `text`, `choice` and `approve`.

    What is typed, in answer to a question of kind code, captcha or text, may be given as `code` or as `text`.
    `approve: true` is the yes to an approval; `approve: false` declines a question of any kind, and ends the operation.
    """

    question_id: UUID
    code: SecretStr | None = Field(default=None, description=TYPED_ANSWER, examples=["123456"])
    text: SecretStr | None = Field(default=None, description=TYPED_ANSWER)
    choice: int | None = Field(default=None, description="to a choice: the number of an option, counted from 0")
    approve: bool | None = Field(default=None, description="to an approval; false declines whatever is asked")


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous", tags=["operations"])

    @routes.post("/initiate", status_code=201)
    async def initiate(body: InitiateIn, visitor: Who) -> InitiateOut:
        """Ask for an operation. It awaits consent, if there is none yet, then its owner's approval, if it needs one."""
        wanted = NewOperation(body.service, body.operation, body.metadata.store_url, tuple(body.permissions))
        view = await services.operations.initiate(visitor, wanted)
        missing = await services.operations.missing(visitor, view.id)
        because = TEXT_CHANGED if missing and await services.operations.text_has_changed(visitor, view.id) else ""
        return InitiateOut(
            operation_id=view.id, status=view.status.value, missing_permissions=sorted(missing), because=because
        )

    @routes.get("/status/{operationId}")
    async def status(operationId: UUID, visitor: Who) -> OperationOut:  # noqa: N803  as the API spells it
        """How an operation stands, with its steps and their screenshots."""
        return operation_out(await services.operations.status(visitor, operationId))

    @routes.post("/operations/{operationId}/approval")
    async def approval(operationId: UUID, visitor: Who) -> ApprovalOut:  # noqa: N803  as the API spells it
        """A fresh address at which the shop's owner approves in their own browser; the one before is void."""
        asked = await services.approvals.begin(visitor, operationId)
        return ApprovalOut(approve_url=asked.url, expires_at=asked.expires_at)

    _add_cancel_and_retry(routes, services)
    _add_input(routes, services)
    _add_events(routes, services)
    return routes


def _add_cancel_and_retry(routes: APIRouter, services: Services) -> None:
    @routes.post("/operations/{operationId}/cancel")
    async def cancel(operationId: UUID, visitor: Who, body: CancelIn | None = None) -> OperationOut:  # noqa: N803  as the API spells it
        """Stop an operation. One that runs removes what it has made, and then ends."""
        because = (body or CancelIn()).because
        return operation_out(await services.operations.cancel(visitor, operationId, because))

    @routes.post("/operations/{operationId}/retry", status_code=201)
    async def retry(operationId: UUID, visitor: Who) -> RetryOut:  # noqa: N803  as the API spells it
        """Try an operation once more that has failed or was stopped: a new operation with the same scope, linked to it.

        Asked twice, it answers with the same one. One that would be tried later by itself begins now. Without a consent
        that fits, or without a sign-in that it needs, it awaits consent; store the sign-in before to avoid that.
        """
        view = await services.retries.retry(visitor, operationId)
        return RetryOut(operation_id=view.id, status=view.status.value)


def _add_input(routes: APIRouter, services: Services) -> None:
    @routes.post("/operations/{operationId}/input", status_code=204)
    async def answer(operationId: UUID, body: InputIn, visitor: Who) -> None:  # noqa: N803  as the API spells it
        """Answer what the operation asks now (`question` of its status), or decline it. The first answer counts.

        What is typed is kept in the vault until the agent has used it, once.
        """
        if [body.code, body.text, body.choice, body.approve].count(None) != 3:
            raise WrongAnswer(because="Give exactly one of: code, text, choice, approve.")
        if body.approve is False:
            await services.questions.decline(visitor, operationId, body.question_id)
        else:
            await services.questions.answer(visitor, operationId, body.question_id, _given(body))


def _given(body: InputIn) -> Given:
    typed = body.text if body.code is None else body.code
    return Given(None if typed is None else Secret(typed.get_secret_value()), body.choice, yes=bool(body.approve))


def _add_events(routes: APIRouter, services: Services) -> None:
    @routes.get("/operations/{operationId}/events", response_class=StreamingResponse)
    async def events(
        operationId: UUID,  # noqa: N803  as the API spells it
        request: Request,
        visitor: Who,
        last_event_id: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Response:
        """The status as server-sent events: at once, after each change, and for the last time when it is over."""
        view = await services.operations.status(visitor, operationId)
        if view.status.is_over and last_event_id == OVER:
            return Response(status_code=204)  # so that a browser's EventSource does not come back for ever
        told = until_over(request, services, operationId)
        return StreamingResponse(told, media_type="text/event-stream", headers=AS_EVENTS)
