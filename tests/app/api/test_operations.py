"""Operations, credentials, audit, statistics and workflows by HTTP."""

from datetime import timedelta
from uuid import uuid4

from tests.app.api.calling import API, OUR_PAGE, Caller, problem
from tests.fakes.clock import MovedClock

SECRET = "hunter2-hunter2"
IN_CAMEL_CASE = {
    *("operationId", "service", "operation", "storeUrl", "permissions", "status", "currentStep", "totalSteps"),
    *("steps", "screenshots", "result", "error", "consentId", "createdAt", "startedAt", "finishedAt", "model"),
    *("question", "retryOf", "retriedBy", "willTryAt", "stopping", "tries"),
}


async def test_an_operation_awaits_consent_is_listed_and_cancelled(call: Caller) -> None:
    operation = await call.initiate()
    status = (await call.client.get(f"{API}/status/{operation}")).json()
    assert status.keys() == IN_CAMEL_CASE
    assert (status["status"], status["storeUrl"]) == ("awaiting_consent", call.stage.store_url)
    assert (await call.client.get(f"{API}/history")).json() == [status]

    stopped = await call.client.post(f"{API}/operations/{operation}/cancel", json={"because": "Not today."})
    assert stopped.json()["status"] == "cancelled"
    assert stopped.json()["error"] == {"code": "stopped", "message": "Not today.", "leftBehind": ""}
    again = await call.client.post(f"{API}/operations/{operation}/cancel")
    assert (again.status_code, problem(again)["code"]) == (409, "operation_over")


async def test_a_second_one_at_the_same_shop_is_refused(call: Caller) -> None:
    await call.initiate()
    answer = await call.client.post(f"{API}/initiate", json=call.asked)
    assert (answer.status_code, problem(answer)["code"]) == (409, "operation_running")


async def test_one_that_was_stopped_is_tried_again_once_with_the_same_scope(call: Caller) -> None:
    first = await call.initiate()
    early = await call.client.post(f"{API}/operations/{first}/retry")
    assert (early.status_code, problem(early)["code"]) == (409, "nothing_to_retry")
    await call.client.post(f"{API}/operations/{first}/cancel")

    answer = await call.client.post(f"{API}/operations/{first}/retry")
    assert answer.status_code == 201
    again = answer.json()
    assert again == {"operationId": again["operationId"], "status": "awaiting_consent"}
    assert (await call.client.post(f"{API}/operations/{first}/retry")).json() == again
    new, old = [(await call.client.get(f"{API}/status/{one}")).json() for one in (again["operationId"], first)]
    assert (new["retryOf"], new["retriedBy"], new["tries"], new["willTryAt"]) == (first, None, 0, None)
    assert (old["retryOf"], old["retriedBy"]) == (None, again["operationId"])
    assert new["permissions"] == old["permissions"]


async def test_history_is_as_long_as_asked_for_and_begins_with_the_newest(call: Caller, clock: MovedClock) -> None:
    asked = []
    for _ in range(3):
        asked.append(await call.initiate())
        await call.client.post(f"{API}/operations/{asked[-1]}/cancel")
        clock.move(timedelta(minutes=1))
    listed = (await call.client.get(f"{API}/history", params={"limit": 2})).json()
    assert [one["operationId"] for one in listed] == [asked[2], asked[1]]


async def test_what_is_stored_is_listed_without_its_value_and_deleted(call: Caller) -> None:
    sign_in = {"admin_username": "admin", "admin_password": SECRET}
    body = {"service": "woocommerce", "metadata": call.asked["metadata"], "credentials": sign_in}
    assert (await call.client.post(f"{API}/credentials", json=body)).status_code == 204
    listed = await call.client.get(f"{API}/credentials")
    assert SECRET not in listed.text
    assert {one["field"] for one in listed.json()} == {"admin_username", "admin_password"}
    assert {one["storeUrl"] for one in listed.json()} == {call.stage.store_url}
    for one in listed.json():
        address = f"{API}/credentials/{one['credentialId']}"
        assert (await call.client.delete(address)).status_code == 204
        assert problem(await call.client.delete(address))["status"] == 404
    assert (await call.client.get(f"{API}/credentials")).json() == []


async def test_another_customers_things_are_as_if_they_were_not_there(call: Caller) -> None:
    """The same answer as for what never was, to the letter; and nothing of it has happened."""
    operation, consent = await call.initiate(), await call.consent()
    await call.store(SECRET)
    credential = (await call.client.get(f"{API}/credentials")).json()[0]["credentialId"]
    stranger = await call.somebody(company="Other")
    headers = await call.cookie(stranger) | OUR_PAGE

    calls = [
        ("GET", f"{API}/status/{{}}", operation, None),
        ("GET", f"{API}/operations/{{}}/events", operation, None),
        ("POST", f"{API}/operations/{{}}/cancel", operation, None),
        ("DELETE", f"{API}/credentials/{{}}", credential, None),
        ("POST", f"{API}/consent", operation, {"action": "grant", "operationId": "{}"}),
        ("POST", f"{API}/consent", operation, {"action": "revoke", "operationId": "{}"}),
        ("POST", f"{API}/consent", str(consent), {"action": "revoke", "consentId": "{}"}),
    ]
    for method, path, foreign, body in calls:
        told = []
        for one in (foreign, str(uuid4())):
            sent = {name: value.replace("{}", one) for name, value in body.items()} if body else None
            answer = await call.anonymous.request(method, path.format(one), json=sent, headers=headers)
            assert answer.status_code == 404, (method, path)
            told.append(problem(answer))
        assert told[0] == told[1]
    for address in ("history", "consent", "credentials"):
        assert (await call.anonymous.get(f"{API}/{address}", headers=headers)).json() == []
        assert (await call.client.get(f"{API}/{address}")).json() != []
    theirs = (await call.anonymous.get(f"{API}/audit", headers=headers)).json()
    assert {one["action"] for one in theirs} == {"user_added"}
    assert (await call.client.get(f"{API}/status/{operation}")).json()["status"] == "pending"


async def test_the_audit_trail_is_read_page_by_page_and_verified(call: Caller) -> None:
    operation = await call.initiate()
    whole = (await call.client.get(f"{API}/audit")).json()
    assert [one["seq"] for one in whole] == list(range(len(whole), 0, -1))
    assert [one["action"] for one in whole[:2]] == ["consent_requested", "operation_asked"]
    assert {one["operationId"] for one in whole[:2]} == {operation}

    page = (await call.client.get(f"{API}/audit", params={"limit": 2, "beforeSeq": whole[0]["seq"]})).json()
    assert page == whole[1:3]
    assert (await call.client.get(f"{API}/audit", params={"operationId": operation})).json() == whole[:2]
    verified = (await call.client.get(f"{API}/audit/verify")).json()
    assert (verified["intact"], verified["events"], verified["firstBroken"]) == (True, len(whole), None)


async def test_statistics_of_nothing_are_not_nought_percent(call: Caller) -> None:
    told = (await call.client.get(f"{API}/statistics", params={"days": 7})).json()
    assert (told["days"], told["finished"], told["successRate"], told["medianSeconds"]) == (7, 0, None, None)


async def test_what_was_learnt_is_found_and_shown(call: Caller) -> None:
    learnt = "should-complete-woocommerce-setup-and-enable-product-search"
    listed = (await call.client.get(f"{API}/workflows")).json()
    assert learnt in {one["id"] for one in listed}
    found = (await call.client.get(f"{API}/workflows", params={"search": "product search"})).json()
    assert found[0]["id"] == learnt
    assert (await call.client.get(f"{API}/workflows", params={"search": "zeppelin"})).json() == []
    shown = (await call.client.get(f"{API}/workflows/{learnt}")).json()
    assert len(shown["steps"]) == shown["stepCount"] == found[0]["stepCount"]
    assert shown["steps"][0]["order"] == 1
    near = problem(await call.client.get(f"{API}/workflows/should-complete-woocommerce-setup"))
    assert learnt in near["detail"]
