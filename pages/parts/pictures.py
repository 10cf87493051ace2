"""The newest picture large, the others as a strip, and any of them over the whole screen."""

from nicegui import events, ui

from core.operations.views import StepView

WIDTH, HEIGHT = 1280, 800  # pixels of a picture


def address(step: StepView, size: str) -> str:
    """Where a step's picture is."""
    return f"/pictures/{step.picture_id}/{size}"


class Pictures:
    """The pictures of an operation."""

    def __init__(self) -> None:
        self._steps: list[StepView] = []
        self._thumbs: dict[int, ui.element] = {}
        with ui.element("div").classes("grid"):
            with ui.element("div").classes("picture"):
                self._image = ui.element("img").props(
                    f'width={WIDTH} height={HEIGHT} alt="Your shop, as the agent sees it"'
                )
                self._touched = ui.element("div").classes("touched")
            self._strip = ui.element("div").classes("strip").props('aria-label="Pictures of each step"')
            ui.label("Secrets are covered before anything is stored or shown.").classes("third small")
        self._image.set_visibility(False)
        self._touched.set_visibility(False)
        self._lightbox = Lightbox()

    def show(self, steps: tuple[StepView, ...]) -> None:
        """Add the pictures that are new; the newest becomes the large one."""
        self._steps = [step for step in steps if step.picture_id]
        for place, step in enumerate(self._steps):
            if step.position not in self._thumbs:
                self._add(place, step)
        if self._steps:
            self._enlarge(self._steps[-1])

    def _add(self, place: int, step: StepView) -> None:
        with self._strip, ui.element("button").classes("thumb") as thumb:
            thumb.props["aria-label"] = step.intent
            image = ui.element("img").props("loading=lazy width=96 height=60")
            image.props["src"], image.props["alt"] = address(step, "thumb"), step.intent
        thumb.on("click", lambda: self._lightbox.open(self._steps, place))
        self._thumbs[step.position] = thumb

    def _enlarge(self, step: StepView) -> None:
        for position, thumb in self._thumbs.items():
            thumb.classes(replace="thumb current" if position == step.position else "thumb")
        self._image.props["src"] = address(step, "full")
        self._image.update()
        self._image.set_visibility(True)
        self._touched.set_visibility(step.touched is not None)
        if step.touched:
            x, y, width, height = step.touched
            percent = {"left": x / WIDTH, "top": y / HEIGHT, "width": width / WIDTH, "height": height / HEIGHT}
            self._touched.style(replace="; ".join(f"{side}: {100 * part:.2f}%" for side, part in percent.items()))


class Lightbox:
    """One picture over the whole screen; arrow keys move, Escape closes."""

    def __init__(self) -> None:
        self._steps: list[StepView] = []
        self._place = 0
        self._keys = ui.keyboard(self._key, active=False)
        with ui.dialog().props('maximized aria-label="Picture"') as self._dialog, ui.element("div").classes("lightbox"):
            with ui.element("div").classes("row between"):
                self._words = ui.label()
                with ui.element("div").classes("row"):
                    ui.button(icon="chevron_left", on_click=lambda: self._move(-1)).props('flat aria-label="Previous"')
                    ui.button(icon="chevron_right", on_click=lambda: self._move(1)).props('flat aria-label="Next"')
                    ui.button(icon="close", on_click=self._dialog.close).props('flat aria-label="Close"')
            self._image = ui.element("img")
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
        self._image.props["src"], self._image.props["alt"] = address(step, "full"), step.intent
        self._image.update()

    def _key(self, event: events.KeyEventArguments) -> None:
        if event.action.keydown and event.key.arrow_left:
            self._move(-1)
        elif event.action.keydown and event.key.arrow_right:
            self._move(1)
