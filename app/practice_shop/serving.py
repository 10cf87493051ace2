"""Serves a practice shop on the loopback address: in the running loop, or in a thread of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from socket import AF_INET, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

import uvicorn
from starlette.types import ASGIApp

from app.practice_shop.shop import PracticeShop
from app.practice_shop.web import create_app

ENDS_WITHIN = 20  # seconds; an answer under way may take its latency
CUT_OFF_AFTER = 1  # seconds a connection may stay open when the shop closes


@asynccontextmanager
async def serve(shop: PracticeShop, port: int = 0, certificate: Path | None = None) -> AsyncIterator[str]:
    """Serve in the running loop; the shop's address. Port 0 takes a free one; one that is taken raises OSError.

    With a PEM file that holds a certificate and its key, over https.
    """
    async with serve_application(create_app(shop), port, certificate) as address:
        yield address


@asynccontextmanager
async def serve_application(application: ASGIApp, port: int = 0, certificate: Path | None = None) -> AsyncIterator[str]:
    """The same for any application; its address."""
    server, listening = _server(application, port, certificate)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listening]))
    try:
        yield _address(listening, "https" if certificate else "http")
    finally:
        server.should_exit = True
        await serving
        listening.close()


@contextmanager
def serve_in_thread(shop: PracticeShop, port: int = 0) -> Iterator[str]:
    """Serve in a thread, which has ended afterwards; the shop's address. A port that is taken raises OSError."""
    with serve_application_in_thread(create_app(shop), port) as address:
        yield address


@contextmanager
def serve_application_in_thread(application: ASGIApp, port: int = 0) -> Iterator[str]:
    """The same for any application; its address."""
    server, listening = _server(application, port)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listening])), name="practice shop", daemon=True
    )
    thread.start()
    try:
        yield _address(listening)
    finally:
        server.should_exit = True
        thread.join(ENDS_WITHIN)
        listening.close()


def _server(application: ASGIApp, port: int, certificate: Path | None = None) -> tuple["QuietServer", socket]:
    # Bound at once, so that whoever comes early waits instead of being refused.
    listening = listening_at(port)
    config = uvicorn.Config(
        application,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=CUT_OFF_AFTER,
        ssl_certfile=certificate,
    )
    return QuietServer(config), listening


def listening_at(port: int = 0) -> socket:
    """A socket of the loopback address; port 0 takes a free one. A port that is taken raises OSError.

    It names its protocol: only then does asyncio switch Nagle's algorithm off for what it accepts, which costs 40 ms an answer.
    """
    listening = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    try:
        listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _address(listening: socket, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"


class QuietServer(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
