"""A process without a dashboard tells its metrics and its health on a port of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.bootstrap import build
from app.metrics_port import watched_at_port
from app.settings import BadSetting
from core.security.certificates import trusted
from tests.app.running import free_port, settings
from tests.marked import marked


@asynccontextmanager
async def watched(folder: Path, **changed: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    """A product of which nothing is served but this port."""
    port = free_port()
    autopilot = build(settings(folder, 0).model_copy(update={"metrics_port": port, **changed}))
    await autopilot.open()
    address = f"http://127.0.0.1:{port}"
    try:
        async with (
            watched_at_port(autopilot.settings, autopilot.services),
            httpx.AsyncClient(base_url=address, verify=trusted()) as client,
        ):
            yield client, autopilot
    finally:
        autopilot.services.database.close()


async def test_it_tells_its_metrics_and_its_health(tmp_path: Path) -> None:
    async with watched(tmp_path) as (client, autopilot):
        told = await client.get("/metrics")
        names = {one.name for one in text_string_to_metric_families(told.text)}
        assert {"autopilot_database_up", "autopilot_wake_ups", "process_cpu_seconds"} <= names
        assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        autopilot.browsers.is_found = False
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (503, "There is no browser to work with.")
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/")).status_code == 404
        assert "server" not in told.headers
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient(verify=trusted()).get(f"{client.base_url}/healthz")


async def test_a_token_that_was_set_is_asked_for(tmp_path: Path) -> None:
    token = marked()
    async with watched(tmp_path, metrics_token=SecretStr(token)) as (client, _):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {token}"}):
            assert (await client.get("/metrics", headers=headers)).status_code == 401
        assert (await client.get("/metrics", headers={"Authorization": f"Bearer {token}"})).status_code == 200
        assert (await client.get("/healthz")).status_code == 200


async def test_where_everybody_could_read_them_a_token_is_needed(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "metrics.example"):
        with pytest.raises(BadSetting, match="AUTOPILOT_METRICS_TOKEN"):
            async with watched(tmp_path, metrics_host=host):
                pass


async def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    async with watched(tmp_path) as (client, _):
        with pytest.raises(BadSetting, match="AUTOPILOT_METRICS_PORT"):
            async with watched(tmp_path / "other", metrics_port=client.base_url.port):
                pass


async def test_without_a_port_nothing_is_served(tmp_path: Path) -> None:
    autopilot = build(settings(tmp_path, 0))
    async with watched_at_port(autopilot.settings, autopilot.services):
        pass
    autopilot.services.database.close()
