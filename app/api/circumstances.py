"""In which circumstances a consent comes in by the API: of the caller only hashes and prefixes are kept."""

from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from app.api.visitor import address_of
from core.security.consent.agreement import Circumstances, Surface, session_digest
from core.security.people.sessions import COOKIE


def circumstances_of(request: Request) -> Circumstances:
    """By which call, with which token or session, and from where."""
    bearer = request.headers.get("authorization", "").partition(" ")[2].strip()
    token = bearer or request.cookies.get(COOKIE, "")
    return Circumstances(
        surface=Surface.API,
        method=f"{request.method} {request.url.path}"[:100],
        session_sha256=session_digest(token),
        address=address_of(request),
    )


How: TypeAlias = Annotated[Circumstances, Depends(circumstances_of)]
