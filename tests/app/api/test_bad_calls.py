"""Whatever is sent, the answer is a clear sentence, and nothing that was sent comes back."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.security.secret import Secret
from tests.app.api.calling import caller

API = "/api/autonomous"
SECRET = "hunter2-hunter2"


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem that was answered, well formed."""
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["detail"]
    return told


async def test_bad_bodies_are_refused_in_a_sentence(tmp_path: Path) -> None:
    shop = {"storeUrl": "https://tea.example"}
    async with caller(tmp_path) as call:
        cases: list[tuple[str, dict[str, Any], int]] = [
            ("initiate", {"content": b"{not json"}, 422),
            ("initiate", {"json": {}}, 422),
            ("initiate", {"json": {"service": "woocommerce", "operation": "x", "metadata": shop, "more": 1}}, 422),
            ("initiate", {"json": {"service": "shopify", "operation": "x", "metadata": shop}}, 422),
            ("initiate", {"json": {"service": 1, "operation": [], "metadata": None}}, 422),
            ("consent", {"json": {"action": "grant"}}, 422),
            ("consent", {"json": {"action": "perhaps"}}, 422),
            ("consent", {"json": {"action": "grant", "operationId": str(uuid4())}}, 404),
            ("consent", {"json": {"action": "revoke", "consentId": str(uuid4())}}, 404),
            ("credentials", {"json": {"service": "woocommerce", "credentials": {"admin_password": SECRET}}}, 422),
            ("credentials", {"json": {"service": "woocommerce", "metadata": shop, "credentials": {"x": SECRET}}}, 422),
            ("credentials", {"content": SECRET.encode() * 10_000}, 413),
            (f"operations/{uuid4()}/cancel", {}, 404),
        ]
        for path, sent, status in cases:
            answer = await call.client.post(f"{API}/{path}", **sent)
            assert answer.status_code == status, (path, answer.text)
            assert SECRET not in answer.text
            problem(answer)


async def test_unknown_addresses_and_methods_are_told_in_json(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        assert problem(await call.client.get(f"{API}/nothing"))["code"] == "not_found"
        assert problem(await call.client.get(f"{API}/status/{uuid4()}"))["code"] == "not_found"
        assert problem(await call.client.get(f"{API}/status/abc"))["status"] == 422
        assert (await call.client.put(f"{API}/initiate", json={})).status_code in {404, 405}


async def test_nobody_comes_in_without_a_token_or_a_session(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        for headers in (
            {"Authorization": ""},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "", "Cookie": "sid=x"},
        ):
            answer = await call.client.get(f"{API}/history", headers=headers)
            assert problem(answer)["code"] == "not_signed_in"
        page = await call.client.get("/operations", headers={"Authorization": ""})
        assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/operations")
        assert (await call.client.get("/healthz", headers={"Authorization": ""})).json()["status"] == "ok"


async def test_another_customers_things_are_not_there(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        play = call.stage
        mine = await play.ended(await play.begin())
        people = play.services.people
        stranger = await people.add_user(await people.add_customer("Other"), "other@x.example", "a long enough one")
        cookie = {"Authorization": "", "Cookie": f"sid={await play.services.sessions.begin(stranger)}"}
        picture = next(step.picture_id for step in mine.steps if step.picture_id)
        for address in (f"{API}/status/{mine.id}", f"/pictures/{picture}/full", f"{API}/operations/{mine.id}/events"):
            assert (await call.client.get(address, headers=cookie)).status_code == 404
            assert (await call.client.get(address)).status_code == 200
        assert (await call.client.post(f"{API}/operations/{mine.id}/cancel", headers=cookie)).status_code == 404
        for address in ("history", "consent", "credentials"):
            assert (await call.client.get(f"{API}/{address}", headers=cookie)).json() == []


async def test_another_site_can_not_act_with_our_cookie(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        session = await call.stage.services.sessions.begin(call.stage.visitor)
        cookie = {"Authorization": "", "Cookie": f"sid={session}"}
        body = {"action": "revoke", "consentId": str(uuid4())}
        for extra in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            answer = await call.client.post(f"{API}/consent", json=body, headers=cookie | extra)
            assert problem(answer)["code"] == "cross_site"
        own = await call.client.post(f"{API}/consent", json=body, headers=cookie | {"Sec-Fetch-Site": "same-origin"})
        assert own.status_code == 404


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_signing_in_leads_nowhere_else(tmp_path: Path, to: str) -> None:
    async with caller(tmp_path) as call:
        play, headers = call.stage, {"Authorization": ""}
        await play.services.people.add_user(play.visitor.customer_id, "me@x.example", "a long enough one")
        form = {"email": "me@x.example", "password": "a long enough one", "next": to}
        answer = await call.client.post("/auth/sign-in", data=form, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert "SameSite=lax" in answer.headers["set-cookie"]
        wrong = await call.client.post("/auth/sign-in", data=form | {"password": SECRET}, headers=headers)
        assert wrong.headers["location"].startswith("/sign-in?error=wrong_sign_in")


async def test_what_is_stored_is_listed_without_its_value_and_deleted(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        play = call.stage
        sign_in = {"admin_username": Secret("admin"), "admin_password": Secret(SECRET)}
        await play.services.credentials.store(play.visitor, "woocommerce", play.store_url, sign_in)
        listed = await call.client.get(f"{API}/credentials")
        assert SECRET not in listed.text
        assert {one["field"] for one in listed.json()} == {"admin_username", "admin_password"}
        for one in listed.json():
            assert (await call.client.delete(f"{API}/credentials/{one['credentialId']}")).status_code == 204
        assert (await call.client.get(f"{API}/credentials")).json() == []


async def test_every_answer_carries_the_safe_headers(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        for address in ("/healthz", f"{API}/history", "/docs", f"{API}/nothing"):
            headers = (await call.client.get(address)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"
        assert "/api/autonomous/initiate" in (await call.client.get("/docs")).text
