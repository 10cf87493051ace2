"""The REST API over real HTTP, beside a practice shop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from app import api
from app.practice_shop.serving import QuietServer
from tests.app.running import Stage, free_port, stage


@dataclass(frozen=True)
class Caller:
    """A client with a bearer token, and what is behind the API."""

    client: httpx.AsyncClient
    stage: Stage


@asynccontextmanager
async def caller(folder: Path) -> AsyncIterator[Caller]:
    """Everything running, and somebody who may call."""
    async with stage(folder) as play:
        application = FastAPI(docs_url=None, openapi_url=None)
        api.install(application, play.services)
        port = free_port()
        server = QuietServer(
            uvicorn.Config(application, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
        )
        listening = server.config.bind_socket()
        listening.listen()
        serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listening]))
        token = await play.services.tokens.add(play.visitor, "test", timedelta(days=1))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
            yield Caller(client, play)
        server.should_exit = True
        await serving
