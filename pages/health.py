"""How the service is, for staff: a line for each thing, with a mark, a word, and what to do; it keeps itself up to date."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from core.errors import NotSignedIn
from core.health import Finding, HealthReport, State
from core.security.people.authorize import Action, may
from core.services import Services
from pages.layout import frame
from pages.parts.screen import screen
from pages.parts.times import second
from pages.parts.words import heading, paragraph, words
from pages.texts import later, t
from pages.trouble import refused
from pages.visitor import acting, visitor

LOOKS_EVERY = 5.0  # seconds
MARKS = {State.WELL: "check_circle", State.LOOK: "visibility", State.BROKEN: "error"}
CLASSES = {State.WELL: "completed", State.LOOK: "unusual", State.BROKEN: "failed"}
WORDS = {State.WELL: later("well"), State.LOOK: later("look at it"), State.BROKEN: later("broken")}
ALL_WELL, SOME_LOOK, SOME_BROKEN = (
    later("All is well"),
    later("Something is to be looked at"),
    later("Something is broken"),
)
TOLD = {State.WELL: ALL_WELL, State.LOOK: SOME_LOOK, State.BROKEN: SOME_BROKEN}
# What core calls the things that are looked at.
_ = (
    *(later("Workers"), later("Queue"), later("Database"), later("Audit chains"), later("Browser"), later("Model")),
    *(later("Disk, data folder"), later("Disk, pictures"), later("Pictures"), later("Rounds"), later("Notifications")),
)


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/health")
    async def health_page() -> None:
        if not may(visitor(), Action.SEE_ALL_CUSTOMERS):
            refused(t("This is for staff"), t("Ask them if something does not work."))
            return
        report = await services.health.report(visitor())
        with frame(t("Health"), "/health"):
            HealthScreen(services, report)


class HealthScreen:
    """The lines; a new look changes what has changed, and moves nothing else."""

    def __init__(self, services: Services, report: HealthReport) -> None:
        self._services = services
        self._client = ui.context.client
        self._lines: dict[str, HealthLine] = {}
        with ui.element("div").classes("stack"):
            heading(t("Health"))
            with ui.element("p").classes("second"):
                self._whole = words("", classes="strong").props("role=status")
                self._at = words("", classes="num")
        self._card = ui.element("div").classes("card rows")
        self._show(report)
        ui.timer(LOOKS_EVERY, self._look, immediate=False)

    async def _look(self) -> None:
        try:
            report = await self._services.health.report(await acting(self._services))
        except (NotSignedIn, TimeoutError):  # who has signed out is led away; a machine that hangs is looked at again
            return
        if not self._client.is_deleted:
            self._show(report)

    def _show(self, report: HealthReport) -> None:
        _set(self._whole, t(TOLD[report.state]))
        _set(self._at, t(" · looked at {moment}, and again every few seconds", moment=second(report.at)))
        for gone in self._lines.keys() - {one.name for one in report.findings}:
            self._lines.pop(gone).delete()
        for place, finding in enumerate(report.findings):
            if finding.name not in self._lines:
                with self._card:
                    self._lines[finding.name] = HealthLine(finding, place)
            self._lines[finding.name].show(finding)


class HealthLine:
    """One thing: its mark, its name, how it is in a word, what was found, and what to do."""

    def __init__(self, finding: Finding, place: int) -> None:
        self._shown: Finding | None = None
        with ui.element("div").classes("item health") as self._item:
            self._mark = ui.icon(MARKS[finding.state]).props("aria-hidden=true")
            with ui.element("div").classes("stack grow"):
                with ui.element("div").classes("row"):
                    words(t(finding.name), "h2")
                    self._state = words("", classes="badge")
                self._found = paragraph("")
                self._mend = paragraph("", "second small")
        self._item.move(target_index=place)

    def show(self, finding: Finding) -> None:
        """Change what has changed."""
        if finding == self._shown:
            return
        self._shown = finding
        state = CLASSES[finding.state]
        self._mark.set_name(MARKS[finding.state])
        self._mark.classes(replace=f"mark {state}")
        _set(self._state, t(WORDS[finding.state]))
        self._state.classes(replace=f"badge {state}")
        _set(self._found, finding.found)
        _set(
            self._mend,
            t("To do: {what}", what=finding.mend) if finding.mend and finding.state is not State.WELL else "",
        )

    def delete(self) -> None:
        """Take it away."""
        self._item.delete()


def _set(element: TextElement, text: str) -> None:
    if element.text != text:
        element.set_text(text)
