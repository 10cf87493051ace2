"""Charts of the statistics: drawn as SVG, so that the style sheet's colours hold, in light and dark.

None tells its parts by colour alone: a hatch, a dash or the place in the chart says the same, and `aria` says it in words.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from nicegui import ui

from core.statistics.summary import DayCount, Part
from pages.parts.times import month_of
from pages.texts import t

Options: TypeAlias = dict[str, Any]
WORDS_OF_AXIS = {"color": "var(--second)", "fontSize": 12}
HATCH = {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 4], "rotation": 0.785, "color": "var(--card)"}


def draw_chart(options: Options) -> None:
    """A chart as wide as its card."""
    ui.echart(options, renderer="svg").classes("chart")


def outcomes_by_day(days: Sequence[DayCount]) -> Options:
    """What succeeded and what failed, one upon the other; what failed is hatched, too."""
    failed = _bars(t("failed"), [one.failed for one in days], "var(--failed)")
    failed["itemStyle"]["decal"] = HATCH
    return _with_days(days, 1) | {
        "series": [_bars(t("succeeded"), [one.succeeded for one in days], "var(--accent)"), failed]
    }


def durations_by_day(days: Sequence[DayCount]) -> Options:
    """The median as a line, the 95th percentile as a dashed one; a day without setups is a gap."""
    return _with_days(days, 0) | {
        "series": [
            _line(t("median"), [_rounded(one.median_seconds) for one in days], "var(--accent)", "solid", "circle"),
            _line(t("p95"), [_rounded(one.p95_seconds) for one in days], "var(--unusual)", "dashed", "diamond"),
        ],
    }


def success_of(parts: Sequence[Part], names: Sequence[str]) -> Options:
    """A bar for each part, as long as its success rate."""
    rates = [round(100 * (one.success_rate or 0), 1) for one in parts]
    bars = _bars(t("succeeded"), [], "var(--accent)") | {
        "data": rates,
        "label": {"show": True, "position": "insideRight", "formatter": "{c} %", "color": "var(--on-mark)"},
        "barMaxWidth": 24,
    }
    return {
        **_plain(),
        "xAxis": {"type": "value", "min": 0, "max": 100, "splitLine": _hairline(), "axisLabel": WORDS_OF_AXIS},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": list(names),
            "axisTick": {"show": False},
            "axisLine": _hairline(),
            "axisLabel": WORDS_OF_AXIS,
        },
        "series": [bars],
    }


def _with_days(days: Sequence[DayCount], smallest: int) -> Options:
    return {
        **_plain(),
        "legend": {"top": 0, "left": 0, "itemHeight": 10, "textStyle": WORDS_OF_AXIS},
        "xAxis": {
            "type": "category",
            "data": [t("{day} {month}", day=one.day.day, month=month_of(one.day)) for one in days],
            "axisTick": {"show": False},
            "axisLine": _hairline(),
            "axisLabel": WORDS_OF_AXIS,
        },
        "yAxis": {
            "type": "value",
            "minInterval": smallest,
            "splitNumber": 3,
            "splitLine": _hairline(),
            "axisLabel": WORDS_OF_AXIS,
        },
    }


def _plain() -> Options:
    return {
        "aria": _read_out(),
        "animation": False,
        "tooltip": {"trigger": "axis", "confine": True},
        "grid": {"left": 4, "right": 16, "top": 32, "bottom": 4, "containLabel": True},
    }


def _read_out() -> Options:
    """What a screen reader is told of a chart: what is in braces is filled in by the chart itself."""
    return {
        "enabled": True,
        "label": {
            "general": {"withoutTitle": t("This is a chart.")},
            "series": {
                "single": {"prefix": "", "withName": t(" It shows {seriesName}.")},
                "multiple": {
                    "prefix": t(" It shows {seriesCount} series."),
                    "withName": t(" The series {seriesName}."),
                    "separator": {"middle": "", "end": ""},
                },
            },
            "data": {
                "allData": t(" Its values: "),
                "partialData": t(" Its first {displayCnt} values: "),
                "withName": t("{name}: {value}"),
                "separator": {"middle": "; ", "end": "."},
            },
        },
    }


def _hairline() -> Options:
    return {"lineStyle": {"color": "var(--line)"}}


def _bars(name: str, counts: Sequence[int], colour: str) -> Options:
    return {
        "name": name,
        "type": "bar",
        "stack": "all",
        "data": list(counts),
        "itemStyle": {"color": colour},
        "emphasis": {"disabled": True},
        "barMaxWidth": 16,
    }


def _line(name: str, values: Sequence[float | None], colour: str, dash: str, symbol: str) -> Options:
    return {
        "name": name,
        "type": "line",
        "data": list(values),
        "symbol": symbol,
        "symbolSize": 5,
        "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "type": dash, "width": 2},
        "emphasis": {"disabled": True},
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
