"""For staff: the operations of all customers, as far as staff may know of them without an access."""

from nicegui import ui

from core.errors import NotSignedIn
from core.operations.runs import CustomerRun, RunPage
from core.security.people.authorize import Action
from core.security.people.visitor import Visitor
from core.services import Services
from pages.parts.retry_many import RetryMany
from pages.parts.run_filters import HERE, Asked, draw_filters
from pages.parts.run_lines import RunLines, story_for_staff
from pages.parts.run_results import RunResults
from pages.parts.watch import Watch
from pages.parts.words import heading, link, paragraph
from pages.texts import later, t
from pages.visitor import acting, allowed

LOOKS_EVERY = 15  # seconds: of their own company's changes this page is told at once, of all others' by nobody
OPENS = later("What was seen in a shop opens with a reason, for a while; the customer reads of it in their audit.")


class AllRuns:
    """The list; it looks again by itself."""

    def __init__(self, services: Services, asked: Asked, page: RunPage[CustomerRun]) -> None:
        self._services = services
        self._asked = asked
        self._client = ui.context.client
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading(t("Operations of all customers"))
                self._summary = paragraph("")
                paragraph(t(OPENS), "second small")
            if allowed(Action.OPERATE):
                link(t("Set up a shop"), "/set-up", "button accent")
        draw_filters(services, asked, of_all=True)
        may_retry = allowed(Action.RETRY_FOR_CUSTOMERS)
        many = RetryMany(services, asked.wanted, self._look_now, of_all=True) if may_retry else None
        self._results = RunResults(
            asked, self._summary, self._draw_empty, lambda: RunLines(self._title, many, story_for_staff)
        )
        self._results.show(page)
        Watch(services, self._look)
        self._timer = ui.timer(LOOKS_EVERY, self._look_by_itself, immediate=False)

    async def _look_by_itself(self) -> None:
        try:
            await self._look_now()
        except NotSignedIn:  # the page leads to the sign-in by now
            self._timer.cancel()

    async def _look_now(self) -> None:
        await self._look(await acting(self._services))

    async def _look(self, who: Visitor) -> None:
        page = await self._services.runs.page_of_all(who, self._asked.wanted, self._asked.cut)
        if not self._client.is_deleted:
            self._results.show(page)

    def _title(self, service: str, operation: str) -> str:
        return self._services.integrations.get(service, operation).title

    def _draw_empty(self) -> None:
        if self._asked.is_filtered or not self._asked.is_first:
            heading(t("Nothing fits"), 2)
            link(t("Remove filters"), HERE, "button")
        else:
            heading(t("No customer has asked for anything yet"), 2)
            paragraph(t("What they ask for stands here, and why it failed if it does."))
