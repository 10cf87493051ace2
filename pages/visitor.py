"""Who is looking at a page; asked again whenever they act or are shown more, because a page outlives a sign-out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from nicegui import Client, background_tasks, ui

from core.errors import CoreError, NotSignedIn
from core.security.consent.agreement import Circumstances, Surface, session_digest
from core.security.people.authorize import NotAllowed
from core.security.people.sessions import COOKIE, Standing
from core.security.people.visitor import Visitor
from core.services import Services
from pages.parts.words import address_of


def visitor() -> Visitor:
    """Who opened this page, as they were when they last did something here. The gate has let nobody else through."""
    found = getattr(ui.context.client.request.state, "visitor", None)
    if not isinstance(found, Visitor):
        raise NotSignedIn
    return found


def standing() -> Standing | None:
    """How far whoever opened this page had come with signing in."""
    found = getattr(ui.context.client.request.state, "standing", None)
    return found if isinstance(found, Standing) else None


async def acting(services: Services) -> Visitor:
    """Who is acting, or is still looking. Leads to sign-in and back here, and raises NotSignedIn, if the session has ended."""
    client = ui.context.client
    found = await services.sessions.visitor_of(client.request.cookies.get(COOKIE, ""))
    if found is None:
        lead_to_sign_in(client)
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
        session_sha256=session_digest(token),
        address=where_from(),
    )


def where_from() -> str:
    """The address that the page was asked from, as the server was told."""
    caller = ui.context.client.request.client
    return caller.host if caller else ""


def lead_to_sign_in(client: Client) -> None:
    """Send the browser to the sign-in, and from there back to this page."""
    url = client.request.url
    here = f"{url.path}?{url.query}" if url.query else url.path
    with client:
        ui.navigate.to(address_of("/sign-in", next=here))


@contextmanager
def errors_shown() -> Iterator[None]:
    """A known error is told to the person, and a refusal to their audit; a bug passes."""
    try:
        yield
    except CoreError as error:
        ui.notify(error.sentence, type="negative", position="top", close_button="OK", timeout=0)
        if isinstance(error, NotAllowed):
            note = ui.context.client.request.state.note_refusal
            background_tasks.create(note(visitor(), error.code, error.action.value), name="note a refusal")
