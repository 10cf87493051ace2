"""A small service to be set up: two screens, a key that is shown once, and an agent that makes one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.agents.agent import AgentResult, AutonomousAgent, CodeStep, Trouble
from core.agents.slots import Slots
from core.agents.task import AgentTask
from core.security.origin import Origin
from core.security.secret import Secret
from core.workflows.locator import Locator
from core.workflows.registry import WorkflowRegistry
from core.workflows.step import ActionKind, Workflow
from tests.core.agents.learnt import css, learnt, shows, workflow
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.step_log import MemoryStepLog
from tests.fakes.task import FakeBrowser, fake_task

SHOP = Origin("https", "tea.example", 443)
NOTICES = css(".error")
EXPIRED = "The link you followed has expired."
MAKE_A_KEY = workflow(
    learnt("Open the shop", ActionKind.GOTO, value="{{store_url}}/login", checks=shows("#log-in")),
    learnt("Sign in", ActionKind.CLICK, "#log-in", checks=shows("#name"), expected_result="The form is there"),
    learnt("Name the key", ActionKind.FILL, "#name", value="{{name}}"),
    learnt("Wait a little", ActionKind.WAIT),
    learnt("Generate the key", ActionKind.CLICK, "#generate", checks=shows("#key"), expected_result="A key is there"),
    learnt("Read the key", ActionKind.CAPTURE, "#key", output="key"),
    learnt("See that re.fullmatch('ck_', key)", ActionKind.ASSERT, value="re.fullmatch('ck_', key)"),
    learnt("Ask the API", ActionKind.API),
)
IN_THE_BROWSER = ["Open the shop", "Sign in", "Name the key", "Generate the key", "Read the key"]
BY_CODE = ["Test the key", "Bring it over"]


def tea_shop(generate: Callable[[FakePage], None]) -> FakePage:
    """A shop that signs in whoever comes, and does this when a key is to be made."""
    form = [
        FakeElement((css("#name"),)),
        FakeElement((css("#generate"),), does=generate),
        FakeElement((css("#key"),), value="ck_secret", visible=False),
        FakeElement((NOTICES,), visible=False),
    ]
    log_in = FakeElement((css("#log-in"),), does=lambda page: page.go("/form"))
    return FakePage(SHOP, Screen("/login", "Log in", elements=[log_in]), Screen("/form", "Key", elements=form))


def makes_a_key(page: FakePage) -> None:
    """Show the key, and no notice."""
    page.screen.notice = ""
    page.screen.elements[2].visible, page.screen.elements[3].visible = True, False


def says(words: str) -> Callable[[FakePage], None]:
    """Show this notice instead of a key."""

    def refuse(page: FakePage) -> None:
        page.screen.notice = words
        page.screen.elements[3].visible = True

    return refuse


def one_after_the_other(*answers: Callable[[FakePage], None]) -> Callable[[FakePage], None]:
    """Answer each time with the next of these."""
    left = list(answers)

    def answer(page: FakePage) -> None:
        left.pop(0)(page)

    return answer


class TeaAgent(AutonomousAgent):
    """Notes in the log what it is called for."""

    troubles: Sequence[Trouble] = (
        Trouble("has expired", "link_expired", "The form had expired.", begin_page_anew=True),
        Trouble("Wrong Password", "wrong_password", "The shop refused the password."),
    )
    trouble_notices = NOTICES
    sensitive: tuple[Locator, ...] = (css("#key"),)

    def __init__(self, task: AgentTask, log: MemoryStepLog, test: Callable[[], None] = lambda: None) -> None:
        super().__init__(task)
        self.notes = log.happened
        self.test = test
        self.left = ""
        self.captured: Mapping[str, Secret] = {}

    def get_workflow(self) -> Workflow:
        return self.task.workflows.get("should-do-it")

    async def get_credentials(self) -> Slots:
        return Slots({"store_url": str(self.task.origin), "name": "Tea"})

    def follow_up(self) -> Sequence[CodeStep]:
        return (
            CodeStep("Test the key", "It opens the door", self._test),
            CodeStep("Bring it over", "It is here", self._bring),
        )

    async def _test(self) -> str:
        self.test()
        return "it fits"

    async def _bring(self) -> str:
        return "47 products"

    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        self.captured = captured
        self.notes.append("taken over")

    async def before_first_step(self) -> None:
        self.notes.append("put right")

    async def finish(self) -> str:
        self.notes.append("finished")
        return self.left

    async def clean_up(self) -> str:
        return ""

    async def extract_result(self) -> AgentResult:
        return AgentResult("47 products synced.", str(self.task.origin), "ck_…secret", "read", "read", 47)

    @property
    def browser_is_done(self) -> bool:
        return "kept" in self.task.log.done_before


@dataclass
class Play:
    """An agent, and all it touches."""

    page: FakePage
    log: MemoryStepLog = field(default_factory=MemoryStepLog)
    test: Callable[[], None] = lambda: None
    learnt: Workflow = MAKE_A_KEY

    def __post_init__(self) -> None:
        self.browser = FakeBrowser(self.page)
        task = replace(
            fake_task(self.page, self.log), workflows=WorkflowRegistry([self.learnt]), open_browser=self.browser
        )
        self.agent = TeaAgent(task, self.log, self.test)
