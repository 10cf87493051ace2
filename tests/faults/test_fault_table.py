"""The table of faults counts what was lost and what was doubled, and stands in its document."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.fault_case import LOST, FaultCase, Tried
from tests.faults.table import BEGIN, END, HEAD, Row, run, table, written
from tests.faults.ways_to_fail import chosen

WELL = Tried("completed", 1, (), 1.5, 0.25)


def case_of(*outcomes: Tried, skipped: str = "") -> FaultCase:
    """A fault of which this comes, try by try."""

    async def attempt(folder: Path, number: int) -> Tried:
        return outcomes[number]

    return FaultCase("something happens", attempt, at_most=len(outcomes), skipped=skipped)


@pytest.mark.parametrize(
    ("worse", "figures"),
    [
        (WELL, "2 | 0 | 0 | 2 | 0 | 0"),
        (Tried(LOST), "2 | 1 | 0 | 1 | 0 | 0"),
        (Tried("completed", 2), "2 | 0 | 1 | 2 | 0 | 0"),
        (Tried("failed", 1, ("the audit has 2 ends",)), "2 | 1 | 0 | 1 | 1 | 0"),
    ],
    ids=["well", "lost", "doubled", "at odds"],
)
async def test_a_row_counts_how_its_tries_ended(worse: Tried, figures: str) -> None:
    (row,) = await run([case_of(WELL, worse)], tries=9, jobs=2)
    assert row.is_good is (worse is WELL)
    assert row.line == f"| something happens | {figures} | 0.2 s (0.2 s) |"


async def test_what_can_not_be_tried_here_says_why() -> None:
    (row,) = await run([case_of(WELL, skipped="no disk")], tries=1, jobs=1)
    assert (row.tried, row.is_good) == ([], True)
    assert row.line.endswith("not tried: no disk |")


async def test_no_more_tries_go_on_at_once_than_there_are_jobs() -> None:
    at_once = most = 0

    async def attempt(folder: Path, number: int) -> Tried:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return WELL

    await run([FaultCase("one", attempt), FaultCase("another", attempt)], tries=5, jobs=3)
    assert most == 3


def test_the_table_takes_the_place_of_the_one_before() -> None:
    row = Row(case_of(WELL), [WELL])
    document = written(f"Before.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", table({"One process": [row]}, "make it"))
    assert "old" not in document
    assert "by `make it`: 1 tries." in document
    assert f"**One process**\n\n{HEAD}" in document
    assert document.startswith("Before.")
    assert document.endswith("After.\n")


def test_as_many_tries_as_there_are_choices_come_to_each_and_few_come_far_about() -> None:
    for size in (1, 2, 3, 9, 13, 27):
        assert {chosen(range(size), number) for number in range(size)} == set(range(size))
    assert [chosen(range(13), number) for number in range(3)] == [0, 8, 3]
