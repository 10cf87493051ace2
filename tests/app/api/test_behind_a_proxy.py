"""Behind a proxy that ends TLS: the server sees plain http, and is told where people see it."""

from pathlib import Path

import httpx
import nicegui
import pytest
from fastapi import FastAPI

import pages
from app import server
from app.bootstrap import build
from app.settings import BadSetting, Settings
from tests.app.api.calling import PASSWORD, Caller

PUBLIC = "https://autopilot.example"


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """In the place of NiceGUI's, which every test would share; without the pages."""
    application = FastAPI()
    monkeypatch.setattr(server, "nicegui_app", application)
    monkeypatch.setattr(pages, "register", lambda services: None)
    return application


def inside(call: Caller, application: FastAPI, base_url: str | None) -> httpx.AsyncClient:
    """How the proxy reaches the server that was told this address."""
    told = call.stage.autopilot.settings.model_copy(update={"base_url": base_url})
    server.prepare(build(told))
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://inside.example")


async def sign_in(call: Caller, client: httpx.AsyncClient, origin: str) -> httpx.Response:
    form = {"email": call.stage.visitor.email, "password": PASSWORD}
    return await client.post("/auth/sign-in", data=form, headers={"Origin": origin})


@pytest.mark.parametrize("base_url", [PUBLIC, f"{PUBLIC}/", f"{PUBLIC}:443", "https://Autopilot.example"])
async def test_our_own_forms_are_known_and_the_cookie_stays_on_tls(
    call: Caller, application: FastAPI, base_url: str
) -> None:
    answer = await sign_in(call, inside(call, application, base_url), PUBLIC)
    assert answer.status_code == 303, answer.text
    assert "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("origin", ["http://autopilot.example", f"{PUBLIC}:444", "https://evil.example"])
async def test_other_sites_stay_other_sites(call: Caller, application: FastAPI, origin: str) -> None:
    assert (await sign_in(call, inside(call, application, PUBLIC), origin)).status_code == 403


async def test_without_it_the_server_goes_by_what_it_sees(call: Caller, application: FastAPI) -> None:
    client = inside(call, application, None)
    assert (await sign_in(call, client, PUBLIC)).status_code == 403
    answer = await sign_in(call, client, "http://inside.example")
    assert answer.headers["location"] == "/sign-in?error=needs_https&next=%2F"  # no browser would keep the cookie
    assert "set-cookie" not in answer.headers


def test_what_is_no_address_is_told_at_the_start(tmp_path: Path, application: FastAPI) -> None:
    autopilot = build(Settings(data_dir=tmp_path, key_file=tmp_path / "key", base_url="ftp://autopilot.example"))
    with pytest.raises(BadSetting, match="AUTOPILOT_BASE_URL"):
        server.prepare(autopilot)


@pytest.mark.parametrize(
    ("scheme", "origin", "taken"),
    [
        ("ws", "http://inside.example", True),
        ("http", "http://inside.example", True),
        ("wss", "https://inside.example", True),
        ("ws", PUBLIC, True),
        ("wss", "http://inside.example", False),
        ("ws", "http://inside.example:81", False),
        ("ws", "https://evil.example", False),
        ("ws", "http://inside.example.evil.example", False),
        ("ws", "null", False),
    ],
)
def test_the_live_connection_itself_takes_our_own_origin_alone(
    call: Caller, application: FastAPI, scheme: str, origin: str, taken: bool
) -> None:
    """Behind the gate, where NiceGUI would take any."""
    inside(call, application, PUBLIC)
    sockets = nicegui.core.sio.eio
    environ = {"asgi.scope": {"scheme": scheme}, "HTTP_HOST": "inside.example", "HTTP_ORIGIN": origin}
    assert (origin in sockets._cors_allowed_origins(environ)) is taken


async def test_over_a_proxy_that_ends_tls_browsers_are_asked_to_stay_there(call: Caller, application: FastAPI) -> None:
    answer = await inside(call, application, PUBLIC).get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
