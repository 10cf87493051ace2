"""Watchers of a page as a browser makes them, without the browser: its page is asked for, and its live connection opened.

They take every message and acknowledge as NiceGUI's script does, but fetch no pictures and draw nothing.
"""

import ast
import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx
from socketio import AsyncClient

from core.security.people.sessions import COOKIE
from tests.benchmarks.dashboard.stand import Dashboard

ACKNOWLEDGED_EVERY = 3.0  # seconds, as NiceGUI's script does
QUERY = re.compile(r"query: (\{.*?\}),\n")


@dataclass
class Watcher:
    """One page that is open somewhere."""

    socket: AsyncClient
    client_id: str
    next_message_id: int
    acknowledging: "asyncio.Task[None] | None" = None
    messages: int = 0

    @classmethod
    async def joined(cls, http: httpx.AsyncClient, address: str, path: str, cookie: str) -> Self:
        """Ask for the page, and open its connection."""
        page = await http.get(f"{address}{path}", headers={"Cookie": cookie})
        found = QUERY.search(page.raise_for_status().text)
        assert found, "the page does not say how to join it"
        query: dict[str, Any] = ast.literal_eval(found[1])
        query |= {"document_id": str(uuid4()), "tab_id": str(uuid4()), "old_tab_id": ""}
        made = cls(AsyncClient(reconnection=False), query["client_id"], int(query["next_message_id"]))
        made.socket.on("*", made._heard)
        joined = "&".join(f"{name}={_spelt(value)}" for name, value in query.items())
        await made.socket.connect(
            f"{address}?{joined}",
            headers={"Cookie": cookie, "Origin": address},
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
        )
        if not query.get("implicit_handshake"):
            assert await made.socket.call("handshake", query), "the page was not joined"
        made.acknowledging = asyncio.create_task(made._acknowledge())
        return made

    async def leave(self) -> None:
        """Close the page."""
        if self.acknowledging:
            self.acknowledging.cancel()
        await self.socket.disconnect()

    def _heard(self, _: str, *told: Any) -> None:
        self.messages += 1
        for one in told:
            if isinstance(one, dict) and "_id" in one:
                self.next_message_id = int(one["_id"]) + 1

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(ACKNOWLEDGED_EVERY)
            await self.socket.emit("ack", {"client_id": self.client_id, "next_message_id": self.next_message_id})


@dataclass
class Crowd:
    """Watchers of one page, each with a session of their own."""

    served: Dashboard
    path: str
    watchers: list[Watcher] = field(default_factory=list)

    async def grow_to(self, number: int) -> None:
        """Have so many there."""
        sessions = self.served.ask("sessions", number=number - len(self.watchers))["sessions"]
        async with httpx.AsyncClient(timeout=30) as http:
            for token in sessions:
                joined = Watcher.joined(http, self.served.address, self.path, f"{COOKIE}={token}")
                self.watchers.append(await joined)
                http.cookies.clear()

    async def go(self) -> None:
        """Have nobody there any more."""
        for one in self.watchers:
            await one.leave()
        self.watchers.clear()


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
