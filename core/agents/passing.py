"""Gets past what a shop asks for in between: a one-time code, a captcha, which account to go on with."""

from typing import ClassVar

from core.agents.here import Here, StepTools
from core.agents.identity import ways_now
from core.agents.integration import ONE_TIME_CODE
from core.agents.obstacles import Obstacle, obstacle_of
from core.agents.person import Answer, QuestionKind
from core.agents.task import PlannedStep
from core.browser.actions import Action, Click, FillOnce, FillSecret, Key, Press
from core.browser.page import ActionFailed
from core.browser.snapshot import Snapshot
from core.errors import CoreError
from core.planner.planner import Decision, Rung
from core.planner.suitable import PASSWORD
from core.workflows.locator import Locator

INTENTS = {
    QuestionKind.CODE: "Enter the one-time code",
    QuestionKind.CAPTCHA: "Enter what the picture says",
    QuestionKind.CHOICE: "Go on with the account that was chosen",
}


class OnlyThere(CoreError):
    """The shop asks for something that only somebody in front of it can do."""

    code: ClassVar[str] = "only_there"


class Passing:
    """Answers what one run's shop asks for, by itself where it can, else by asking the person."""

    def __init__(self, tools: StepTools) -> None:
        self._tools = tools
        self._page = tools.page
        self._code_was_made = False

    async def past(self, here: Here, seen: str) -> bool:
        """Whether something was in between, and was answered. Raises NobodyAnswered, PersonDeclined, GaveUp or OnlyThere.

        Where the shop says no beside a field for a password, it is that which it refuses.
        """
        try:
            snapshot = await self._page.snapshot()
        except ActionFailed:
            return False
        obstacle = obstacle_of(snapshot)
        if obstacle is None or (_asks_for_password(snapshot) and await self._tools.says_no(seen)):
            return False
        self._tools.budget.try_on(snapshot.state)
        if obstacle.field is None and not obstacle.choices:
            raise OnlyThere(because=f"{obstacle.words} Switch that off for this sign-in, or approve a key in the shop.")
        await self._answer(here, obstacle)
        return True

    async def _answer(self, here: Here, obstacle: Obstacle) -> None:
        if await self._answered_by_itself(here, obstacle):
            return
        answer = await self._asked(here, obstacle)
        if obstacle.choices:
            (way, *_) = await ways_now(self._page, obstacle.choices[answer.number])
            await self._do(here, obstacle, Click(way), Rung.PERSON)
        elif obstacle.field and answer.typed:
            (way, *_) = await ways_now(self._page, obstacle.field)
            await self._do(here, obstacle, FillOnce(way, answer.typed), Rung.PERSON)
            await self._send(here, obstacle, way, Rung.PERSON)

    async def _answered_by_itself(self, here: Here, obstacle: Obstacle) -> bool:
        """Whether a code was made and sent: once in a run. One that the field does not take is the person's to answer."""
        makes_it = obstacle.kind is QuestionKind.CODE and self._tools.makes_codes and not self._code_was_made
        if obstacle.field is None or not makes_it:
            return False
        self._code_was_made = True
        (way, *_) = await ways_now(self._page, obstacle.field)
        try:
            await self._do(here, obstacle, FillSecret(way, ONE_TIME_CODE), Rung.CODE)
        except ActionFailed:
            return False
        await self._send(here, obstacle, way, Rung.CODE)
        return True

    async def _asked(self, here: Here, obstacle: Obstacle) -> Answer:
        if self._tools.person is None:
            raise OnlyThere(because=f"{obstacle.words} There is nobody to ask.")
        question = obstacle.question(here.position, self._page.address, self._page.picture())
        return await self._tools.person.ask(question)

    async def _send(self, here: Here, obstacle: Obstacle, way: Locator, rung: Rung) -> None:
        """Send what was filled in; some forms send themselves when the last digit is there."""
        if await self._page.present(way):
            await self._do(here, obstacle, Press(way, Key.ENTER), rung)

    async def _do(self, here: Here, obstacle: Obstacle, action: Action, rung: Rung) -> None:
        self._tools.budget.act()
        intent = PlannedStep(INTENTS.get(obstacle.kind, obstacle.words), "answer")
        await self._tools.log.intend(here.position, intent, Decision(None, rung), self._page.address)
        await self._page.perform(action)


def _asks_for_password(snapshot: Snapshot) -> bool:
    return any(one.kind == PASSWORD for one in snapshot.elements)
