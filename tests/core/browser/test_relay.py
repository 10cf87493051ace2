"""What a relay does when its other end has been cut already, on the event loop that the product is served on."""

import asyncio

import uvloop

from core.browser.egress import _relay


def test_nothing_is_said_to_an_end_that_a_shut_gate_has_cut() -> None:
    async def relayed() -> bool:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        _, sink = await asyncio.open_connection(*server.sockets[0].getsockname())
        source = asyncio.StreamReader()
        source.feed_eof()
        sink.transport.abort()
        await sink.wait_closed()
        await _relay(source, sink)
        server.close()
        return sink.is_closing()

    assert uvloop.run(relayed())
