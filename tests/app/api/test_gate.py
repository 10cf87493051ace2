"""Nobody comes in who may not, and no other site acts in a visitor's name."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.api.auth import Gate
from core.security.people.sessions import COOKIE
from tests.app.api.calling import API, Caller, problem
from tests.fakes.clock import MovedClock

NOT_SIGNED_IN = {
    "type": "about:blank",
    "title": "Unauthorized",
    "status": 401,
    "detail": "Please sign in first.",
    "code": "not_signed_in",
}
OPEN = {
    "/healthz",
    "/readyz",
    f"{API}/callbacks/woocommerce",
}  # what is behind them asks for no sign-in, or for a proof of its own
REVOKE = {"action": "revoke", "consentId": str(uuid4())}
OTHER_SITES: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {},
]


async def test_no_call_is_answered_without_a_sign_in(call: Caller) -> None:
    described = (await call.client.get("/openapi.json")).json()["paths"]
    unknown = f"{API}/nothing"
    addresses = [(method, path) for path, calls in described.items() for method in calls if path not in OPEN]
    assert len(addresses) > 14
    for method, path in [*addresses, ("get", unknown), ("get", "/openapi.json")]:
        address = path.replace("{size}", "full").replace("{", "").replace("}", "")
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
            answer = await call.anonymous.request(method, address, headers=headers)
            if path == "/openapi.json":
                assert answer.status_code == 303
            else:
                assert problem(answer) == NOT_SIGNED_IN, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("cookie", ["", "x", "x" * 500, "é"])
async def test_a_made_up_session_is_none(call: Caller, cookie: str) -> None:
    answer = await call.anonymous.get(f"{API}/history", headers=[(b"cookie", f"{COOKIE}={cookie}".encode())])
    assert problem(answer) == NOT_SIGNED_IN


async def test_pages_lead_to_the_sign_in_and_back(call: Caller) -> None:
    for address, back in (
        ("/operations", "%2Foperations"),
        ("/products?q=best sellers&x=1", "%2Fproducts%3Fq%3Dbest%2520sellers%26x%3D1"),
        ("//evil.example", "%2F%2Fevil.example"),  # the sign-in itself leads nowhere else: see test_sign_in
    ):
        page = await call.anonymous.get(str(call.anonymous.base_url).rstrip("/") + address)
        assert (page.status_code, page.headers["location"]) == (303, f"/sign-in?next={back}")
    posted = await call.anonymous.post("/operations")
    assert posted.headers["location"] == "/sign-in?next=%2F"


async def test_what_everybody_may_see(call: Caller) -> None:
    assert (await call.anonymous.get("/healthz")).json()["database"] == "ok"
    assert (await call.anonymous.head("/healthz")).status_code == 200
    for address in ("/sign-in", "/_nicegui/x.js", "/static/x.css", "/favicon.ico"):
        assert (await call.anonymous.get(address)).status_code == 404  # the pages are not here, and nobody was asked


async def test_a_session_lets_in_until_it_is_idle_too_long(call: Caller, clock: MovedClock) -> None:
    cookie = await call.cookie()
    assert (await call.anonymous.get(f"{API}/history", headers=cookie)).status_code == 200
    clock.move(timedelta(minutes=31))
    assert problem(await call.anonymous.get(f"{API}/history", headers=cookie)) == NOT_SIGNED_IN


async def test_a_wrong_token_does_not_fall_back_to_the_cookie(call: Caller) -> None:
    headers = await call.cookie() | {"Authorization": "Bearer wrong"}
    assert problem(await call.anonymous.get(f"{API}/history", headers=headers)) == NOT_SIGNED_IN


@pytest.mark.parametrize("sent_from", OTHER_SITES, ids=str)
async def test_another_site_can_not_act_with_our_cookie(call: Caller, sent_from: dict[str, str]) -> None:
    consent = await call.consent()
    body = {"action": "revoke", "consentId": str(consent)}
    for more in ({}, {"Authorization": "Basic eDp5"}):
        answer = await call.anonymous.post(f"{API}/consent", json=body, headers=await call.cookie() | sent_from | more)
        assert (answer.status_code, problem(answer)["code"]) == (403, "cross_site")
    assert [one.in_force for one in await call.stage.services.consents.list(call.stage.visitor)] == [True]


@pytest.mark.parametrize("sent_from", ["same-origin", "none", "our own origin"])
async def test_our_own_pages_can(call: Caller, sent_from: str) -> None:
    headers = {"Sec-Fetch-Site": sent_from}
    if sent_from == "our own origin":
        headers = {"Origin": str(call.anonymous.base_url).rstrip("/")}
    answer = await call.anonymous.post(f"{API}/consent", json=REVOKE, headers=await call.cookie() | headers)
    assert problem(answer)["code"] == "not_found"


async def test_the_same_host_under_another_scheme_or_port_is_another_site(call: Caller) -> None:
    ours = str(call.anonymous.base_url).rstrip("/")
    for origin in (ours.replace("http:", "https:"), ours + "1"):
        answer = await call.anonymous.post(
            f"{API}/consent", json=REVOKE, headers=await call.cookie() | {"Origin": origin}
        )
        assert problem(answer)["code"] == "cross_site"


async def test_a_token_is_no_cookie_and_may_come_from_anywhere(call: Caller) -> None:
    answer = await call.client.post(f"{API}/consent", json=REVOKE, headers={"Origin": "https://program.example"})
    assert problem(answer)["code"] == "not_found"


async def test_another_site_can_not_sign_somebody_in(call: Caller) -> None:
    form = {"email": call.stage.visitor.email, "password": "a long enough one"}
    answer = await call.anonymous.post("/auth/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert problem(answer)["code"] == "cross_site"
    assert "set-cookie" not in answer.headers


async def test_every_answer_carries_the_safe_headers(call: Caller) -> None:
    asked = [call.client.get(address) for address in ("/healthz", f"{API}/history", "/docs", f"{API}/nothing", "/x")]
    asked += [call.anonymous.get(f"{API}/history"), call.anonymous.get("/operations")]
    asked += [call.client.post(f"{API}/initiate", content=b"x" * 100_000)]
    for one in asked:
        headers = (await one).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
    assert "script-src" not in (await call.client.get(f"{API}/history")).headers["content-security-policy"]


async def test_an_answer_over_tls_asks_to_stay_there(call: Caller) -> None:
    answer = await call.over_tls().get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("headers", "comes_in"),
    [
        ({"origin": "https://us.example"}, True),
        ({"origin": "http://us.example"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://us.example.evil.example"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "https://us.example"}, True),
        ({"origin": "https://seen-from-outside.example"}, True),
        ({}, True),
        ({"cookie": f"{COOKIE}=x"}, False),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["websocket", "polling"])
async def test_only_our_pages_open_the_live_connection(
    call: Caller, kind: str, headers: dict[str, str], comes_in: bool
) -> None:
    if kind == "polling" and headers == {"cookie": f"{COOKIE}=x"}:
        comes_in = True  # a GET that says nothing of where it comes from: no browser sends it from another site
    reached, sent = await through_the_gate(call, kind, headers)
    assert reached is comes_in
    if not comes_in:
        assert (sent[0].get("code") or sent[0].get("status")) in {1008, 403}


async def test_a_live_connection_elsewhere_needs_a_sign_in(call: Caller) -> None:
    reached, sent = await through_the_gate(call, "websocket", {"origin": "https://us.example"}, path="/elsewhere")
    assert not reached
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_what_is_neither_passes(call: Caller) -> None:
    reached, _ = await through_the_gate(call, "lifespan", {})
    assert reached


async def through_the_gate(
    call: Caller, kind: str, headers: dict[str, str], path: str = "/_nicegui_ws/socket.io/"
) -> tuple[bool, list[dict[str, Any]]]:
    """Whether a connection reaches what is behind the gate, and what is sent if not."""
    reached, sent = [], []

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope)

    async def send(message: Message) -> None:
        sent.append(dict(message))

    async def receive() -> Message:
        raise AssertionError("the gate reads nothing")

    scope: dict[str, Any] = {"type": "http" if kind == "polling" else kind, "path": path, "query_string": b""}
    scope |= {"scheme": "https" if kind == "polling" else "wss", "server": ("us.example", 443), "state": {}}
    scope |= {"method": "GET"} if kind == "polling" else {}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in (headers | {"host": "us.example"}).items()]
    gate = Gate(behind, call.stage.services, base_url="https://seen-from-outside.example/")
    await gate(scope, receive, send)
    return bool(reached), sent
