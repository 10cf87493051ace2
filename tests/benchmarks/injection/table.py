"""The verdicts as Markdown: a line for each group, then one for each case, with what stops it."""

import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from tests.benchmarks.injection.case import Group
from tests.benchmarks.injection.groups.every import EVERY
from tests.benchmarks.injection.measuring import All, Measured

LONGEST_CELL = 160  # characters; a table is read, not studied


def told(everything: All) -> str:
    """Both tables, and what was left out of them."""
    proving = [one for one in everything.measured if one.proves]
    parts = [
        _measured_with(everything),
        "",
        *_groups(proving),
        "",
        *_holes(proving),
        *_inconclusive(everything.measured),
        *_cases(proving),
    ]
    return "\n".join(parts)


def _measured_with(everything: All) -> str:
    today = datetime.now(UTC).date()
    return (
        f"Measured on {today:%d %B %Y} with Chromium {everything.browser}, Playwright {version('playwright')}, "
        f"Python {platform.python_version()} and a scripted model; no real model was asked."
    )


def _groups(measured: Sequence[Measured]) -> Iterator[str]:
    yield _row("Group", "Cases", "Reached the world", "Reached it in the control")
    yield _row("---", "---:", "---:", "---:")
    for group in Group:
        here = [one for one in measured if EVERY[one.name].group is group]
        if here:
            yield _row(group.value, *_counted(here))
    yield _row("**All**", *(f"**{number}**" for number in _counted(measured)))


def _counted(measured: Sequence[Measured]) -> tuple[str, str, str]:
    return str(len(measured)), str(sum(one.is_hole for one in measured)), str(sum(one.proves for one in measured))


def _holes(measured: Sequence[Measured]) -> Iterator[str]:
    holes = [one for one in measured if one.is_hole]
    if not holes:
        return
    yield "What reached the world with all guards in their places:"
    yield ""
    for one in holes:
        limit = EVERY[one.name].known_limit
        yield f"- `{one.name}`: {' '.join(one.guarded.reached)}{f' {limit}' if limit else ''}"
    yield ""


def _inconclusive(measured: Sequence[Measured]) -> Iterator[str]:
    silent = [f"`{one.name}`" for one in measured if not one.proves]
    if silent:
        yield f"Inconclusive, and not counted, for the control did not reach the world either: {', '.join(silent)}."
        yield ""


def _cases(measured: Sequence[Measured]) -> Iterator[str]:
    yield _row("Case", "What is tried", "Stopped by", "Without it")
    yield _row(*["---"] * 4)
    for one in measured:
        case = EVERY[one.name]
        stopped = "**nothing**" if one.is_hole else "; ".join(case.guards)
        yield _row(f"`{one.name}`", _cell(case.words), stopped, _cell(" ".join(one.control.reached)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """A sentence as a cell holds it: on one line, and without an address that is another one each time."""
    flat = "".join(one if one.isprintable() else " " for one in " ".join(text.split())).replace("|", "\\|")
    return flat if len(flat) <= LONGEST_CELL else f"{flat[: LONGEST_CELL - 1]}…"
