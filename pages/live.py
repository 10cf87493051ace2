"""Open pages and their people: every event of a page asks again who it is, and a page whose session has ended is closed.

A page lives on in its browser after its person has signed out in another tab, was disabled, or has rested for too
long. NiceGUI would go on taking its events.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID
from weakref import WeakKeyDictionary

from nicegui import Client, core

from core.security.people.visitor import Visitor
from core.services import Services
from pages.visitor import asked_again, lead_away, looking

Message: TypeAlias = dict[str, Any]


def register(services: Services) -> None:
    """Stand between the browsers' events and the pages, and listen for sessions that end."""
    events = LiveEvents(partial(asked_again, services))
    core.sio.on("event", events.take)
    services.sessions.endings.subscribe(close_pages_of)
    services.staff_access.endings.subscribe(close_pages_by)


class LiveEvents:
    """Passes an event on to its page if its session is still on: one after the other, as they came."""

    def __init__(self, asked: Callable[[Client], Awaitable[Visitor | None]]) -> None:
        self._asked = asked
        self._turns: WeakKeyDictionary[Client, asyncio.Lock] = WeakKeyDictionary()

    async def take(self, sid: str, message: Message) -> None:
        """An event that a browser sends. `sid` is its connection, which has to be one of the page's own."""
        client = Client.instances.get(message["client_id"])
        if client is None or not client.has_socket_connection or client.id not in core.sio.rooms(sid):
            return
        async with self._turns.setdefault(client, asyncio.Lock()):  # who waits is served in turn
            if await self._may_go_on(client):
                client.handle_event(message)

    async def _may_go_on(self, client: Client) -> bool:
        """Whether the page is for anybody, or for who is still signed in; it knows them as they are now."""
        opened_by = visitor_on(client)
        if opened_by is None:
            return not client.is_deleted
        now = await self._asked(client)
        if client.is_deleted:
            return False
        if now is None or now.user_id != opened_by.user_id:
            close(client)
            return False
        client.request.state.visitor = now
        return True


def close_pages_of(ended: frozenset[UUID]) -> None:
    """Lead every page of these sessions to the sign-in, and take nothing from it any more."""
    for client in list(Client.instances.values()):
        opened_by = visitor_on(client)
        if opened_by is not None and opened_by.session_id in ended:
            close(client)


def close_pages_by(ended: frozenset[UUID]) -> None:
    """Lead every page that shows a customer's data by these accesses away, and take nothing from it any more."""
    for client in list(Client.instances.values()):
        access = looking(client) if visitor_on(client) else None
        if access is not None and access.id in ended:
            close(client)


def close(client: Client) -> None:
    """Lead a page to the sign-in, or to where an access is opened, and clear it. NiceGUI forgets it once its browser has gone there.

    A browser that does not go has an empty page, whose events are refused.
    """
    lead_away(client)
    client.content.clear()


def visitor_on(client: Client) -> Visitor | None:
    """Who opened a page, if it is for those who are signed in."""
    request = client._request
    found = getattr(request.state, "visitor", None) if request else None
    return found if isinstance(found, Visitor) else None
