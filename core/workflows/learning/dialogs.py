"""How a test answers dialogs, and so which of its clicks and key presses agree to a question of the page."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.workflows.learning.frame import Frame
from core.workflows.step import ActionKind, TaskStep

UNCLEAR = "it is not clear which click it agrees at; it has to stand right before that"

AGREEING = frozenset({ActionKind.CLICK, ActionKind.PRESS})  # what an agent may agree to a question at
# What leads to no question. Anything else might, and then it is not the next click that was agreed at.
QUIET = frozenset(
    {ActionKind.FILL, ActionKind.HOVER, ActionKind.CAPTURE, ActionKind.ASSERT, ActionKind.WAIT, ActionKind.API}
)


@dataclass(frozen=True)
class Answer:
    """What a test does with dialogs: whether it agrees to them, and whether only `once`."""

    agrees: bool
    once: bool


@dataclass(frozen=True)
class Given:
    """An answer where the test gives it: after `position` steps. `unclear` is the step that it is if nothing explains it."""

    answer: Answer
    frame: Frame
    position: int
    unclear: TaskStep

    def covers(self, frame: Frame) -> bool:
        """Whether it is given whenever what stands in that frame is done, and (if once) is not left over if that is not."""
        mine = self.frame
        if self.answer.once:
            return (mine.controls, mine.undecided) == (frame.controls, frame.undecided)
        return mine.controls == frame.controls[: len(mine.controls)] and mine.undecided in {None, frame.undecided}


class Dialogs:
    """Finds the steps that an answer is about. An agreement without any stays in the workflow, as a step not understood.

    1. An answer is in force from where it stands: `once` for the next click or key press, which may be in another
       function; `on` until its function ends, for every click in it and in the helpers it calls. (Playwright keeps it for
       the caller too. Here nothing is agreed to where its reader could not see why.)
    2. A click takes it if both stand under the same conditions; a click under others makes it unclear.
    3. Between `once` and its click there may only be what leads to no question itself.
    4. An answer beside one that is still in force is unclear: Playwright calls both, and the second one fails.
    """

    def __init__(self) -> None:
        self._in_force: Given | None = None
        self._unclear: list[Given] = []

    def give(self, given: Given) -> None:
        """From here on, the test answers so."""
        if given.answer.agrees or self._in_force:
            self._unclear.append(given)
        self._in_force = self._in_force or given

    def met(self, step: TaskStep, frame: Frame) -> TaskStep:
        """The next step, with what the answer in force makes of it."""
        given = self._in_force
        if given is None or step.action in QUIET:
            return step
        covered = step.action in AGREEING and given.covers(frame)
        if given.answer.once or (step.action in AGREEING and not covered):
            self._in_force = None
        if not given.answer.agrees or step.action not in AGREEING:
            return step
        self._unclear = [one for one in self._unclear if one is not given] + ([] if covered else [given])
        return replace(step, accepts_dialog=covered)

    def leave(self, frame: Frame) -> None:
        """That function ends here, and with it what is in force until then."""
        given = self._in_force
        if given and not given.answer.once and given.frame.via == frame.via:
            self._in_force = None

    def complete(self, steps: Sequence[TaskStep]) -> list[TaskStep]:
        """All steps, with the agreements that nothing explains in their places; numbered from 1."""
        completed = list(steps)
        for given in reversed(sorted(self._unclear, key=lambda one: one.position)):  # so that earlier places stay
            completed.insert(given.position, given.unclear)
        return [replace(step, order=number) for number, step in enumerate(completed, start=1)]


def answer_to_dialogs(call: ast.Call) -> Answer | None:
    """What `page.on(…)` or `page.once(…)` says of dialogs; None if it is about something else, or not as plain as this.

    Only `lambda dialog: dialog.accept()` and `lambda dialog: dialog.dismiss()` are understood; an `accept` with words
    answers another kind of dialog, which an agent never does.
    """
    match call:
        case ast.Call(
            func=ast.Attribute(attr="on" | "once" as listens),
            args=[
                ast.Constant(value="dialog"),
                ast.Lambda(
                    args=ast.arguments(
                        posonlyargs=[], args=[ast.arg(arg=dialog)], vararg=None, kwonlyargs=[], kwarg=None, defaults=[]
                    ),
                    body=ast.Call(
                        func=ast.Attribute(value=ast.Name(id=asked), attr="accept" | "dismiss" as answers),
                        args=[],
                        keywords=[],
                    ),
                ),
            ],
            keywords=[],
        ) if asked == dialog:
            return Answer(agrees=answers == "accept", once=listens == "once")
    return None
