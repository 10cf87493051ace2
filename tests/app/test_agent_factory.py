"""A run is given what was learnt, with what staff accepted for its customer, or for all."""

import asyncio
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from app.agent_factory import BrowserAgents
from app.bootstrap import build
from core.agents.integration import Integrations
from core.agents.pace import Pace
from core.agents.task import AgentTask
from core.browser.sessions import Browsers
from core.database.session import Database
from core.operations.consents import ConsentRequest
from core.operations.credentials import VaultCredentials
from core.operations.lease import LEASE, Hold
from core.operations.step_log import StepLogTools
from core.planner.recorded import RecordedPlanner
from core.planner.spending import ModelNotAllowed
from core.security.addresses import AddressGuard
from core.security.consent.agreement import Recipient
from core.workflows.knowledge_base import version_of
from core.workflows.locator import Locator
from core.workflows.registry import WorkflowRegistry
from tests.app.running import settings
from tests.core.operations.healed import AFTER, LEARNT, Staffed, staffed
from tests.core.operations.house import SHOP, House, house
from tests.fakes.clock import MovedClock
from tests.fakes.integration import OPERATION, SERVICE, FakeProbe, approved_integration
from tests.fakes.resolver import FakeResolver


def agents_of(home: House, place: Staffed, tasks: list[AgentTask]) -> BrowserAgents:
    """The real factory, for agents that open no page, and so need no browser; `tasks` are what they were given."""

    def make(task: AgentTask) -> Any:
        tasks.append(task)
        return SimpleNamespace(get_workflow=lambda: LEARNT)

    integrations = Integrations(
        [replace(approved_integration(FakeProbe()), operation="api_key_generation", make_agent=make)]
    )
    tools = StepLogTools(home.database, place.pictures, home.progress, home.clock)
    guard = AddressGuard(FakeResolver(**{"tea.example": ("93.184.215.14",)}))
    nothing = cast(Browsers, None)
    registry = WorkflowRegistry([LEARNT])
    return BrowserAgents(tools, home.vault, integrations, registry, RecordedPlanner(), nothing, guard)


async def given(home: House, place: Staffed) -> list[Locator]:
    """What was accepted for the learnt step in a run of this house."""
    tasks: list[AgentTask] = []
    lease = await home.claimed()
    async with agents_of(home, place, tasks)(lease, await home.row(lease.operation_id)):
        pass
    return list(tasks[0].workflows.get(LEARNT.id).steps[0].accepted)


@pytest.mark.parametrize("decision", ["accept", "share"])
async def test_an_accepted_change_serves_the_next_run_of_its_customer_and_a_shared_one_everybodys(
    sqlite_database: Database, clock: MovedClock, decision: str
) -> None:
    place = await staffed(await house(sqlite_database, clock))
    change = await place.proposed()
    await (place.desk.accept if decision == "accept" else place.desk.share)(place.staff, change)
    (operation,) = await place.house.operations.history(place.house.visitor)
    await place.house.put(operation.id, status="cancelled")
    other = await house(sqlite_database, clock)
    assert await given(place.house, place) == [AFTER]
    assert await given(other, place) == ([AFTER] if decision == "share" else [])


async def test_who_cleans_up_has_the_purse_of_the_run_and_knows_its_one_time_codes(
    sqlite_database: Database, clock: MovedClock
) -> None:
    place = await staffed(await house(sqlite_database, clock))
    home, tasks = place.house, list[AgentTask]()
    agents, lease = agents_of(home, place, tasks), await home.claimed()
    for cleans_up in (False, True):
        async with agents(lease, await home.row(lease.operation_id), cleans_up=cleans_up):
            pass
    assert [task.purse is lease.purse for task in tasks] == [True, True]
    known = [cast(VaultCredentials, task.credentials).last_codes is agents.last_codes for task in tasks]
    assert known == [True, True]


async def test_a_run_goes_at_the_pace_of_the_demo_and_who_cleans_up_after_it_without_rests(
    sqlite_database: Database, clock: MovedClock
) -> None:
    place = await staffed(await house(sqlite_database, clock))
    home, tasks = place.house, list[AgentTask]()
    agents, lease = replace(agents_of(home, place, tasks), pace=Pace(2.0)), await home.claimed()
    for cleans_up in (False, True):
        async with agents(lease, await home.row(lease.operation_id), cleans_up=cleans_up):
            pass
    assert [task.pace.seconds for task in tasks] == [2.0, 0.0]
    assert agents_of(home, place, tasks).pace.seconds == 0.0


async def test_which_workflow_a_run_replays_and_in_which_version_is_recorded_as_it_begins(
    sqlite_database: Database, clock: MovedClock
) -> None:
    place = await staffed(await house(sqlite_database, clock))
    home, tasks = place.house, list[AgentTask]()
    lease = await home.claimed()
    async with agents_of(home, place, tasks)(lease, await home.row(lease.operation_id)):
        row = await home.row(lease.operation_id)
    assert (row.workflow_id, row.workflow_version) == (LEARNT.id, version_of(LEARNT))


async def test_a_run_asks_only_the_model_that_the_settings_name(
    sqlite_database: Database, clock: MovedClock, tmp_path: Path
) -> None:
    place = await staffed(await house(sqlite_database, clock))
    home, tasks = place.house, list[AgentTask]()
    lease, recipient = await home.claimed(), Recipient("Anthropic", "USA")
    await home.consents.grant(home.visitor, ConsentRequest(SERVICE, OPERATION, SHOP, ("ask_model",)))
    for one, refused in ((recipient, nullcontext()), (None, pytest.raises(ModelNotAllowed))):
        async with replace(agents_of(home, place, tasks), recipient=one)(lease, await home.row(lease.operation_id)):
            with refused:
                await lease.purse.may_ask()
    autopilot = build(settings(tmp_path, 1).model_copy(update={"anthropic_api_key": SecretStr("a-key")}))
    assert autopilot.settings.model_recipient == recipient
    assert cast(BrowserAgents, autopilot.worker._attempts._agents).recipient == recipient


async def test_the_way_out_of_a_run_is_shut_once_its_lease_is_not_sure_any_more(
    sqlite_database: Database, clock: MovedClock
) -> None:
    """As when its process was stopped for longer than that, and wakes with a request in its hands."""
    place = await staffed(await house(sqlite_database, clock))
    home, tasks = place.house, list[AgentTask]()
    lease = replace(await home.claimed(), hold=Hold(time.monotonic() - LEASE.total_seconds()))
    async with agents_of(home, place, tasks)(lease, await home.row(lease.operation_id)):
        way_out = urlsplit(tasks[0].proxy_url)
        reader, writer = await asyncio.open_connection(way_out.hostname, way_out.port)
        writer.write(b"GET https://tea.example/ HTTP/1.1\r\n\r\n")
        with pytest.raises(OSError, match=r"."):  # noqa: PT012  a cut connection may also look like its end
            if not await reader.read():
                raise ConnectionResetError("cut")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(way_out.hostname, way_out.port)
