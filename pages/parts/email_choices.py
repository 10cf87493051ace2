"""Of what somebody is told by e-mail: a box for each thing, kept as soon as it is ticked."""

from nicegui import ui

from core.database.states import NotificationEvent
from core.services import Services
from pages.parts.picks import draw_picks, draw_undelivered
from pages.parts.redrawn import redrawn
from pages.parts.words import heading, paragraph, words
from pages.texts import t
from pages.visitor import acting, errors_shown, visitor


class EmailChoices:
    """The card."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._chosen: set[NotificationEvent] = set()

    @redrawn
    async def draw(self) -> None:
        """The boxes; and that there is no e-mail here, if so."""
        choice = await self._services.notifications.emails(visitor())
        self._chosen = set(choice.events)
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading(t("By e-mail"), 2)
                paragraph(t("To {email}, of every operation of your company.", email=visitor().email))
            if not choice.is_possible:
                paragraph(t("Whoever operates this has not set up e-mail: nothing is sent until they do."), "notice")
            draw_picks(t("What you are told by e-mail"), choice.events, self._tick)
            draw_undelivered(choice.undelivered)
            self._kept = words("", "p", "second small").props("role=status")

    async def _tick(self, event: NotificationEvent, ticked: bool) -> None:
        wanted = self._chosen | {event} if ticked else self._chosen - {event}
        with errors_shown():
            await self._services.notifications.choose_emails(await acting(self._services), wanted)
            self._chosen = wanted
            self._kept.set_text(t("Kept."))
