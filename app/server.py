"""Serves dashboard and REST API from one process: NiceGUI's own application is the FastAPI application."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import core, ui
from nicegui.client import templates

import pages
from app import api
from app.api.auth import WEB_SCHEMES
from app.api.headers import give_scripts_nonces
from app.bootstrap import Autopilot
from app.settings import BadSetting, Settings
from core.security.origin import BadAddress, Origin
from core.statistics import shaping as _ready  # noqa: F401  whoever looks at the statistics first must not wait for pandas
from pages.layout import scripts

TITLE = "OmniOps Autopilot"
LINES_END_WITHIN = 3  # seconds from being told to end: lines of events would stay, and runs are handed back after them
RECONNECT_WITHIN = 20  # seconds a page may be away before its state is forgotten; three is too few for a busy machine


Beside = Callable[[], AbstractAsyncContextManager[None]]


def prepare(autopilot: Autopilot, beside: Beside = nullcontext) -> None:
    """Put API, pages and lifespan onto the application; `beside` is entered once it is open, and left before it closes."""
    ours = public_address(autopilot.settings)
    api.install(nicegui_app, autopilot.services, ours)
    give_scripts_nonces(templates.env, scripts())
    core.sio.eio.cors_allowed_origins = partial(is_our_origin, ours)
    pages.register(autopilot.services)
    _open_and_close_with(autopilot, beside)


def is_our_origin(ours: str | None, origin: str, environ: Mapping[str, Any]) -> bool:
    """Whether the live connection of a page was opened by a page of ours. NiceGUI itself takes any; the gate looks, too."""
    scheme = environ["asgi.scope"]["scheme"]
    here = f"{WEB_SCHEMES.get(scheme, scheme)}://{environ.get('HTTP_HOST', '')}"
    return origin in {here, ours}


def public_address(settings: Settings) -> str | None:
    """Where people see the dashboard, if that was told: scheme, host and port. Raises BadSetting if it is no address."""
    try:
        return str(Origin.of(settings.base_url)) if settings.base_url else None
    except BadAddress as error:
        raise BadSetting("AUTOPILOT_BASE_URL", because=error.because) from error


def serve(autopilot: Autopilot, beside: Beside = nullcontext) -> None:
    """Serve until interrupted, which is the usual end and no failure. Raises what keeps the database from opening."""
    asyncio.run(autopilot.open())  # here and not only in the lifespan, where a known error would end in a traceback
    prepare(autopilot, beside)
    with suppress(KeyboardInterrupt):
        _run(autopilot.settings)


def _run(settings: Settings) -> None:
    behind_tls = (public_address(settings) or "").startswith("https://")
    ui.run(
        host=settings.host,
        port=settings.port,
        title=TITLE,
        language="en-US",
        reload=False,
        show=False,
        show_welcome_message=False,
        storage_secret=storage_secret(settings.data_dir),
        session_middleware_kwargs={"session_cookie": "ui", "same_site": "lax", "https_only": behind_tls},
        reconnect_timeout=RECONNECT_WITHIN,
        uvicorn_logging_level="warning",
        log_config=None,  # its loggers go where ours go
        server_header=False,
        timeout_graceful_shutdown=LINES_END_WITHIN,
        tailwind=False,  # no page uses its classes, and every page would load it
    )


def storage_secret(folder: Path) -> str:
    """What signs the cookie of UI preferences; made once, readable by its owner alone."""
    path = folder / "ui.secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def _open_and_close_with(autopilot: Autopilot, beside: Beside) -> None:
    """Wrap the lifespan: NiceGUI does not await asynchronous start-up handlers."""
    inner = nicegui_app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[Any]:
        async with autopilot.running(), inner(application) as state, beside():
            yield state

    nicegui_app.router.lifespan_context = lifespan
