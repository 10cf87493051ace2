"""The filters above a list of operations: they live in its address, so back, reload and sharing lead to the same list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from nicegui import ui

from core.operations.run_filter import LONGEST_DAYS, LONGEST_WORDS, Kind, Mark, RunFilter, Standing
from core.operations.runs import Cut, RunPage
from core.services import Services
from core.statistics.summary import REASONS, reason
from pages.parts.words import address_of, link, whole_number, words
from pages.texts import later, t, tn
from pages.visitor import below

HERE = "/operations"
T = TypeVar("T")
STANDINGS = {
    None: later("All"),
    Standing.OPEN: later("Under way"),
    Standing.NEEDS_YOU: later("Needs you"),
    Standing.COMPLETED: later("Done"),
    Standing.FAILED: later("Failed"),
    Standing.CANCELLED: later("Stopped"),
}
KINDS = {
    Kind.SETUPS: later("Setups"),
    Kind.UPKEEP: later("Checks and product runs"),
    Kind.ALL: later("Setups, checks and product runs"),
}
PERIODS = (1, 7, 30, 90, 365)  # days


@dataclass(frozen=True)
class Asked:
    """What the address of a list asks for."""

    wanted: RunFilter
    cut: Cut

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """What can't be read filters nothing out: an address is typed and shortened by people."""
        told = {name: " ".join(query.get(name, "").replace("\0", "").split())[:LONGEST_WORDS] for name in NAMES}
        days = whole_number(told["days"], LONGEST_DAYS)
        wanted = RunFilter(
            status=_one_of(Standing, told["status"]),
            service=told["service"],
            failure=told["failure"],
            days=days or None,
            kind=_one_of(Kind, told["kind"]) or Kind.SETUPS,
            q=told["q"],
            customer=told["customer"],
        )
        return cls(wanted, Cut(Mark.read(told["before"]), Mark.read(told["after"])))

    @property
    def is_filtered(self) -> bool:
        """Whether anything is filtered out that would be there without."""
        return self.wanted != RunFilter()

    @property
    def is_first(self) -> bool:
        """Whether this is the page on which new ones appear."""
        return self.cut.before is None and self.cut.after is None

    def address(self, **changed: str) -> str:
        """The same list from its newest on, with this changed."""
        return address_of(HERE, **{name: value for name, value in (self.told | changed).items() if value})

    @property
    def told(self) -> dict[str, str]:
        """The filters as an address has them; what is usual is not said."""
        one = self.wanted
        return {
            "status": one.status.value if one.status else "",
            "service": one.service,
            "failure": one.failure,
            "days": str(one.days or ""),
            "kind": "" if one.kind is Kind.SETUPS else one.kind.value,
            "q": one.q,
            "customer": one.customer,
        }


NAMES = ("status", "service", "failure", "days", "kind", "q", "customer", "before", "after")


def draw_filters(services: Services, asked: Asked, *, of_all: bool) -> None:
    """The states as links, and all else as a form that is sent as an address."""
    with ui.element("nav").classes("row") as nav:
        nav.props["aria-label"] = t("How it stands")
        for standing, told in STANDINGS.items():
            chip = link(t(told), asked.address(status=standing.value if standing else ""), "chip")
            if standing is asked.wanted.status:
                chip.props("aria-current=true")
    with ui.element("form").props("method=get role=search autocomplete=off").classes("filters") as form:
        form.props["action"] = below(form.client, HERE)
        form.props["aria-label"] = t("Filter operations")
        _draw_fields(services, asked, of_all=of_all)
        with ui.element("div").classes("row"):
            with ui.element("button").props("type=submit").classes("button"):
                words(t("Filter"))
            if asked.is_filtered:
                link(t("Remove filters"), HERE)


def _draw_fields(services: Services, asked: Asked, *, of_all: bool) -> None:
    told = asked.told
    hidden = ui.element("input").props("type=hidden name=status")
    hidden.props["value"] = told["status"]
    draw_text("q", t("Shop or operation"), told["q"], "tea.example")
    if of_all:
        draw_text("customer", t("Customer"), told["customer"], t("Tea Shop"))
    titles = {one.service: one.title for one in services.integrations.all()}
    draw_choice("service", t("Service"), {"": t("Any")} | titles, told["service"])
    failure, codes = told["failure"], {code: _told_apart(code) for code in sorted(REASONS, key=REASONS.__getitem__)}
    draw_choice(
        "failure",
        t("Why it failed"),
        {"": t("Any")} | codes | ({failure: _told_apart(failure)} if failure else {}),
        failure,
    )
    periods = {str(one): tn("{number} day", "{number} days", one) for one in PERIODS}
    if told["days"]:
        periods.setdefault(told["days"], tn("{number} day", "{number} days", int(told["days"])))
    draw_choice("days", t("Asked for within"), {"": t("Any time")} | periods, told["days"])
    kinds = {"" if kind is Kind.SETUPS else kind.value: t(words_of) for kind, words_of in KINDS.items()}
    draw_choice("kind", t("What"), kinds, told["kind"])


def draw_text(name: str, label: str, value: str, example: str, kind: str = "search") -> None:
    """A field of a filter."""
    with ui.element("div").classes("field"):
        words(label, "label").props["for"] = f"filter-{name}"
        box = ui.element("input").props(f"name={name} id=filter-{name} type={kind} maxlength={LONGEST_WORDS}")
        box.props["value"], box.props["placeholder"] = value, example


def draw_choice(name: str, label: str, options: Mapping[str, str], chosen: str) -> None:
    """A choice of a filter, by value and words."""
    with ui.element("div").classes("field"):
        words(label, "label").props["for"] = f"filter-{name}"
        with ui.element("select").props(f"name={name} id=filter-{name}"):
            for value, told in options.items():
                option = words(told, "option")
                option.props["value"] = value
                if value == chosen:
                    option.props("selected")


def draw_pages(asked: Asked, page: RunPage[Any]) -> None:
    """The way to newer and to older ones."""
    if page.newer is None and page.older is None:
        return
    with ui.element("nav").classes("row") as nav:
        nav.props["aria-label"] = t("Pages")
        if page.newer:
            link(t("Newer"), asked.address(after=str(page.newer)), "button")
        if page.older:
            link(t("Older"), asked.address(before=str(page.older)), "button")


def _told_apart(code: str) -> str:
    """A reason in words; where two codes have the same, with the code."""
    told = reason(code)
    return told if list(REASONS.values()).count(told) == 1 else f"{told} ({code})"


def _one_of(kind: type[T], text: str) -> T | None:
    try:
        return kind(text)  # type: ignore[call-arg]  # an enum, read by its value
    except ValueError:
        return None
