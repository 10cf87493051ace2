"""A real receiver of webhooks on this machine, which checks signatures by itself and answers as it is told."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One call: where it asked for, its headers in lower case, and its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """What it says."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def id(self) -> str:
        """What the receiver knows it by."""
        return self.headers["webhook-id"]

    def is_signed_with(self, secret: str) -> bool:
        """Whether whoever sent it has this secret: as standardwebhooks.com has it, written here once more."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        of = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body])
        proof = base64.b64encode(hmac.new(key, of, hashlib.sha256).digest()).decode()
        return f"v1,{proof}" in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """`statuses` are what it says next, and then 204 to everything; with `location`, too."""

    port: int = 0
    calls: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    scheme: str = "http"
    endless: bool = False
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?to=us"

    @property
    def host_port(self) -> str:
        """As it is allowed."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def receiver(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """One that runs while the context lasts."""
    made = Receiver(scheme="https" if context else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.calls.append(Received(self.path, headers, body))
            made.arrived.set()
            self.send_response(made.statuses.pop(0) if made.statuses else 204)
            if made.location:
                self.send_header("location", made.location)
            self.end_headers()
            while made.endless:
                self.wfile.write(b"x" * 65536)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who goes away early is no news."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.endless = False
        server.shutdown()
        server.server_close()
