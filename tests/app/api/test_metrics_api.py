"""The metrics, as Prometheus collects them: who may, that they parse, and that they name nobody."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.bootstrap import build
from core.database.roles import Role
from core.database.states import OperationStatus
from core.planner.planner import Rung
from core.security.people.visitor import Scope, Visitor
from tests.app.api.calling import API, PASSWORD, Caller, caller, desk
from tests.fakes.clock import MovedClock
from tests.marked import marked
from tests.postgres import as_owner

TOKEN = marked()
COLLECTOR = {"Authorization": f"Bearer {TOKEN}"}
TENANT = "Tea Shop"
DOCUMENT = Path(__file__).parents[3] / "docs" / "operations-observing.md"
# Everything that a label may say; whatever else turns up has to be looked at by somebody.
LABELS = {
    "version": None,
    "le": None,
    "status": {str(one) for one in OperationStatus},
    "outcome": {"completed", "failed", "cancelled"},
    "rung": {str(one) for one in Rung},
    "kind": {"read", "write"},
}


@pytest.fixture
async def call(
    tmp_path: Path, sqlite_template: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Caller]:
    """Somebody who may call, of a product that has a token for its metrics."""
    monkeypatch.setenv("AUTOPILOT_METRICS_TOKEN", TOKEN)
    async with desk(tmp_path, sqlite_template, clock) as somebody:
        yield somebody


def families(answer: httpx.Response) -> dict[str, Metric]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return {one.name: one for one in text_string_to_metric_families(answer.text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    samples = [
        one
        for one in found[name.removesuffix("_total").removesuffix("_count")].samples
        if one.name == name and one.labels == labels
    ]
    assert len(samples) == 1, name
    return float(samples[0].value)


async def staff(call: Caller, role: Role = Role.AUDITOR) -> Visitor:
    company = call.stage.visitor.customer_id
    return await call.stage.services.people.add_user(company, f"{role}@omniops.example", PASSWORD, role)


async def bearer(call: Caller, who: Visitor, *scopes: Scope) -> dict[str, str]:
    as_admin = Visitor(who.customer_id, who.user_id, who.email, Role.ADMIN)
    token = await call.stage.services.tokens.add(as_admin, "x", timedelta(days=1), scopes)
    return {"Authorization": f"Bearer {token}"}


async def test_staff_and_who_has_the_token_may_collect_and_nobody_else(call: Caller) -> None:
    auditor = await staff(call)
    asked = {
        "nobody": ({}, 401),
        "a wrong token": ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401),
        "another way to sign in": ({"Authorization": f"Basic {TOKEN}"}, 401),
        "a customer": (dict(call.client.headers), 403),
        "a customer's browser": (await call.cookie(), 403),
        "staff": (await bearer(call, auditor, Scope.STAFF), 200),
        "staff whose token is for something else": (await bearer(call, auditor, Scope.READ), 403),
        "staff's browser": (await call.cookie(auditor), 200),
        "the collector": (COLLECTOR, 200),
    }
    for who, (headers, status) in asked.items():
        answer = await call.anonymous.get("/metrics", headers=headers)
        assert answer.status_code == status, who
        assert ("autopilot_" in answer.text) == (status == 200), who


async def test_the_collectors_token_opens_nothing_else(call: Caller) -> None:
    for path in (f"{API}/history", f"{API}/statistics", f"{API}/staff/customers", "/openapi.json", "/metrics/x"):
        assert (await call.anonymous.get(path, headers=COLLECTOR)).status_code in {401, 303}, path
    assert (await call.anonymous.post("/metrics", headers=COLLECTOR)).status_code == 405


async def test_without_a_token_that_was_set_no_token_is_good(call: Caller) -> None:
    other = build(call.stage.autopilot.settings.model_copy(update={"metrics_token": None}))
    assert not other.services.exposition.is_opened_by("")
    assert not other.services.exposition.is_opened_by("None")
    other.services.database.close()


async def test_they_tell_how_it_stands_and_name_nobody(call: Caller, clock: MovedClock) -> None:
    operation = await call.initiate()
    await call.consent()
    clock.move(timedelta(seconds=40))
    answer = await call.anonymous.get("/metrics", headers=COLLECTOR)
    found = families(answer)
    assert value(found, "autopilot_operations", status="pending") == 1
    assert value(found, "autopilot_operations", status="completed") == 0
    assert value(found, "autopilot_operations_oldest_waiting_seconds") == 40
    assert value(found, "autopilot_operations_finished_total", outcome="failed") == 0
    assert value(found, "autopilot_consents_in_force") == 1
    assert value(found, "autopilot_database_up") == 1
    assert value(found, "autopilot_audit_chains_broken") == 0
    assert value(found, "autopilot_database_errors_total", kind="read") == 0
    assert found["autopilot_database_call_seconds"].type == "histogram"
    assert found["process_resident_memory_bytes"].samples[0].value > 0
    visitor = call.stage.visitor
    for named in (
        TENANT,
        visitor.email,
        str(visitor.customer_id),
        visitor.customer_id.hex,
        operation,
        "127.0.0.1",
        TOKEN,
    ):
        assert named not in answer.text
    for family in found.values():
        for sample in family.samples:
            for name, told in sample.labels.items():
                allowed = LABELS[name]
                assert allowed is None or told in allowed, (family.name, name, told)


async def test_names_and_units_are_as_prometheus_wants_them(call: Caller) -> None:
    for name, family in families(await call.anonymous.get("/metrics", headers=COLLECTOR)).items():
        if name.endswith("_created"):
            continue
        assert name.startswith(("autopilot_", "process_")), name
        assert family.documentation
        if family.type == "counter":
            assert all(one.name.endswith(("_total", "_created")) for one in family.samples), name
        if family.type == "histogram":
            assert name.endswith("_seconds"), name


async def test_each_is_told_of_in_the_document_and_no_other(call: Caller) -> None:
    told = set(re.findall(r"autopilot_[a-z_]+", DOCUMENT.read_text("utf-8")))
    found = families(await call.anonymous.get("/metrics", headers=COLLECTOR))
    ours = {name for name in found if name.startswith("autopilot_") and not name.endswith("_created")}
    assert {name.removesuffix("_total").removesuffix("_bucket") for name in told} == ours


async def test_two_processes_tell_the_same(call: Caller) -> None:
    await call.initiate()
    other = build(call.stage.autopilot.settings, call.stage.services.clock)
    told = [await one.exposition.text() for one in (call.stage.services, other.services)]
    of_the_database = [
        [line for line in one.decode().splitlines() if line.startswith("autopilot_operations")] for one in told
    ]
    assert of_the_database[0] == of_the_database[1]
    assert len(of_the_database[0]) > 10
    other.services.database.close()


async def test_many_who_collect_at_once_cost_one_look(call: Caller) -> None:
    before = looks(call)
    answers = await asyncio.gather(*(call.anonymous.get("/metrics", headers=COLLECTOR) for _ in range(30)))
    assert {one.status_code for one in answers} == {200}
    assert looks(call) - before == 2  # how it stands, and the totals


def looks(call: Caller) -> int:
    """How many reads this process has made."""
    told = call.stage.services.exposition
    lines = told._metrics.text().decode().splitlines()  # type: ignore[attr-defined]  # a look of our own would count itself
    counted = next(line for line in lines if line.startswith('autopilot_database_call_seconds_count{kind="read"}'))
    return int(float(counted.split()[-1]))


async def test_of_a_database_that_fails_nothing_old_is_told(call: Caller) -> None:
    assert value(families(await call.anonymous.get("/metrics", headers=COLLECTOR)), "autopilot_database_up") == 1
    without(call, "autonomous_operations")
    found = families(await call.anonymous.get("/metrics", headers=COLLECTOR))
    assert value(found, "autopilot_database_up") == 0
    assert [name for name in found if name.startswith(("autopilot_operations", "autopilot_steps"))] == []
    assert value(found, "autopilot_database_errors_total", kind="read") == 1
    before = looks(call)
    await call.anonymous.get("/metrics", headers=COLLECTOR)
    assert looks(call) == before  # that it failed is remembered for a while, too


async def test_totals_that_can_not_be_counted_keep_nothing_else_back(call: Caller) -> None:
    await call.initiate()
    without(call, "operation_steps")
    found = families(await call.anonymous.get("/metrics", headers=COLLECTOR))
    assert value(found, "autopilot_database_up") == 1
    assert value(found, "autopilot_operations", status="awaiting_consent") == 1
    assert "autopilot_steps_decided" not in found
    before = looks(call)
    call.stage.services.exposition._looked_at = float("-inf")  # type: ignore[attr-defined]  # as if it were a while ago
    await call.anonymous.get("/metrics", headers=COLLECTOR)
    assert looks(call) == before + 1  # and are not counted again at once


def without(call: Caller, table: str) -> None:
    """Take a table away, and let a while pass."""
    with as_owner(call.stage.services.database).begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO gone"))
    call.stage.services.exposition._looked_at = float("-inf")  # type: ignore[attr-defined]  # as if it were a while ago


async def test_a_whole_run_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_METRICS_TOKEN", TOKEN)
    async with caller(tmp_path) as call:
        assert (await call.anonymous.get("/readyz")).status_code == 200  # the browser is only being launched
        ended = await call.stage.ended(await call.stage.begin())
        assert ended.status is OperationStatus.COMPLETED
        found = families(await call.anonymous.get("/metrics", headers=COLLECTOR))
        assert (await call.anonymous.get("/readyz")).status_code == 200
        assert call.stage.autopilot.browsers.is_found
    assert value(found, "autopilot_operations_finished_total", outcome="completed") == 1
    assert value(found, "autopilot_operations", status="completed") == 1
    assert value(found, "autopilot_run_duration_seconds_count", outcome="completed") == 1
    assert value(found, "autopilot_operation_wait_seconds_count") == 1
    assert value(found, "autopilot_steps_decided", rung="recorded") > 3
    assert value(found, "autopilot_products") == 47
    assert value(found, "autopilot_wake_ups_total") >= 1
    assert value(found, "autopilot_leases_lost_total") == 0
    assert value(found, "autopilot_browser_contexts_open") >= 0
