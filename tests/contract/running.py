"""The whole product beside one place: operations are asked for, consented to and carried out as a customer does it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from app.bootstrap import Autopilot, build
from app.settings import Settings
from core.agents.integration import Integration
from core.agents.keys import PASSWORD, USERNAME
from core.agents.policy import Policy
from core.browser.page import BrowserPage
from core.database.states import StepState
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.planner.planner import Decision, Rung, Situation, Undecided
from core.planner.recorded import RecordedPlanner
from core.security.audit.audit_log import AuditAction
from core.security.origin import Origin
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.security.vault.vault import SecretRef
from core.services import Services
from core.workflows.step import ActionKind
from tests.app.watching import until
from tests.contract.place import Place, kind_of


class Doubting(RecordedPlanner):
    """Replays what was learnt, and notes which steps the policy would have refused to somebody who only guessed."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy
        self.refused: list[ActionKind] = []

    async def decide(self, situation: Situation, page: BrowserPage) -> Decision | Undecided:
        decision = await super().decide(situation, page)
        guess = replace(decision, rung=Rung.MODEL) if isinstance(decision, Decision) else None
        if guess and await self._policy.guessed(situation.step, guess, page):
            self.refused.append(situation.step.action)
        return decision


@dataclass(frozen=True)
class Run:
    """One product, one customer, one place."""

    autopilot: Autopilot
    services: Services
    visitor: Visitor
    place: Place
    folder: Path
    setup: Integration
    planner: Doubting

    async def agree(self, one: Integration, password: str | None = None) -> None:
        """Store the sign-in, and consent to what it needs."""
        sign_in = {USERNAME: Secret(self.place.username), PASSWORD: Secret(password or self.place.password)}
        await self.services.credentials.store(self.visitor, one.service, self.place.store_url, sign_in)
        await self.services.consents.grant(
            self.visitor, ConsentRequest(one.service, one.operation, self.place.store_url)
        )

    async def start(self, one: Integration) -> OperationView:
        """Ask for what was agreed to."""
        asked = NewOperation(one.service, one.operation, self.place.store_url)
        return await self.services.operations.initiate(self.visitor, asked)

    async def begin(self, one: Integration, password: str | None = None) -> OperationView:
        """Agree, and start."""
        await self.agree(one, password)
        return await self.start(one)

    async def ended(self, operation: OperationView) -> OperationView:
        """The operation, once it is over."""
        return await until(self.services, self.visitor, operation.id, lambda view: view.status.is_over)

    async def done(self, one: Integration, password: str | None = None) -> OperationView:
        """The whole operation."""
        return await self.ended(await self.begin(one, password))

    async def at_step(self, operation: OperationView, intent: str) -> None:
        """Return once this step has begun."""

        def begun(view: OperationView) -> bool:
            return any(step.intent == intent and step.state is not StepState.TO_COME for step in view.steps)

        await until(self.services, self.visitor, operation.id, begun)

    async def recorded(self, operation: OperationView) -> list[AuditAction]:
        """What the audit holds of an operation, in its order, but for its steps and the uses of secrets."""
        entries = await self.services.trail.read(self.visitor, operation.id, limit=500)
        told = [AuditAction(entry.action) for entry in sorted(entries, key=lambda one: one.seq)]
        return [action for action in told if not action.startswith(("step_", "secret_"))]

    async def in_the_vault(self) -> frozenset[str]:
        """The names of what is stored for this place."""
        return frozenset(one.field for one in await self.services.credentials.list(self.visitor))

    async def unsealed(self, field: str) -> str:
        """A secret, as a run would get it."""
        ref = SecretRef(self.setup.service, Origin.of(self.place.store_url), field)
        now = self.services.clock.now()
        use = partial(self.autopilot.vault.use, ref=ref, at=now, purpose="look for it", actor="test", operation_id=None)
        return (await self.services.database.run(self.visitor.customer_id, use)).reveal()


@asynccontextmanager
async def running(folder: Path, service: str, place: Place, *, doubting: bool = True) -> AsyncIterator[Run]:
    """Everything running, and able to reach this one place; a run that is not `doubting` is as customers have it."""
    settings = Settings(
        data_dir=folder / "data",
        key_file=folder / "key" / "master.key",
        allowed_hosts=Origin.of(place.store_url).host_port,
    )
    planner = Doubting(Policy(Origin.of(place.store_url), kind_of(service).irreversible))
    autopilot = build(settings, planner=planner if doubting else None)
    async with autopilot.running() as services:
        visitor = await new_customer(services)
        yield Run(autopilot, services, visitor, place, folder, services.integrations.of_service(service), planner)


async def new_customer(services: Services) -> Visitor:
    """A customer that has nothing yet, and who signs in for it."""
    name = secrets.token_hex(4)
    customer_id = await services.people.add_customer(f"Tea Shop {name}")
    return await services.people.add_user(customer_id, f"owner-{name}@tea.example", secrets.token_urlsafe(12))
