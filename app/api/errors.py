"""Errors as RFC 9457 problems: a stable code and a sentence, and never what was sent."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.api.headers import headers_for
from core.database.session import OtherCustomersRow
from core.errors import BadInput, Conflict, CoreError, NotFound, NotSignedIn, Refused, Unavailable
from core.log_context import fields
from core.security.addresses import ShopNotFound
from core.security.consent.consent_text import NoConsentText
from core.security.keys.data_keys import WornOut
from core.security.keys.envelope import CannotOpen
from core.security.keys.key_ring import UnknownKey
from core.security.people.authorize import NotAllowed
from core.security.people.throttle import TooManyTries
from core.security.vault.rollback import RolledBack

log = logging.getLogger(__name__)

# The first that fits; what fits none is something the shop did.
STATUSES: tuple[tuple[type[CoreError], HTTPStatus], ...] = (
    (TooManyTries, HTTPStatus.TOO_MANY_REQUESTS),
    (ShopNotFound, HTTPStatus.UNPROCESSABLE_ENTITY),  # a mistyped address is no outage of ours
    (CannotOpen, HTTPStatus.INTERNAL_SERVER_ERROR),
    (UnknownKey, HTTPStatus.INTERNAL_SERVER_ERROR),
    (WornOut, HTTPStatus.INTERNAL_SERVER_ERROR),
    (RolledBack, HTTPStatus.CONFLICT),
    (NoConsentText, HTTPStatus.INTERNAL_SERVER_ERROR),
    (OtherCustomersRow, HTTPStatus.INTERNAL_SERVER_ERROR),
    (NotFound, HTTPStatus.NOT_FOUND),
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (Refused, HTTPStatus.FORBIDDEN),
    (BadInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Conflict, HTTPStatus.CONFLICT),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)
EVERY_METHOD = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
OUR_FAULT = "Something went wrong on our side. It was logged under the id given as instance."
LONGEST_TOLD = 500  # characters
NOT_JSON = "Send JSON, with the header “Content-Type: application/json”."

FAULTS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "uuid_parsing": "has to be an id (a UUID)",
    "uuid_type": "has to be an id (a UUID)",
    "string_type": "has to be a text",
    "model_attributes_type": "has to be an object",
    "model_type": "has to be an object",
    "dict_type": "has to be an object",
}


class ProblemOut(BaseModel):
    """An error (RFC 9457). `code` is stable; `detail` is a sentence for people; `request_id` finds it in the log."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str
    code: str
    instance: str = Field(examples=["urn:uuid:00000000-0000-4000-8000-000000000000"])
    request_id: str = Field(examples=["00000000-0000-4000-8000-000000000000"])


# What any call can be answered with, and when. 404 and 409 come from the use cases; the others before them.
REASONS = {
    400: "What was sent is no JSON",
    401: "Nobody is signed in, or the token is none that is good",
    403: "The role or the token's scope does not allow it, or it came from another site",
    404: "There is nothing under that id, or it is another company's",
    405: "There is no such method here",
    409: "It does not fit what is already there",
    413: "More than is ever needed was sent",
    415: "What was sent is not marked as JSON",
    422: "Something in it can't be used as it is",
    429: "There were too many tries",
    503: "Something this needs is not answering; it may later",
}
WHAT_CAN_GO_WRONG: dict[int | str, dict[str, Any]] = {
    status: {"description": told, "content": {"application/problem+json": {}}, "model": ProblemOut}
    for status, told in REASONS.items()
}


class Problem(JSONResponse):
    """An error as it is answered."""

    media_type = "application/problem+json"

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        self.request_id = fields().get("request") or str(uuid4())
        self.instance = f"urn:uuid:{self.request_id}"
        told = ProblemOut(
            type="about:blank",
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            code=code,
            instance=self.instance,
            request_id=self.request_id,
        )
        super().__init__(told.model_dump(), status, headers)


def problem_of(error: CoreError) -> Problem:
    """The problem that tells of an error."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.UNPROCESSABLE_ENTITY)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _our_fault(error)
    return Problem(status, error.code, error.sentence)


def answer_errors_as_problems(application: FastAPI) -> None:
    """Register how each kind of error is answered."""
    refused_before = application.exception_handlers.get(HTTPException)
    broken_before = application.exception_handlers.get(Exception)

    @application.exception_handler(CoreError)
    async def known(request: Request, error: CoreError) -> Problem:
        if isinstance(error, NotAllowed):
            await request.state.note_refusal(request.state.visitor, error.code, error.action.value)
        return problem_of(error)

    @application.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Problem:
        return _malformed(error.errors(), _names(application))

    @application.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if refused_before is not None and not request.url.path.startswith("/api/"):
            answer: Response = await refused_before(request, error)  # type: ignore[misc]  # those before are coroutines
            return answer
        code, sentence = f"http_{error.status_code}", f"{str(error.detail).rstrip('.')}."
        return Problem(error.status_code, code, sentence, dict(error.headers or {}))

    @application.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        if broken_before is not None and request.scope.get("nicegui_page_path"):
            answer: Response = await broken_before(request, error)  # type: ignore[misc]  # NiceGUI's is a coroutine
            answer.headers.update(headers_for(request.scope))
            return answer
        # It goes out past the gate, so it brings its own headers. The server logs where it broke.
        return _our_fault(error, headers_for(request.scope))


def nothing_here(routers: Iterable[APIRouter]) -> APIRouter:
    """The last route: addresses of the API that are not there, or not for this method, are told in JSON."""
    routes = APIRouter()
    known = [route for router in routers for route in router.routes]

    @routes.api_route("/api/{path:path}", methods=EVERY_METHOD, include_in_schema=False)
    async def unknown(request: Request) -> Response:
        scope = dict(request.scope)
        fits = [
            method
            for method in EVERY_METHOD
            if any(route.matches(scope | {"method": method})[0] is Match.FULL for route in known)
        ]
        if not fits:
            raise NotFound(because="There is no such address.")
        sentence = f"Here one can only {', '.join(fits)}."
        return Problem(HTTPStatus.METHOD_NOT_ALLOWED, "wrong_method", sentence, {"Allow": ", ".join(fits)})

    return routes


def _our_fault(error: Exception, headers: dict[str, str] | None = None) -> Problem:
    """Tells nothing of the error, but where in the log it is."""
    problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", OUR_FAULT, headers)
    log.error("%s: %s", problem.instance, type(error).__name__)
    return problem


def _malformed(faults: Sequence[Any], names: frozenset[str]) -> Problem:
    """What is wrong and where, but never the input: it may hold a password."""
    if faults and faults[0]["type"] == "json_invalid":
        detail = f"The body is not valid JSON (at character {faults[0]['loc'][-1]})."
        return Problem(HTTPStatus.BAD_REQUEST, "bad_json", detail)
    told = "; ".join(f"{_place(one['loc'], names)} {_fault(one)}" for one in faults)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_request", f"{told[:LONGEST_TOLD]}. See /docs.")


def _fault(fault: Mapping[str, Any]) -> str:
    return FAULTS.get(fault["type"]) or str(fault["msg"]).removeprefix("Input ")


def _place(loc: Sequence[str | int], names: frozenset[str]) -> str:
    """Where it is, in names that are ours: what else was used as a name is input, too."""
    parts = ["…" if isinstance(part, str) and part not in names else str(part) for part in loc[1:]]
    return f"“{'.'.join(parts)}”" if parts else "The body"


def _names(application: FastAPI) -> frozenset[str]:
    """Every name of the API's own description."""
    return frozenset(_told_names(application.openapi()))


def _told_names(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        yield from part.get("properties", {})
        if isinstance(part.get("name"), str) and "in" in part:
            yield part["name"]
        for inner in part.values():
            yield from _told_names(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _told_names(inner)
