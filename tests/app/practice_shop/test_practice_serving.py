"""The shop answers at once: what has two parts does not wait for the first one to be acknowledged."""

import asyncio
from socket import IPPROTO_TCP, TCP_NODELAY, create_server

import pytest

from app.practice_shop.serving import listening_at


async def test_what_it_accepts_sends_each_part_at_once() -> None:
    switched: asyncio.Queue[int] = asyncio.Queue()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        switched.put_nowait(writer.get_extra_info("socket").getsockopt(IPPROTO_TCP, TCP_NODELAY))
        writer.close()

    listening = listening_at()
    async with await asyncio.start_server(answer, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        assert await switched.get() != 0
        writer.close()


def test_a_port_that_is_taken_is_refused() -> None:
    with create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        listening_at(taken.getsockname()[1])
