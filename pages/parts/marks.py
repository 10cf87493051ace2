"""What was touched or clicked, as outlines on the pictures on which it really is to be seen."""

from dataclasses import dataclass
from uuid import UUID

from nicegui import ui

from core.operations.views import StepView
from core.workflows.step import PRESSING
from pages.texts import t

WIDTH, HEIGHT = 1280, 800  # pixels of a picture
SMALLEST_TOUCHED = 8  # pixels; what is smaller is the hidden twin of what a person sees


@dataclass(frozen=True)
class Mark:
    """One outline: where it is, in pixels of the picture, and what was done there."""

    box: tuple[float, float, float, float]
    words: str

    @property
    def place(self) -> str:
        """Where it is, as CSS says it, in parts of the picture's size."""
        x, y, width, height = self.box
        percent = {"left": x / WIDTH, "top": y / HEIGHT, "width": width / WIDTH, "height": height / HEIGHT}
        return "; ".join(f"{side}: {100 * part:.2f}%" for side, part in percent.items())


def marks_on(picture_id: UUID | None, steps: tuple[StepView, ...] | list[StepView]) -> tuple[Mark, ...]:
    """What of these steps is to be seen on this picture: what was done, and what was clicked next."""
    found = [one for one in steps if picture_id and one.touched_on == picture_id and is_marked(one)]
    return tuple(Mark(one.touched, _words(one, picture_id)) for one in found if one.touched)


class AllMarks:
    """The marks of every picture of these steps, looked up once: a page asks for each picture, and is drawn often."""

    def __init__(self, steps: tuple[StepView, ...]) -> None:
        self._on: dict[UUID, list[StepView]] = {}
        for step in steps:
            if step.touched_on and is_marked(step):
                self._on.setdefault(step.touched_on, []).append(step)

    def on(self, picture_id: UUID | None) -> tuple[Mark, ...]:
        """What of these steps is to be seen on this picture."""
        return marks_on(picture_id, self._on.get(picture_id, [])) if picture_id else ()


def is_marked(step: StepView) -> bool:
    """Whether there is a picture on which a person would see what this step touched."""
    return bool(step.touched_on and step.touched and min(step.touched[2:]) >= SMALLEST_TOUCHED)


def was_pressed(step: StepView) -> bool:
    """Whether the step pressed something, which may be gone afterwards."""
    return step.action in PRESSING


def _words(step: StepView, picture_id: UUID | None) -> str:
    return step.intent if step.picture_id == picture_id else t("then: {step}", step=step.intent)


class Marks:
    """The outlines over one picture; drawn inside whatever holds the picture."""

    def __init__(self) -> None:
        self._shown: tuple[Mark, ...] = ()
        self._box = ui.element("div").classes("marks").props("aria-hidden=true")

    def show(self, marks: tuple[Mark, ...]) -> None:
        """Show these, and no others."""
        if marks == self._shown:
            return
        self._shown = marks
        self._box.clear()
        with self._box:
            for mark in marks:
                ui.element("div").classes("touched").style(mark.place).props["title"] = mark.words
