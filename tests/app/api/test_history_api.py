"""Over HTTP the operations so far are filtered and paged, and those that failed are tried again, many at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.database.roles import Role
from core.database.session import CustomerSession
from core.database.tables import OperationRow
from core.security.people.visitor import Scope
from tests.app.api.calling import API, PASSWORD, Caller, problem
from tests.fakes.clock import MovedClock

WHY = "The host of these shops answers again"


async def cancelled(call: Caller, clock: MovedClock) -> str:
    operation = await call.initiate()
    await call.client.post(f"{API}/operations/{operation}/cancel")
    clock.move(timedelta(minutes=1))
    return operation


async def failed(call: Caller, clock: MovedClock) -> str:
    """An operation of ours that has failed."""
    operation = await cancelled(call, clock)
    row = OperationRow(customer_id=call.stage.visitor.customer_id, requested_by=call.stage.visitor.user_id, **FAILED)
    row.id, row.store_origin, row.created_at = uuid4(), f"{call.stage.store_url}", clock.now()
    made = str(row.id)

    def add(session: CustomerSession) -> None:
        like = session.get_one(OperationRow, (call.stage.visitor.customer_id, UUID(operation)))
        row.permissions, row.store_origin = like.permissions, like.store_origin
        session.add(row)

    await call.stage.services.database.run(call.stage.visitor.customer_id, add)
    return made


FAILED: dict[str, Any] = {
    "service": "woocommerce",
    "operation": "api_key_generation",
    "status": "failed",
    "failure_code": "shop_error",
    "failure_sentence": "The shop met an error of its own.",
}


async def staff(call: Caller, role: Role = Role.OPERATOR) -> dict[str, str]:
    """The headers of somebody of staff, of another company, with a token for all that they may."""
    people = call.stage.services.people
    who = await people.add_user(await people.add_customer("OmniOps"), f"{role}@omni.example", PASSWORD, role)
    as_admin = replace(who, role=Role.ADMIN)
    token = await call.stage.services.tokens.add(as_admin, "ops", timedelta(days=1), frozenset(Scope))
    return {"Authorization": f"Bearer {token}"}


async def test_the_history_is_filtered_and_says_where_it_goes_on(call: Caller, clock: MovedClock) -> None:
    asked = [await cancelled(call, clock) for _ in range(3)]
    answer = await call.client.get(f"{API}/history", params={"limit": 2, "status": "cancelled", "q": "127.0.0.1"})
    assert [one["operationId"] for one in answer.json()] == [asked[2], asked[1]]
    older = answer.links["next"]["url"]
    assert "status=cancelled" in older
    assert "prev" not in answer.links
    answer = await call.client.get(older)
    assert [one["operationId"] for one in answer.json()] == [asked[0]]
    assert "next" not in answer.links
    back = await call.client.get(answer.links["prev"]["url"])
    assert [one["operationId"] for one in back.json()] == [asked[2], asked[1]]
    for none in ({"status": "open"}, {"service": "other"}, {"failure": "x"}, {"kind": "upkeep"}, {"q": "nowhere"}):
        assert (await call.client.get(f"{API}/history", params=none)).json() == []


@pytest.mark.parametrize("bad", ["status=gone", "days=0", "kind=x", "before=x", "after=1-2", "q=" + "x" * 301])
async def test_what_can_not_be_filtered_by_is_refused(call: Caller, bad: str) -> None:
    assert problem(await call.client.get(f"{API}/history?{bad}"))["status"] == 422


async def test_many_are_tried_again_and_each_is_told(call: Caller, clock: MovedClock) -> None:
    first, absent = await failed(call, clock), str(uuid4())
    answer = await call.client.post(f"{API}/operations/retry", json={"operationIds": [first, absent]})
    begun, missing = answer.json()
    assert (begun["operationId"], begun["status"], begun["code"]) == (first, "awaiting_consent", "")
    assert (missing["operationId"], missing["retriedBy"], missing["code"]) == (absent, None, "not_found")
    told = (await call.client.get(f"{API}/status/{first}")).json()
    assert told["retriedBy"] == begun["retriedBy"]


async def test_staff_say_why_and_begin_nothing_that_is_not_allowed(call: Caller, clock: MovedClock) -> None:
    first, headers = await failed(call, clock), await staff(call)
    to, body = f"{API}/operations/retry", {"operationIds": [first]}
    assert problem(await call.anonymous.post(to, json=body, headers=headers))["code"] == "bad_reason"
    (refused,) = (await call.anonymous.post(to, json=body | {"because": WHY}, headers=headers)).json()
    assert (refused["retriedBy"], refused["code"]) == (None, "consent_ended")
    await call.consent()
    await call.store("hunter2hunter2")
    (begun,) = (await call.anonymous.post(to, json=body | {"because": WHY}, headers=headers)).json()
    assert begun["status"] == "pending"
    entries = (await call.client.get(f"{API}/audit", params={"actor": "staff"})).json()
    assert {entry["action"] for entry in entries} == {"operation_retried", "operation_asked"}
    assert entries[-1]["detail"]["because"] == WHY


async def test_auditors_have_nothing_tried_again(call: Caller, clock: MovedClock) -> None:
    body = {"operationIds": [await failed(call, clock)], "because": WHY}
    headers = await staff(call, Role.AUDITOR)
    answer = await call.anonymous.post(f"{API}/operations/retry", json=body, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (403, "not_allowed")


async def test_the_audit_is_filtered(call: Caller, clock: MovedClock) -> None:
    operation = await cancelled(call, clock)
    ask = call.client.get
    assert (await ask(f"{API}/audit", params={"actor": "staff"})).json() == []
    (entry,) = (await ask(f"{API}/audit", params={"action": "operation_asked", "operationId": operation})).json()
    later = {"since": (clock.now() + timedelta(days=1)).isoformat()}
    assert (await ask(f"{API}/audit", params=later)).json() == []
    assert entry in (await ask(f"{API}/audit", params={"until": later["since"], "actor": "person"})).json()
    for bad in ("action=gone", "actor=me", "since=2026-01-01T00:00:00", "until=x"):
        assert problem(await ask(f"{API}/audit?{bad}"))["status"] == 422
