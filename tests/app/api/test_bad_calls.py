"""Whatever is sent, the answer is a clear sentence, and nothing that was sent comes back."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.api.bodies import LARGEST_BODY, Bodies
from tests.app.api.calling import API, ASKED, Caller, problem

SECRET = "hunter2-hunter2"
SHOP = {"storeUrl": "https://tea.example"}
WHOLE = ASKED | {"metadata": SHOP}
AS_JSON = {"Content-Type": "application/json"}
SOME_ID = str(uuid4())

BAD_BODIES: list[tuple[str, dict[str, Any], int, str]] = [
    ("initiate", {}, 422, "bad_request"),
    ("initiate", {"json": {}}, 422, "bad_request"),
    ("initiate", {"json": []}, 422, "bad_request"),
    ("initiate", {"json": SECRET}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {SECRET: 1}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"customerId": SOME_ID}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"metadata": {"store_url": "https://tea.example"}}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"service": 1}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"service": ""}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"service": "woo\0commerce"}}, 422, "bad_request"),
    ("initiate", {"content": b'{"service": "\\ud800"}', "headers": AS_JSON}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"metadata": {"storeUrl": "x" * 501}}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"permissions": ["p"] * 21}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"permissions": "read_products"}}, 422, "bad_request"),
    ("initiate", {"json": WHOLE | {"permissions": ["rule_the_world"]}}, 422, "unknown_permission"),
    ("initiate", {"json": WHOLE | {"service": "shopify"}}, 422, "unknown_service"),
    ("initiate", {"json": WHOLE | {"metadata": {"storeUrl": f"https://admin:{SECRET}@tea.example"}}}, 422, "bad_address"),
    ("initiate", {"json": WHOLE | {"metadata": {"storeUrl": "https://10.0.0.1"}}}, 403, "address_refused"),
    ("initiate", {"content": f'{{"password": "{SECRET}"'.encode(), "headers": AS_JSON}, 400, "bad_json"),
    ("initiate", {"content": b'"\xff"', "headers": AS_JSON}, 400, "http_400"),
    ("initiate", {"content": b"[" * 50_000, "headers": AS_JSON}, 400, "http_400"),
    ("initiate", {"content": SECRET.encode()}, 415, "not_json"),
    ("initiate", {"data": {"service": SECRET}}, 415, "not_json"),
    ("initiate", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "not_json"),
    ("consent", {"json": {"action": "grant"}}, 422, "bad_input"),
    ("consent", {"json": {"action": "grant", "consentId": SOME_ID}}, 422, "bad_input"),
    ("consent", {"json": {"action": "perhaps"}}, 422, "bad_request"),
    ("consent", {"json": {"action": "grant", "operationId": SECRET}}, 422, "bad_request"),
    ("consent", {"json": {"action": "grant", "operationId": SOME_ID}}, 404, "not_found"),
    ("consent", {"json": {"action": "revoke", "operationId": SOME_ID}}, 404, "not_found"),
    ("consent", {"json": {"action": "revoke", "consentId": SOME_ID}}, 404, "not_found"),
    ("consent", {"json": {"action": "revoke"} | WHOLE}, 404, "not_found"),
    ("consent", {"json": {"action": "revoke", "consentId": SOME_ID, "because": "x\ny"}}, 422, "bad_request"),
    ("credentials", {"json": {"service": "woocommerce", "credentials": {"admin_password": SECRET}}}, 422, "bad_request"),
    ("credentials", {"json": {"service": "woocommerce", "metadata": SHOP, "credentials": SECRET}}, 422, "bad_request"),
    ("credentials", {"json": {"service": "woocommerce", "metadata": SHOP, "credentials": {SECRET: 1}}}, 422, "bad_request"),
    ("credentials", {"json": {"service": "woocommerce", "metadata": SHOP, "credentials": {"x": SECRET}}}, 422, "bad_credentials"),
    ("credentials", {"json": {"service": "woocommerce", "metadata": SHOP, "credentials": {"admin_username": "", "admin_password": SECRET}}}, 422, "bad_credentials"),
    (f"operations/{SOME_ID}/cancel", {}, 404, "not_found"),
    (f"operations/{SOME_ID}/cancel", {"json": {"because": 1}}, 422, "bad_request"),
    (f"operations/{SECRET}/cancel", {}, 422, "bad_request"),
]  # fmt: skip


async def test_bad_bodies_are_refused_in_a_sentence_and_leave_nothing_behind(call: Caller) -> None:
    for path, sent, status, code in BAD_BODIES:
        answer = await call.client.post(f"{API}/{path}", **sent)
        assert (answer.status_code, problem(answer)["code"]) == (status, code), (path, sent, answer.text)
        assert SECRET not in answer.text
    for path in ("history", "consent", "credentials"):
        assert (await call.client.get(f"{API}/{path}")).json() == []


async def test_a_fault_is_named_where_it_is(call: Caller) -> None:
    sent = {"service": "woocommerce", "metadata": {"shop": 1}, "permissions": [7]}
    told = problem(await call.client.post(f"{API}/initiate", json=sent))["detail"]
    assert told == (
        "“operation” is missing; “metadata.storeUrl” is missing; “metadata.…” is not known here; "
        "“permissions.0” has to be a text. See /docs."
    )


@pytest.mark.parametrize(
    "address",
    [
        f"{API}/status/{SECRET}",
        f"{API}/history?limit={SECRET}",
        f"{API}/history?limit=0",
        f"{API}/history?limit=201",
        f"{API}/audit?operationId={SECRET}",
        f"{API}/audit?limit=501",
        f"{API}/audit?beforeSeq={'9' * 30}",
        f"{API}/statistics?days=9999",
        f"{API}/workflows?search={'x' * 201}",
        f"/pictures/{SOME_ID}/huge",
        f"/pictures/{SECRET}/full",
    ],
)
async def test_bad_addresses_are_refused_in_a_sentence(call: Caller, address: str) -> None:
    answer = await call.client.get(address)
    assert problem(answer)["code"] == "bad_request"
    assert answer.status_code == 422
    assert SECRET not in answer.text


async def test_what_is_not_there_is_told_in_json(call: Caller) -> None:
    for address in (f"{API}/nothing", "/api/", f"{API}/status/{uuid4()}", f"{API}/status/{SOME_ID}/"):
        answer = await call.client.get(address)
        assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")
    assert problem(await call.client.get(f"{API}/workflows/nothing"))["code"] == "no_such_workflow"


async def test_no_call_can_be_made_in_the_wrong_way(call: Caller) -> None:
    described = (await call.client.get("/openapi.json")).json()["paths"]
    tried = 0
    for path, calls in described.items():
        address = path.replace("{operationId}", SOME_ID).replace("{credentialId}", SOME_ID)
        for method in {"GET", "PUT", "PATCH", "DELETE", "POST", "OPTIONS"} - {name.upper() for name in calls}:
            answer = await call.client.request(method, address)
            assert answer.status_code == 405, (method, path)
            if path.startswith("/api/"):
                assert problem(answer)["code"] == "wrong_method"
                assert answer.headers["allow"] == ", ".join(name.upper() for name in calls)
                tried += 1
    assert tried > 50


@pytest.mark.parametrize("path", [f"{API}/initiate", f"{API}/credentials", "/auth/sign-in", f"{API}/nothing"])
async def test_too_much_is_not_read(call: Caller, path: str) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1024 + 1):
            yield b"x" * 1024

    for content in (SECRET.encode() * 100_000, in_pieces()):
        answer = await call.client.post(path, content=content, headers=AS_JSON)
        assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")
        assert SECRET not in answer.text


async def test_as_much_as_is_needed_is_read(call: Caller) -> None:
    fitting = b'{"action": "grant"' + b" " * (LARGEST_BODY - 19) + b"}"
    assert len(fitting) == LARGEST_BODY
    answer = await call.client.post(f"{API}/consent", content=fitting, headers=AS_JSON)
    assert problem(answer)["code"] == "bad_input"


async def test_half_of_what_was_meant_is_not_acted_on() -> None:
    """A body that broke off may well be valid by itself: `{...}` of `{...}, ...`."""
    reached = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(await receive())

    async def send(message: Message) -> None:
        raise AssertionError(message)

    for rest, arrives in (([{"type": "http.disconnect"}], False), ([{"type": "http.request", "body": b"]"}], True)):
        coming = iter([{"type": "http.request", "body": b"[", "more_body": True}, *rest])

        async def receive(coming: Any = coming) -> Message:
            return dict(next(coming))

        headers = [(b"content-type", b"application/json")]
        await Bodies(application)({"type": "http", "path": "/api/x", "headers": headers}, receive, send)
        assert bool(reached) is arrives
    assert reached == [{"type": "http.request", "body": b"[]", "more_body": False}]
