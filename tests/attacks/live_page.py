"""A page as whoever attacks it has it: its elements, each with what listens there, and a connection that says anything."""

import asyncio
import json
import re
from dataclasses import dataclass, field
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
TYPED = "pressed@roles.example"
PRESSES = 300  # more than any page has; one that draws new things for ever ends here


@dataclass(frozen=True)
class Handler:
    """Something that a page listens to: of which element, and which event."""

    element: str
    listener: str
    event: str
    tag: str


@dataclass
class LivePage:
    """A page that was drawn for somebody. `told` is what it has sent since: what it shows, and where it leads."""

    base: str
    client_id: str
    elements: dict[str, Any]
    tab: str = field(default_factory=lambda: str(uuid4()))
    told: "asyncio.Queue[tuple[str, Any]]" = field(default_factory=asyncio.Queue)

    @classmethod
    async def drawn(cls, web: httpx.AsyncClient, address: str, cookie: str) -> Self:
        """Have it drawn for whoever has this cookie."""
        answer = await web.get(address, headers={"Cookie": cookie})
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


class Attacker:
    """A connection to a page that was drawn, made with this cookie, whether or not it is the one the page was drawn for."""

    def __init__(self, page: LivePage, cookie: str) -> None:
        self._page = page
        self._cookie = cookie
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._on_message)
        self.said: list[tuple[str, Any]] = []
        self.pressed: set[Handler] = set()

    async def __aenter__(self) -> Self:
        page = self._page
        query = f"client_id={page.client_id}&tab_id={page.tab}&document_id={uuid4()}&next_message_id=0"
        headers = {"Origin": page.base} | ({"Cookie": self._cookie} if self._cookie else {})
        address = f"{page.base}/?{query}&implicit_handshake=true"
        await self._socket.connect(address, headers, transports=["websocket"], socketio_path=SOCKET)
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._socket.disconnect()

    async def press_everything(self) -> None:
        """Type into every field, press every button, and then whatever was drawn for it, the newest first."""
        while fresh := [one for one in self._page.handlers() if one not in self.pressed]:
            fresh.sort(key=lambda one: (one.event.startswith("update"), int(one.element)), reverse=True)
            for one in fresh:
                self.pressed.add(one)
                assert len(self.pressed) <= PRESSES
                await self._socket.emit("event", self._event(one))
            await self._quiet()

    def _event(self, one: Handler) -> dict[str, Any]:
        typed = (
            [json.dumps({"value": 1, "label": "x"} if "select" in one.tag else TYPED)]
            if "update" in one.event
            else ["{}"]
        )
        return {"id": int(one.element), "client_id": self._page.client_id, "listener_id": one.listener, "args": typed}

    async def _on_message(self, event: str, data: Any) -> None:
        self.said.append((event, data))
        if event == "update":
            for number, element in data.items():
                if element is None:
                    self._page.elements.pop(number, None)
                elif number != "_id":
                    self._page.elements[number] = element
        self._page.told.put_nowait((event, data))

    async def _quiet(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._page.told.get(), QUIET_FOR)
            except TimeoutError:
                return
