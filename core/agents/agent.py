"""The agent: replays a learnt workflow in a browser, then does what code does better, all as one timeline."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.agents.here import StepTools
from core.agents.integration import AUTHENTICATOR
from core.agents.on_the_page import on_the_page, what_makes, what_shows
from core.agents.policy import Policy
from core.agents.slots import Slots
from core.agents.step import StepRunner, Taken
from core.agents.task import MADE, AgentTask, PlannedStep, StepOutcome
from core.agents.transient import may_pass
from core.browser.actions import Reload
from core.browser.page import ActionFailed, BrowserPage
from core.errors import CoreError
from core.planner.harm import Harm
from core.planner.planner import Decision, Rung
from core.security.secret import Secret
from core.workflows.learning.sentences import expected_by_people
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, TaskStep, Workflow

FRESH_STARTS = 2  # how often a page may be begun anew in one run, when the shop says that it has expired

RELOADING = PlannedStep("Load the page anew", ActionKind.RELOAD)


class StepFailed(CoreError):
    """A step did not do what it should; whether that may pass by itself, and how many seconds the service asks to wait."""

    def __init__(self, code: str, because: str, *, passes: bool = False, retry_after: float | None = None) -> None:
        super().__init__(because)
        self.failure_code = code
        self.passes = passes
        self.retry_after = retry_after


@dataclass(frozen=True)
class AgentResult:
    """What came of an operation.

    `said` is the sentence that ends it. The key is as it may be shown, and empty if there is none any more;
    `key_permission` is the service's word for what it can do, `key_can` ours; `product_count` says how many products
    came over, `left_behind` what an earlier operation left at the service.
    """

    said: str
    store_url: str
    api_key: str = ""
    key_permission: str = ""
    key_can: str = ""
    product_count: int = 0
    left_behind: str = ""


@dataclass(frozen=True)
class Replayed:
    """What the steps of a workflow captured, by name, and which of them there was something to do in."""

    captured: Mapping[str, Secret] = field(repr=False)
    done: tuple[TaskStep, ...]


@dataclass(frozen=True)
class CodeStep:
    """A step that needs no browser: what it is for, and what to do; it returns a note for people."""

    intent: str
    expected: str
    do: Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Trouble:
    """How a service says no: by its words, our code for it, what to tell people, whether a fresh page helps, or time.

    A service speaks many languages: what it `shown` says no in each of them. Where both are given, both have to be there;
    empty words fit everything.
    """

    words: str
    code: str
    sentence: str
    begin_page_anew: bool = False
    shown: Locator | None = None
    passes: bool = False


class AutonomousAgent(ABC):
    """Carries out one operation of one service. What is particular to the service is in the abstract methods."""

    troubles: Sequence[Trouble] = ()
    trouble_notices: Locator
    sensitive: tuple[Locator, ...] = ()
    irreversible: tuple[Locator, ...] = ()

    def __init__(self, task: AgentTask) -> None:
        self.task = task

    @abstractmethod
    def get_workflow(self) -> Workflow:
        """The learnt workflow that this operation replays."""

    @abstractmethod
    async def get_credentials(self) -> Slots:
        """The values of this run, and the names of its secrets. Raises if a credential is missing."""

    @abstractmethod
    async def extract_result(self) -> AgentResult:
        """What was made, once every step is done."""

    @abstractmethod
    def follow_up(self) -> Sequence[CodeStep]:
        """What code does after the browser, each a step of the timeline."""

    @abstractmethod
    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        """Receive what the workflow read off the page."""

    @abstractmethod
    async def before_first_step(self) -> None:
        """Put right what an earlier attempt of this operation left half done."""

    @abstractmethod
    async def finish(self) -> str:
        """Do what is left once the result stands; a sentence on what could not be done, or nothing."""

    @abstractmethod
    async def clean_up(self) -> str:
        """Remove from the shop what a failed run made; a sentence on what could not be removed, or nothing."""

    def consented_to(self, workflow: Workflow) -> frozenset[Harm]:
        """What can't be taken back, and the consent itself is to: a person need not be asked for it once more."""
        return frozenset()

    @property
    @abstractmethod
    def browser_is_done(self) -> bool:
        """Whether an earlier attempt already captured what the browser is for."""

    async def run(self) -> AgentResult:
        """The whole operation.

        1. Plan every step, so that the customer sees what will come.
        2. Replay the workflow in the browser, and take over what it read.
        3. Do the steps of code.
        4. Say what was made.
        """
        log = self.task.log
        slots = await self.get_credentials()
        steps = on_the_page(self.get_workflow())
        follow_up = self.follow_up()
        first = await log.plan([*(planned(slots.bind(step)) for step in steps), *(_line(step) for step in follow_up)])
        if not self.browser_is_done:
            await self.before_first_step()
            async with self.task.open_browser(self.sensitive) as page:
                await self.take_over((await self.replay(page, self.get_workflow(), slots, first)).captured)
        for position, step in enumerate(follow_up, start=first + len(steps)):
            await self._by_code(position, step)
        left_behind = await self.finish()
        await log.settled()
        return replace(await self.extract_result(), left_behind=left_behind)

    async def replay(self, page: BrowserPage, workflow: Workflow, slots: Slots, first: int) -> Replayed:
        """Take the steps of a workflow on this page, the first at timeline position `first`; what came of them.

        A step that fails because the page has expired makes the page begin anew: it is reloaded, and the steps
        done since its address last changed are done again.
        """
        steps = on_the_page(workflow)
        makes_codes = AUTHENTICATOR.name in await self.task.credentials.stored()
        runner = StepRunner(replace(self._tools(page, workflow), makes_codes=makes_codes), slots)
        captured: dict[str, Secret] = {}
        done: list[TaskStep] = []
        fresh_starts = index = page_began_at = 0
        address, makes, shows = page.address, what_makes(steps), what_shows(steps)
        while index < len(steps):
            if index == makes:
                await self.task.log.once(MADE, lambda session: None)
            if index == shows:
                page.keep_from_view()
            if page.address != address:
                address, page_began_at = page.address, index
            taken = await runner.take(first + index, steps[index], tuple(steps[index + 1 :]))
            if taken.outcome.done:
                captured |= _captured(steps[index], taken)
                done += [] if taken.outcome.skipped else [steps[index]]
                index += 1
                continue
            trouble = await self._trouble(page, taken.outcome.seen)
            if not (trouble and trouble.begin_page_anew and fresh_starts < FRESH_STARTS):
                await self._give_up(expected_by_people(slots.bind(steps[index])), taken.outcome, trouble)
            fresh_starts += 1
            await self._begin_anew(page, first + page_began_at)
            index = page_began_at
        return Replayed(captured, tuple(done))

    def _tools(self, page: BrowserPage, workflow: Workflow) -> StepTools:
        """What the steps of a workflow are taken with."""

        async def says_no(seen: str) -> bool:
            return await self._trouble(page, seen) is not None

        task = self.task
        return StepTools(
            page=page,
            planner=task.planner,
            log=task.log,
            policy=Policy(task.origin, self.irreversible, self.consented_to(workflow)),
            trouble=self.trouble_notices,
            workflow_id=workflow.id,
            says_no=says_no,
            person=task.person,
            purse=task.purse,
            budget=task.budget,
            pace=task.pace,
        )

    async def _begin_anew(self, page: BrowserPage, position: int) -> None:
        """Load the page again, recorded at the step that it begins with."""
        await self.task.log.intend(position, RELOADING, Decision(None, Rung.CODE), page.address)
        try:
            await page.perform(Reload())
        except ActionFailed as error:
            self.task.log.conclude(position, StepOutcome(done=False, seen=error.because))
            raise StepFailed("page_not_recognised", because=error.because) from error
        self.task.log.conclude(position, StepOutcome(done=True, page_url=page.address))

    async def _by_code(self, position: int, step: CodeStep) -> None:
        log = self.task.log
        await log.intend(position, _line(step), Decision(None, Rung.CODE), None)
        try:
            note = await step.do()
        except CoreError as error:
            outcome = StepOutcome(done=False, seen=error.sentence, code=error.code)
            log.conclude(position, outcome)
            await self._give_up(step.expected, outcome, None, error)
        else:
            log.conclude(position, StepOutcome(done=True, note=note))
            await self.task.pace.rest()

    async def _trouble(self, page: BrowserPage, seen: str) -> Trouble | None:
        """The first of the known troubles that this is, by what was seen and what the page still shows."""
        seen, answers = seen.casefold(), True
        for trouble in self.troubles:
            if trouble.words.casefold() not in seen or not (answers or trouble.shown is None):
                continue
            try:
                if trouble.shown is None or await page.present(trouble.shown):
                    return trouble
            except ActionFailed:
                answers = False  # for each further question it would be waited for as long
        return None

    async def _give_up(
        self, expected: str | None, outcome: StepOutcome, trouble: Trouble | None, error: CoreError | None = None
    ) -> None:
        """Raise what a person needs to know: what was expected, what was seen, and whether it may pass by itself."""
        await self.task.log.settled()
        if trouble:
            raise StepFailed(trouble.code, because=trouble.sentence, passes=trouble.passes)
        wanted = f"Expected: {expected}. " if expected else ""
        because = f"{wanted}Seen: {outcome.seen.removesuffix('.')}."
        code = outcome.code or "page_not_recognised"
        if error:
            raise StepFailed(code, because, passes=error.retry, retry_after=error.retry_after)
        raise StepFailed(code, because, passes=not outcome.code and may_pass(outcome.seen))


def planned(step: TaskStep) -> PlannedStep:
    """A bound step as a line of the timeline."""
    return PlannedStep(step.intent, step.action, expected_by_people(step))


def _line(step: CodeStep) -> PlannedStep:
    return PlannedStep(step.intent, "code", step.expected)


def _captured(step: TaskStep, taken: Taken) -> dict[str, Secret]:
    if step.action is not ActionKind.CAPTURE or step.output is None or taken.value is None:
        return {}
    return {step.output: Secret(taken.value)}
