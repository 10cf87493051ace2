"""How setups went: four figures, the days, why they fail, and who decided."""

from nicegui import ui

from core.planner.planner import Rung
from core.security.audit.chain_watch import ChainsStanding
from core.security.people.authorize import Action, may
from core.security.people.visitor import Visitor
from core.services import Services
from core.statistics.statistics import LONGEST_LOOK_BACK
from core.statistics.summary import Summary
from pages.layout import frame
from pages.parts.times import minute
from pages.parts.words import address_of, count, heading, link, paragraph, seconds, whole_number, words
from pages.visitor import visitor

BY_HAND = "by hand 2 h"
PERIODS = (7, 30, 90, 365)  # days
USUAL_PERIOD = 30  # days
RUNGS = {
    Rung.RECORDED: "as recorded",
    Rung.ALTERNATIVE: "recorded alternative",
    Rung.ACCEPTED: "accepted by staff",
    Rung.LIKENESS: "likeness",
    Rung.MODEL: "model",
    Rung.PERSON: "a person",
    Rung.CODE: "code, without a page",
}


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/statistics")
    async def statistics_page(days: str = "") -> None:
        who = visitor()
        period = whole_number(days, LONGEST_LOOK_BACK)
        summary = await services.statistics.summary(who, USUAL_PERIOD if period is None else period)
        sees_all = may(who, Action.SEE_ALL_CUSTOMERS)
        chains = await services.chains.standing() if sees_all else None
        with frame("Statistics", "/statistics"):
            with ui.element("div").classes("head"):
                with ui.element("div"):
                    heading("Statistics")
                    whose = "all customers" if sees_all else _whose(who)
                    paragraph(f"Last {summary.days} days · all services · {whose}")
                _draw_periods(summary.days)
            if chains:
                _draw_chains(chains)
            _draw_figures(summary)
            if not summary.finished:
                paragraph("Nothing has finished in this time.")
                return
            with ui.element("div").classes("halves"):
                _draw_days(summary)
                _draw_failures(summary)
            _draw_services(services, summary)
            _draw_deciders(summary)


def _whose(who: Visitor) -> str:
    return "this customer's setups" if who.is_staff else "your setups"


def _draw_chains(chains: ChainsStanding) -> None:
    """Whether the customers' audit chains are whole, for staff: one that is not is the first thing to look at."""
    if chains.broken:
        told = f"{count(chains.broken, 'audit chain')} of {chains.chains:,} not whole: run autopilot audit verify."
        words(told, "p", "refusal").props("role=alert")
        return
    since = f"; each was verified since {minute(chains.oldest)}" if chains.oldest else ""
    new = f", {chains.never_verified:,} not verified yet" if chains.never_verified else ""
    late = (
        "; none can be vouched for now: verification is late or failed, look for ALERT in the log"
        if chains.is_late
        else ""
    )
    paragraph(f"{count(chains.chains, 'audit chain')}: none broken{new}{since}{late}.")


def _draw_periods(days: int) -> None:
    with ui.element("nav").classes("row").props('aria-label="Period"'):
        for period in PERIODS:
            chip = link(f"{period} days", address_of("/statistics", days=str(period)), "chip")
            if period == days:
                chip.props("aria-current=true")


def _draw_figures(summary: Summary) -> None:
    rate = f"{100 * summary.success_rate:.1f} %" if summary.success_rate is not None else "—"
    typical = seconds(summary.median_seconds) if summary.median_seconds is not None else "—"
    slow = f"p95 {seconds(summary.p95_seconds)} · {BY_HAND}" if summary.p95_seconds is not None else BY_HAND
    with ui.element("div").classes("tiles"):
        _draw_figure("Finished setups", f"{summary.finished:,}", _against_before(summary))
        _draw_figure("Succeeded", rate, _interval(summary))
        _draw_figure("Typical time", typical, slow)
        _draw_figure("Model cost", *_cost(summary))


def _against_before(summary: Summary) -> str:
    if not summary.finished_before:
        return f"none in the {summary.days} days before"
    change = 100 * (summary.finished / summary.finished_before - 1)
    return f"{change:+.0f} % on the {summary.days} days before"


def _interval(summary: Summary) -> str:
    if summary.interval is None:
        return "nothing finished yet"
    low, high = summary.interval
    return f"{100 * low:.1f} to {100 * high:.1f} % (95 %)"


def _cost(summary: Summary) -> tuple[str, str]:
    asked = round(dict(summary.deciders).get(Rung.MODEL, 0) * summary.steps)
    return "$0.00" if not asked else "—", f"{asked:,} of {count(summary.steps, 'step')} needed it"


def _draw_figure(name: str, figure: str, context: str) -> None:
    with ui.element("div").classes("card"):
        paragraph(name, "second small")
        words(figure, "p", "figure")
        paragraph(context, "second small num")


def _draw_days(summary: Summary) -> None:
    with ui.element("div").classes("card"):
        heading("By day", 2)
        # Drawn as SVG, so that the style sheet's colours hold, in light and dark.
        ui.echart(_chart(summary), renderer="svg").classes("chart")


def _chart(summary: Summary) -> dict[str, object]:
    words_of_axis = {"color": "var(--second)", "fontSize": 12}
    return {
        "aria": {"enabled": True},
        "animation": False,
        "grid": {"left": 4, "right": 4, "top": 12, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [f"{one.day:%-d %b}" for one in summary.by_day],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": "var(--line)"}},
            "axisLabel": words_of_axis,
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "splitNumber": 3,
            "splitLine": {"lineStyle": {"color": "var(--line)"}},
            "axisLabel": words_of_axis,
        },
        "series": [
            _series("succeeded", [one.succeeded for one in summary.by_day], "var(--accent)"),
            _series("failed", [one.failed for one in summary.by_day], "var(--failed)"),
        ],
    }


def _series(name: str, counts: list[int], colour: str) -> dict[str, object]:
    return {
        "name": name,
        "type": "bar",
        "stack": "all",
        "data": counts,
        "itemStyle": {"color": colour},
        "emphasis": {"disabled": True},
        "barMaxWidth": 16,
    }


def _draw_failures(summary: Summary) -> None:
    most = max((reason.runs for reason in summary.by_failure), default=1)
    with ui.element("div").classes("card"):
        heading("Why setups fail", 2)
        if not summary.by_failure:
            paragraph("None has failed.")
            return
        with ui.element("table").classes("list"):
            with ui.element("thead"), ui.element("tr"):
                words("Reason", "th")
                words("Runs", "th")
                words("", "th")
            with ui.element("tbody"):
                for reason in summary.by_failure:
                    with ui.element("tr"):
                        words(reason.words, "td")
                        words(str(reason.runs), "td", "num tight")
                        with ui.element("td").classes("share"):
                            _draw_bar(reason.runs, most)


def _draw_bar(value: int, most: int) -> None:
    bar = ui.element("progress").classes("bar-of").props("aria-hidden=true")
    bar.props["value"], bar.props["max"] = value, most


def _draw_services(services: Services, summary: Summary) -> None:
    titles = {one.service: one.title for one in services.integrations.all()}
    with ui.element("div").classes("card"), ui.element("p"):
        words("By service", "strong")
        for one in summary.by_service:
            told = f" · {titles.get(one.service, one.service)} {one.succeeded:,} succeeded, {one.failed:,} failed"
            words(told, classes="second num")


def _draw_deciders(summary: Summary) -> None:
    with ui.element("div").classes("card"), ui.element("p"):
        words("Who decided", "strong")
        for rung, share in summary.deciders:
            words(f" · {RUNGS.get(Rung(rung), rung)} {100 * share:.1f} %", classes="second num")
