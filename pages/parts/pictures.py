"""The newest picture large, or the page live; the others as a strip, and any of them over the whole screen."""

from uuid import UUID

from nicegui import events, ui

from core.database.states import StepState
from core.operations.views import StepView
from core.services import Services
from pages.parts.live_picture import LivePicture
from pages.parts.marks import HEIGHT, WIDTH, AllMarks, Mark, Marks, marks_on
from pages.parts.words import words
from pages.texts import t
from pages.visitor import below

FAR_RIGHT = 1_000_000  # pixels; further than any strip is long


def address(image: ui.element, picture_id: UUID | None, size: str) -> str:
    """Where a picture is, for an image of this page."""
    return below(image.client, f"/pictures/{picture_id}/{size}")


class Picture:
    """One picture of the shop, with what was touched or clicked outlined."""

    def __init__(self, awaited: str = "") -> None:
        self._shown: UUID | None = None
        with ui.element("div").classes("picture") as self.box:
            self._awaited = words(awaited, "div", "awaited")
            self._image = ui.element("img").props(f"width={WIDTH} height={HEIGHT}")
            self._marks = Marks()
        self._image.set_visibility(False)

    def show(self, picture_id: UUID, intent: str, marks: tuple[Mark, ...]) -> None:
        """Show this picture of a step, with these marks."""
        self._marks.show(marks)
        if picture_id != self._shown:
            self._shown = picture_id
            self._awaited.set_visibility(False)
            self._image.props["src"] = address(self._image, picture_id, "full")
            self._image.set_visibility(True)
        told = t("Your shop: {step}", step=intent)
        if self._image.props.get("alt") != told:
            self._image.props["alt"] = told

    def show_none(self, because: str) -> None:
        """Show a sentence in its place."""
        self._shown = None
        self._marks.show(())
        self._image.set_visibility(False)
        self._awaited.set_text(because)
        self._awaited.set_visibility(True)


class Pictures:
    """The pictures of an operation."""

    def __init__(self, services: Services, operation_id: UUID) -> None:
        self._steps: list[StepView] = []
        self._thumbs: dict[int, Thumb] = {}
        self._large_position: int | None = None
        self._is_hidden = False
        with ui.element("div").classes("pictures") as self._box:
            self._large = Picture(awaited=t("The first picture comes with the first page."))
            with self._large.box:
                self._live = LivePicture(services, operation_id)
            self._strip = ui.element("div").classes("strip").props("role=group")
            self._strip.props["aria-label"] = t("Pictures of each step")
            self._words = words("", "p", "third small")
        self._lightbox = Lightbox()

    def show(self, steps: tuple[StepView, ...], *, live: bool) -> None:
        """Add the pictures that are new; large is that of the step that failed, else the newest."""
        self._steps, marks = [step for step in steps if step.picture_id], AllMarks(steps)
        for gone in self._thumbs.keys() - {step.position for step in self._steps}:
            self._take_away(gone)
        for place, step in enumerate(self._steps):
            if step.position not in self._thumbs:
                self._add(place, step.position)
            self._thumbs[step.position].show(step, marks.on(step.picture_id))
        self._lightbox.keep(self._steps, steps)
        self._box.set_visibility((live or bool(self._steps)) and not self._is_hidden)
        self._live.show(is_wanted=live)
        if self._steps:
            self._enlarge(_in_question(self._steps), marks)
        self._words.set_text(
            t("Live · secrets are covered before anything is stored or shown.")
            if live
            else t("Secrets are covered before anything is stored or shown.")
        )

    def hide(self, *, is_hidden: bool) -> None:
        """Make room for something else, or come back."""
        self._is_hidden = is_hidden
        self._box.set_visibility(bool(self._steps) and not is_hidden)

    def _add(self, place: int, position: int) -> None:
        """A step may get its picture after one that came later: it goes to its place, and leads to its own picture."""
        is_last = place == len(self._thumbs)
        with self._strip:
            self._thumbs[position] = thumb = Thumb()
        thumb.button.move(target_index=place)
        thumb.button.on("click", lambda _: self._lightbox.open(position))
        if is_last:
            self._strip.run_method("scrollTo", FAR_RIGHT, 0)

    def _take_away(self, position: int) -> None:
        """A step that is done again has no picture until then."""
        self._thumbs.pop(position).button.delete()
        if self._large_position == position:
            self._large_position = None

    def _enlarge(self, step: StepView, marks: AllMarks) -> None:
        if step.picture_id:
            self._large.show(step.picture_id, step.intent, marks.on(step.picture_id))
        if step.position != self._large_position:
            if self._large_position is not None:
                self._thumbs[self._large_position].button.classes(remove="current")
            self._thumbs[step.position].button.classes(add="current")
            self._large_position = step.position


class Thumb:
    """A small picture of a step in the strip, with its marks."""

    def __init__(self) -> None:
        self._shown: UUID | None = None
        with ui.element("button").classes("thumb").props("type=button") as self.button:
            self._image = ui.element("img").props("loading=lazy width=86 height=54")
            self._marks = Marks()

    def show(self, step: StepView, marks: tuple[Mark, ...]) -> None:
        """Show the step's picture; a step that is done again has another one."""
        if step.picture_id != self._shown:
            self._shown = step.picture_id
            self._image.props["src"] = address(self._image, step.picture_id, "thumb")
            self._image.props["alt"] = step.intent
        self._marks.show(marks)


class Lightbox:
    """One picture over the whole screen; arrow keys move, Escape closes."""

    def __init__(self) -> None:
        self._steps: list[StepView] = []
        self._all: tuple[StepView, ...] = ()
        self._place = self._position = 0
        self._keys = ui.keyboard(self._key, active=False, ignore=[])  # also where one of its buttons has the focus
        self._dialog = ui.dialog().props("maximized transition-duration=0")
        self._dialog.props["aria-label"] = t("Picture")
        with self._dialog, ui.element("div").classes("lightbox"):
            with ui.element("div").classes("row between"):
                self._words = words("", classes="num").props("aria-live=polite")
                with ui.element("div").classes("row"):
                    icon_button("chevron_left", t("Previous")).on("click", lambda _: self._move(-1))
                    icon_button("chevron_right", t("Next")).on("click", lambda _: self._move(1))
                    icon_button("close", t("Close")).on("click", lambda _: self._dialog.close())
            with ui.element("div").classes("whole"):
                self._picture = Picture()
        self._dialog.on_value_change(lambda change: setattr(self._keys, "active", change.value))

    def keep(self, steps: list[StepView], all_steps: tuple[StepView, ...]) -> None:
        """The steps with pictures that there are by now, and all steps, for their marks."""
        self._steps, self._all = steps, all_steps
        self._place = self._place_of(self._position)

    def open(self, position: int) -> None:
        """Show the picture of the step at this position."""
        self._place = self._place_of(position)
        self._move(0)
        self._dialog.open()

    def _place_of(self, position: int) -> int:
        """Which of the pictures it is, from 0; one that is gone is where it stood."""
        return sum(step.position < position for step in self._steps)

    def _move(self, by: int) -> None:
        self._place = max(0, min(len(self._steps) - 1, self._place + by))
        step = self._steps[self._place]
        self._position = step.position
        marks = marks_on(step.picture_id, self._all)
        told = " · ".join([step.intent, *(mark.words for mark in marks if mark.words != step.intent)])
        self._words.set_text(t("{number} of {all} · {step}", number=self._place + 1, all=len(self._steps), step=told))
        if step.picture_id:
            self._picture.show(step.picture_id, step.intent, marks)

    def _key(self, event: events.KeyEventArguments) -> None:
        if event.action.keydown and event.key.arrow_left:
            self._move(-1)
        elif event.action.keydown and event.key.arrow_right:
            self._move(1)


def _in_question(steps: list[StepView]) -> StepView:
    """What a person wants to see large: where it failed, else how it stands."""
    return next((step for step in steps if step.state is StepState.FAILED), steps[-1])


def icon_button(icon: str, name: str) -> ui.element:
    """Something to press that has no words but its name for screen readers."""
    with ui.element("button").classes("button").props("type=button") as made:
        ui.icon(icon).props("aria-hidden=true")
    made.props["aria-label"] = name
    return made
