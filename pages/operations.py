"""A customer's operations, the newest first."""

from nicegui import ui

from core.operations.views import OperationView
from core.services import Services
from pages.layout import frame
from pages.parts.words import badge, heading, minute, paragraph
from pages.visitor import visitor


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/operations")
    async def operations_page() -> None:
        recent = await services.operations.history(visitor(), limit=100)
        with frame("Operations", "/operations"):
            heading("Operations")
            if not recent:
                paragraph("Nothing asked for yet.")
                ui.link("Set up a shop", "/").classes("plain-button accent")
                return
            paragraph(f"{len(recent)} asked for, the newest first.")
            for view in recent:
                _card(services, view)


def _card(services: Services, view: OperationView) -> None:
    title = services.integrations.get(view.service, view.operation).title
    with ui.element("div").classes("card"), ui.element("div").classes("row between"):
        with ui.element("div"):
            with ui.element("div").classes("row"):
                ui.link(f"{title} at {view.store_url.partition('://')[2]}", f"/operations/{view.id}").classes("h2")
                badge(view.status)
            paragraph(_story(view), "second small")
        paragraph(minute(view.created_at), "third small num")


def _story(view: OperationView) -> str:
    if view.result:
        return f"{view.result.product_count} products synced in {view.seconds or 0:.1f} s"
    if view.failure:
        return view.failure.sentence
    return f"step {view.current_step} of {view.total_steps}" if view.total_steps else "not begun"
