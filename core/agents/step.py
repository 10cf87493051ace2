"""One step of an agent: decide where, check that it may, record the intent, act, verify, and take a picture."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from core.agents.policy import Policy
from core.agents.slots import Slots, action_of
from core.agents.task import PlannedStep, StepLog, StepOutcome
from core.browser.page import ActionFailed, BrowserPage, DialogSeen, Performed
from core.planner.planner import Decision, Planner, Rung, Undecided
from core.workflows.locator import By, Link, Locator
from core.workflows.step import ActionKind, Check, Matcher, TaskStep

VERIFY_WITHIN = timedelta(seconds=20)  # a slow shop's page; what takes longer has not worked


@dataclass(frozen=True)
class Taken:
    """A step that was taken: how it ended, and what it read off the page."""

    outcome: StepOutcome
    value: str | None = field(default=None, repr=False)  # it may be a secret


class StepRunner:
    """Takes the steps of one run on one page. `trouble` finds the notices by which this service says no."""

    def __init__(self, page: BrowserPage, planner: Planner, log: StepLog, policy: Policy, trouble: Locator) -> None:
        self._page = page
        self._planner = planner
        self._log = log
        self._policy = policy
        self._trouble = trouble

    async def take(self, position: int, learnt: TaskStep, slots: Slots) -> Taken:
        """Take one step and record it; a page that refuses is an outcome, a bug or a withdrawn consent raises."""
        step = slots.bind(learnt)
        if not await self._applies(step):
            taken = Taken(StepOutcome(done=True, skipped=True))
        else:
            taken = await self._decide_and_act(position, step, slots.secret_of(learnt))
        self._log.conclude(position, taken.outcome)
        return taken

    async def _applies(self, step: TaskStep) -> bool:
        for control in step.controls:
            if bool(await self._page.present(control.visible)) is control.negated:
                return False
        return True

    async def _decide_and_act(self, position: int, step: TaskStep, secret: str | None) -> Taken:
        if step.action is ActionKind.ASSERT:
            return await self._verify(step, Decision(None, Rung.RECORDED), Performed())
        decision = await self._planner.decide(step, self._page)
        if isinstance(decision, Undecided):
            return self._failed(seen=decision.because)
        action = action_of(step, decision.target, secret)
        if objection := self._policy.objection(step, action) or await self._policy.guessed(decision, self._page):
            return Taken(StepOutcome(done=False, seen=objection, code="refused_by_policy"))
        planned = PlannedStep(step.intent, step.action, step.expected_result)
        await self._log.intend(position, planned, decision, self._page.address)
        try:
            performed = await self._page.perform(action)
        except ActionFailed as error:
            return self._failed(seen=error.because)
        return await self._verify(step, decision, performed)

    async def _verify(self, step: TaskStep, decision: Decision, performed: Performed) -> Taken:
        for check in step.checks:
            seen = await self._missing(_where_it_was_done(check, step, decision))
            if seen:
                return self._failed(seen=seen, performed=performed)
        note = "; ".join(filter(None, [decision.note, *self._dialogs_told(performed)]))
        return Taken(self._with_picture(StepOutcome(done=True, note=note), performed), performed.value)

    async def _missing(self, check: Check) -> str:
        """Wait for what is expected, or for the shop to say no; what was seen instead, or nothing."""
        if check.matcher is Matcher.VISIBLE and check.locator and not check.negated:
            one = Locator((*check.locator.links, Link(By.VISIBLE, True), Link(By.NTH, 0)))
            verdict = await self._page.expect(Check(Matcher.VISIBLE, one), VERIFY_WITHIN, unless=self._trouble)
        else:
            verdict = await self._page.expect(check, VERIFY_WITHIN)
        return "" if verdict.held else verdict.seen or "something else"

    def _failed(self, seen: str, performed: Performed | None = None) -> Taken:
        """A step that failed; what was agreed to until then has happened nevertheless, and is told."""
        performed = performed or Performed()
        if told := self._dialogs_told(performed):
            seen = "; ".join([seen.removesuffix("."), *told])
        return Taken(self._with_picture(StepOutcome(done=False, seen=seen), performed))

    def _dialogs_told(self, performed: Performed) -> list[str]:
        """Every dialog of this step; the last thing that is asked of the page, for nothing is agreed to afterwards."""
        return [_told(dialog) for dialog in (*performed.dialogs, *self._page.take_dialogs())]

    def _with_picture(self, outcome: StepOutcome, performed: Performed) -> StepOutcome:
        """The outcome with a picture that is being taken: the next step is decided meanwhile, and acts once it is captured."""
        box = performed.box
        touched = (box.x, box.y, box.width, box.height) if box else None
        return replace(outcome, page_url=self._page.address, touched=touched, picture=self._page.picture())


def _where_it_was_done(check: Check, step: TaskStep, decision: Decision) -> Check:
    """What is expected of the step's own element, of the one it was done on; it may have been found under another name."""
    is_its_own = check.locator is not None and check.locator == step.locator
    return replace(check, locator=decision.target) if is_its_own and decision.target else check


def _told(dialog: DialogSeen) -> str:
    return f"a dialog said “{dialog.words}”; it was {'agreed to' if dialog.agreed else 'closed'}"
