"""Over HTTP staff name the customer whose data they look at; without an access, or to change anything, that is refused."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from core.database.roles import Role
from core.security.people.visitor import Scope, Visitor
from tests.app.api.calling import API, PASSWORD, Caller, problem
from tests.fakes.clock import MovedClock

REASON = "Ticket 4711: the setup stops at the second page"


@pytest.fixture
async def operator(call: Caller) -> Visitor:
    people = call.stage.services.people
    return await people.add_user(await people.add_customer("OmniOps"), "ops@omni.example", PASSWORD, Role.OPERATOR)


@pytest.fixture
async def staff(call: Caller, operator: Visitor) -> dict[str, str]:
    """The headers of an operator with a token for all that staff may."""
    as_admin = replace(operator, role=Role.ADMIN)  # an operator makes no tokens
    token = await call.stage.services.tokens.add(as_admin, "ops", timedelta(days=1), frozenset(Scope))
    return {"Authorization": f"Bearer {token}"}


async def opened(call: Caller, staff: dict[str, str]) -> httpx.Response:
    path = f"{API}/staff/access/{call.stage.visitor.customer_id}"
    return await call.anonymous.post(path, json={"reason": REASON, "minutes": 15}, headers=staff)


def at(call: Caller, staff: dict[str, str]) -> dict[str, str]:
    return staff | {"Autopilot-Customer": str(call.stage.visitor.customer_id)}


async def test_a_customers_data_is_read_while_an_access_is_open(call: Caller, staff: dict[str, str]) -> None:
    operation = await call.initiate()
    assert (await call.anonymous.get(f"{API}/history", headers=staff)).json() == []
    refused = await call.anonymous.get(f"{API}/history", headers=at(call, staff))
    assert (refused.status_code, problem(refused)["code"]) == (403, "no_access")

    access = await opened(call, staff)
    assert access.status_code == 201
    seen = await call.anonymous.get(f"{API}/history", headers=at(call, staff))
    assert [one["operationId"] for one in seen.json()] == [operation]
    assert (await call.anonymous.get(f"{API}/status/{operation}", headers=at(call, staff))).status_code == 200
    mine = (await call.client.get(f"{API}/audit")).json()
    assert (mine[0]["action"], mine[0]["detail"]["reason"]) == ("staff_access_opened", REASON)

    path = f"{API}/staff/access/{call.stage.visitor.customer_id}/{access.json()['accessId']}"
    assert (await call.anonymous.delete(path, headers=staff)).status_code == 204
    assert (await call.anonymous.get(f"{API}/history", headers=at(call, staff))).status_code == 403


async def test_whoever_looks_changes_nothing(call: Caller, staff: dict[str, str]) -> None:
    operation = await call.initiate()
    await opened(call, staff)
    for method, path, body in (
        ("POST", f"operations/{operation}/cancel", {}),
        ("POST", "consent", {"action": "grant", **call.asked}),
        ("POST", "privacy/export", {}),
        ("DELETE", f"credentials/{uuid4()}", None),
    ):
        answer = await call.anonymous.request(method, f"{API}/{path}", json=body, headers=at(call, staff))
        assert (answer.status_code, problem(answer)["code"]) == (403, "forbidden")


async def test_a_customer_who_names_another_is_refused(call: Caller, staff: dict[str, str]) -> None:
    for named in (str(call.stage.visitor.customer_id), str(uuid4()), "nonsense"):
        answer = await call.client.get(f"{API}/history", headers={"Autopilot-Customer": named})
        assert (answer.status_code, problem(answer)["code"]) == (403, "not_allowed")
    for named in (str(uuid4()), "nonsense", ""):
        answer = await call.anonymous.get(f"{API}/history", headers=staff | {"Autopilot-Customer": named})
        assert (answer.status_code, problem(answer)["code"]) == (403, "no_access")


async def test_staff_find_a_customer_by_name(call: Caller, staff: dict[str, str]) -> None:
    found = (await call.anonymous.get(f"{API}/staff/customers", headers=staff)).json()
    assert {"Tea Shop", "OmniOps"} <= {one["name"] for one in found}


async def test_customers_are_gone_through_page_by_page(call: Caller, staff: dict[str, str]) -> None:
    for name in ("Tea B", "Tea A"):
        await call.stage.services.people.add_customer(name)

    async def page(address: str) -> tuple[list[str], dict[str, str]]:
        answer = await call.anonymous.get(address, headers=staff)
        return [one["name"] for one in answer.json()], {rel: link["url"] for rel, link in answer.links.items() if rel}

    first, beside = await page(f"{API}/staff/customers?q=tea&limit=2")
    assert (first, list(beside)) == (["Tea A", "Tea B"], ["next"])
    second, beside = await page(beside["next"])
    assert (second, list(beside)) == (["Tea Shop"], ["prev"])
    assert (await page(beside["prev"]))[0] == first
    assert await page(f"{API}/staff/customers?q=coffee") == ([], {})
    assert await page(f"{API}/staff/customers?q=tea&skip=9") == ([], {"prev": f"{API}/staff/customers?q=tea&skip=0"})
    for bad in ("limit=0", "limit=1000", "skip=-1", f"skip={10**10}", "q=" + "x" * 301):
        assert (await call.anonymous.get(f"{API}/staff/customers?{bad}", headers=staff)).status_code == 422, bad


async def test_below_a_customers_address_its_data_are_read_and_nothing_is_changed(
    call: Caller, staff: dict[str, str], clock: MovedClock
) -> None:
    """As a page asks: everything below it, for as long as the access lasts."""
    operation, below = await call.initiate(), f"/customers/{call.stage.visitor.customer_id}"
    assert (await call.anonymous.get(f"{below}{API}/history", headers=staff)).status_code == 403
    await opened(call, staff)
    seen = await call.anonymous.get(f"{below}{API}/history", headers=staff)
    assert [one["operationId"] for one in seen.json()] == [operation]
    stopped = await call.anonymous.post(f"{below}{API}/operations/{operation}/cancel", json={}, headers=staff)
    assert (stopped.status_code, problem(stopped)["code"]) == (403, "forbidden")
    clock.move(timedelta(minutes=15))
    assert (await call.anonymous.get(f"{below}{API}/history", headers=staff)).status_code == 403


async def test_a_page_without_an_access_leads_to_where_one_is_opened(call: Caller, operator: Visitor) -> None:
    customer = call.stage.visitor.customer_id
    for who in (operator, call.stage.visitor):
        answer = await call.anonymous.get(f"/customers/{customer}/operations", headers=await call.cookie(who))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/customers?ended={customer}")


@pytest.mark.parametrize("path", ["/settings?x=1", "/people", "/sign-in", "/privacy/export", "//evil.example/settings"])
async def test_what_is_ones_own_does_not_stand_below_a_customers_address(
    call: Caller, staff: dict[str, str], path: str
) -> None:
    await opened(call, staff)
    answer = await call.anonymous.get(f"/customers/{call.stage.visitor.customer_id}{path}", headers=staff)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{path.lstrip('/')}")


async def test_another_site_opens_no_live_connection_below_a_customers_address(call: Caller) -> None:
    below = f"/customers/{call.stage.visitor.customer_id}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    cookie = await call.cookie()
    answer = await call.anonymous.get(below, headers=cookie | {"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, problem(answer)["code"]) == (403, "cross_site")
