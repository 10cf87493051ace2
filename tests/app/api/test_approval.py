"""An owner approves in the shop, by HTTP: who may ask for the address, and what is taken from a shop that answers."""

import json
import logging
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.practice_shop.shop import PracticeShop
from tests.app.api.calling import API, OUR_PAGE, Caller, caller, problem
from tests.app.api.test_whole_way import told
from tests.app.practice_shop.visiting import links_named
from tests.app.secret_scan import RememberingKeyRing, Said, nothing_secret_is_anywhere, places_holding
from tests.fakes.clock import MovedClock

WOOCOMMERCE = f"{API}/callbacks/woocommerce"
REFUSED = {
    "type": "about:blank",
    "title": "Forbidden",
    "status": 403,
    "detail": "This answer is not awaited here.",
    "code": "approval_refused",
}


def key(state: str, permission: str = "read", **changed: Any) -> dict[str, Any]:
    """What WooCommerce sends."""
    return {
        "key_id": 1,
        "user_id": state,
        "consumer_key": f"ck_{secrets.token_hex(20)}",
        "consumer_secret": f"cs_{secrets.token_hex(20)}",
        "key_permissions": permission,
    } | changed


def asked(call: Caller, **changed: Any) -> dict[str, Any]:
    """The body of an operation that the owner approves."""
    return call.asked | {"operation": "api_key_authorization"} | changed


async def waiting(call: Caller, **changed: Any) -> str:
    """An operation that is consented to and waits for its owner; its id."""
    answer = await call.client.post(f"{API}/initiate", json=asked(call, **changed))
    assert (answer.status_code, answer.json()["status"]) == (201, "awaiting_consent")
    operation = str(answer.json()["operationId"])
    consented = await call.client.post(f"{API}/consent", json={"action": "grant", "operationId": operation})
    assert consented.status_code == 200
    return operation


async def address(call: Caller, operation: str) -> str:
    """Where the owner approves."""
    answer = await call.client.post(f"{API}/operations/{operation}/approval")
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"approveUrl", "expiresAt"}
    return str(answer.json()["approveUrl"])


async def state_of(call: Caller, operation: str) -> str:
    return parse_qs(urlsplit(await address(call, operation)).query)["user_id"][0]


async def stands(call: Caller, operation: str) -> str:
    return str((await call.client.get(f"{API}/status/{operation}")).json()["status"])


async def approve_in_the_shop(url: str, shop: PracticeShop) -> httpx.Response:
    """Go to the shop, sign in there, approve; where the shop leads afterwards."""
    site = urlsplit(url)
    async with httpx.AsyncClient(base_url=f"{site.scheme}://{site.netloc}", trust_env=False) as owner:
        sign_in = (await owner.get(url)).headers["location"]
        form = {"username": "admin", "password": shop.password_of("admin"), "redirect": url}
        question = await owner.get((await owner.post(sign_in, data=form)).headers["location"])
        (approve,) = links_named(question.text, "Approve")
        return await owner.get(approve)


async def test_from_initiate_to_products_without_any_password(
    tmp_path: Path, said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    for client in ("httpx", "httpcore"):  # the owner's browser, which is in this process here, may know where it goes
        caplog.set_level(logging.WARNING, logger=client)
    async with caller(tmp_path) as call:
        call.stage.shop.keyring = RememberingKeyRing()
        operation = await waiting(call)
        assert await stands(call, operation) == "awaiting_input"
        url = await address(call, operation)
        back = await approve_in_the_shop(url, call.stage.shop)
        state = parse_qs(urlsplit(url).query)["user_id"][0]
        ours = str(call.anonymous.base_url).rstrip("/")
        assert back.headers["location"] == f"{ours}/operations/{operation}?success=1&user_id={state}"

        events = await told(call.client, operation)
        status = (await call.client.get(f"{API}/status/{operation}")).json()
        assert (status["status"], status["result"]["productCount"]) == ("completed", 47)
        [made] = call.stage.shop.keys
        assert made.description.startswith(f"OmniOps · op {operation[:8]} - API (")
        assert status["result"]["apiKey"] == f"ck_…{made.truncated}"
        assert (status["screenshots"], status["result"]["leftBehind"]) == ([], "")
        assert {row.field for row in await stored(call)} == {"consumer_key", "consumer_secret"}
        assert (await call.client.get(f"{API}/audit/verify")).json()["intact"] is True

        assert not [line for line in call.stage.shop.requests if "wp-login" in line or "wp-admin" in line]
        paths = (f"status/{operation}", "history", "credentials", "consent", "audit?limit=500", "statistics")
        answers = [json.dumps(events), *[(await call.client.get(f"{API}/{path}")).text for path in paths], said()]
        assert not [answer for answer in answers if state in answer]
        assert places_holding(tmp_path, frozenset({state})) == []
        await nothing_secret_is_anywhere(call.stage, said)


async def test_the_agent_finds_and_revokes_a_key_that_was_approved(tmp_path: Path) -> None:
    """It goes by the key's name, behind which WooCommerce puts words of its own, and the date."""
    async with caller(tmp_path) as call:
        operation = await waiting(call)
        await approve_in_the_shop(await address(call, operation), call.stage.shop)
        await told(call.client, operation)
        [approved] = call.stage.shop.keys
        assert approved.description.startswith(f"OmniOps · op {operation[:8]} - API (")
        someone_elses = call.stage.shop.make_key("Till - API (2026-11-25 13:00:00)", "admin", "read").record

        by_the_agent = await call.stage.ended(await call.stage.begin())
        assert by_the_agent.result
        assert (by_the_agent.result.product_count, by_the_agent.result.left_behind) == (47, "")
        names = {one.description for one in call.stage.shop.keys}
        assert names == {someone_elses.description, f"OmniOps · op {by_the_agent.id.hex[:8]}"}


async def stored(call: Caller) -> Any:
    return await call.stage.services.credentials.list(call.stage.visitor)


async def test_with_consent_it_waits_for_the_owner_at_once(call: Caller) -> None:
    await call.client.post(f"{API}/consent", json={"action": "grant"} | asked(call))
    answer = await call.client.post(f"{API}/initiate", json=asked(call))
    assert answer.status_code == 201
    assert answer.json() == {
        "operationId": answer.json()["operationId"],
        "status": "awaiting_input",
        "missingPermissions": [],
        "because": "",
    }


async def test_a_key_is_taken_once(call: Caller) -> None:
    operation = await waiting(call)
    sent = key(await state_of(call, operation))
    taken = await call.anonymous.post(WOOCOMMERCE, json=sent)
    assert (taken.status_code, taken.json()) == (200, {"taken": True})
    assert await stands(call, operation) == "pending"
    for again in (sent, key(sent["user_id"])):
        assert problem(await call.anonymous.post(WOOCOMMERCE, json=again)) == REFUSED
    assert {one.field for one in await stored(call)} == {"new_consumer_key", "new_consumer_secret"}


async def test_the_shop_calls_as_wordpress_does(call: Caller) -> None:
    """Without a session or token, and with a character set behind the kind of content."""
    sent = json.dumps(key(await state_of(call, await waiting(call)))).encode()
    headers = {"Content-Type": "application/json;charset=UTF-8", "User-Agent": "WordPress/7.0.4; https://tea.example"}
    assert (await call.anonymous.post(WOOCOMMERCE, content=sent, headers=headers)).status_code == 200


async def test_whoever_asks_why_is_told_the_same_whatever_it_was(call: Caller, clock: MovedClock) -> None:
    """A made-up state, a wrong scope, an old address, a late answer, a stopped operation, a withdrawn consent."""
    operation = await waiting(call)
    refused = [key("made-up"), key(await state_of(call, operation), "read_write")]
    older = await state_of(call, operation)
    refused += [key(older), key(await state_of(call, operation), consumer_key="ck_no")]
    for sent in refused:
        assert problem(await call.anonymous.post(WOOCOMMERCE, json=sent)) == REFUSED
    late = await state_of(call, operation)
    clock.move(timedelta(minutes=15))
    assert problem(await call.anonymous.post(WOOCOMMERCE, json=key(late))) == REFUSED
    assert await stands(call, operation) == "awaiting_input"

    state = await state_of(call, operation)
    await call.client.post(f"{API}/operations/{operation}/cancel")
    assert problem(await call.anonymous.post(WOOCOMMERCE, json=key(state))) == REFUSED
    operation = (await call.client.post(f"{API}/initiate", json=asked(call))).json()["operationId"]
    state = await state_of(call, operation)
    await call.client.post(f"{API}/consent", json={"action": "revoke", "operationId": operation})
    assert problem(await call.anonymous.post(WOOCOMMERCE, json=key(state))) == REFUSED
    assert await stored(call) == ()
    assert await stands(call, operation) == "cancelled"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"user_id": ""}, 422, "bad_request"),
        ({"user_id": None}, 422, "bad_request"),
        ({"user_id": 7}, 422, "bad_request"),
        ({"user_id": "x" * 101}, 422, "bad_request"),
        ({"consumer_secret": "x" * 101}, 422, "bad_request"),
        ({"consumer_secret": "cs_\0"}, 422, "bad_request"),
        ({"consumer_key": ["ck_"]}, 422, "bad_request"),
        ({"key_permissions": "x" * 70_000}, 413, "too_large"),
    ],
    ids=str,
)
async def test_what_is_no_answer_is_refused_and_never_repeated(
    call: Caller, changed: dict[str, Any], status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    operation = await waiting(call)
    sent = key(await state_of(call, operation)) | changed
    answer = await call.anonymous.post(WOOCOMMERCE, json=sent)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    for one in (sent["user_id"], sent["consumer_key"], sent["consumer_secret"]):
        assert not isinstance(one, str) or len(one) < 8 or one not in answer.text + caplog.text
    assert await stands(call, operation) == "awaiting_input"


async def test_a_form_or_another_method_is_no_answer(call: Caller) -> None:
    sent = key(await state_of(call, await waiting(call)))
    assert problem(await call.anonymous.post(WOOCOMMERCE, data=sent))["code"] == "not_json"
    assert problem(await call.anonymous.get(WOOCOMMERCE))["status"] in {401, 405}
    assert problem(await call.anonymous.post(f"{WOOCOMMERCE}/x", json=sent))["code"] == "not_signed_in"


async def test_a_page_of_another_site_can_not_answer_in_a_browser(call: Caller) -> None:
    sent = key(await state_of(call, await waiting(call)))
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert problem(await call.anonymous.post(WOOCOMMERCE, json=sent, headers=headers))["code"] == "cross_site"
    assert (await call.anonymous.post(WOOCOMMERCE, json=sent)).status_code == 200


async def test_another_customer_gets_no_address(call: Caller) -> None:
    operation = await waiting(call)
    stranger = await call.cookie(await call.somebody(company="Other")) | OUR_PAGE
    path = f"{API}/operations/{operation}/approval"
    assert (await call.anonymous.post(path, headers=stranger)).status_code == 404
    assert problem(await call.anonymous.post(path))["code"] == "not_signed_in"


async def test_only_what_waits_for_its_owner_has_an_address(call: Caller) -> None:
    unapproved = (await call.client.post(f"{API}/initiate", json=asked(call))).json()["operationId"]
    answer = await call.client.post(f"{API}/operations/{unapproved}/approval")
    assert (answer.status_code, problem(answer)["code"]) == (409, "nothing_to_approve")
    assert problem(answer)["detail"].endswith("It is: needs your consent.")


async def test_where_the_shop_could_not_send_the_key_it_is_not_offered(call: Caller) -> None:
    body = asked(call, metadata={"storeUrl": "https://tea.example"})
    answer = await call.client.post(f"{API}/initiate", json=body)
    assert (answer.status_code, problem(answer)["code"]) == (403, "approval_not_offered")
