"""How setups went: four figures, the days, why they fail, and who decided."""

from nicegui import ui

from core.services import Services
from core.statistics import Summary
from pages.layout import frame
from pages.parts.words import heading, paragraph
from pages.visitor import visitor

BY_HAND = "by hand 2 h"


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/statistics")
    async def statistics_page(days: int = 30) -> None:
        who = visitor()
        summary = await services.statistics.summary(who, days)
        with frame("Statistics", "/statistics"):
            heading("Statistics")
            paragraph(f"Last {summary.days} days · {'all customers' if who.is_staff else 'your setups'}")
            _figures(summary)
            if not summary.finished:
                paragraph("Nothing has finished in this time.")
                return
            with ui.element("div").classes("grid halves"):
                _by_day(summary)
                _by_failure(summary)
            with ui.element("div").classes("card"):
                heading("By service", 2)
                for one in summary.by_service:
                    paragraph(f"{one.service}: {one.succeeded} succeeded, {one.failed} failed")
                shares = " · ".join(f"{rung} {100 * share:.1f} %" for rung, share in summary.deciders)
                paragraph(f"Who decided: {shares or 'nobody yet'}")


def _figures(summary: Summary) -> None:
    rate = f"{100 * summary.success_rate:.1f} %" if summary.success_rate is not None else "—"
    low_high = (
        f"{100 * summary.interval[0]:.1f} to {100 * summary.interval[1]:.1f} % (95 %)"
        if summary.interval
        else "nothing yet"
    )
    typical = f"{summary.median_seconds:.1f} s" if summary.median_seconds is not None else "—"
    slow = f"p95 {summary.p95_seconds:.1f} s · {BY_HAND}" if summary.p95_seconds is not None else BY_HAND
    with ui.element("div").classes("grid tiles"):
        _figure("Finished setups", f"{summary.finished:,}", f"{summary.finished - summary.succeeded} failed")
        _figure("Succeeded", rate, low_high)
        _figure("Typical time", typical, slow)
        _figure("Model cost", "$0.00", "no step needed a model")


def _figure(name: str, figure: str, context: str) -> None:
    with ui.element("div").classes("card"):
        paragraph(name, "third small")
        ui.label(figure).classes("figure")
        paragraph(context, "second small num")


def _by_day(summary: Summary) -> None:
    with ui.element("div").classes("card"):
        heading("By day", 2)
        ui.echart(
            {
                "aria": {"enabled": True},
                "grid": {"left": 32, "right": 8, "top": 16, "bottom": 24},
                "xAxis": {"type": "category", "data": [f"{one.day:%-d %b}" for one in summary.by_day]},
                "yAxis": {"type": "value", "minInterval": 1, "splitLine": {"show": False}},
                "tooltip": {"trigger": "axis"},
                "series": [
                    _series("succeeded", [one.succeeded for one in summary.by_day], "#3a4ed5"),
                    _series("failed", [one.failed for one in summary.by_day], "#b3261e"),
                ],
            }
        ).classes("w-full h-64")


def _series(name: str, counts: list[int], colour: str) -> dict[str, object]:
    return {
        "name": name,
        "type": "bar",
        "stack": "all",
        "data": counts,
        "itemStyle": {"color": colour},
        "barMaxWidth": 28,
    }


def _by_failure(summary: Summary) -> None:
    most = max((reason.runs for reason in summary.by_failure), default=1)
    with ui.element("div").classes("card"):
        heading("Why setups fail", 2)
        if not summary.by_failure:
            paragraph("None has failed.")
        with ui.element("table").classes("list"):
            for reason in summary.by_failure:
                with ui.element("tr"):
                    with ui.element("td"):
                        ui.label(reason.words)
                    with ui.element("td").classes("num"):
                        ui.label(str(reason.runs))
                    with ui.element("td").classes("w-1/2"):
                        ui.element("div").classes("bar-of").style(f"width: {100 * reason.runs / most:.0f}%")
