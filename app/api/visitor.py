"""Who is calling: what a route asks for to be given the visitor that the gate has found."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from app.api.rights import check_right
from core.errors import NotSignedIn
from core.security.people.sessions import COOKIE
from core.security.people.visitor import Visitor

AskAgain: TypeAlias = Callable[[], Awaitable[Visitor | None]]

# They let everybody through and are here for the description of the API; the gate is what keeps people out.
BY_TOKEN = HTTPBearer(scheme_name="token", description="A token of `autopilot tokens add`.", auto_error=False)
BY_COOKIE = APIKeyCookie(name=COOKIE, scheme_name="session", description="Signed in, in a browser.", auto_error=False)


def visitor_of(request: Request) -> Visitor:
    """Who is asking. Raises NotSignedIn; the gate has let nobody else through, and this holds without it."""
    visitor = getattr(request.state, "visitor", None)
    if not isinstance(visitor, Visitor):
        raise NotSignedIn
    return visitor


async def known(request: Request) -> Visitor:
    """The same for routes: FastAPI has what is not asynchronous called in a thread, twice for every request."""
    return visitor_of(request)


Who = Annotated[Visitor, Depends(known)]


async def signed_in(
    request: Request,
    visitor: Who,
    token: Annotated[object, Security(BY_TOKEN)] = None,
    session: Annotated[object, Security(BY_COOKIE)] = None,
) -> Visitor:
    """What every route for visitors depends on: they are known, and may call it."""
    check_right(request, visitor)
    return visitor


async def still_signed_in(request: Request) -> bool:
    """Whether the visitor's token or session is still good: for answers that go on for long."""
    ask_again: AskAgain = request.state.ask_again
    return await ask_again() == visitor_of(request)


def address_of(request: Request) -> str:
    """Where a call comes from, as the server was told: behind a proxy on this machine, by the proxy."""
    return request.client.host if request.client else ""
