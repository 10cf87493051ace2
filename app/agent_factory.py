"""Builds an operation's agent: its own egress, its step log, its secrets, and a browser that reaches one shop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from core.agents.agent import AutonomousAgent
from core.agents.integration import Integrations
from core.agents.leftovers import leftovers
from core.agents.pace import Pace
from core.agents.task import AgentTask
from core.browser.egress import EgressProxy
from core.browser.page import BrowserPage
from core.browser.scope import RunScope
from core.browser.sessions import Browsers
from core.catalog.sync import ProductShelf
from core.database.tables import OperationRow
from core.errors import Refused
from core.operations import lease as leases
from core.operations.allowance import scope_of
from core.operations.changes import accepted_changes
from core.operations.credentials import LastCodes, VaultCredentials
from core.operations.lease import Lease
from core.operations.live_pictures import LivePictures
from core.operations.model_permission import ModelPermission
from core.operations.questions import DatabasePerson
from core.operations.run_time import RunTime
from core.operations.step_log import DatabaseStepLog, FoundTimeline, StepLogTools
from core.operations.worker import StartedRun
from core.planner.planner import Planner
from core.security.addresses import AddressGuard
from core.security.consent.agreement import Recipient
from core.security.vault.vault import Vault
from core.workflows.knowledge_base import version_of
from core.workflows.locator import Locator
from core.workflows.overlay import overlaid
from core.workflows.registry import WorkflowRegistry

LAST_OUTCOMES_WITHIN = 2.0  # seconds that a run which ends waits for pictures of what it has done


@dataclass(frozen=True)
class Hands:
    """What one run acts with: what was learnt, its way out, the pages that are being closed, and its time.

    One that only cleans up asks nobody: whoever was there has stopped it, or was waited for in vain.
    """

    workflows: WorkflowRegistry
    egress: EgressProxy
    closing: set[asyncio.Task[None]]
    time: RunTime
    cleans_up: bool


@dataclass(frozen=True)
class BrowserAgents:
    """The real agent factory; `recipient` is who is sent something if a model is asked.

    What one run needs to know of another's one-time codes is in `last_codes`. The `pace` is for who shows it to others.
    """

    log_tools: StepLogTools
    vault: Vault
    integrations: Integrations
    workflows: WorkflowRegistry
    planner: Planner
    browsers: Browsers
    guard: AddressGuard
    recipient: Recipient | None = None
    live: LivePictures | None = None
    last_codes: LastCodes = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    @asynccontextmanager
    async def __call__(self, lease: Lease, row: OperationRow, *, cleans_up: bool = False) -> AsyncIterator[StartedRun]:
        """The agent of this operation; leaving gives the browser and the egress back."""
        if row.consent_id is None:
            raise Refused(because="Nobody consented to this operation.")
        found = FoundTimeline.of(row, appends=cleans_up)
        log = DatabaseStepLog(self.log_tools, lease, found)
        integration = self.integrations.get(row.service, row.operation)
        left = await self.log_tools.database.read(
            row.customer_id, partial(leftovers, row=row, named=integration.what_is_left)
        )
        lease.purse.may_ask = ModelPermission(self.log_tools, lease, self.recipient)
        workflows = await self._learnt(row)
        egress = await self._way_out(row)
        egress.gate.only_while(lambda: lease.hold.is_sure)
        recording = asyncio.get_running_loop().create_task(log.record_outcomes())
        closing: set[asyncio.Task[None]] = set()
        try:
            hands = Hands(workflows, egress, closing, RunTime(), cleans_up)
            task = replace(self._task(lease, row, log, hands), leftovers=left)
            agent = integration.make_agent(task)
            if not cleans_up:
                await self._say_what_runs(lease, agent)
            yield StartedRun(agent, shut=egress.gate.shut, time=hands.time)
        finally:
            egress.gate.shut(because="the run is over")
            try:
                await log.recorded(within=LAST_OUTCOMES_WITHIN)
            finally:
                recording.cancel()
                await asyncio.wait({recording, *closing})

    async def _learnt(self, row: OperationRow) -> WorkflowRegistry:
        """What was learnt, with what staff accepted for this customer, or for all."""
        return overlaid(self.workflows, await self.log_tools.database.read(row.customer_id, accepted_changes))

    async def _say_what_runs(self, lease: Lease, agent: AutonomousAgent) -> None:
        """Record which workflow is replayed, and in which version, for the statistics; of what has no page there is none."""
        workflow_id = agent.get_workflow().id
        if learnt := next((one for one in self.workflows.list() if one.id == workflow_id), None):
            values = {"workflow_id": workflow_id, "workflow_version": version_of(learnt)}
            await self.log_tools.database.run(lease.customer_id, lambda session: leases.write(session, lease, **values))

    async def _way_out(self, row: OperationRow) -> EgressProxy:
        """The proxy of a run; what opens no page takes none."""
        allowed = frozenset({scope_of(row).origin})
        if not self.integrations.get(row.service, row.operation).opens_browser:
            return await EgressProxy.opened(allowed, self.guard)
        return await self.browsers.egress(allowed, self.guard)

    def _task(self, lease: Lease, row: OperationRow, log: DatabaseStepLog, hands: Hands) -> AgentTask:
        tools, scope = self.log_tools, scope_of(row)
        sign_in = frozenset(one.name for one in self.integrations.get(row.service, row.operation).asked_for)
        credentials = VaultCredentials(
            tools.database,
            self.vault,
            tools.clock,
            lease,
            row.service,
            scope.origin,
            self.last_codes,
            hands.time,
            sign_in,
        )
        return AgentTask(
            customer_id=row.customer_id,
            operation_id=row.id,
            origin=scope.origin,
            permissions=scope.permissions,
            workflows=hands.workflows,
            planner=self.planner,
            log=log,
            credentials=credentials,
            open_browser=partial(self._page, hands, credentials, row),
            proxy_url=hands.egress.url,
            shelf=ProductShelf(log.write, row.customer_id, row.id, tools.clock),
            purse=lease.purse,
            person=None if hands.cleans_up else DatabasePerson(tools, credentials, hands.time),
            pace=Pace() if hands.cleans_up else self.pace,  # what is stopped is left without delay
        )

    @asynccontextmanager
    async def _page(
        self, hands: Hands, credentials: VaultCredentials, row: OperationRow, sensitive: tuple[Locator, ...]
    ) -> AsyncIterator[BrowserPage]:
        """A page; what comes after it need not wait until the browser has closed it."""
        live = self.live.sink(row.customer_id, row.id) if self.live else None
        scope = RunScope(credentials.origin, credentials, sensitive, live=live)
        async with AsyncExitStack() as opened:
            run = await opened.enter_async_context(self.browsers.run(scope, hands.egress))
            try:
                yield run.page
            finally:
                hands.closing.add(asyncio.get_running_loop().create_task(opened.pop_all().aclose()))
