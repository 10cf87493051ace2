"""A customer's operations, the newest first; each line changes while its operation goes on."""

from uuid import UUID

from nicegui import ui

from core.operations.views import OperationView
from core.security.people.authorize import Action
from core.security.people.people import Visitor
from core.services import Services
from pages.layout import frame
from pages.parts.again import will_try
from pages.parts.times import minute
from pages.parts.watch import Watch
from pages.parts.words import badge, count, heading, link, paragraph, seconds, shop_of
from pages.visitor import allowed, visitor

SHOWN = 100  # operations on one screen


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/operations")
    async def operations_page() -> None:
        recent = await services.operations.history(visitor(), limit=SHOWN)
        with frame("Operations", "/operations"):
            OperationList(services, recent)


class OperationList:
    """The list; what has changed is changed in place."""

    def __init__(self, services: Services, recent: tuple[OperationView, ...]) -> None:
        self._services = services
        self._client = ui.context.client
        self._lines: dict[UUID, OperationLine] = {}
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading("Operations")
                self._summary = paragraph("")
            if allowed(Action.OPERATE):
                link("Set up a shop", "/set-up", "button accent")
        self._list = ui.element("div").classes("card rows")
        self._show(recent)
        Watch(services, self._look)

    async def _look(self, who: Visitor) -> None:
        recent = await self._services.operations.history(who, limit=SHOWN)
        if not self._client.is_deleted:
            self._show(recent)

    def _show(self, recent: tuple[OperationView, ...]) -> None:
        self._summary.set_text(_summary(recent))
        self._list.set_visibility(bool(recent))
        for gone in self._lines.keys() - {view.id for view in recent}:
            self._lines.pop(gone).delete()
        for place, view in enumerate(recent):
            if view.id not in self._lines:
                self._add(view, place)
            self._lines[view.id].show(view)

    def _add(self, view: OperationView, place: int) -> None:
        title = self._services.integrations.get(view.service, view.operation).title
        with self._list:
            self._lines[view.id] = OperationLine(title, view, place)


class OperationLine:
    """One operation: which shop, how it stands, how far it is or what came of it."""

    def __init__(self, title: str, view: OperationView, place: int) -> None:
        self._shown: OperationView | None = None
        with ui.element("div").classes("item") as self._item:
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    link(f"{title} at {shop_of(view.store_url)}", f"/operations/{view.id}", "strong")
                    self._badge = badge(view.status)
                self._story = paragraph("")
            paragraph(minute(view.created_at), "third small num")
        self._item.move(target_index=place)

    def show(self, view: OperationView) -> None:
        """Change what has changed."""
        if view == self._shown:
            return
        self._shown = view
        self._badge.set_text(view.status.words)
        self._badge.classes(replace=f"badge {view.status.value}")
        self._story.set_text(_story(view))

    def delete(self) -> None:
        """Take it off the list."""
        self._item.delete()


def _summary(recent: tuple[OperationView, ...]) -> str:
    if not recent:
        return "Nothing asked for yet."
    open_now = sum(not view.status.is_over for view in recent)
    return f"{count(len(recent), 'setup')}, the newest first · {open_now or 'none'} under way"


def _story(view: OperationView) -> str:
    if view.result:
        return f"{view.result.said} It took {seconds(view.seconds or 0)}."
    if view.failure:
        return f"{view.failure.sentence}{' It was tried once more.' if view.retried_by else ''}"
    if view.waits_until:
        return f"{will_try(view)}."
    return f"Step {view.current_step} of {view.total_steps}" if view.total_steps else "Not begun"
