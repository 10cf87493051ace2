"""A customer's operations, the newest first; each line changes while its operation goes on. For staff, all customers'."""

from fastapi import Request
from nicegui import ui

from core.operations.runs import RunPage
from core.operations.views import OperationView
from core.security.people.authorize import Action, may
from core.security.people.people import Visitor
from core.services import Services
from pages.layout import frame
from pages.parts.all_runs import AllRuns
from pages.parts.retry_many import RetryMany
from pages.parts.run_filters import HERE, Asked, draw_filters
from pages.parts.run_lines import RunLines, story_of
from pages.parts.run_results import RunResults
from pages.parts.screen import screen
from pages.parts.watch import Watch
from pages.parts.words import heading, link, paragraph
from pages.texts import t
from pages.visitor import acting, allowed, visitor


def register(services: Services) -> None:
    """Put the screen up."""

    @screen(HERE)
    async def operations_page(request: Request) -> None:
        who, asked = visitor(), Asked.read(request.query_params)
        if may(who, Action.SEE_ALL_CUSTOMERS):
            of_all = await services.runs.page_of_all(who, asked.wanted, asked.cut)
            with frame(t("Operations of all customers"), HERE):
                AllRuns(services, asked, of_all)
            return
        page = await services.runs.page(who, asked.wanted, asked.cut)
        with frame(t("Operations"), HERE):
            OperationList(services, asked, page)


class OperationList:
    """The list; what has changed is changed in place, and what is new appears on the first page if it fits."""

    def __init__(self, services: Services, asked: Asked, page: RunPage[OperationView]) -> None:
        self._services = services
        self._asked = asked
        self._client = ui.context.client
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading(t("Operations"))
                self._summary = paragraph("")
            if allowed(Action.OPERATE):
                link(t("Set up a shop"), "/set-up", "button accent")
        draw_filters(services, asked, of_all=False)
        many = RetryMany(services, asked.wanted, self._look_now, of_all=False) if allowed(Action.OPERATE) else None
        self._results = RunResults(
            asked, self._summary, self._draw_empty, lambda: RunLines(self._title, many, story_of)
        )
        self._results.show(page)
        Watch(services, self._look)

    async def _look_now(self) -> None:
        await self._look(await acting(self._services))

    async def _look(self, who: Visitor) -> None:
        page = await self._services.runs.page(who, self._asked.wanted, self._asked.cut)
        if not self._client.is_deleted:
            self._results.show(page)

    def _title(self, service: str, operation: str) -> str:
        return self._services.integrations.get(service, operation).title

    def _draw_empty(self) -> None:
        if self._asked.is_filtered or not self._asked.is_first:
            heading(t("Nothing fits"), 2)
            paragraph(t("No operation is as these filters want it."))
            link(t("Remove filters"), HERE, "button")
            return
        heading(t("Nothing asked for yet"), 2)
        if allowed(Action.OPERATE):
            paragraph(
                t("Choose a service and your shop. You are shown exactly what will be done before anything begins.")
            )
            link(t("Set up a shop"), "/set-up", "button accent")
        else:
            paragraph(t("What is asked for stands here, with each step and its picture."))
