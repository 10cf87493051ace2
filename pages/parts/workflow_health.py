"""How the learnt workflows fare, for staff: by workflow and version of the service, green when, how often, what was healed."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from core.statistics.summary import rate_of
from core.statistics.workflow_health import WorkflowLine
from pages.parts.parts_table import percent
from pages.parts.times import day
from pages.parts.words import heading, link, paragraph, words
from pages.texts import later, t, tn

COLUMNS = (
    later("Version of the service"),
    later("Last green"),
    later("Runs in 30 days"),
    later("Succeeded"),
    later("Steps healed"),
    later("Proposals"),
)


def draw_workflow_health(lines: Sequence[WorkflowLine], titles: Mapping[str, str]) -> None:
    """A table, or what it will hold; `titles` are those of the workflows that are learnt now, by id."""
    with ui.element("div").classes("card"):
        heading(t("Workflow health"), 2)
        if not lines:
            paragraph(
                t(
                    "Nothing has run since runs are recorded. Here will be, for each workflow and version of the service, when it "
                    "last succeeded, how often it does lately, and which steps were healed."
                )
            )
            return
        with ui.element("table").classes("list folding parts health-of"):
            with ui.element("thead"), ui.element("tr"):
                words(t("Workflow"), "th").props("scope=col")
                for column in COLUMNS:
                    words(t(column), "th", "right").props("scope=col")
            with ui.element("tbody"):
                for line in lines:
                    _draw(line, titles.get(line.workflow_id, line.workflow_id))


def _draw(line: WorkflowLine, title: str) -> None:
    runs = line.succeeded + line.failed
    told = (
        line.service_version or t("not told"),
        day(line.last_green),
        f"{runs:,}",
        percent(rate_of(line.succeeded, runs)),
        f"{line.healed:,}",
    )
    with ui.element("tr"):
        words(title, "th", "name").props("scope=row")
        for column, value in zip(COLUMNS, told, strict=False):
            words(value, "td", "right num").props["data-label"] = t(column)
        with ui.element("td").classes("right num") as cell:
            cell.props["data-label"] = t(COLUMNS[-1])
            if line.proposals:
                link(tn("{number} to decide on", "{number} to decide on", line.proposals), "#proposed")
            else:
                words(t("none"))
