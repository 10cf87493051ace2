"""Credentials go in over the API and never come out: not by any method, not in any answer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.app.api.calling import API, Caller, problem
from tests.fakes.clock import MovedClock

CANARY = "canary-of-the-vault-7"
TOLD = {
    "credentialId", "service", "storeUrl", "field", "createdAt", "lastUsedAt", "useCount", "expiresAt", "rotateBy",
    "isOverdue",
}  # fmt: skip


def body(call: Caller, **more: Any) -> dict[str, Any]:
    sign_in = {"admin_username": "admin", "admin_password": CANARY}
    return {"service": "woocommerce", "metadata": {"storeUrl": call.stage.store_url}, "credentials": sign_in} | more


async def listed(call: Caller) -> list[dict[str, Any]]:
    answer = await call.client.get(f"{API}/credentials")
    assert answer.status_code == 200
    return list(answer.json())


async def test_no_answer_and_no_method_gives_a_value(call: Caller) -> None:
    stored = await call.client.post(f"{API}/credentials", json=body(call))
    assert (stored.status_code, stored.content) == (204, b"")
    found = await listed(call)
    assert {frozenset(one) for one in found} == {frozenset(TOLD)}
    one = found[0]["credentialId"]
    answers = [
        await call.client.request(method, f"{API}/credentials{where}")
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH")
        for where in ("", f"/{one}", f"/{one}/value", f"/{one}?reveal=true", "?field=envelope")
    ]
    answers += [await call.client.get(f"{API}/{where}") for where in ("audit?limit=500", "history", "statistics")]
    assert not [one for one in answers if CANARY in one.text or "envelope" in one.text]
    gets = {one.status_code for one in answers if f"{one.request.url}".endswith(found[0]["credentialId"])}
    assert gets <= {405, 422}


async def test_what_is_told_of_a_secret(call: Caller, clock: MovedClock) -> None:
    until = clock.now() + timedelta(days=30)
    await call.client.post(f"{API}/credentials", json=body(call, expiresAt=until.isoformat()))
    for one in await listed(call):
        assert (one["storeUrl"], one["useCount"], one["lastUsedAt"]) == (call.stage.store_url, 0, None)
        assert datetime.fromisoformat(one["expiresAt"]) == until
        assert datetime.fromisoformat(one["rotateBy"]) == clock.now() + timedelta(days=90)
        assert one["isOverdue"] is False
    await call.client.post(f"{API}/credentials", json=body(call))
    assert {one["expiresAt"] for one in await listed(call)} == {None}
    clock.move(timedelta(days=90))
    token = await call.stage.services.tokens.add(call.stage.visitor, "later", timedelta(days=1))
    later = await call.client.get(f"{API}/credentials", headers={"Authorization": f"Bearer {token}"})
    assert {one["isOverdue"] for one in later.json()} == {True}


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("2020-01-01T00:00:00Z", "bad_end"),
        ("2026-11-23T09:00:00Z", "bad_end"),
        ("2999-01-01T00:00:00Z", "bad_end"),
        ("9999-12-31T23:59:59.999999-23:59", "bad_end"),
        ("0001-01-01T00:00:00+23:59", "bad_end"),
        ("2027-01-01T00:00:00", "bad_request"),
        ("tomorrow", "bad_request"),
        ("", "bad_request"),
        ([], "bad_request"),
        (1e400, "bad_request"),
    ],
)
async def test_an_end_that_is_none_is_refused_in_a_sentence(call: Caller, end: Any, code: str) -> None:
    content = body(call, expiresAt=end)
    if end == 1e400:
        content["expiresAt"] = 10**30
    refused = await call.client.post(f"{API}/credentials", json=content)
    assert (refused.status_code, problem(refused)["code"]) == (422, code)
    assert CANARY not in refused.text
    assert await listed(call) == []


async def test_an_end_is_set_and_taken_back_later(call: Caller, clock: MovedClock) -> None:
    await call.client.post(f"{API}/credentials", json=body(call))
    one = (await listed(call))[0]["credentialId"]
    until = clock.now() + timedelta(days=3)
    for end in (until.isoformat(), None):
        done = await call.client.patch(f"{API}/credentials/{one}", json={"expiresAt": end})
        assert done.status_code == 204, done.text
        assert (await call.stage.services.credentials.list(call.stage.visitor))[0].expires_at == (
            until if end else None
        )
    wrong = await call.client.patch(f"{API}/credentials/{one}", json={"expiresAt": "2020-01-01T00:00:00Z"})
    assert problem(wrong)["code"] == "bad_end"
    for sent in ({}, {"expiresAt": None, "value": "x"}, {"value": CANARY}):
        assert (await call.client.patch(f"{API}/credentials/{one}", json=sent)).status_code == 422


async def test_a_foreign_and_an_absent_secret_are_the_same(call: Caller) -> None:
    await call.client.post(f"{API}/credentials", json=body(call))
    mine = (await listed(call))[0]["credentialId"]
    stranger = await call.somebody(company="Stranger")
    token = await call.stage.services.tokens.add(stranger, "test", timedelta(days=1))
    theirs = {"Authorization": f"Bearer {token}"}
    told = []
    for one in (mine, uuid4()):
        limited = await call.client.patch(f"{API}/credentials/{one}", json={"expiresAt": None}, headers=theirs)
        deleted = await call.client.delete(f"{API}/credentials/{one}", headers=theirs)
        told.append((limited.status_code, problem(limited), deleted.status_code, problem(deleted)))
    assert told[0] == told[1]
    assert told[0][0] == 404
    assert (await call.client.get(f"{API}/credentials", headers=theirs)).json() == []
    assert len(await listed(call)) == 2
    for method in ("get", "post", "patch", "delete"):
        answer = await call.anonymous.request(method, f"{API}/credentials{'' if method in 'getpost' else f'/{mine}'}")
        assert answer.status_code == 401
