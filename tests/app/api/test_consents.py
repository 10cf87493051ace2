"""Consent by HTTP: given for what is asked and for nothing else, and withdrawn for certain."""

from typing import Any

import pytest
from sqlmodel import select

from core.database.tables import ApiToken, UserSession
from tests.app.api.calling import API, ASKED, Caller, problem

PERMITTED = ["create_api_keys", "read_products"]


async def post(call: Caller, **body: Any) -> list[dict[str, Any]]:
    answer = await call.client.post(f"{API}/consent", json=body)
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()
    return told


async def in_force(call: Caller) -> list[bool]:
    return [one["inForce"] for one in (await call.client.get(f"{API}/consent")).json()]


async def status_of(call: Caller, operation: str) -> str:
    return str((await call.client.get(f"{API}/status/{operation}")).json()["status"])


async def test_a_consent_is_given_beforehand(call: Caller) -> None:
    (given,) = await post(call, action="grant", permissions=PERMITTED, **call.asked)
    assert given.keys() == {
        *("consentId", "service", "operation", "storeUrl", "permissions", "grantedAt", "expiresAt", "revokedAt"),
        *("textVersion", "inForce", "purpose", "endedAt", "endedAs", "textHasChanged"),
    }
    assert (given["storeUrl"], given["permissions"]) == (call.stage.store_url, PERMITTED)
    assert (await call.client.get(f"{API}/consent")).json() == [given]
    answer = await call.client.post(f"{API}/initiate", json=call.asked)
    assert (answer.json()["status"], answer.json()["missingPermissions"]) == ("pending", [])


async def test_what_waits_begins_when_all_that_it_asks_for_is_named(call: Caller) -> None:
    operation = await call.initiate()
    await post(call, action="grant", operationId=operation, permissions=PERMITTED, **call.asked)
    assert await status_of(call, operation) == "pending"


async def test_less_than_is_needed_is_not_made_more(call: Caller) -> None:
    asked = {"action": "grant", "permissions": ["read_products"], **call.asked}
    refused = await call.client.post(f"{API}/consent", json=asked)
    assert (refused.status_code, problem(refused)["code"]) == (422, "too_few_permissions")
    assert "create_api_keys" in problem(refused)["detail"]
    assert (await call.client.get(f"{API}/consent")).json() == []


@pytest.mark.parametrize(
    "said",
    [
        {"permissions": [*PERMITTED, "update_products"]},
        {"permissions": ["read_products"]},
        {"metadata": {"storeUrl": "https://other.example"}},
        {"service": "shopify"},
        {"operation": "something_else"},
    ],
    ids=str,
)
@pytest.mark.parametrize("action", ["grant", "revoke"])
async def test_nobody_consents_to_one_thing_by_the_id_of_another(
    call: Caller, action: str, said: dict[str, Any]
) -> None:
    operation = await call.initiate()
    answer = await call.client.post(f"{API}/consent", json={"action": action, "operationId": operation} | said)
    assert (answer.status_code, problem(answer)["code"]) == (422, "bad_input")
    assert await status_of(call, operation) == "awaiting_consent"
    assert await in_force(call) == []


async def test_a_consent_is_given_once_for_an_operation(call: Caller) -> None:
    operation = await call.initiate()
    await post(call, action="grant", operationId=operation)
    answer = await call.client.post(f"{API}/consent", json={"action": "grant", "operationId": operation})
    assert (answer.status_code, problem(answer)["code"]) == (409, "nothing_awaits_consent")


@pytest.mark.parametrize("named_by", ["consent", "operation", "shop", "shop, as people write it"])
async def test_a_consent_is_withdrawn_and_what_stands_on_it_stops(call: Caller, named_by: str) -> None:
    operation = await call.initiate()
    (given,) = await post(call, action="grant", operationId=operation)
    shop = call.stage.store_url
    named: dict[str, Any] = {
        "consent": {"consentId": given["consentId"]},
        "operation": {"operationId": operation},
        "shop": ASKED | {"metadata": {"storeUrl": shop}},
        "shop, as people write it": ASKED | {"metadata": {"storeUrl": f" {shop.upper()}/shop/?x=1"}},
    }[named_by]
    (withdrawn,) = await post(call, action="revoke", because="I changed my mind", **named)
    assert (withdrawn["consentId"], withdrawn["inForce"]) == (given["consentId"], False)
    assert withdrawn["revokedAt"]
    assert await status_of(call, operation) == "cancelled"
    error = (await call.client.get(f"{API}/status/{operation}")).json()["error"]
    assert "I changed my mind" in error["message"]


async def test_every_consent_for_a_shop_is_withdrawn_together(call: Caller) -> None:
    await post(call, action="grant", **call.asked)
    await post(call, action="grant", permissions=["keep_pictures"], **call.asked)
    assert len(await post(call, action="revoke", **call.asked)) == 2
    assert await in_force(call) == [False, False]


async def test_nobody_thinks_that_one_was_withdrawn_when_none_was(call: Caller) -> None:
    operation = await call.initiate()
    for named in (call.asked, {"operationId": operation}):
        answer = await call.client.post(f"{API}/consent", json={"action": "revoke"} | named)
        assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")
    await post(call, action="grant", operationId=operation)
    await post(call, action="revoke", **call.asked)
    answer = await call.client.post(f"{API}/consent", json={"action": "revoke"} | call.asked)
    assert answer.status_code == 404


async def test_consents_of_their_own_are_named_among_the_permissions(call: Caller) -> None:
    given = await post(call, action="grant", permissions=[*PERMITTED, "keep_pictures"], **call.asked)
    assert [(one["purpose"], one["permissions"]) for one in given] == [
        ("act", PERMITTED),
        ("keep_pictures", ["keep_pictures"]),
    ]
    (ended,) = await post(call, action="revoke", permissions=["keep_pictures"], **call.asked)
    assert (ended["purpose"], ended["endedAs"]) == ("keep_pictures", "withdrawn")
    assert [one["purpose"] for one in (await call.client.get(f"{API}/consent")).json() if one["inForce"]] == ["act"]


async def test_a_model_that_is_not_there_is_not_allowed(call: Caller) -> None:
    asked = {"action": "grant", "permissions": ["ask_model"], **call.asked}
    refused = await call.client.post(f"{API}/consent", json=asked)
    assert (refused.status_code, problem(refused)["code"]) == (422, "purpose_not_offered")


async def test_a_client_that_grants_only_what_is_to_be_done_and_sends_the_sign_in_gets_its_run(call: Caller) -> None:
    sent = {"service": ASKED["service"], "metadata": {"storeUrl": call.stage.store_url}}
    sent["credentials"] = {"admin_username": "admin", "admin_password": "a shop's password"}
    assert (await call.client.post(f"{API}/credentials", json=sent)).status_code == 204
    await post(call, action="grant", permissions=PERMITTED, **call.asked)
    assert (await call.client.post(f"{API}/initiate", json=call.asked)).json()["status"] == "pending"
    told = (await call.client.get(f"{API}/consent")).json()
    assert sorted(one["purpose"] for one in told) == ["act", "store_sign_in"]


async def test_a_receipt_is_downloaded_by_whose_it_is_and_by_nobody_else(call: Caller) -> None:
    (given,) = await post(call, action="grant", permissions=PERMITTED, **call.asked)
    address = f"{API}/consent/{given['consentId']}/receipt"
    answer = await call.client.get(address)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    told = await call.stage.services.receipts.verify(answer.json())
    assert (told["consentId"], told["event"]["ipPrefix"]) == (given["consentId"], "127.0.0.0/24")
    assert len(told["event"]["sessionSha256"]) == 64
    known_by = await call.stage.services.database.read(
        call.stage.visitor.customer_id,
        lambda session: {*session.exec(select(UserSession.token_sha256)), *session.exec(select(ApiToken.token_sha256))},
    )
    assert known_by
    assert told["event"]["sessionSha256"] not in known_by
    stranger = await call.somebody("spy@x.example", company="Spies")
    refused = await call.anonymous.get(address, headers=await call.cookie(stranger))
    assert (refused.status_code, problem(refused)["code"]) == (404, "not_found")
    assert (await call.anonymous.get(address)).status_code == 401


async def test_one_call_withdraws_a_consent_and_deletes_what_was_kept_for_it(call: Caller) -> None:
    await call.store("a shop's password")
    (given,) = await post(call, action="grant", permissions=PERMITTED, **call.asked)
    answer = await call.client.delete(f"{API}/consent/{given['consentId']}")
    assert (answer.status_code, answer.json()["endedAs"], answer.json()["inForce"]) == (200, "withdrawn", False)
    assert (await call.client.get(f"{API}/credentials")).json() == []


async def test_credentials_are_kept_if_that_is_asked_for(call: Caller) -> None:
    await call.store("a shop's password")
    (given,) = await post(call, action="grant", permissions=PERMITTED, **call.asked)
    await call.client.delete(f"{API}/consent/{given['consentId']}?keepCredentials=true")
    assert len((await call.client.get(f"{API}/credentials")).json()) == 2
