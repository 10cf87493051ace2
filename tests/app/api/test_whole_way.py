"""From an empty database to 47 products, by HTTP alone."""

import json
from pathlib import Path

import httpx

from tests.app.api.calling import caller

API = "/api/autonomous"


async def test_initiate_credentials_consent_status_completed(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        shop = {"storeUrl": call.stage.store_url}
        asked = {"service": "woocommerce", "operation": "api_key_generation", "metadata": shop}

        initiated = await call.client.post(f"{API}/initiate", json=asked)
        assert initiated.status_code == 201
        operation = initiated.json()["operationId"]
        assert initiated.json()["status"] == "awaiting_consent"
        assert initiated.json()["missingPermissions"] == ["create_api_keys", "read_products"]

        password = call.stage.shop.password_of("admin")
        sign_in = {"admin_username": "admin", "admin_password": password}
        body = {"service": "woocommerce", "metadata": shop, "credentials": sign_in}
        assert (await call.client.post(f"{API}/credentials", json=body)).status_code == 204
        stored = (await call.client.get(f"{API}/credentials")).text

        consented = await call.client.post(f"{API}/consent", json={"action": "grant", "operationId": operation})
        assert consented.status_code == 200
        assert consented.json()[0]["inForce"] is True

        events = await _events(call.client, operation)
        status = (await call.client.get(f"{API}/status/{operation}")).json()
        assert events[-1] == status
        assert status["status"] == "completed"
        assert status["result"]["productCount"] == 47
        assert status["result"]["apiKey"].startswith("ck_…")
        assert status["currentStep"] == status["totalSteps"]
        pictures = [await call.client.get(address) for address in status["screenshots"]]
        assert {picture.headers["content-type"] for picture in pictures} == {"image/webp"}
        assert (await call.client.get(f"{API}/audit/verify")).json()["intact"] is True

        answers = [json.dumps(events), stored, (await call.client.get(f"{API}/audit?limit=500")).text]
        answers += [(await call.client.get(f"{API}/history")).text, (await call.client.get(f"{API}/credentials")).text]
        for secret in (password, call.stage.shop.keys[0].consumer_secret):
            assert all(secret not in answer for answer in answers)


async def _events(client: httpx.AsyncClient, operation: str) -> list[dict[str, object]]:
    """Every state that is told while it runs, until it is over."""
    async with client.stream("GET", f"{API}/operations/{operation}/events", timeout=90) as stream:
        lines = [line async for line in stream.aiter_lines()]
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
