"""What one may ask for of one's own data: all of it, or that it is forgotten. In JSON for programs, and as forms for the pages."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import Field, SecretStr

from app.api.downloads import zip_of
from app.api.schemas import In, Out
from app.api.visitor import Who, address_of
from core.errors import CoreError
from core.privacy.certificate import Certificate
from core.security.people.proof import Proof
from core.security.people.sessions import COOKIE
from core.security.secret import Secret
from core.services import Services

ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}, "description": "The zip."}}
EXPORTED, CERTIFICATE = "omniops-export.zip", "omniops-deletion.json"
LONGEST = 200  # characters


class ExportIn(In):
    """Signed in, in a browser, your password is asked for once more; a token with the scope `privacy` needs none."""

    password: SecretStr | None = Field(None, max_length=LONGEST)


class DeleteIn(In):
    """First without `confirmation`: nothing is deleted, and the answer holds one. Then with it, within 15 minutes."""

    password: SecretStr | None = Field(None, max_length=LONGEST)
    confirmation: str | None = Field(None, max_length=LONGEST)


class AskedOut(Out):
    """A deletion that was asked for, and what confirms it."""

    request_id: UUID
    confirmation: str
    confirm_before: datetime


class CertificateOut(Out):
    """That it was deleted: the text that was signed, our key's id and the signature (Ed25519, base64)."""

    text: str
    key: str
    signature: str


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["privacy"])

    @routes.post("/api/autonomous/privacy/export", response_class=Response, responses=ZIP)
    async def export(body: ExportIn, visitor: Who, request: Request) -> StreamingResponse:
        """All that is known of your company, as a zip: every row, every picture, and the audit trail with its verifier."""
        return await zip_of(EXPORTED, partial(services.privacy.export, visitor, proof_of(request, body.password)))

    @routes.post("/api/autonomous/privacy/delete", responses={202: {"model": AskedOut}})
    async def delete(body: DeleteIn, visitor: Who, request: Request, response: Response) -> CertificateOut | AskedOut:
        """Delete all that is known of your company, in two steps. What runs is stopped; the answer is the signed proof."""
        if body.confirmation is None:
            asked = await services.privacy.ask_to_delete(visitor, proof_of(request, body.password))
            response.status_code = 202
            return AskedOut(**vars(asked))
        return _out(await services.privacy.delete(visitor, body.confirmation))

    _add_forms(routes, services)
    return routes


def _add_forms(routes: APIRouter, services: Services) -> None:
    """The same for pages: only an answer to the browser itself is a download."""

    @routes.post("/privacy/export", include_in_schema=False)
    async def export(visitor: Who, request: Request, password: Annotated[str, Form()] = "") -> Response:
        try:
            return await zip_of(EXPORTED, partial(services.privacy.export, visitor, proof_of(request, password)))
        except CoreError as error:
            return _refused(error)

    @routes.post("/privacy/delete", include_in_schema=False)
    async def delete(visitor: Who, confirmation: Annotated[str, Form()] = "") -> Response:
        try:
            certificate = await services.privacy.delete(visitor, confirmation)
        except CoreError as error:
            return _refused(error)
        headers = {"Content-Disposition": f'attachment; filename="{CERTIFICATE}"'}
        answer = Response(certificate.to_json() + "\n", media_type="application/json", headers=headers)
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")
        return answer


def _refused(error: CoreError) -> Response:
    """Back to the card that asked."""
    return RedirectResponse(f"/settings/privacy?{urlencode({'error': error.code})}", 303)


def proof_of(request: Request, password: SecretStr | str | None) -> Proof:
    """What was typed to show that it is they, and where from."""
    text = password.get_secret_value() if isinstance(password, SecretStr) else password or ""
    return Proof(Secret(text), address_of(request))


def _out(certificate: Certificate) -> CertificateOut:
    return CertificateOut(text=certificate.deletion.text, key=certificate.key_id, signature=certificate.signature)
