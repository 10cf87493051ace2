"""Anthropic's Messages API on this machine: it says what a test has scripted, and keeps what it was sent."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Saying = Callable[[asyncio.StreamWriter], Awaitable[None]]
USAGE = {"input_tokens": 1500, "output_tokens": 60, "cache_read_input_tokens": 2000, "cache_creation_input_tokens": 0}


@dataclass(frozen=True)
class Received:
    """One request."""

    line: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """What it holds."""
        told: dict[str, Any] = json.loads(self.raw)
        return told

    @property
    def text(self) -> str:
        """The question, which comes after the picture."""
        return str(self.body["messages"][0]["content"][1]["text"])


@dataclass
class MessagesApi:
    """Answers the `script` in its order; what is not scripted is a failure that is not asked about again."""

    url: str = ""
    script: deque[Saying] = field(default_factory=deque)
    requests: list[Received] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def says(self, *sayings: Saying) -> None:
        """Say these next."""
        self.script.extend(sayings)

    async def asked(self, within: float = 5) -> None:
        """Return once a request has arrived; a run in a real browser needs more seconds until then."""
        async with asyncio.timeout(within):
            await self._arrived.wait()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, and say what comes next."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in head[1:]) if name}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append(Received(head[0], headers, raw))
        self._arrived.set()
        saying = self.script.popleft() if self.script else status(500, {"x-should-retry": "false"})
        await saying(writer)


@asynccontextmanager
async def messages_api() -> AsyncIterator[MessagesApi]:
    """The service at a free port of 127.0.0.1."""
    api = MessagesApi()
    talking: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talking.add(task)
        try:
            await api.answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


def raw(body: bytes, code: int = 200, headers: dict[str, str] | None = None) -> Saying:
    """Exactly these bytes."""
    given = {"content-type": "application/json", "connection": "close", **(headers or {})}
    told = "".join(f"{name}: {value}\r\n" for name, value in {"content-length": str(len(body)), **given}.items())

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {code} X\r\n{told}\r\n".encode() + body)
        await writer.drain()

    return say


def message(*blocks: dict[str, Any], stop_reason: str | None = "end_turn", **more: Any) -> Saying:
    """A whole message with these parts."""
    told: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "content": list(blocks)}
    told |= {"model": "claude-sonnet-5-5", "stop_reason": stop_reason, "stop_sequence": None, "usage": USAGE}
    return raw(json.dumps(told | more).encode())


def text(said: str) -> dict[str, Any]:
    """A part that is text."""
    return {"type": "text", "text": said}


def answer(**command: Any) -> Saying:
    """A message that is one command."""
    return message(text(json.dumps({"answer": command})))


def status(code: int, headers: dict[str, str] | None = None, kind: str = "api_error", error_code: str = "") -> Saying:
    """An error as the API tells it."""
    error: dict[str, Any] = {"type": kind, "message": "It says something."}
    if error_code:
        error["details"] = {"error_code": error_code}
    return raw(json.dumps({"type": "error", "error": error}).encode(), code, headers)


async def hangs(writer: asyncio.StreamWriter) -> None:
    """An answer that never begins."""
    await asyncio.Event().wait()


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    """An answer whose connection is closed in its middle."""
    writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"type": "mess')
    await writer.drain()


async def closes(writer: asyncio.StreamWriter) -> None:
    """A connection that is closed without a word."""


async def trickles(writer: asyncio.StreamWriter) -> None:
    """An answer of which a little comes again and again, and that has no end."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def floods(writer: asyncio.StreamWriter) -> None:
    """An answer that is as fast as it is endless."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[")
    while True:
        writer.write(b" " * 2**16)
        await writer.drain()
