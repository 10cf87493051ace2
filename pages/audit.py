"""The audit trail: what was intended, what came of it, and whether anybody changed the record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from nicegui import ui

from core.security.audit.audit_log import AuditEntry, Verification
from core.services import Services
from pages.layout import frame
from pages.parts.times import minute, second, zone_name
from pages.parts.words import address_of, button, count, heading, link, paragraph, whole_number, words
from pages.visitor import acting, errors_shown, visitor

SHOWN = 100  # entries on one screen
HIGHEST = 2**63 - 1  # number of an entry; no column holds a higher one
LONGEST = 120  # characters of one detail
NAMES = {"decidedBy": "decided by", "leftBehind": "left behind", "does": "action"}
DIGESTS = frozenset({"ids", "item", "picture", "pictureSha256", "sha256", "text"})


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/audit")
    async def audit_page(operation: str = "", before: str = "") -> None:
        only, older_than = _id(operation), whole_number(before, HIGHEST)
        entries = await services.trail.read(visitor(), only, older_than, SHOWN)
        with frame("Audit", "/audit"):
            AuditScreen(services, only).draw(entries)


class AuditScreen:
    """A page of entries, and the check of the whole chain."""

    def __init__(self, services: Services, only: UUID | None) -> None:
        self._services = services
        self._only = only

    def draw(self, entries: tuple[AuditEntry, ...]) -> None:
        """The screen."""
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading("Audit")
                paragraph("Every entry carries the hash of the one before: none can be changed or left out unnoticed.")
            with ui.element("div").classes("row"):
                link("Download export", "/api/autonomous/audit/export", "button")
                button("Verify the chain", self._verify)
        self._verdict = words("", "p").props("role=status")
        if self._only:
            with ui.element("p").classes("second"):
                words("One operation only · ")
                link("the operation", f"/operations/{self._only}")
                words(" · ")
                link("all entries", "/audit")
        if not entries:
            paragraph("There are no entries here.")
            return
        with ui.element("div").classes("card rows"):
            _draw_table(entries)
        if len(entries) == SHOWN and entries[-1].seq > 1:
            query = {"before": str(entries[-1].seq)} | ({"operation": str(self._only)} if self._only else {})
            with ui.element("div").classes("row"):
                link("Earlier entries", address_of("/audit", **query), "button")

    async def _verify(self) -> None:
        with errors_shown():
            found = await self._services.trail.verify(await acting(self._services))
            self._verdict.set_text(_verdict(found))
            self._verdict.classes(replace="well" if found.intact else "refusal")


def _verdict(found: Verification) -> str:
    """What verification says, in a sentence or two."""
    if not found.intact:
        return f"Broken{f' at entry {found.first_broken}' if found.first_broken else ''}: {found.because}."
    whole = f"Whole: {count(found.events, 'entry', 'entries')}, none changed and none missing."
    if found.checkpoint is None:
        return f"{whole} Nothing is signed yet; that takes a minute at most."
    signed = (
        f"Signed up to entry {found.checkpoint.seq:,} on {minute(found.checkpoint.moment)} ({found.checkpoint.name})."
    )
    return f"{whole} {signed}" + (f" {found.unanchored:,} after it are not signed yet." if found.unanchored else "")


def _draw_table(entries: tuple[AuditEntry, ...]) -> None:
    with ui.element("table").classes("list entries folding small"):
        with ui.element("thead"), ui.element("tr"):
            for name in ("No.", f"When ({zone_name()})", "What", "Detail", "By"):
                words(name, "th")
        with ui.element("tbody"):
            for entry in entries:
                with ui.element("tr"):
                    words(str(entry.seq), "td", "seq num tight third")
                    words(second(entry.at), "td", "when num tight second")
                    words(entry.action.replace("_", " ").capitalize(), "td", "what tight strong")
                    words(_told(entry.detail), "td", "detail second")
                    words(entry.actor.partition(":")[0], "td", "by tight second")


def _told(detail: Mapping[str, Any] | None) -> str:
    """An entry's detail in words; what is empty is left out."""
    if detail is None:
        return "erased"
    return " · ".join(_told_one(name, value) for name, value in detail.items() if value not in (None, ""))


def _told_one(name: str, value: Any) -> str:
    if name == "milliseconds":
        return f"{value:,} ms"
    if name == "done":
        return "done" if value else "not done"
    told = f"{str(value)[:12]}…" if name in DIGESTS and len(str(value)) > 12 else str(value)
    told = told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
    return told if name == "intent" else f"{NAMES.get(name, name)} {told}"


def _id(text: str) -> UUID | None:
    """An operation's id from the address; one that is none filters nothing out."""
    try:
        return UUID(text)
    except ValueError:
        return None
