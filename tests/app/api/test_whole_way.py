"""From an empty database to 47 products, by HTTP alone."""

import json
from pathlib import Path
from typing import Any

import httpx

from tests.app.api.calling import API, Caller, caller


async def test_initiate_credentials_consent_status_completed(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        operation = await asked_for(call)
        password = call.stage.shop.password_of("admin")
        await sign_in_is_stored(call, password)
        await consented_to(call, operation)

        events = await told(call.client, operation)
        status = (await call.client.get(f"{API}/status/{operation}")).json()
        assert events[-1] == status
        assert len(events) > 10
        assert status["status"] == "completed"
        assert status["result"] == {
            "success": True,
            "apiKey": f"ck_…{call.stage.shop.keys[0].truncated}",
            "keyPermission": "read",
            "keyCan": "read",
            "said": "47 products synced.",
            "productCount": 47,
            "storeUrl": call.stage.store_url,
            "leftBehind": "",
        }
        assert status["error"] is None
        assert status["currentStep"] == status["totalSteps"] == len(status["steps"])
        assert {step["state"] for step in status["steps"]} <= {"done", "skipped"}
        await pictures_are_there(call, status)
        assert (await call.client.get(f"{API}/audit/verify")).json()["intact"] is True
        statistics = (await call.client.get(f"{API}/statistics")).json()
        assert (statistics["finished"], statistics["successRate"]) == (1, 1.0)
        assert sum(statistics["deciders"].values()) == 1.0

        secret = call.stage.shop.keyring.secret_of(call.stage.shop.keys[0])
        told_of = (f"status/{operation}", "history", "credentials", "consent", "audit?limit=500", "statistics")
        answers = [json.dumps(events), *[(await call.client.get(f"{API}/{address}")).text for address in told_of]]
        assert len(secret) > 40
        assert not [answer for answer in answers if password in answer or secret in answer]


async def asked_for(call: Caller) -> str:
    """Ask for an operation; its id."""
    initiated = await call.client.post(f"{API}/initiate", json=call.asked)
    assert initiated.status_code == 201
    assert initiated.json() == {
        "operationId": initiated.json()["operationId"],
        "status": "awaiting_consent",
        "missingPermissions": ["create_api_keys", "read_products"],
        "because": "",
    }
    return str(initiated.json()["operationId"])


async def sign_in_is_stored(call: Caller, password: str) -> None:
    """Store the shop's sign-in."""
    sign_in = {"admin_username": "admin", "admin_password": password}
    body = {"service": "woocommerce", "metadata": call.asked["metadata"], "credentials": sign_in}
    stored = await call.client.post(f"{API}/credentials", json=body)
    assert (stored.status_code, stored.text) == (204, "")


async def consented_to(call: Caller, operation: str) -> None:
    """Agree to what it asks for."""
    consented = await call.client.post(f"{API}/consent", json={"action": "grant", "operationId": operation})
    assert consented.status_code == 200
    assert [one["inForce"] for one in consented.json()] == [True]


async def pictures_are_there(call: Caller, status: dict[str, Any]) -> None:
    """Each step that touched the page has its picture, and a smaller one; browsers may keep both, for themselves."""
    assert len(status["screenshots"]) > 5
    shown = next(step for step in status["steps"] if step["screenshot"])
    full, thumb = [await call.client.get(shown[name]) for name in ("screenshot", "thumbnail")]
    assert len(full.content) > len(thumb.content) > 0
    for picture in (full, thumb):
        assert picture.headers["content-type"] == "image/webp"
        assert picture.content[8:12] == b"WEBP"
        assert picture.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert picture.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in picture.headers["content-security-policy"]
    stranger = await call.cookie(await call.somebody(company="Other"))
    for address in (shown["screenshot"], f"{API}/status/{status['operationId']}"):
        assert (await call.anonymous.get(address, headers=stranger)).status_code == 404


async def told(client: httpx.AsyncClient, operation: str) -> list[dict[str, Any]]:
    """Every state that is told while it runs, until it is over."""
    async with client.stream("GET", f"{API}/operations/{operation}/events", timeout=90) as stream:
        lines = [line async for line in stream.aiter_lines()]
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
