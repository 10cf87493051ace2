"""The audit trail: what was intended, what came of it, and whether anybody changed the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request
from nicegui import ui

from core.operations.entry_filter import By, EntryFilter
from core.security.audit.audit_log import AuditEntry, Verification
from core.security.audit.checkpoint import Checkpoint
from core.services import Services
from pages.layout import frame
from pages.parts.entry_words import BY, BY_ONE, GROUPS, NAMES, name_of
from pages.parts.run_filters import draw_choice, draw_text
from pages.parts.screen import screen
from pages.parts.times import minute, second, zone, zone_name
from pages.parts.words import address_of, button, grouped, heading, link, paragraph, side_by_side, whole_number, words
from pages.texts import later, t, tn
from pages.visitor import acting, below, errors_shown, visitor

HERE = "/audit"
SHOWN = 100  # entries on one screen
HIGHEST = 2**63 - 1  # number of an entry; no column holds a higher one
EARLIEST, LATEST = 1970, 9000  # years between which every clock can tell a day
LONGEST = 120  # characters of one detail
DETAILS = {"decidedBy": later("decided by"), "leftBehind": later("left behind"), "does": later("action")}
DIGESTS = frozenset({"ids", "item", "picture", "pictureSha256", "sha256", "text"})


def register(services: Services) -> None:
    """Put the screen up."""

    @screen(HERE)
    async def audit_page(request: Request) -> None:
        asked = AskedEntries.read(request.query_params)
        entries = await services.trail.page(visitor(), asked.wanted(), asked.before, SHOWN)
        with frame(t("Audit"), HERE):
            AuditScreen(services, asked).draw(entries)


@dataclass(frozen=True)
class AskedEntries:
    """What the address asks for; what can't be read filters nothing out. The last day is in it, to its end."""

    operation: UUID | None
    action: str
    by: By | None
    since: date | None
    until: date | None
    before: int | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "AskedEntries":
        """The address."""
        action, by = query.get("action", ""), query.get("actor", "")
        return cls(
            operation=_id(query.get("operation", "")),
            action=action if action in NAMES else "",
            by=By(by) if by in set(By) else None,
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            before=whole_number(query.get("before", ""), HIGHEST),
        )

    def wanted(self) -> EntryFilter:
        """The days as the viewer's own clock has them."""
        since = _midnight(self.since) if self.since else None
        until = _midnight(self.until + timedelta(days=1)) if self.until else None
        return EntryFilter(self.operation, self.action, self.by, since, until)

    @property
    def told(self) -> dict[str, str]:
        """The filters as an address has them."""
        since, until = (one.isoformat() if one else "" for one in (self.since, self.until))
        operation, by = (str(one) if one else "" for one in (self.operation, self.by))
        every = {"operation": operation, "action": self.action, "actor": by, "since": since, "until": until}
        return {name: value for name, value in every.items() if value}


class AuditScreen:
    """A page of entries, and the check of the whole chain."""

    def __init__(self, services: Services, asked: AskedEntries) -> None:
        self._services = services
        self._asked = asked

    def draw(self, entries: tuple[tuple[AuditEntry, By], ...]) -> None:
        """The screen."""
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading(t("Audit"))
                paragraph(
                    t("Every entry carries the hash of the one before: none can be changed or left out unnoticed.")
                )
            with ui.element("div").classes("row"):
                export = link(t("Download export"), "/api/autonomous/audit/export", "button")
                export.props("aria-describedby=whole-chain")
                button(t("Verify the chain"), self._verify)
        whole = t("Export and verification are always of the whole chain, whatever is chosen below.")
        paragraph(whole, "second small").props("id=whole-chain")
        self._verdict = words("", "p").props("role=status")
        self._draw_filters()
        if not entries:
            self._draw_empty()
            return
        with ui.element("div").classes("card rows"):
            _draw_table(entries)
        last, _ = entries[-1]
        if len(entries) == SHOWN and last.seq > 1:
            with ui.element("div").classes("row"):
                link(t("Earlier entries"), address_of(HERE, **self._asked.told, before=str(last.seq)), "button")

    def _draw_filters(self) -> None:
        told = self._asked.told
        with ui.element("form").props("method=get role=search autocomplete=off").classes("filters") as form:
            form.props["action"] = below(form.client, HERE)
            form.props["aria-label"] = t("Filter entries")
            if self._asked.operation:
                ui.element("input").props("type=hidden name=operation").props["value"] = told["operation"]
            _draw_kinds(self._asked.action)
            by = {"": t("Anybody")} | {one.value: t(name) for one, name in BY.items()}
            draw_choice("actor", t("By"), by, told.get("actor", ""))
            draw_text("since", t("From"), told.get("since", ""), "", "date")
            draw_text("until", t("To"), told.get("until", ""), "", "date")
            with ui.element("div").classes("row"):
                with ui.element("button").props("type=submit").classes("button"):
                    words(t("Filter"))
                if told:
                    link(t("Remove filters"), HERE)
        if self._asked.operation:
            with ui.element("p").classes("second"):
                words(t("One operation only"))
                words(" · ")
                link(t("the operation"), f"/operations/{self._asked.operation}")
                words(" · ")
                rest = {name: value for name, value in told.items() if name != "operation"}
                link(t("all entries"), address_of(HERE, **rest))

    def _draw_empty(self) -> None:
        with ui.element("div").classes("card empty"):
            heading(t("Nothing fits") if self._asked.told else t("There are no entries here"), 2)
            if self._asked.told:
                paragraph(t("No entry is as these filters want it. The chain itself is as whole as before."))
                link(t("Remove filters"), HERE, "button")
            else:
                paragraph(t("Whatever is asked for, done or looked at stands here, from the first moment on."))

    async def _verify(self) -> None:
        with errors_shown():
            found = await self._services.trail.verify(await acting(self._services))
            self._verdict.set_text(_verdict(found))
            self._verdict.classes(replace="well" if found.intact else "refusal")


def _verdict(found: Verification) -> str:
    """What verification says, in a sentence or two."""
    if not found.intact:
        if found.first_broken:
            return t("Broken at entry {number}: {because}.", number=found.first_broken, because=found.because)
        return t("Broken: {because}.", because=found.because)
    told = [
        tn(
            "Whole: {number} entry, none changed and none missing.",
            "Whole: {number} entries, none changed and none missing.",
            found.events,
        )
    ]
    if found.checkpoint is None:
        return " ".join([*told, t("Nothing is signed yet; that takes a minute at most.")])
    told.append(_signed(found.checkpoint))
    if found.unanchored:
        told.append(
            tn("{number} after it is not signed yet.", "{number} after it are not signed yet.", found.unanchored)
        )
    return " ".join(told)


def _signed(last: Checkpoint) -> str:
    return t(
        "Signed up to entry {number} on {moment} ({name}).",
        number=grouped(last.seq),
        moment=minute(last.moment),
        name=last.name,
    )


def _draw_kinds(chosen: str) -> None:
    """Every kind of entry, those together that belong together."""
    with ui.element("div").classes("field"):
        words(t("What"), "label").props("for=filter-action")
        with ui.element("select").props("name=action id=filter-action"):
            words(t("Anything"), "option").props["value"] = ""
            for group, kinds in GROUPS.items():
                with ui.element("optgroup") as together:
                    together.props["label"] = t(group)
                    for action, name in kinds.items():
                        option = words(t(name), "option")
                        option.props["value"] = action.value
                        if action.value == chosen:
                            option.props("selected")


def _draw_table(entries: tuple[tuple[AuditEntry, By], ...]) -> None:
    with ui.element("table").classes("list entries folding small"):
        with ui.element("thead"), ui.element("tr"):
            for name in (t("No."), t("When ({zone})", zone=zone_name()), t("What"), t("Detail"), t("By")):
                words(name, "th")
        with ui.element("tbody"):
            for entry, by in entries:
                with ui.element("tr"):
                    words(str(entry.seq), "td", "seq num tight third")
                    words(second(entry.at), "td", "when num tight second")
                    words(name_of(entry.action), "td", "what tight strong")
                    words(_told(entry.detail), "td", "detail second")
                    words(t(BY_ONE[by]), "td", "by tight second")


def _told(detail: Mapping[str, Any] | None) -> str:
    """An entry's detail in words; what is empty is left out."""
    if detail is None:
        return t("erased")
    return side_by_side(*(_told_one(name, value) for name, value in detail.items() if value not in (None, "")))


def _told_one(name: str, value: Any) -> str:
    if name == "milliseconds":
        return t("{milliseconds} ms", milliseconds=grouped(value))
    if name == "done":
        return t("done") if value else t("not done")
    told = f"{str(value)[:12]}…" if name in DIGESTS and len(str(value)) > 12 else str(value)
    told = told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
    return told if name == "intent" else " ".join([t(DETAILS[name]) if name in DETAILS else name, told])


def _id(text: str) -> UUID | None:
    """An operation's id from the address; one that is none filters nothing out."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    """A day from the address, as 2026-12-31."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST < found.year < LATEST else None


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time.min, tzinfo=zone())
