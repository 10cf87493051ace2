"""A table of setups by what they have in common: how many, how often they succeed, how long they take, saved and cost."""

from collections.abc import Callable, Sequence

from nicegui import ui

from core.statistics.summary import Part
from pages.parts.words import heading, paragraph, seconds, words
from pages.texts import later, t

COLUMNS = (
    later("Setups"),
    later("Succeeded"),
    later("95 % interval"),
    later("Median"),
    later("p95"),
    later("Time saved"),
    later("Model cost"),
)


def draw_parts(title: str, what: str, parts: Sequence[Part], named: Callable[[Part], str], remark: str = "") -> None:
    """One line for each part, the most frequent first; on a phone each line becomes a block of name and values."""
    with ui.element("div").classes("card"):
        heading(title, 2)
        if remark:
            paragraph(remark, "second small")
        with ui.element("table").classes("list folding parts"):
            with ui.element("thead"), ui.element("tr"):
                words(what, "th").props("scope=col")
                for column in COLUMNS:
                    words(t(column), "th", "right").props("scope=col")
            with ui.element("tbody"):
                for part in parts:
                    _draw(part, named(part))


def _draw(part: Part, name: str) -> None:
    told = (
        f"{part.finished:,}",
        percent(part.success_rate),
        between(part.interval),
        took(part.median_seconds),
        took(part.p95_seconds),
        hours(part.saved_seconds),
        dollars(part.millionths),
    )
    with ui.element("tr"):
        words(name, "th", "name").props("scope=row")
        for column, value in zip(COLUMNS, told, strict=True):
            words(value, "td", "right num").props["data-label"] = t(column)


def percent(rate: float | None) -> str:
    """A rate, as people read it."""
    return "—" if rate is None else f"{100 * rate:.1f} %"


def between(interval: tuple[float, float] | None) -> str:
    """The two ends of an interval of a rate."""
    return (
        "—"
        if interval is None
        else t("{low} to {high} %", low=format(100 * interval[0], ".1f"), high=format(100 * interval[1], ".1f"))
    )


def took(length: float | None) -> str:
    """A length of time, if there is one."""
    return "—" if length is None else seconds(length)


def hours(length: float) -> str:
    """A long time, in hours."""
    return "—" if not length else t("{hours} h", hours=format(length / 3600, ",.1f").removesuffix(".0"))


def dollars(millionths: int) -> str:
    """What the model cost; what is less than a cent is not nothing."""
    amount = millionths / 1_000_000
    return f"${amount:,.2f}" if not amount or amount >= 0.01 else f"${amount:.4f}"
