"""The audit trail: what was intended, what came of it, and whether anybody changed the record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from nicegui import ui

from core.services import Services
from pages.layout import frame
from pages.parts.words import heading, paragraph
from pages.visitor import acting, errors_shown, visitor

SHOWN = 200  # entries on one screen


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/audit")
    async def audit_page(operation: UUID | None = None, before: int | None = None) -> None:
        entries = await services.trail.read(visitor(), operation, before, SHOWN)
        with frame("Audit", "/audit"):
            with ui.element("div").classes("row between"):
                heading("Audit")
                with ui.element("button").classes("plain-button").on("click", lambda: _verify(services)):
                    ui.label("Verify the chain")
            paragraph("Every entry carries the hash of the one before it; none can be changed or left out unnoticed.")
            with ui.element("div").classes("card scroll"), ui.element("table").classes("list"):
                _row("th", "No.", "When (UTC)", "What", "Detail", "By")
                for entry in entries:
                    when = f"{entry.at:%d %b %H:%M:%S}"
                    what = entry.action.replace("_", " ")
                    _row("td", str(entry.seq), when, what, _told(entry.detail), entry.actor.partition(":")[0])
            if len(entries) == SHOWN:
                only = f"&operation={operation}" if operation else ""
                ui.link("Earlier", f"/audit?before={entries[-1].seq}{only}").classes("plain-button")


async def _verify(services: Services) -> None:
    with errors_shown():
        found = await services.trail.verify(await acting(services))
        if found.intact:
            ui.notify(f"Whole: {found.events} entries, none changed and none missing.", position="top", type="positive")
        else:
            words = f"Broken at entry {found.first_broken}: {found.because}."
            ui.notify(words, position="top", type="negative", timeout=0, close_button="OK")


def _row(cell: str, *texts: str) -> None:
    with ui.element("tr"):
        for place, text in enumerate(texts):
            with ui.element(cell):
                ui.label(text).classes("num small" if place in {0, 1} else "small")


def _told(detail: Mapping[str, Any] | None) -> str:
    if detail is None:
        return "erased"
    told = [f"{name}: {value}" for name, value in detail.items() if value not in (None, "")]
    return " · ".join(one if len(one) < 120 else one[:117] + "…" for one in told)
