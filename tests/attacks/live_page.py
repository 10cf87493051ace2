"""A page as whoever attacks it has it: its elements, each with what listens there, and a connection that says anything."""

import asyncio
import json
import re
from dataclasses import dataclass
from html import unescape
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
import socketio

SOCKET = "/_nicegui_ws/socket.io"
CLIENT = re.compile(r"'client_id': '([0-9a-f-]+)'")
ELEMENTS = re.compile(r"parseElements\(String\.raw`(.*?)`\)", re.DOTALL)
QUIET_FOR = 0.5  # seconds without a word from the page, after which it is taken to have done all that it will do
FURTHER, NO_ELEMENT = 3, "999999999"  # events that reach nothing, after those that count
TYPED, CHOSEN = "pressed@roles.example", {"value": 1, "label": "x"}
TRIES = 3
ROUNDS = 3  # of pressing: what the page shows, what it asks then, and what it shows once


@dataclass(frozen=True)
class Handler:
    """Something that a page listens to: of which element, and which event."""

    element: str
    listener: str
    event: str
    tag: str

    @property
    def is_typed(self) -> bool:
        """Whether it is something that is typed or chosen, and no button."""
        return self.event.startswith("update")


@dataclass
class LivePage:
    """A page that was drawn for somebody."""

    base: str
    client_id: str
    elements: dict[str, Any]

    @classmethod
    async def drawn(cls, web: httpx.AsyncClient, address: str, cookie: str) -> Self:
        """Have it drawn for whoever has this cookie. NiceGUI gives it three seconds, which a busy machine may miss once."""
        for _ in range(TRIES):
            answer = await web.get(address, headers={"Cookie": cookie})
            if answer.status_code < 500:
                break
        assert answer.status_code == 200, (address, answer.status_code)
        client, elements = CLIENT.search(answer.text), ELEMENTS.search(answer.text)
        assert client, address
        assert elements, address
        return cls(str(web.base_url).rstrip("/"), client[1], json.loads(unescape(elements[1])))

    def handlers(self) -> list[Handler]:
        """Whatever listens on it now."""
        return [
            Handler(str(number), one["listener_id"], one["type"], element.get("tag", ""))
            for number, element in self.elements.items()
            for one in element.get("events", [])
        ]

    def update(self, changed: dict[str, Any]) -> None:
        """Take in what was drawn since."""
        for number, element in changed.items():
            if element is None:
                self.elements.pop(number, None)
            elif number.isdecimal():
                self.elements[number] = element


class Attacker:
    """A connection to a page that was drawn, made with this cookie, whether or not it is the one the page was drawn for.

    `said` is what the page has answered, and `is_let_in` whether it was joined to the page.
    """

    def __init__(self, page: LivePage, cookie: str, quiet_for: float = QUIET_FOR) -> None:
        self._page = page
        self._cookie = cookie
        self._quiet_for = quiet_for
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._on_message)
        self._heard = asyncio.Event()
        self._pressed: set[Handler] = set()
        self.said: list[tuple[str, Any]] = []
        self.is_let_in = False

    async def __aenter__(self) -> Self:
        page = self._page
        headers = {"Origin": page.base} | ({"Cookie": self._cookie} if self._cookie else {})
        await self._socket.connect(page.base, headers, transports=["websocket"], socketio_path=SOCKET, wait_timeout=30)
        query = {"client_id": page.client_id, "tab_id": str(uuid4()), "document_id": str(uuid4()), "next_message_id": 0}
        self.is_let_in = bool(await self._socket.call("handshake", query))
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._socket.disconnect()

    @property
    def presses(self) -> int:
        """How much was pressed."""
        return len(self._pressed)

    def said_in(self, event: str) -> str:
        """All that the page has said by events of this kind."""
        return " ".join(str(data) for kind, data in self.said if kind == event)

    async def press_everything(self) -> None:
        """Type into every field and press every button; then do so with whatever was drawn for it, the newest first."""
        for _ in range(ROUNDS):
            fresh = [one for one in self._page.handlers() if one not in self._pressed]
            if not fresh:
                return
            fresh.sort(key=lambda one: (one.is_typed, int(one.element)), reverse=True)
            for one in fresh:
                self._pressed.add(one)
                await self._press(one.element, one.listener, json.dumps(CHOSEN if "select" in one.tag else TYPED))
            await self._quiet()

    async def _press(self, element: str, listener: str, args: str) -> None:
        """An event, until the server has passed it on."""
        event = {"id": int(element), "client_id": self._page.client_id, "listener_id": listener, "args": [args]}
        await self._socket.call("event", event)

    async def _quiet(self) -> None:
        """Until what was set off is done: the page takes further events, each with a look at the database, and says no more."""
        for _ in range(FURTHER):
            await self._press(NO_ELEMENT, "", "null")
        while await self._hears_more():
            continue

    async def _hears_more(self) -> bool:
        self._heard.clear()
        try:
            await asyncio.wait_for(self._heard.wait(), self._quiet_for)
        except TimeoutError:
            return False
        return True

    async def _on_message(self, event: str, data: Any) -> None:
        self.said.append((event, data))
        if event == "update":
            self._page.update(data)
        self._heard.set()
