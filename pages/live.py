"""Open pages and their people: every event of a page asks again who it is, and a page whose session has ended is closed.

A page lives on in its browser after its person has signed out in another tab, was disabled, or has rested for too
long. NiceGUI would go on taking its events; and it would join to a page whoever knows the page's id.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import parse_qs
from uuid import UUID
from weakref import WeakKeyDictionary

from fastapi.requests import HTTPConnection
from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError as NotLetIn

from core.security.people.sessions import COOKIE
from core.security.people.visitor import Visitor
from core.services import Services
from pages.visitor import asked_again, lead_away, looking, visitor_on

Message: TypeAlias = dict[str, Any]

DRAW_ANEW = "Implicit handshake failed"  # upon which NiceGUI's script in the browser loads the page again


def register(services: Services) -> None:
    """Stand between the browsers' events and the pages, and listen for sessions that end."""
    events = LiveEvents(partial(asked_again, services))
    core.sio.on("event", events.take)
    join_only_its_own_browser()
    services.sessions.endings.subscribe(close_pages_of)
    services.staff_access.endings.subscribe(close_pages_by)


def join_only_its_own_browser() -> None:
    """Let no connection to a page but one of the session that the page was drawn for, whoever else knows its id."""
    connect, handshake = (core.sio.handlers["/"][name] for name in ("connect", "handshake"))

    async def connected(sid: str, environ: Message, auth: Any = None) -> None:
        (client_id,) = parse_qs(environ.get("QUERY_STRING", "")).get("client_id", [""])[:1]
        if not is_of_its_browser(client_id, environ):
            raise NotLetIn(DRAW_ANEW)
        await connect(sid, environ, auth)

    async def shaken(sid: str, message: Message) -> bool:
        is_its = is_of_its_browser(message["client_id"], core.sio.get_environ(sid))
        return is_its and bool(await handshake(sid, message))

    core.sio.on("connect", connected)
    core.sio.on("handshake", shaken)


def is_of_its_browser(client_id: str, environ: Message) -> bool:
    """Whether a connection brings the cookie that this page was asked for with. What there is no page for is left to NiceGUI."""
    client = Client.instances.get(client_id)
    if client is None:
        return True
    brought = HTTPConnection(environ["asgi.scope"]).cookies.get(COOKIE, "")
    return hmac.compare_digest(brought.encode(), client.request.cookies.get(COOKIE, "").encode())


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
