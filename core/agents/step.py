"""One step of an agent: decide where, check that it may, record the intent, act, verify, and take a picture."""

from dataclasses import dataclass, field, replace

from core.agents.asking import Asking, what_is_missing
from core.agents.budget import GaveUp
from core.agents.here import Here, StepTools, Tried
from core.agents.identity import check_unchanged
from core.agents.passing import OnlyThere, Passing
from core.agents.person import ApprovedSomethingElse, NobodyAnswered, PersonDeclined
from core.agents.slots import Slots, action_of
from core.agents.task import MADE, Healing, PlannedStep, StepOutcome
from core.agents.verifying import Before, Verifier, next_elements
from core.browser.actions import Action, Click
from core.browser.page import ActionFailed, DialogSeen, InTheWay, Performed
from core.errors import CoreError
from core.planner.harm import harms_of_step
from core.planner.planner import LEARNT, AskPerson, Decision, Detour, Rung
from core.planner.suitable import LED_BY
from core.workflows.learning.sentences import expected_by_people
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, TaskStep

MOST_TRIES = 6  # of one step, what had to be done first included
UNABLE = (
    ActionFailed,
    ApprovedSomethingElse,
    GaveUp,
    NobodyAnswered,
    OnlyThere,
    PersonDeclined,
)  # what ends a step, and is told
HARMLESS = frozenset({ActionKind.FILL, ActionKind.SELECT, ActionKind.CHECK, ActionKind.UNCHECK, ActionKind.HOVER})


@dataclass(frozen=True)
class Taken:
    """A step that was taken: how it ended, and what it read off the page.

    Of one that failed: whether nothing was `done` to the page, and whether the page `stayed` as it was.
    """

    outcome: StepOutcome
    value: str | None = field(default=None, repr=False)  # it may be a secret
    done: bool = True
    stayed: bool = False


class StepRunner:
    """Takes the steps of one run on one page."""

    def __init__(self, tools: StepTools, slots: Slots) -> None:
        self._tools = tools
        self._slots = slots
        self._page = tools.page
        self._asking = Asking(tools)
        self._verifier = Verifier(tools)
        self._passing = Passing(tools)

    async def take(self, position: int, learnt: TaskStep, following: tuple[TaskStep, ...] = ()) -> Taken:
        """Take one step and record it; a page that refuses is an outcome, a bug or a withdrawn consent raises."""
        here = Here.at(position, learnt, self._slots, following)
        try:
            taken = await self._taken(here)
        except UNABLE as error:
            taken = self._given_up(error)
        self._tools.log.conclude(position, taken.outcome)
        if taken.outcome.done and not taken.outcome.skipped:
            await self._tools.pace.rest()
        return taken

    async def _taken(self, here: Here) -> Taken:
        if not await self._applies(here):
            return Taken(StepOutcome(done=True, skipped=True))
        if here.step.action is ActionKind.ASSERT:
            return await self._verified(here, Decision(None, Rung.RECORDED), Performed(), Before(self._page.address))
        return await self._climb(here)

    async def _applies(self, here: Here) -> bool:
        """Whether its conditions hold."""
        for control in here.step.controls:
            if await self._is_visible(here, control.visible) is control.negated:
                return False
        return True

    async def _is_visible(self, here: Here, locator: Locator) -> bool:
        """Whether what a condition names is there; what a step is done on may also be there under another name.

        That is asked only where nothing of what follows is there as it was recorded, and never of what can't be taken back:
        that something like it is there is no reason to do it.
        """
        if await self._page.present(locator):
            return True
        for learnt in next_elements(here.following):
            if (one := self._slots.bind(learnt)).locator and await self._page.present(one.locator):
                return False
        steps = (here.learnt, *here.following)
        meant = next((one for one in steps if locator in named_by(self._slots.bind(one))), None)
        if meant is None or harms_of_step(meant):
            return False
        situation = replace(Here.at(here.position, meant, self._slots).situation(self._tools), glance=True)
        return isinstance(await self._tools.planner.decide(situation, self._page), Decision)

    async def _climb(self, here: Here) -> Taken:
        """Try the step, one rung after the other, until it is done or nobody knows better. Told is what failed first."""
        first: Taken | None = None
        tried = Tried()
        try:
            for _ in range(MOST_TRIES):
                choice = await self._decide(here, tried)
                if isinstance(choice, Taken):
                    return choice if choice.outcome.done else first or choice
                if isinstance(choice, Detour):
                    tried = await self._gone_round(here, choice, await self._compared(here, tried))
                    continue
                taken = await self._do(here, choice)
                if taken.outcome.done:
                    self._tools.budget.worked()
                    return taken
                first = first or taken
                if not await self._may_try_again(here, choice, taken):
                    return first
                self._tools.budget.failed()
                failed = None if taken.stayed else choice.target
                tried = (await self._compared(here, tried)).and_(taken.outcome.seen, failed, stayed=taken.stayed)
        except UNABLE as error:
            return self._given_up(error, first)
        return first or self._failed(seen="It was tried in every way that is known.")

    async def _compared(self, here: Here, tried: Tried) -> Tried:
        """With whether the goal was there already when nothing else had been tried yet."""
        return tried if tried.words else replace(tried, was_there=await self._verifier.is_fulfilled(here))

    async def _decide(self, here: Here, tried: Tried) -> Decision | Detour | Taken:
        """Who knows where, or what is to be done first; else a person, if there is one to ask.

        What was done before, in vain or first, may have led where the step leads: then it is done.
        """
        if tried.words:
            self._tools.budget.try_on((await self._page.snapshot()).state)
            if not here.makes and not tried.was_there and await self._verifier.is_fulfilled(here):
                self._tools.budget.worked()
                return Taken(self._with_picture(StepOutcome(done=True, note=tried.words[-1]), Performed()))
        choice = await self._tools.planner.decide(here.situation(self._tools, tried), self._page)
        if isinstance(choice, Decision | Detour):
            return choice
        because = choice.words if isinstance(choice, AskPerson) else choice.because
        if await self._passing.past(here, because):
            return await self._decide(here, tried)
        if await self._tools.says_no(because):
            return self._failed(seen=because, done=False)
        try:
            wanted = await self._asking.what_it_wants(here) if tried.stayed else None
            asked = wanted or await self._asking.which_element(here)
        except (NobodyAnswered, PersonDeclined) as error:
            if tried.words:
                raise  # it is told with what failed first
            return self._failed(seen=f"{because.removesuffix('.')}; {error.sentence}", code=error.code, done=False)
        return asked or self._failed(seen=because, done=False)

    async def _gone_round(self, here: Here, detour: Detour, tried: Tried) -> Tried:
        """Do what has to be done first, and remember how that ended: if not well, the page is still as it was."""
        because = await self._go_round(here, detour)
        words, stayed = f"{detour.intent}: {because or 'done'}", bool(because) and tried.stayed
        return tried.and_(words, getattr(detour.action, "target", None), stayed=stayed)

    async def _go_round(self, here: Here, detour: Detour) -> str:
        """Do what has to be done first; why it was not done, or nothing."""
        decision = Decision(None, detour.rung, detour.note, detour.element)
        if objection := await self._objection_on_the_way(here, detour, decision):
            return f"refused. {objection}"
        self._tools.budget.act()
        if isinstance(detour.action, Click) and detour.element.role not in LED_BY:  # who knows what a button makes
            await self._tools.log.once(MADE, lambda session: None)
            if any(one.action is ActionKind.CAPTURE for one in (here.learnt, *here.following)):  # and then shows
                self._page.keep_from_view()
        await self._tools.log.intend(here.position, PlannedStep(detour.intent, "first"), decision, self._page.address)
        try:
            await check_unchanged(self._page, detour.element, detour.action)
            await self._page.perform(detour.action)
        except ActionFailed as error:
            self._tools.budget.failed()
            return error.because
        return ""

    async def _objection_on_the_way(self, here: Here, detour: Detour, decision: Decision) -> str:
        """Why this may not be done first; what a person said has been allowed by that."""
        if detour.rung is Rung.PERSON:
            return ""
        policy = self._tools.policy
        objection = await policy.on_the_way(detour, self._page)
        itself = replace(here, step=replace(here.step, intent=detour.intent, target=""))
        if objection or not policy.needs_approval(itself.step, decision, detour.action):
            return objection
        return await self._asking.may_do(itself, decision, detour.action)

    async def _do(self, here: Here, decision: Decision) -> Taken:
        action = action_of(here.step, decision.target, here.secret)
        if objection := await self._objection(here, decision, action):
            return Taken(StepOutcome(done=False, seen=objection, code="refused_by_policy"), done=False)
        planned = PlannedStep(here.step.intent, here.step.action, expected_by_people(here.step))
        self._tools.budget.act()
        guessed = decision.element is not None
        before = Before(self._page.address, held=guessed and await self._verifier.holds(here))
        await self._tools.log.intend(here.position, planned, decision, before.address)
        try:
            await check_unchanged(self._page, decision.element, action)
            performed = await self._page.perform(action)
        except ActionFailed as error:
            return self._failed(seen=error.because, done=False, stayed=isinstance(error, InTheWay))
        return await self._verified(here, decision, performed, before)

    async def _objection(self, here: Here, decision: Decision, action: Action) -> str:
        policy = self._tools.policy
        objection = policy.objection(here.step, action) or await policy.guessed(here.step, decision, self._page)
        if objection or not policy.needs_approval(here.step, decision, action):
            return objection
        return await self._asking.may_do(here, decision, action)

    async def _may_try_again(self, here: Here, decision: Decision, taken: Taken) -> bool:
        """Whether another way could work, and does no harm: nothing happened, or nothing that can't be done twice.

        What may be done only once has not happened if a field kept its form from being sent.
        """
        refused_for_good = taken.outcome.code and decision.rung in LEARNT
        if decision.target is None or refused_for_good or await self._tools.says_no(taken.outcome.seen):
            return False
        once_only = here.step.action not in HARMLESS and (here.makes or harms_of_step(here.step))
        if not taken.done or not once_only:
            return True
        return taken.stayed and what_is_missing(await self._page.snapshot()) is not None

    async def _verified(self, here: Here, decision: Decision, performed: Performed, before: Before) -> Taken:
        seen, unusual = await self._verifier.verify(here, decision, performed, before)
        while seen and await self._passing.past(here, seen):
            seen, unusual = await self._verifier.verify(here, decision, performed, before)
        if seen:
            stayed = await self._stayed(decision, before.address)
            return self._failed(seen=seen, performed=performed, stayed=stayed)
        note = "; ".join(filter(None, [decision.note, unusual, *self._dialogs_told(performed)]))
        rung = decision.rung if decision.target else None  # where nothing was looked for, nobody found it
        outcome = StepOutcome(done=True, note=note, rung=rung, healing=self._healing(here, decision))
        return Taken(self._with_picture(outcome, performed), performed.value)

    async def _stayed(self, decision: Decision, address: str) -> bool:
        """Whether the page is where it was, and still has the element that it was done on."""
        if decision.target is None or self._page.address != address:
            return False
        return await self._page.present(decision.target) > 0

    def _healing(self, here: Here, decision: Decision) -> Healing | None:
        """What the learnt workflow could take from this, if it was done on another element than it names."""
        known = decision.rung in LEARNT or decision.rung is Rung.ACCEPTED
        if decision.target is None or here.learnt.locator is None or known:
            return None
        after = self._slots.unfilled(decision.target)
        return Healing(self._tools.workflow_id, here.learnt, decision.rung, after, decision.evidence)

    def _failed(
        self, seen: str, performed: Performed | None = None, *, code: str = "", done: bool = True, stayed: bool = False
    ) -> Taken:
        """A step that failed; what was agreed to until then has happened nevertheless, and is told."""
        performed = performed or Performed()
        if told := self._dialogs_told(performed):
            seen = "; ".join([seen.removesuffix("."), *told])
        outcome = StepOutcome(done=False, seen=seen, code=code)
        return Taken(self._with_picture(outcome, performed), done=done, stayed=stayed)

    def _given_up(self, error: CoreError, first: Taken | None = None) -> Taken:
        """What failed first, if anything did, and why nothing more is tried."""
        if first is None:
            return self._failed(seen=error.sentence, code=error.code)
        seen = f"{first.outcome.seen.removesuffix('.')}; {error.sentence}"
        return replace(first, outcome=replace(first.outcome, seen=seen, code=first.outcome.code or error.code))

    def _dialogs_told(self, performed: Performed) -> list[str]:
        """Every dialog of this step; the last thing that is asked of the page, for nothing is agreed to afterwards."""
        return [_told(dialog) for dialog in (*performed.dialogs, *self._page.take_dialogs())]

    def _with_picture(self, outcome: StepOutcome, performed: Performed) -> StepOutcome:
        """The outcome with a picture that is being taken: the next step is decided meanwhile, and acts once it is captured."""
        box = performed.box
        touched = (box.x, box.y, box.width, box.height) if box else None
        picture = self._page.picture()
        return replace(outcome, page_url=self._page.address, touched=touched, touched_on=performed.on, picture=picture)


def named_by(step: TaskStep) -> tuple[Locator, ...]:
    """All by which a step's element is known."""
    return (step.locator, *step.alternatives, *step.accepted) if step.locator else ()


def _told(dialog: DialogSeen) -> str:
    return f"a dialog said “{dialog.words}”; it was {'agreed to' if dialog.agreed else 'closed'}"
