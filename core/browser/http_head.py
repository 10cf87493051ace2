"""The head of an HTTP message as a proxy needs it: read with bounds, understood strictly, written anew."""

import asyncio
import re
from dataclasses import dataclass
from typing import Self

LONGEST_HEAD = 64 * 1024  # bytes; cookies of a busy shop stay far below
HEAD_WITHIN = 15.0  # seconds a peer may take to send a head
END = b"\r\n\r\n"
REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) (HTTP/1\.[01])")  # RFC 9112, section 3

# Headers of one connection, which a proxy must not pass on (RFC 9110, section 7.6.1).
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "proxy-authenticate",
        "te",
        "trailer",
        "upgrade",
    }
)


class BadHead(ValueError):
    """What a peer sent is not the head of an HTTP message."""


@dataclass(frozen=True)
class Head:
    """A start line and its headers, in order, names as they were written."""

    start: str
    headers: tuple[tuple[str, str], ...]

    @property
    def request_line(self) -> tuple[str, str, str]:
        """Method, target and version. Raises BadHead if the start line is not of a request."""
        line = REQUEST_LINE.fullmatch(self.start)
        if line is None:
            raise BadHead("its first line is not of a request")
        return line[1], line[2], line[3]

    def get(self, name: str) -> str:
        """The first value of a header; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def for_next_hop(self, start: str, *extra: tuple[str, str]) -> bytes:
        """The head to pass on: a new start line, nothing hop-by-hop, and this connection closed afterwards."""
        named = {token.strip().lower() for token in self.get("connection").split(",")}
        dropped = HOP_BY_HOP | named | {name.lower() for name, _ in extra}
        kept = [(name, value) for name, value in self.headers if name.lower() not in dropped]
        lines = [start, *(f"{name}: {value}" for name, value in (*extra, *kept)), "Connection: close"]
        return "\r\n".join(lines).encode("latin-1") + END

    @classmethod
    async def read(cls, reader: asyncio.StreamReader, within: float | None = HEAD_WITHIN) -> Self | None:
        """The next head; None if the peer closed instead. Raises BadHead, TimeoutError or OSError."""
        try:
            async with asyncio.timeout(within):
                raw = await reader.readuntil(END)
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise BadHead("it breaks off") from None
            return None
        except asyncio.LimitOverrunError:
            raise BadHead("it is too long") from None
        lines = raw[: -len(END)].decode("latin-1").split("\r\n")
        return cls(lines[0], tuple(_header(line) for line in lines[1:]))


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip() or "\n" in line or "\r" in line or "\0" in line:
        raise BadHead("a header can't be read")
    return name, value.strip()
