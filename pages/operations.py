"""A customer's operations, the newest first."""

from nicegui import ui

from core.operations.views import OperationView
from core.services import Services
from pages.layout import frame
from pages.parts.words import badge, count, heading, link, minute, paragraph, seconds, shop_of
from pages.visitor import visitor

SHOWN = 100  # operations on one screen


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/operations")
    async def operations_page() -> None:
        recent = await services.operations.history(visitor(), limit=SHOWN)
        with frame("Operations", "/operations"):
            with ui.element("div").classes("head"):
                with ui.element("div"):
                    heading("Operations")
                    paragraph(_summary(recent))
                link("Set up a shop", "/", "button accent")
            if recent:
                with ui.element("div").classes("card rows"):
                    for view in recent:
                        _line(services, view)


def _summary(recent: tuple[OperationView, ...]) -> str:
    if not recent:
        return "Nothing asked for yet."
    open_now = sum(not view.status.is_over for view in recent)
    return f"{count(len(recent), 'setup')}, the newest first · {open_now or 'none'} under way"


def _line(services: Services, view: OperationView) -> None:
    title = services.integrations.get(view.service, view.operation).title
    with ui.element("div").classes("item"):
        with ui.element("div").classes("stack"):
            with ui.element("div").classes("row"):
                link(f"{title} at {shop_of(view.store_url)}", f"/operations/{view.id}", "strong")
                badge(view.status)
            paragraph(_story(view))
        paragraph(minute(view.created_at), "third small num")


def _story(view: OperationView) -> str:
    if view.result:
        return f"{count(view.result.product_count, 'product')} synced in {seconds(view.seconds or 0)}"
    if view.failure:
        return view.failure.sentence
    return f"Step {view.current_step} of {view.total_steps}" if view.total_steps else "Not begun"
