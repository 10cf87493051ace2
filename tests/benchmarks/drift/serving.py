"""Serves a changed shop on the loopback address: in the running loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from app.practice_shop.serving import CUT_OFF_AFTER, QuietServer, listening_at
from tests.benchmarks.drift.drifted_shop import DriftedShop


@asynccontextmanager
async def serve(drifted: DriftedShop) -> AsyncIterator[str]:
    """Serve it at a free port; its address."""
    listening = listening_at()
    config = uvicorn.Config(drifted, log_level="warning", lifespan="off", timeout_graceful_shutdown=CUT_OFF_AFTER)
    server = QuietServer(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()
