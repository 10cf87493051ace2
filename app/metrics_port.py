"""Serves metrics and health on a port of their own: for a process that has no dashboard, such as a worker."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, create_server, socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.settings import BadSetting, Settings
from core.readiness import NotReady
from core.services import Services

CUT_OFF_AFTER = 1  # seconds an answer may take when the process ends
MOST_AT_ONCE = 20  # connections; one collector and one prober need two


@asynccontextmanager
async def watched_at_port(settings: Settings, services: Services) -> AsyncIterator[None]:
    """`/metrics`, `/healthz` and `/readyz` at AUTOPILOT_METRICS_PORT while the context lasts; nothing if there is none.

    Raises BadSetting where everybody could read the metrics, or the port is taken.
    """
    if settings.metrics_port is None:
        yield
        return
    _check(settings)
    listening = _listening(settings.metrics_host, settings.metrics_port)
    server = _server(settings, services)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        listening.close()


def _check(settings: Settings) -> None:
    """The loopback address is for whoever is on this machine; elsewhere a token is asked for."""
    try:
        is_here = settings.metrics_host == "localhost" or ip_address(settings.metrics_host).is_loopback
    except ValueError:
        is_here = False
    if not is_here and settings.metrics_token is None:
        raise BadSetting(
            "AUTOPILOT_METRICS_TOKEN", because="It is needed where AUTOPILOT_METRICS_HOST is not this machine."
        )


def _listening(host: str, port: int) -> socket:
    """Bound here: where that fails, the server would end the process."""
    try:
        return create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
    except OSError as error:
        raise BadSetting("AUTOPILOT_METRICS_PORT", because=f"{host}:{port}: {error.strerror}.") from error


def _server(settings: Settings, services: Services) -> "_Quiet":
    async def metrics(request: Request) -> Response:
        told = request.headers.get("authorization", "")
        is_open = settings.metrics_token is None
        if not is_open and not services.exposition.is_opened_by(told.removeprefix("Bearer ").strip()):
            return PlainTextResponse("A token is needed.\n", HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
        return Response(await services.exposition.text(), media_type=services.exposition.content_type)

    async def alive(request: Request) -> Response:
        """The loop turns: who asks this ends a process that does not answer, and a hung database is no reason for that."""
        return JSONResponse({"status": "ok"})

    async def ready(request: Request) -> Response:
        try:
            await services.readiness.check()
        except NotReady as error:
            return JSONResponse({"status": error.code, "detail": error.because}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"status": "ready"})

    config = uvicorn.Config(
        Starlette(routes=[Route("/metrics", metrics), Route("/healthz", alive), Route("/readyz", ready)]),
        log_config=None,
        log_level="warning",
        lifespan="off",
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=CUT_OFF_AFTER,
    )
    return _Quiet(config)


class _Quiet(uvicorn.Server):
    """Leaves the process's signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
