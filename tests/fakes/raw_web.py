"""A server that says what a test wants, byte by byte, over http or https, and keeps the heads of what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

from core.security.origin import Origin

Saying = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawWeb:
    """Where it is, and the heads that arrived."""

    origin: Origin
    heads: list[str] = field(default_factory=list)


@asynccontextmanager
async def listening(say: Saying, tls: SSLContext | None = None) -> AsyncIterator[RawWeb]:
    """Answer each request by `say`, until the peer goes away or the test is over."""
    web = RawWeb(Origin("https" if tls else "http", "127.0.0.1", 0))
    talking: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talking.add(task)
        try:
            web.heads.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            await say(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    web.origin = Origin(web.origin.scheme, "127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield web
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


def says(body: bytes, status: str = "200 OK", *headers: str) -> Saying:
    """A whole answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers])

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(f"{head}\r\n\r\n".encode() + body)
        await writer.drain()

    return say


async def never_ends(writer: asyncio.StreamWriter) -> None:
    """An answer that goes on and on."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[")
    while True:
        writer.write(b" " * 2**16)
        await writer.drain()


async def stops_in_the_middle(writer: asyncio.StreamWriter) -> None:
    """An answer whose end never comes."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[")
    await writer.drain()
    await asyncio.Event().wait()
