"""Who is looking at a page; asked again whenever they act or are shown more, because a page outlives a sign-out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from nicegui import ui

from core.errors import CoreError, NotSignedIn
from core.security.agreement import Circumstances, Surface
from core.security.people import Visitor
from core.security.sessions import digest
from core.services import Services
from pages.parts.words import address_of

COOKIE = "sid"


def visitor() -> Visitor:
    """Who opened this page. The gate has let nobody else through."""
    found = getattr(ui.context.client.request.state, "visitor", None)
    if not isinstance(found, Visitor):
        raise NotSignedIn
    return found


async def acting(services: Services) -> Visitor:
    """Who is acting, or is still looking. Leads to sign-in and back here, and raises NotSignedIn, if the session has ended."""
    request = ui.context.client.request
    found = await services.sessions.visitor_of(request.cookies.get(COOKIE, ""))
    if found is None:
        here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        ui.navigate.to(address_of("/sign-in", next=here))
        raise NotSignedIn
    return found


def circumstances(button: str, shown_at: datetime | None = None) -> Circumstances:
    """How a person agrees on a page: by which button, since when the words were shown, in which session, and from where."""
    request = ui.context.client.request
    token = request.cookies.get(COOKIE, "")
    return Circumstances(
        surface=Surface.DIALOG,
        method=button,
        shown_at=shown_at,
        session_sha256=digest(token) if token else None,
        address=request.client.host if request.client else "",
    )


@contextmanager
def errors_shown() -> Iterator[None]:
    """A known error is told to the person; a bug passes."""
    try:
        yield
    except CoreError as error:
        ui.notify(error.sentence, type="negative", position="top", close_button="OK", timeout=0)
