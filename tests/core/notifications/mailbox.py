"""A real mail server on this machine, as small as one can be: it speaks SMTP, with STARTTLS and a sign-in if it is to."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any


@dataclass
class Mailbox:
    """`refusals` are what it says next to a recipient, `rejections` to a whole mail; `signed_in` and `encrypted` say how the last one came."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    rejections: list[int] = field(default_factory=list)
    starttls: ssl.SSLContext | None = None
    sign_in: tuple[str, str] | None = None
    signed_in: bool = False
    encrypted: bool = False
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def host_port(self) -> str:
        """As it is allowed."""
        return f"127.0.0.1:{self.port}"


class Session(socketserver.StreamRequestHandler):
    """One conversation."""

    box: Mailbox

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            if not self.answer(line):
                return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
        self.wfile.flush()

    def answer(self, line: str) -> bool:
        word = line.split(":", maxsplit=1)[0].split(" ", maxsplit=1)[0].upper()
        if word == "EHLO":
            offers = ["250-here", *(["250-STARTTLS"] if self.box.starttls else []), "250 AUTH PLAIN"]
            self.say("\r\n".join(offers))
        elif word == "STARTTLS" and self.box.starttls:
            self.say("220 go on")
            self.request = self.box.starttls.wrap_socket(self.request, server_side=True)
            self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb")
            self.box.encrypted = True
        elif word == "AUTH":
            _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
            self.box.signed_in = (user, password) == self.box.sign_in
            self.say("235 welcome" if self.box.signed_in else "535 no")
        elif word == "RCPT" and self.box.refusals:
            self.say(f"{self.box.refusals.pop(0)} no")
        elif word == "DATA":
            self.say("354 go on")
            if self.box.rejections:
                self.whole()
                self.say(f"{self.box.rejections.pop(0)} no")
                return True
            self.box.mails.append(message_from_bytes(self.whole()))
            self.box.arrived.set()
            self.say("250 taken")
        elif word == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 well")
        return True

    def whole(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


@contextmanager
def mailbox(**told: Any) -> Iterator[Mailbox]:
    """One that runs while the context lasts; with `wrapped`, encrypted from the start."""
    wrapped: ssl.SSLContext | None = told.pop("wrapped", None)
    made = Mailbox(**told)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who goes away early is no news."""

    server = Server(("127.0.0.1", 0), type("Conversation", (Session,), {"box": made}))
    if wrapped:
        server.socket = wrapped.wrap_socket(server.socket, server_side=True)
        made.encrypted = True
    made.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
