"""Statistics, how workflows fare and how the service is, by HTTP: the figures, the spreadsheet, and who may have them."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest

from app.api.statistics import HEADER, csv_of, harmless
from core.database.roles import Role
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.security.people.visitor import Visitor
from core.statistics.summary import SheetRow
from tests.app.api.calling import API, Caller

DAY = date(2026, 11, 23)


async def ended(call: Caller, status: OperationStatus, **values: Any) -> None:
    """A setup that has ended a moment ago, as if it had happened."""
    services, visitor = call.stage.services, call.stage.visitor
    now = services.clock.now()
    row = OperationRow(
        customer_id=visitor.customer_id, id=uuid4(), requested_by=visitor.user_id, service="woocommerce",
        operation="api_key_generation", store_origin=f"https://{uuid4()}.example", permissions=[], status=status,
        created_at=now - timedelta(seconds=10), started_at=now - timedelta(seconds=10), finished_at=now, took_seconds=10,
    )  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)

    def add(session: CustomerSession) -> None:
        session.add(row)

    await services.database.run(visitor.customer_id, add)


async def admin(call: Caller) -> dict[str, str]:
    """The header of somebody of the staff."""
    people = call.stage.services.people
    who: Visitor = await people.add_user(
        await people.add_customer("OmniOps"), "ana@omniops.example", "a long enough one", role=Role.ADMIN
    )
    return await call.cookie(who)


async def test_the_figures_have_every_part_and_the_real_cost(call: Caller) -> None:
    await ended(call, OperationStatus.COMPLETED, workflow_id="make-a-key", workflow_version="aaa", furthest_rung="model",
                decided_steps={"recorded": 3, "model": 1}, model_millionths=12_500)  # fmt: skip
    await ended(call, OperationStatus.FAILED, failure_code="wrong_password")
    told = (await call.client.get(f"{API}/statistics", params={"days": 7})).json()
    assert (told["finished"], told["succeeded"], told["modelDollars"], told["steps"]) == (2, 1, 0.0125, 4)
    assert told["savedSeconds"] == 2 * 3600 - 10
    (service,) = told["byService"]
    assert (service["service"], service["name"], service["successRate"]) == ("woocommerce", "woocommerce", 0.5)
    named = {(one["name"], one["version"]): one for one in told["byVersion"]}
    assert named["make-a-key", "aaa"]["modelDollars"] == 0.0125
    assert {one["name"]: one["failed"] for one in told["byRung"]} == {"model": 0, None: 1}
    assert told["byDay"][-1]["medianSeconds"] == 10
    other = (await call.client.get(f"{API}/statistics", params={"service": "pretix"})).json()
    assert (other["finished"], other["service"]) == (0, "pretix")


async def test_the_table_is_a_csv_with_a_header_and_the_same_filters(call: Caller) -> None:
    await ended(call, OperationStatus.COMPLETED)
    await ended(call, OperationStatus.COMPLETED)
    what_ran = {"workflow_id": "make-a-key", "workflow_version": "aaa", "furthest_rung": "model"}
    await ended(call, OperationStatus.FAILED, failure_code="wrong_password", model_millionths=4200, **what_ran)
    answer = await call.client.get(f"{API}/statistics.csv", params={"days": 7})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="statistics-7-days.csv"'
    header, *rows = list(csv.reader(StringIO(answer.text, newline="")))
    assert tuple(header) == HEADER
    today = call.stage.services.clock.now().astimezone(UTC).date().isoformat()
    assert rows == [
        [today, "woocommerce", "completed", "", "", "2", "20.0", "14380.0", "0.0", "", "", ""],
        [
            *(today, "woocommerce", "failed", "wrong_password", "Wrong password", "1", "10.0", "0.0", "0.0042"),
            *("make-a-key", "aaa", "model"),
        ],
    ]
    assert answer.text.count("\r\n") == answer.text.count("\n") == 3
    elsewhere = await call.client.get(f"{API}/statistics.csv", params={"service": "pretix"})
    assert elsewhere.text.splitlines() == [",".join(HEADER)]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_calculate_is_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    row = SheetRow(DAY, cell, "failed", cell, cell, 1, 1.0, 0.0, 0.0)
    (_, told) = list(csv.reader(StringIO(csv_of([row]), newline="")))
    assert [told[place] for place in (1, 3, 4)] == [f"'{cell}"] * 3


def test_a_word_with_a_comma_or_a_quote_stays_one_cell() -> None:
    row = SheetRow(DAY, "woocommerce", "failed", "odd", 'It said "no", twice', 1, 1.0, 0.0, 0.0)
    (_, told) = list(csv.reader(StringIO(csv_of([row]), newline="")))
    assert told[4] == 'It said "no", twice'


async def test_staff_name_a_customer_and_nobody_else_does(call: Caller) -> None:
    await ended(call, OperationStatus.COMPLETED)
    headers = await admin(call)

    async def finished(customer: str, **by: Any) -> int:
        client = call.anonymous if by else call.client
        answer = await client.get(f"{API}/statistics", params={"customer": customer}, **by)
        return int(answer.json()["finished"])

    assert await finished("", headers=headers) == 1
    assert await finished("Nobody's", headers=headers) == 0
    assert await finished("Nobody's") == 1  # a customer's own are their own, whatever they name


async def test_workflow_health_and_health_are_for_staff(call: Caller) -> None:
    await ended(call, OperationStatus.COMPLETED, workflow_id="make-a-key", service_version="WooCommerce 11.0.1")
    headers = await admin(call)
    (line,) = (await call.anonymous.get(f"{API}/workflow-health", headers=headers)).json()
    assert (line["workflowId"], line["serviceVersion"], line["succeeded"]) == ("make-a-key", "WooCommerce 11.0.1", 1)
    assert datetime.fromisoformat(line["lastGreen"]) == call.stage.services.clock.now()
    report = (await call.anonymous.get(f"{API}/health", headers=headers)).json()
    named = {one["name"]: one for one in report["findings"]}
    assert {"Workers", "Queue", "Database", "Audit chains", "Browser", "Model", "Rounds"} <= named.keys()
    assert named["Queue"]["state"] == "well"
    for path in ("workflow-health", "health"):
        assert (await call.client.get(f"{API}/{path}")).status_code == 403
