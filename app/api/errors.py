"""Errors as RFC 9457 problems: a stable code and a sentence, and never what was sent."""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import BadInput, Conflict, CoreError, NotFound, NotSignedIn, Refused, Unavailable

# The first that fits; what fits none is something the shop did.
STATUSES: tuple[tuple[type[CoreError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (Refused, HTTPStatus.FORBIDDEN),
    (BadInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Conflict, HTTPStatus.CONFLICT),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)
EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Problem(JSONResponse):
    """An error as it is answered."""

    media_type = "application/problem+json"

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        title = HTTPStatus(status).phrase
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
        super().__init__(body, status, headers)


def problem_of(error: CoreError) -> Problem:
    """The problem that tells of an error."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.UNPROCESSABLE_ENTITY)
    return Problem(status, error.code, error.sentence)


def answer_errors_as_problems(application: FastAPI) -> None:
    """Register how each kind of error is answered."""

    @application.exception_handler(CoreError)
    async def known(request: Request, error: CoreError) -> Problem:
        return problem_of(error)

    @application.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Problem:
        # Only where and what, never the input: it may hold a password.
        faults = [f"{'.'.join(str(part) for part in one['loc'][1:]) or 'body'}: {one['msg']}" for one in error.errors()]
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_request", "; ".join(faults)[:500])

    inner = application.exception_handlers.get(HTTPException)

    @application.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> object:
        if inner is not None and not request.url.path.startswith("/api/"):
            return await inner(request, error)  # type: ignore[misc]  # NiceGUI's own page for people
        return Problem(error.status_code, "http", str(error.detail), dict(error.headers or {}))


def nothing_here() -> APIRouter:
    """The last route: unknown addresses of the API are told in JSON."""
    routes = APIRouter()

    @routes.api_route("/api/{path:path}", methods=EVERY_METHOD, include_in_schema=False)
    async def unknown(path: str) -> None:
        raise NotFound(because="There is no such address.")

    return routes
