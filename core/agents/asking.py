"""Asks the person who watches: which element is meant, what a new field wants, and whether a step may be done for good."""

from core.agents.here import Here, StepTools
from core.agents.identity import is_same, known_by, ways_now
from core.agents.person import Answer, Question, QuestionKind
from core.browser.actions import Action, FillOnce, Select, SetChecked
from core.browser.page import ActionFailed
from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.asked_for import asks_for_a_secret
from core.planner.harm import harms_of_element, harms_of_step
from core.planner.likeness import in_words
from core.planner.planner import Decision, Detour, Rung
from core.planner.resemblance import shared, words_of
from core.planner.suitable import PASSWORD, is_suitable
from core.security.secret import Secret

MOST_OPTIONS = 8  # a person reads them all


class Asking:
    """What one run asks its person. Without a person, nothing is asked and nothing allowed."""

    def __init__(self, tools: StepTools) -> None:
        self._tools = tools
        self._page = tools.page

    async def which_element(self, here: Here) -> Decision | None:
        """The element that a person chose for this step; None if there is nobody, or nothing to choose from.

        Raises NobodyAnswered or PersonDeclined.
        """
        if self._tools.person is None:
            return None
        candidates = could_be_meant(here, await self._page.snapshot())
        if not candidates:
            return None
        words = f"I can't tell where to do this: {here.step.intent}. Which of these is it?"
        answer = await self._ask(here, QuestionKind.CHOICE, words, tuple(in_words(one) for one in candidates))
        chosen = candidates[answer.number]
        ways = await ways_now(self._page, chosen)
        return Decision(ways[0], Rung.PERSON, "shown by you", chosen, ways[1:], {"chosen": in_words(chosen)})

    async def may_do(self, here: Here, decision: Decision, action: Action) -> str:
        """Ask whether exactly this may be done, for it can't be taken back; why not, or nothing.

        The yes is for this action, on this element, on this page, once: if any of it has changed meanwhile, it is void.
        """
        if self._tools.person is None:
            return "It can't be taken back, and there is nobody to ask."
        exactly = await self._exactly(here, decision, action)
        element = f" Press {in_words(decision.element)}." if decision.element else ""
        words = f"This can't be taken back: {here.step.intent}.{element} Shall I?"
        await self._ask(here, QuestionKind.APPROVAL, words, action=exactly)
        if await self._exactly(here, decision, action) != exactly:
            return "The page changed after you allowed it."
        return ""

    async def what_it_wants(self, here: Here) -> Detour | None:
        """What a person says to a field that keeps the form from being sent; None if there is none, or nobody to ask."""
        if self._tools.person is None:
            return None
        wanting = what_is_missing(await self._page.snapshot())
        if wanting is None:
            return None
        action = await self._what_to_enter(here, wanting)
        return Detour(action, wanting, Rung.PERSON, f"Answer the shop's new question: {in_words(wanting)}")

    async def _what_to_enter(self, here: Here, field: ElementSeen) -> Action:
        asks = f"The shop asks for something that it did not ask before: {in_words(field)}."
        if field.kind in {"checkbox", "radio"}:
            exactly = f"tick {in_words(field)} on {self._page.address}"
            await self._ask(here, QuestionKind.APPROVAL, f"{asks} Shall I tick it?", action=exactly)
            return SetChecked((await ways_now(self._page, field))[0], checked=True)
        if field.options:
            answer = await self._ask(here, QuestionKind.CHOICE, f"{asks} What do you choose?", field.options)
            return Select((await ways_now(self._page, field))[0], field.options[answer.number])
        answer = await self._ask(here, QuestionKind.TEXT, f"{asks} What shall I enter?")
        return FillOnce((await ways_now(self._page, field))[0], answer.typed or Secret(""))

    async def _ask(
        self, here: Here, kind: QuestionKind, words: str, options: tuple[str, ...] = (), action: str = ""
    ) -> Answer:
        if self._tools.person is None:
            raise ActionFailed(because="There is nobody to ask.")
        question = Question(
            kind, words, here.position, options, action, page_url=self._page.address, picture=self._page.picture()
        )
        return await self._tools.person.ask(question)

    async def _exactly(self, here: Here, decision: Decision, action: Action) -> str:
        """This action, its element and its page, in words that change if any of them does.

        Of a recorded place nobody knows what its element is called: then it is all that speaks of harm.
        """
        meant = decision.element
        snapshot = await self._page.snapshot()
        there = [one for one in snapshot.elements if (is_same(one, meant) if meant else harms_of_element(one))]
        target = getattr(action, "target", None)
        found = await self._page.present(target) if target else 1
        return repr(
            (here.position, here.step.intent, action, self._page.address, found, [known_by(one) for one in there])
        )


def what_is_missing(snapshot: Snapshot) -> ElementSeen | None:
    """The field that has just kept its form from being sent, if there is one; what wants a secret is never asked for."""
    fields = (one for one in snapshot.elements if one.invalid and one.enabled and one.kind != PASSWORD)
    return next((one for one in fields if not _wants_a_secret(one)), None)


def _wants_a_secret(field: ElementSeen) -> bool:
    """Whether what would be typed there is one; a tick or a choice tells nothing."""
    is_typed = field.kind not in {"checkbox", "radio"} and not field.options
    return is_typed and asks_for_a_secret(f"{field.name} {field.placeholder}")


def could_be_meant(here: Here, snapshot: Snapshot) -> list[ElementSeen]:
    """What this step could be done on, what sounds most like it first; what would be refused is not offered."""
    allowed = harms_of_step(here.step)
    suited = [
        one
        for one in snapshot.elements
        if is_suitable(one, here.step.action, types_secret=here.secret is not None) and harms_of_element(one) <= allowed
    ]
    meant = words_of((here.step.intent, here.step.target))
    return sorted(suited, key=lambda one: -shared(meant, words_of((one.name, *one.words))))[:MOST_OPTIONS]
