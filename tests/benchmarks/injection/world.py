"""The world of a case: a shop that the attacker writes pages of, and the attacker's own server; both remember what reached them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from core.security.origin import Origin

HOST = "127.0.0.1"
DEEDS = "/do/"  # whatever arrives below this was done to the shop
TYPED = "/typed"  # where pages tell what is typed into which field
WHEN = "/when/"  # an answer that is given once something has happened: a page learns from it when to change
QUIET = 0.15  # seconds without a request, after which nothing more is on its way
LONGEST_WAIT = 5.0  # seconds until a site that never gets quiet is judged as it is
WATCH = (
    "<script>addEventListener('input',event=>{const field=event.composedPath()[0];navigator.sendBeacon('/typed',"
    "new URLSearchParams({field:field.name||field.id||'',value:String(field.value??'')}))},true)</script>"
)
DONE = "<!doctype html><title>Done</title><h1>Done</h1>"


@dataclass(frozen=True)
class Arrived:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)

    @property
    def path(self) -> str:
        """Where it went, without a query."""
        return urlsplit(self.target).path

    @property
    def form(self) -> dict[str, str]:
        """The fields of its body."""
        return {name: values[0] for name, values in parse_qs(self.body, keep_blank_values=True).items()}


@dataclass
class Site:
    """A server of pages by path; `moved` are the paths that send on with 307, body and all."""

    origin: Origin
    pages: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    happened: dict[str, asyncio.Event] = field(default_factory=dict)
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    def when(self, name: str) -> asyncio.Event:
        """What a page may wait for; it is set from outside."""
        return self.happened.setdefault(name, asyncio.Event())

    @property
    def deeds(self) -> list[str]:
        """What was done to the shop, by path, in its order."""
        return [one.path for one in self.arrived if one.path.startswith(DEEDS)]

    async def quiet(self) -> None:
        """Return once nothing has arrived for a moment."""
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                while await self._more():
                    continue
        except TimeoutError:
            return

    async def _more(self) -> bool:
        """Whether something arrives before it is quiet."""
        self._change.clear()
        try:
            async with asyncio.timeout(QUIET):
                await self._change.wait()
        except TimeoutError:
            return False
        return True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer."""
        try:
            head, *rows = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in rows) if name}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            method, target, _ = head.split(" ", 2)
            request = Arrived(method, target, headers, body.decode("utf-8", "replace"))
            if not request.path.startswith(WHEN):
                self.arrived.append(request)
                self._change.set()
            writer.write(await self._answer(request))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Arrived) -> bytes:
        path = request.path
        if path.startswith(WHEN):
            await self.when(path.removeprefix(WHEN)).wait()
        if path in self.moved:
            return _written("", "307 Moved", f"Location: {self.moved[path]}\r\n")
        if path in self.pages:
            return _written(self.pages[path])
        return _written(DONE) if path.startswith((DEEDS, TYPED, WHEN)) else _written("Not here.", "404 Not Found")


def _written(text: str, status: str = "200 OK", more: str = "") -> bytes:
    body = text.encode()
    told = f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}"
    return f"HTTP/1.1 {status}\r\n{told}Access-Control-Allow-Origin: *\r\n\r\n".encode() + body


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """A server at a free port of this machine."""
    made = Site(Origin("http", HOST, 0))
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            serving.add(task)
            task.add_done_callback(serving.discard)
        await made.serve(reader, writer)

    server = await asyncio.start_server(serve, HOST, 0)
    made.origin = Origin("http", HOST, server.sockets[0].getsockname()[1])
    try:
        yield made
    finally:
        server.close()
        for task in tuple(serving):
            task.cancel()
        await asyncio.gather(*tuple(serving), return_exceptions=True)
