"""A small web server on this machine that serves the pages a test writes, and remembers what reached it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.security.origin import Origin


@dataclass(frozen=True)
class Answer:
    """What is served at a path, how long it takes, and with which further headers."""

    body: str | bytes = ""
    status: int = 200
    after: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"


@dataclass
class Web:
    """Pages by path (without the query). `requests` are the request lines that arrived, `bodies` what was sent."""

    origin: Origin
    pages: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def show(self, body: str, path: str = "/") -> str:
        """Serve this at a path; returns its address."""
        self.pages[path] = Answer(
            f"<!doctype html><html lang=en><head><title>Practice</title></head><body>{body}</body></html>"
        )
        return f"{self.origin}{path}"

    async def reached(self, path: str) -> None:
        """Return once a request for this path has arrived."""
        async with asyncio.timeout(15), self._arrived:
            await self._arrived.wait_for(lambda: any(line.split(" ")[1] == path for line in self.requests))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line = head.split("\r\n", 1)[0]
            async with self._arrived:
                self.requests.append(line)
                self._arrived.notify_all()
            length = next(
                (int(row.split(":")[1]) for row in head.split("\r\n") if row.lower().startswith("content-length:")), 0
            )
            self.bodies.append((await reader.readexactly(length)).decode())
            answer = self.pages.get(line.split(" ")[1].split("?")[0], Answer("not here", 404))
            await asyncio.sleep(answer.after)
            writer.write(_written(answer))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _written(answer: Answer) -> bytes:
    body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
    headers = (("Content-Type", answer.content_type), ("Content-Length", str(len(body))), *answer.headers)
    return (
        f"HTTP/1.1 {answer.status} X\r\n{''.join(f'{k}: {v}' + chr(13) + chr(10) for k, v in headers)}\r\n".encode()
        + body
    )


@asynccontextmanager
async def serving() -> AsyncIterator[Web]:
    """A web server at a free port of 127.0.0.1."""
    web = Web(Origin("http", "127.0.0.1", 0))
    server = await asyncio.start_server(web._serve, "127.0.0.1", 0)
    web.origin = Origin("http", "127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield web
    finally:
        server.close()
