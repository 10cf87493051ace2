"""The attacker's own server on this machine: it hears whatever arrives, over TCP and UDP, and says by which channel it came."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from core.security.origin import Origin

HOST = "127.0.0.1"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"

Hear = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Heard:
    """Names that came in, and a way to wait for them."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._more = asyncio.Event()

    def note(self, name: str) -> None:
        """This came in."""
        self.names.add(name)
        self._more.set()

    async def until(self, expected: frozenset[str], within: float) -> None:
        """Return once all of these came in, or after so many seconds; who asks looks for himself what is missing."""
        try:
            async with asyncio.timeout(within):
                while not expected <= self.names:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            return


class Listener:
    """An http server whose first part of a path is the name of a channel, and an ear of its own for what has no path."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.origin = Origin("http", HOST, 0)
        self.ears: dict[str, int] = {}
        self._servers: list[asyncio.Server] = []
        self._datagrams: list[asyncio.DatagramTransport] = []

    async def open(self, tcp: frozenset[str], udp: frozenset[str]) -> None:
        """Listen, with an ear over TCP or UDP for each of these channels."""
        self.origin = Origin("http", HOST, await self._serve(self._hear_request))
        for name in tcp:
            self.ears[name] = await self._serve(self._hears(name))
        loop = asyncio.get_running_loop()
        for name in udp:
            transport, _ = await loop.create_datagram_endpoint(partial(Ear, name, self.heard), local_addr=(HOST, 0))
            self._datagrams.append(transport)
            self.ears[name] = transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        """Listen no more."""
        for server in self._servers:
            server.close()
        for transport in self._datagrams:
            transport.close()

    async def _serve(self, hear: Hear) -> int:
        server = await asyncio.start_server(hear, HOST, 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _hear_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n", 1)[0]
            self.heard.note(line.split(" ")[1].split("?")[0].removeprefix("/"))
            writer.write(ANSWER)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _hears(self, name: str) -> Hear:
        async def hear(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.heard.note(name)
            writer.close()

        return hear


class Ear(asyncio.DatagramProtocol):
    """Hears datagrams."""

    def __init__(self, name: str, heard: Heard) -> None:
        self._name, self._heard = name, heard

    def datagram_received(self, data: bytes, address: object) -> None:
        self._heard.note(self._name)


@asynccontextmanager
async def listening(tcp: frozenset[str], udp: frozenset[str]) -> AsyncIterator[Listener]:
    """A listener, until the test is over."""
    listener = Listener()
    try:
        await listener.open(tcp, udp)
        yield listener
    finally:
        listener.close()
