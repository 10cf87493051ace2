"""What is done again and again, by HTTP: switched on under a consent, listed with its next time, and switched off."""

from uuid import UUID, uuid4

from core.database.session import CustomerSession
from core.database.tables import ConnectionRow
from core.operations.consents import ConsentRequest
from tests.app.api.calling import API, Caller, problem

SCHEDULES = f"{API}/schedules"


async def connected(call: Caller) -> None:
    """As if the shop had been set up."""
    operation, who = UUID(await call.initiate()), call.stage.visitor
    await call.client.post(f"{API}/operations/{operation}/cancel")

    def connect(session: CustomerSession) -> None:
        session.add(
            ConnectionRow(
                customer_id=who.customer_id,
                operation_id=operation,
                service="woocommerce",
                store_origin=call.stage.store_url,
                key_hint="abc1234",
                key_permission="read",
                created_at=call.stage.services.clock.now(),
            )
        )

    await call.stage.services.database.run(who.customer_id, connect)


async def test_it_is_switched_on_listed_and_switched_off(call: Caller) -> None:
    asked = {"service": "woocommerce", "operation": "check", "metadata": {"storeUrl": call.stage.store_url}}
    missing = await call.client.post(SCHEDULES, json=asked)
    assert (missing.status_code, problem(missing)["code"]) == (404, "not_found")
    await connected(call)
    refused = await call.client.post(SCHEDULES, json=asked)
    assert (refused.status_code, problem(refused)["code"]) == (403, "consent_required")

    request = ConsentRequest("woocommerce", "check", call.stage.store_url)
    await call.stage.services.consents.grant(call.stage.visitor, request)
    answer = await call.client.post(SCHEDULES, json=asked)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["everySeconds"], made["pausedBecause"], made["waits"]) == (3600, None, False)
    assert (await call.client.get(SCHEDULES)).json() == [made]
    other = await call.client.post(SCHEDULES, json=asked | {"everySeconds": 7200})
    assert (other.json()["scheduleId"], other.json()["everySeconds"]) == (made["scheduleId"], 7200)

    assert (await call.client.delete(f"{SCHEDULES}/{made['scheduleId']}")).status_code == 204
    assert (await call.client.get(SCHEDULES)).json() == []
    assert (await call.client.delete(f"{SCHEDULES}/{uuid4()}")).status_code == 404


async def test_a_time_between_that_is_none_is_refused(call: Caller) -> None:
    asked = {"service": "woocommerce", "operation": "check", "metadata": {"storeUrl": call.stage.store_url}}
    for every in (0, 1, 10**12, "often"):
        assert (await call.client.post(SCHEDULES, json=asked | {"everySeconds": every})).status_code == 422
    ends = asked | {"operation": "revoke_keys"}
    assert problem(await call.client.post(SCHEDULES, json=ends))["code"] == "bad_schedule"
