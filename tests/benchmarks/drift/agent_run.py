"""The agent as a runner: the real one on a real browser, with its log and its secrets in memory, and no database.

What decides its steps is given by one of PLANNERS; a further one, with a model or a person, is put in there. The benchmark
is over once the key is read, so what code does with it afterwards is left out.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from app.ladder import ladder_of
from app.settings import Settings
from core.agents.agent import AgentResult, CodeStep
from core.agents.keys import PASSWORD, USERNAME
from core.agents.task import AgentTask
from core.browser.egress import EgressProxy
from core.browser.page import BrowserPage
from core.browser.scope import RunScope
from core.browser.sessions import Browsers, BrowserSettings
from core.errors import CoreError
from core.integrations.woocommerce.agent import WooCommerceSetupAgent
from core.integrations.woocommerce.key import CONSUMER_KEY, CONSUMER_SECRET, KEY
from core.integrations.woocommerce.words import CREATE_KEYS, READ_PRODUCTS, READ_WRITE, UPDATE_PRODUCTS
from core.planner.fingerprints import Fingerprints
from core.planner.ladder import Ladder
from core.planner.planner import Planner
from core.planner.recorded import RecordedPlanner
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from core.workflows.locator import Locator
from core.workflows.registry import WorkflowRegistry
from tests.benchmarks.drift.bad_models import Answer, BadModel, maliciously, uselessly, wrongly
from tests.benchmarks.drift.customer import Customer
from tests.benchmarks.drift.running import Ran, Wanted
from tests.browser import CHROMIUM
from tests.fakes.credentials import MemoryCredentials
from tests.fakes.page import FakePage
from tests.fakes.secrets import FakeSecrets
from tests.fakes.step_log import MemoryStepLog
from tests.fakes.task import fake_task

DATA = Path(__file__).parents[3] / "data"
KNOWLEDGE, FINGERPRINTS = DATA / "AGENT_KNOWLEDGE_BASE.json", DATA / "fingerprints.json"
PATIENCE = timedelta(seconds=2.5)  # twice as long as the latest form takes to come

MakePlanner = Callable[[], Planner]


class BrowserPart(WooCommerceSetupAgent):
    """The setup as far as the browser goes: it ends when the key is read."""

    def follow_up(self) -> Sequence[CodeStep]:
        """Nothing."""
        return ()

    async def finish(self) -> str:
        """Nothing is left behind."""
        return ""

    async def extract_result(self) -> AgentResult:
        """That the key was read."""
        return AgentResult("The key was read.", str(self.task.origin))


@dataclass(frozen=True)
class Agent:
    """Makes a key with an agent whose steps this planner decides."""

    browsers: Browsers
    make_planner: MakePlanner

    async def __call__(self, wanted: Wanted) -> Ran:
        """One run, in a context and behind a proxy of its own."""
        origin, log = Origin.of(wanted.address), MemoryStepLog()
        guard = AddressGuard(SystemResolver(), frozenset({origin.host_port}))
        egress = await self.browsers.egress(frozenset({origin}), guard)
        task = self._task(wanted, origin, log, egress)
        agent = BrowserPart(task)
        try:
            ended = (await agent.run()).said
        except CoreError as error:
            return replace(_told(log, task), ended=error.because or error.sentence)
        finally:
            egress.gate.shut(because="the run is over")
        key = await agent.key()
        return replace(
            _told(log, task), captured=(key[CONSUMER_KEY].reveal(), key[CONSUMER_SECRET].reveal()), ended=ended
        )

    def _task(self, wanted: Wanted, origin: Origin, log: MemoryStepLog, egress: EgressProxy) -> AgentTask:
        credentials = MemoryCredentials(**{USERNAME: wanted.login, PASSWORD: wanted.password})
        secrets = FakeSecrets()
        secrets.put(PASSWORD, wanted.password, origin)

        @asynccontextmanager
        async def open_browser(sensitive: tuple[Locator, ...]) -> AsyncIterator[BrowserPage]:
            async with self.browsers.run(RunScope(origin, secrets, sensitive), egress) as run:
                yield run.page

        return replace(
            fake_task(FakePage(origin), log),
            operation_id=operation_named(wanted.description),
            permissions=frozenset({CREATE_KEYS, READ_PRODUCTS} | wide(wanted)),
            workflows=WorkflowRegistry.from_file(KNOWLEDGE),
            planner=self.make_planner(),
            credentials=credentials,
            open_browser=open_browser,
            proxy_url=egress.url,
            person=Customer(),
        )


def operation_named(description: str) -> UUID:
    """An operation whose key is called that. Raises ValueError if none is."""
    operation_id = UUID(description[-8:] + uuid4().hex[8:])
    if KEY.name(operation_id) != description:
        raise ValueError(f"no operation's key is called “{description}”")
    return operation_id


def wide(wanted: Wanted) -> set[str]:
    """What has to be consented to besides, for a key that can change products."""
    return {UPDATE_PRODUCTS} if wanted.permission == READ_WRITE else set()


def recorded_only() -> Planner:
    """What was recorded, and its recorded alternatives."""
    return RecordedPlanner(PATIENCE, Fingerprints.from_file(FINGERPRINTS))


def without_a_model() -> Planner:
    """The product's own ladder, without a key for a model."""
    return ladder_of(Settings(), PATIENCE)


def with_bad_model(answer: Answer) -> MakePlanner:
    """What was recorded, and then nobody but a model of this kind: all that has changed is its to decide."""
    return lambda: Ladder([recorded_only()], acting=[BadModel(answer)])


PLANNERS: Mapping[str, MakePlanner] = {
    "recorded": recorded_only,
    "without-a-model": without_a_model,
    "wrong-model": with_bad_model(wrongly),
    "malicious-model": with_bad_model(maliciously),
    "useless-model": with_bad_model(uselessly),
}


@asynccontextmanager
async def agents(make_planner: MakePlanner, at_once: int = 2) -> AsyncIterator[Agent]:
    """An agent to send to several shops, and its browser."""
    with TemporaryDirectory() as folder:
        browsers = Browsers(CHROMIUM, Path(folder) / "browser", BrowserSettings(most_contexts=at_once))
        try:
            yield Agent(browsers, make_planner)
        finally:
            await browsers.close()


def _told(log: MemoryStepLog, task: AgentTask) -> Ran:
    """Who decided the steps, and what the model was asked."""
    rungs = Counter(str(one.decision.rung) for one in log.intended)
    return Ran(rungs=dict(rungs), asked=task.purse.spent.calls)
