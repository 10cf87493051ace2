"""The whole API, by calls drawn from its own description: nothing breaks, and nothing of another company is told or changed."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from core.database.roles import Role
from core.database.session import Database
from tests.app.api.calling import API, Caller, desk
from tests.attacks.fuzzing import Known, Operation, Sent, calls_of, operations_of, with_nul
from tests.attacks.test_matrix import DAY, bearer, cookie, person
from tests.attacks.two_companies import Companies, two_companies
from tests.fakes.clock import MovedClock

STREAMED, PROBLEM = "text/event-stream", "application/problem+json"
FOR_STAFF = (f"{API}/staff/", f"{API}/workflows/changes", f"{API}/workflow-health", f"{API}/health")
# What an owner is never answered well: it is for staff, or of the other company, or its id is none that can be drawn.
NOT_FOR_OWNERS = {
    "GET /metrics",
    f"GET {API}/staff/customers",
    f"GET {API}/workflow-health",
    f"GET {API}/health",
    f"GET {API}/workflows/changes",
    f"GET {API}/workflows/changes/{{changeId}}/picture",
    f"GET {API}/workflows/{{workflowId}}",
    "GET /pictures/{pictureId}/{size}",
    "GET /pictures/product/{productId}/thumb",
    "GET /pictures/live/{operationId}",
}


@pytest.fixture
async def companies(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Companies]:
    async with two_companies(tmp_path, sqlite_template, clock) as both:
        yield both


class Fuzz:
    """Sends calls, and keeps what was wrong with their answers, and how each operation was answered."""

    def __init__(self, call: Caller, described: dict[str, Any], telling: frozenset[str]) -> None:
        self.call = call
        self.described = json.dumps(described, ensure_ascii=False)
        self.telling = telling
        self.faults: list[str] = []
        self.statuses: defaultdict[str, set[int]] = defaultdict(set)

    async def send(self, operation: Operation, sent: Sent, headers: Mapping[str, str]) -> None:
        """Make one call. What it sent may come back only if it is a word of the API's own description."""
        status, kind, text = await answer(self.call, sent, headers)
        self.statuses[operation.label].add(status)
        wrong = {
            "broke": status >= 500,
            "told of the other company": any(one in text for one in self.telling),
            "is no problem": status >= 400 and kind != PROBLEM,
            "tells what was sent": status >= 400
            and any(one in text for one in sent.texts if one not in self.described),
            "is not described": str(status) not in operation.definition.raw["responses"],
        }
        self.faults += [
            f"{words}: {sent} was answered {status} {text[:500]}" for words, is_so in wrong.items() if is_so
        ]


async def answer(call: Caller, sent: Sent, headers: Mapping[str, str]) -> tuple[int, str, str]:
    """Status, kind and text; of what goes on for as long as one listens, the first piece."""
    asked = call.anonymous.stream(sent.method, sent.address, content=sent.content, headers=dict(headers))
    async with asked as answered:
        kind = answered.headers.get("content-type", "").partition(";")[0]
        if kind == STREAMED:
            return answered.status_code, kind, await anext(answered.aiter_text())
        return answered.status_code, kind, (await answered.aread()).decode("utf-8", "replace")


async def test_no_call_breaks_it_or_touches_another_company(companies: Companies) -> None:
    call, before, services = companies.call, companies.digests(), companies.call.stage.services
    by_session = cookie(await services.sessions.begin(companies.ours))
    by_token = bearer(await services.tokens.add(companies.ours, "fuzzing", DAY)) | {"Content-Type": "application/json"}
    as_staff = by_session | {"Autopilot-Customer": str(companies.theirs.customer_id)}
    described = (await call.client.get("/openapi.json")).json()
    fuzz = Fuzz(call, described, companies.telling())
    callers = cycle([by_session, by_token, by_session, by_token, as_staff])
    for operation in operations_of(described):
        for sent in calls_of(operation, companies.known):
            await fuzz.send(operation, sent, next(callers))
    assert fuzz.faults == []
    everything = {f"{method.upper()} {path}" for path, calls in described["paths"].items() for method in calls}
    assert fuzz.statuses.keys() == everything
    assert {one for one in everything if one.startswith("GET") and min(fuzz.statuses[one]) >= 400} == NOT_FOR_OWNERS
    assert (await call.anonymous.get(f"{API}/history", headers=by_session)).status_code == 200
    assert companies.digests() == before


async def test_no_call_of_staff_breaks_it(companies: Companies) -> None:
    """What is for staff alone; it may tell of every company, and reach none but their own without saying why."""
    call = companies.call
    headers = cookie(await call.stage.services.sessions.begin(await person(call, Role.ADMIN)))
    described = (await call.client.get("/openapi.json")).json()
    fuzz = Fuzz(call, described, telling=frozenset())
    described["paths"] = {path: calls for path, calls in described["paths"].items() if path.startswith(FOR_STAFF)}
    for operation in operations_of(described):
        for sent in calls_of(operation, companies.known):
            await fuzz.send(operation, sent, headers)
    assert fuzz.faults == []
    assert len(fuzz.statuses) == 8


async def test_no_reading_call_breaks_it_on_postgresql(
    tmp_path: Path, postgres_database: Database, clock: MovedClock
) -> None:
    """It takes less than SQLite does: no text with a NUL, and no halves of characters."""
    async with desk(tmp_path, postgres_database.url.render_as_string(hide_password=False), clock) as call:
        services, staff = call.stage.services, await person(call, Role.ADMIN)
        both = [cookie(await services.sessions.begin(who)) for who in (call.stage.visitor, staff)]
        described = (await call.client.get("/openapi.json")).json()
        fuzz, callers = Fuzz(call, described, telling=frozenset()), cycle(both)
        reading = {path: {"get": calls["get"]} for path, calls in described["paths"].items() if "get" in calls}
        for operation in operations_of(described | {"paths": reading}):
            if operation.query:
                for sent in calls_of(operation, Known({}, {})):
                    await fuzz.send(operation, sent, next(callers))
                for sent in with_nul(operation):
                    for headers in both:
                        await fuzz.send(operation, sent, headers)
    assert fuzz.faults == []
    assert {
        f"GET {API}/{name}" for name in ("history", "statistics", "statistics.csv", "audit")
    } <= fuzz.statuses.keys()


async def test_a_company_that_is_deleted_takes_nothing_of_another_along(companies: Companies) -> None:
    """The one call that ends one's own way in, so that it is made alone."""
    client, before = companies.call.client, companies.digests()
    asked = await client.post(f"{API}/privacy/delete", json={})
    done = await client.post(f"{API}/privacy/delete", json={"confirmation": asked.json()["confirmation"]})
    assert (asked.status_code, done.status_code) == (202, 200)
    assert (await client.get(f"{API}/history")).status_code == 401
    assert companies.digests() == before
    assert not [one for one in companies.telling() if one in asked.text + done.text]
