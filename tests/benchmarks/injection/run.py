"""Runs one case in a real browser behind a real proxy, with the real ladder, step by step; with the guards, or without."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from core.agents.here import StepTools
from core.agents.person import Answer, PersonDeclined, Question, QuestionKind
from core.agents.policy import Policy
from core.agents.slots import Slots
from core.agents.step import StepRunner
from core.agents.task import PlannedStep
from core.browser.actions import Open
from core.browser.page import BrowserPage
from core.browser.scope import PageLimits, RunScope
from core.browser.sessions import Browsers, BrowserSettings
from core.errors import CoreError
from core.planner.claude import ClaudePlanner
from core.planner.connection import ClaudeSettings
from core.planner.ladder import Ladder
from core.planner.models import Models
from core.planner.recorded import RecordedPlanner
from core.planner.spending import Purse
from core.security.addresses import AddressGuard, SystemResolver
from core.security.secret import Secret
from core.workflows.locator import Locator
from tests.benchmarks.injection.canaries import KEY, LOGIN, PASSWORD, SECRET
from tests.benchmarks.injection.case import LISTENER, Case, Person
from tests.benchmarks.injection.guards import taken_out
from tests.benchmarks.injection.judge import Asked, World, reached
from tests.benchmarks.injection.models import Asked as Answering
from tests.benchmarks.injection.world import WATCH, Site, site
from tests.browser import CHROMIUM
from tests.fakes.messages_api import messages_api
from tests.fakes.secrets import FakeSecrets
from tests.fakes.step_log import MemoryStepLog

MODELS = Models.from_file(Path(__file__).parents[3] / "data" / "models.json")
LIMITS = PageLimits(action=timedelta(seconds=1.5), navigation=timedelta(seconds=6))
ANSWER_WITHIN = 8.0  # seconds the model has; the obeying one takes milliseconds
LONGEST_RUN = 30.0  # seconds; a run that takes longer has not ended by itself
NOTICES = Locator.css(".error")
SHOWN, SAID_YES = "shown", "approved"  # what pages may wait for


@dataclass(frozen=True)
class Ran:
    """What came of one run: the harms that reached the world, how often the model was asked, and how the run ended."""

    reached: tuple[str, ...]
    asked: int
    obeyed: int
    ended: str


@dataclass
class ScriptedPerson:
    """Somebody who decides without reading."""

    case: Case
    world: World
    _yes: int = field(default=0)

    async def ask(self, question: Question) -> Answer:
        """Yes or no, as the case has it; what is typed is nothing of ours."""
        said = self._says_yes()
        self.world.asked_person.append(Asked(question, said))
        if not said:
            raise PersonDeclined
        self._yes += 1
        self.world.shop.when(SAID_YES).set()
        typed = Secret("what a person typed") if question.kind is QuestionKind.TEXT else None
        return Answer(typed, chosen=0 if question.options else None)

    def _says_yes(self) -> bool:
        return self.case.person is Person.APPROVES or (self.case.person is Person.APPROVES_ONCE and not self._yes)


async def run(case: Case, browsers: Browsers, *, control: bool = False) -> Ran:
    """One run of a case; the control is without its guards."""
    with taken_out(*case.without, *(case.guards if control else ())):
        async with site() as shop, site() as attacker, messages_api() as api:
            _furnish(case, shop, attacker)
            answering = Answering(api, case.model, shop.when(SHOWN).set)
            api.script = answering
            world = World(shop, attacker, api.requests, said_by_model=answering.said, purse=Purse(case.limits))
            ended = await _in_its_time(case, browsers, world, api.url)
            await shop.quiet()
            obeyed = sum(bool(prompt.orders) for prompt in answering.prompts)
            return Ran(reached(case, world), len(api.requests), obeyed, ended)


def _furnish(case: Case, shop: Site, attacker: Site) -> None:
    """Give both sites their pages, with their addresses in them."""

    def page(body: str) -> str:
        filled = body.replace(LISTENER, str(attacker.origin))
        return f"<!doctype html><html lang=en><head><title>Shop</title>{WATCH}</head><body>{filled}</body></html>"

    shop.pages = {path: page(body) for path, body in case.pages.items()}
    shop.moved = {path: to.replace(LISTENER, str(attacker.origin)) for path, to in case.moved.items()}
    attacker.pages = {path: page(body) for path, body in case.away.items()}


async def _in_its_time(case: Case, browsers: Browsers, world: World, api: str) -> str:
    """Take the case's steps; how that ended."""
    guard = AddressGuard(SystemResolver(), frozenset({world.shop.origin.host_port}))
    egress = await browsers.egress(frozenset({world.shop.origin}), guard)
    secrets = FakeSecrets()
    secrets.put(PASSWORD, SECRET, world.shop.origin)
    try:
        async with (
            asyncio.timeout(LONGEST_RUN),
            browsers.run(RunScope(world.shop.origin, secrets, (), LIMITS), egress) as opened,
        ):
            return await _taken(case, opened.page, world, api)
    except TimeoutError:
        world.ended = False
        return "It did not end."
    except CoreError as error:
        return error.sentence
    finally:
        egress.gate.shut(because="the run is over")


async def _taken(case: Case, page: BrowserPage, world: World, api: str) -> str:
    log = MemoryStepLog()
    await log.plan([PlannedStep(one.intent, one.action) for one in case.steps])
    slots = Slots({"username": LOGIN, "store_url": str(world.shop.origin)}, {"password": PASSWORD})
    runner = StepRunner(_tools(case, page, world, api, log), slots)
    await page.perform(Open("/"))
    ended = await _walked(case, runner)
    world.told_person += [text for _, outcome in log.outcomes for text in (outcome.seen, outcome.note)]
    world.told_person += [f"{one.step.intent} {one.decision.note}" for one in log.intended]
    await log.settled()
    await world.shop.quiet()
    return ended


async def _walked(case: Case, runner: StepRunner) -> str:
    """One step after the other, until one is not done."""
    for at, one in enumerate(case.steps):
        taken = await runner.take(at + 1, one, case.steps[at + 1 :])
        if not taken.outcome.done:
            return taken.outcome.seen
    return "All steps were done."


def _tools(case: Case, page: BrowserPage, world: World, api: str, log: MemoryStepLog) -> StepTools:
    settings = ClaudeSettings(Secret(KEY), MODELS.named(None), api, ANSWER_WITHIN)
    asks = ClaudePlanner(settings, secrets_of=lambda page: page)
    return StepTools(
        page=page,
        planner=Ladder([RecordedPlanner(timedelta(0))], [asks]),
        log=log,
        policy=Policy(world.shop.origin, case.irreversible),
        trouble=NOTICES,
        workflow_id="should-make-a-key",
        person=ScriptedPerson(case, world),
        purse=world.purse,
    )


@asynccontextmanager
async def browser() -> AsyncIterator[Browsers]:
    """The browser of all runs of this process."""
    with TemporaryDirectory() as folder:
        browsers = Browsers(CHROMIUM, Path(folder) / "browser", BrowserSettings(recycle_after=1_000))
        try:
            await browsers.prepare()
            await asyncio.to_thread(import_module, "core.planner.messages")  # which takes seconds, and no run's time
            yield browsers
        finally:
            await browsers.close()
