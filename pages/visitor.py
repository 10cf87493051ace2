"""Who is looking at a page; asked again whenever they act or are shown more, because a page outlives a sign-out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from nicegui import Client, background_tasks, ui

from core.errors import CoreError, NotSignedIn
from core.security.consent.agreement import Circumstances, Surface, session_digest
from core.security.people.authorize import Action, NotAllowed, may
from core.security.people.sessions import COOKIE, Standing
from core.security.people.staff_access import Access, NoAccess
from core.security.people.visitor import Visitor
from core.services import Services
from pages.parts.words import address_of


def visitor() -> Visitor:
    """Who opened this page, as they were when they last did something here. The gate has let nobody else through."""
    found = getattr(ui.context.client.request.state, "visitor", None)
    if not isinstance(found, Visitor):
        raise NotSignedIn
    return found


def visitor_on(client: Client) -> Visitor | None:
    """Who opened a page, if it is for those who are signed in."""
    request = client._request
    found = getattr(request.state, "visitor", None) if request else None
    return found if isinstance(found, Visitor) else None


def allowed(action: Action) -> bool:
    """Whether they may do this: what they may not do is not offered, and is refused by the use case all the same."""
    return may(visitor(), action)


def standing() -> Standing | None:
    """How far whoever opened this page had come with signing in."""
    found = getattr(ui.context.client.request.state, "standing", None)
    return found if isinstance(found, Standing) else None


async def acting(services: Services) -> Visitor:
    """Who is acting, or is still looking. Leads away, and raises NotSignedIn, if the session or the access has ended."""
    client = ui.context.client
    found = await asked_again(services, client)
    if found is None:
        lead_away(client)
        raise NotSignedIn
    return found


async def asked_again(services: Services, client: Client) -> Visitor | None:
    """Who a page is for, as they are now; None if their session has ended, or the access by which they look."""
    found = await services.sessions.visitor_of(client.request.cookies.get(COOKIE, ""))
    access = looking(client)
    if found is None or access is None:
        return found
    try:
        return await services.staff_access.as_seen_by(found, access.customer_id)
    except (NotAllowed, NoAccess):
        return None


def looking(client: Client) -> Access | None:
    """By which access of staff this page shows a customer's data, if by any."""
    found = getattr(client.request.state, "access", None)
    return found if isinstance(found, Access) else None


def below(client: Client, address: str) -> str:
    """An address as the browser of this page has to ask for it: below the customer's whose data it shows.

    NiceGUI's own links do so by themselves; what is no link of its has to say so.
    """
    return f"{client.request.scope.get('root_path', '')}{address}"


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


def lead_away(client: Client) -> None:
    """Send the browser to the sign-in, and from there back to this page; from a customer's data, to the list of customers."""
    url, access = client.request.url, looking(client)
    here = f"{url.path}?{url.query}" if url.query else url.path
    with client:
        if access is None:
            ui.navigate.to(address_of("/sign-in", next=here))
        else:
            ui.navigate.to(address_of("/customers", ended=str(access.customer_id)))


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
