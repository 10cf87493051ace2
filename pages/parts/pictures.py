"""The newest picture large, the others as a strip, and any of them over the whole screen."""

from nicegui import events, ui

from core.database.states import StepState
from core.operations.views import StepView
from core.workflows.step import ActionKind
from pages.parts.words import words
from pages.visitor import below

WIDTH, HEIGHT = 1280, 800  # pixels of a picture
SMALLEST_TOUCHED = 8  # pixels; what is smaller is the hidden twin of what a person sees
FAR_RIGHT = 1_000_000  # pixels; further than any strip is long


def address(image: ui.element, step: StepView, size: str) -> str:
    """Where a step's picture is, for an image of this page."""
    return below(image.client, f"/pictures/{step.picture_id}/{size}")


class Picture:
    """One picture of the shop, with the element that was touched outlined."""

    def __init__(self, awaited: str = "") -> None:
        self._shown: StepView | None = None
        with ui.element("div").classes("picture"):
            self._awaited = words(awaited, "div", "awaited")
            self._image = ui.element("img").props(f"width={WIDTH} height={HEIGHT}")
            self._touched = ui.element("div").classes("touched")
        self._image.set_visibility(False)
        self._touched.set_visibility(False)

    def show(self, step: StepView) -> None:
        """Show a step's picture."""
        if step == self._shown:
            return
        self._shown = step
        self._awaited.set_visibility(False)
        self._image.props["src"], self._image.props["alt"] = (
            address(self._image, step, "full"),
            f"Your shop: {step.intent}",
        )
        self._image.set_visibility(True)
        # The picture is taken after the deed: where a click led, the element that was clicked is no more.
        self._outline(None if step.action == ActionKind.CLICK else step.touched)

    def _outline(self, touched: tuple[float, float, float, float] | None) -> None:
        x, y, width, height = touched or (0, 0, 0, 0)
        self._touched.set_visibility(min(width, height) >= SMALLEST_TOUCHED)
        percent = {"left": x / WIDTH, "top": y / HEIGHT, "width": width / WIDTH, "height": height / HEIGHT}
        self._touched.style(replace="; ".join(f"{side}: {100 * part:.2f}%" for side, part in percent.items()))


class Pictures:
    """The pictures of an operation."""

    def __init__(self) -> None:
        self._steps: list[StepView] = []
        self._thumbs: dict[int, ui.element] = {}
        self._large_position: int | None = None
        with ui.element("div").classes("pictures") as self._box:
            self._large = Picture(awaited="The first picture comes with the first page.")
            self._strip = ui.element("div").classes("strip").props('role=group aria-label="Pictures of each step"')
            self._words = words("Secrets are covered before anything is stored or shown.", "p", "third small")
        self._lightbox = Lightbox()

    def show(self, steps: tuple[StepView, ...], *, live: bool) -> None:
        """Add the pictures that are new; large is that of the step that failed, else the newest."""
        self._steps = [step for step in steps if step.picture_id]
        for place, step in enumerate(self._steps):
            if step.position not in self._thumbs:
                self._add(place, step)
        self._box.set_visibility(live or bool(self._steps))
        if self._steps:
            self._enlarge(_in_question(self._steps))
        beginning = "Live · secrets" if live else "Secrets"
        self._words.set_text(f"{beginning} are covered before anything is stored or shown.")

    def _add(self, place: int, step: StepView) -> None:
        with self._strip, ui.element("button").classes("thumb").props("type=button") as thumb:
            image = ui.element("img").props("loading=lazy width=86 height=54")
            image.props["src"], image.props["alt"] = address(image, step, "thumb"), step.intent
        thumb.on("click", lambda _: self._lightbox.open(self._steps, place))
        self._thumbs[step.position] = thumb
        self._strip.run_method("scrollTo", FAR_RIGHT, 0)

    def _enlarge(self, step: StepView) -> None:
        self._large.show(step)
        if step.position != self._large_position:
            if self._large_position is not None:
                self._thumbs[self._large_position].classes(remove="current")
            self._thumbs[step.position].classes(add="current")
            self._large_position = step.position


class Lightbox:
    """One picture over the whole screen; arrow keys move, Escape closes."""

    def __init__(self) -> None:
        self._steps: list[StepView] = []
        self._place = 0
        self._keys = ui.keyboard(self._key, active=False)
        self._dialog = ui.dialog().props('maximized transition-duration=0 aria-label="Picture"')
        with self._dialog, ui.element("div").classes("lightbox"):
            with ui.element("div").classes("row between"):
                self._words = words("", classes="num").props("aria-live=polite")
                with ui.element("div").classes("row"):
                    _icon_button("chevron_left", "Previous").on("click", lambda _: self._move(-1))
                    _icon_button("chevron_right", "Next").on("click", lambda _: self._move(1))
                    _icon_button("close", "Close").on("click", lambda _: self._dialog.close())
            with ui.element("div").classes("whole"):
                self._picture = Picture()
        self._dialog.on_value_change(lambda change: setattr(self._keys, "active", change.value))

    def open(self, steps: list[StepView], place: int) -> None:
        """Show this one."""
        self._steps, self._place = steps, place
        self._move(0)
        self._dialog.open()

    def _move(self, by: int) -> None:
        self._place = max(0, min(len(self._steps) - 1, self._place + by))
        step = self._steps[self._place]
        self._words.set_text(f"{self._place + 1} of {len(self._steps)} · {step.intent}")
        self._picture.show(step)

    def _key(self, event: events.KeyEventArguments) -> None:
        if event.action.keydown and event.key.arrow_left:
            self._move(-1)
        elif event.action.keydown and event.key.arrow_right:
            self._move(1)


def _in_question(steps: list[StepView]) -> StepView:
    """What a person wants to see large: where it failed, else how it stands."""
    return next((step for step in steps if step.state is StepState.FAILED), steps[-1])


def _icon_button(icon: str, name: str) -> ui.element:
    with ui.element("button").classes("button").props("type=button") as made:
        ui.icon(icon).props("aria-hidden=true")
    made.props["aria-label"] = name
    return made
