"""The origin lock: a forward proxy in our own process that reaches the one shop of its run, and nothing else.

Routing inside the browser leaks redirects, workers and WebSockets (measured); a proxy sees every connection. What it can't
see is UDP, which the browser's WebRTC switch keeps in.
"""

import asyncio
import base64
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Self
from urllib.parse import urlsplit

from core.browser.http_head import LONGEST_HEAD, BadHead, Head
from core.security.addresses import AddressGuard
from core.security.origin import BadAddress, Origin

CONNECT_WITHIN = 10.0  # seconds until an unreachable shop is given up
REMEMBERED = 50  # refusals kept; enough to show what a page wanted, too few to fill the memory
PIECE = 64 * 1024  # bytes relayed at once
INTRODUCTION = "http://introduction.autopilot.invalid"  # where a browser gives its proxy credentials, once

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class GateShut(ConnectionError):
    """The gate of this run is shut."""


@dataclass(frozen=True)
class Refusal:
    """A connection that was not let out: where it was to go, and why not. Never a path or a query."""

    to: str
    because: str


class Gate:
    """What a run's connections go through. Once shut it stays shut, and everything that was open is cut."""

    def __init__(self) -> None:
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._shut = asyncio.Event()
        self._holds: Callable[[], bool] = lambda: True
        self.because: str | None = None

    @property
    def is_shut(self) -> bool:
        """Whether nothing gets through any more."""
        return self._shut.is_set()

    def shut(self, because: str) -> None:
        """Stop listening and cut every connection at once. The first reason stands."""
        if self.is_shut:
            return
        self.because = because
        self._shut.set()
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()

    def only_while(self, holds: Callable[[], bool]) -> None:
        """Let nothing out from the moment on that this is not so, though nobody may have been awake to shut the gate."""
        self._holds = holds

    def check(self) -> None:
        """Asked before anything goes out. Raises GateShut."""
        if not self.is_shut and not self._holds():
            self.shut(because="this process has lost the run")
        if self.is_shut:
            raise GateShut

    async def wait_shut(self) -> str:
        """Wait until somebody shuts the gate; gives the reason."""
        await self._shut.wait()
        return self.because or ""

    def guard(self, server: asyncio.Server) -> None:
        """Let this server listen only as long as the gate is open."""
        self._server = server

    def enter(self, writer: asyncio.StreamWriter) -> None:
        """Know a connection, to be able to cut it. Raises GateShut, and cuts it, if it comes too late."""
        if self.is_shut:
            writer.transport.abort()
            raise GateShut
        self._open.add(writer)

    def leave(self, writer: asyncio.StreamWriter) -> None:
        """Forget a connection that has ended."""
        self._open.discard(writer)
        writer.close()


class EgressProxy:
    """A proxy for one run: exact origins, each pinned to the one address it had when the run began."""

    def __init__(self) -> None:
        self._pinned: dict[Origin, str] = {}
        self.gate = Gate()
        self.username = secrets.token_urlsafe(12)
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.refused: deque[Refusal] = deque(maxlen=REMEMBERED)
        self.refusals = 0

    @classmethod
    async def opened(cls, allowed: frozenset[Origin], guard: AddressGuard) -> Self:
        """A listening proxy. Raises what the guard raises for an origin it does not let through."""
        proxy = cls()
        await proxy.admit(allowed, guard)
        await proxy._listen()
        return proxy

    @classmethod
    async def denying_all(cls) -> Self:
        """A proxy that lets nothing out: for what a browser does of its own accord, and until a run comes."""
        proxy = cls()
        await proxy._listen()
        return proxy

    async def admit(self, allowed: frozenset[Origin], guard: AddressGuard) -> None:
        """Let these through from now on. Raises what the guard raises for one that it does not let through."""
        self._pinned = {origin: await guard.check(origin) for origin in allowed}

    @property
    def server(self) -> str:
        """The proxy's address, as browsers are told it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The proxy's address with its credentials, for our own HTTP calls."""
        return f"http://{self.username}:{self.password}@127.0.0.1:{self.port}"

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST_HEAD)
        self.port = server.sockets[0].getsockname()[1]
        self.gate.guard(server)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser, from its head to its end."""
        try:
            self.gate.enter(writer)
            head = await Head.read(reader)
            if head is not None:
                await self._answer(head, reader, writer)
        except BadHead as error:
            await _say(writer, "400 Bad Request", str(error))
        except (OSError, TimeoutError):
            pass  # a peer that went away, or a gate that was shut, ends this connection and nothing else
        finally:
            self.gate.leave(writer)

    async def _answer(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.gate.check()
        if not self._introduced(head):
            await _say(
                writer, "407 Proxy Authentication Required", "", ("Proxy-Authenticate", 'Basic realm="autopilot"')
            )
            return
        method, target, _ = head.request_line
        if target == f"{INTRODUCTION}/":
            await _say(writer, "200 OK", "")
            return
        origin = _origin_of(method, target)
        because = self._objection(origin, head)
        if because or origin is None:
            self._refuse(target if origin is None else str(origin), because)
            await _say(writer, "403 Forbidden", f"Outside the shop: {because}")
        elif method == "CONNECT":
            await self._tunnel(origin, reader, writer)
        else:
            await self._forward(origin, head, reader, writer)

    def _introduced(self, head: Head) -> bool:
        expected = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return compare_digest(head.get("proxy-authorization").encode(), f"Basic {expected}".encode())

    def _objection(self, origin: Origin | None, head: Head) -> str:
        if origin is None:
            return "that is no address"
        if origin not in self._pinned:
            return "another scheme, host or port"
        if head.get("upgrade") and not head.start.startswith("CONNECT "):
            return "another protocol"
        return ""

    def _refuse(self, to: str, because: str) -> None:
        self.refusals += 1
        self.refused.append(Refusal(to[:200], because))

    async def _tunnel(self, origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shop = await self._connect(origin, writer)
        if shop is None:
            return
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._both_ways((reader, writer), shop)
        finally:
            self.gate.leave(shop[1])

    async def _forward(
        self, origin: Origin, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        shop = await self._connect(origin, writer)
        if shop is None:
            return
        try:
            method, target, version = head.request_line
            parts = urlsplit(target)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            host = str(origin).removeprefix(f"{origin.scheme}://")
            self.gate.check()
            shop[1].write(head.for_next_hop(f"{method} {path} {version}", ("Host", host)))
            await self._both_ways((reader, writer), shop, closing=True)
        finally:
            self.gate.leave(shop[1])

    async def _both_ways(self, browser: Ends, shop: Ends, *, closing: bool = False) -> None:
        """Relay until the shop has said everything; `closing` tells the browser not to keep the connection for later."""
        upwards = asyncio.ensure_future(_relay(browser[0], shop[1], self.gate.check))
        try:
            if closing:
                await _pass_answer_heads(shop[0], browser[1])
            await _relay(shop[0], browser[1])
        finally:
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)

    async def _connect(self, origin: Origin, writer: asyncio.StreamWriter) -> Ends | None:
        """A connection to the pinned address; a browser is told if the shop does not answer."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                shop = await asyncio.open_connection(self._pinned[origin], origin.port, limit=LONGEST_HEAD)
        except (OSError, TimeoutError):
            await _say(writer, "502 Bad Gateway", f"{origin} does not answer.")
            return None
        self.gate.enter(shop[1])
        return shop


def _origin_of(method: str, target: str) -> Origin | None:
    """The origin a request line names. CONNECT is for https alone: a tunnel to a plain http port would be blind."""
    try:
        if method == "CONNECT":
            return Origin.of(f"https://{target}")
        return Origin.of(target) if target.startswith("http://") else None
    except BadAddress:
        return None


async def _say(writer: asyncio.StreamWriter, status: str, text: str, *headers: tuple[str, str]) -> None:
    """A small answer of the proxy's own, after which the connection ends."""
    body = text.encode()
    extra = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n{extra}"
    cors = "Access-Control-Allow-Origin: *\r\n" if status.startswith("200") else ""
    writer.write(f"{head}{cors}Connection: close\r\n\r\n".encode() + body)
    await writer.drain()


async def _pass_answer_heads(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Pass on the answer's head, and the provisional ones (1xx) before it, each with `Connection: close`."""
    while head := await Head.read(source, within=None):
        sink.write(head.for_next_hop(head.start))
        _, _, status = head.start.partition(" ")
        if not status.startswith("1"):
            return


async def _relay(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, check: Callable[[], None] = lambda: None
) -> None:
    while piece := await source.read(PIECE):
        check()
        sink.write(piece)
        await sink.drain()
    if sink.can_write_eof() and not sink.is_closing():  # a gate that is shut has cut it already
        sink.write_eof()
