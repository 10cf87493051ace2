"""Whatever dies, fills up or answers wrongly: the operation is over, all that is left of it agrees, and no key is there twice.

These are some of the tries of `python -m tests.faults.table`, side by side.
"""

import asyncio
from pathlib import Path

import pytest

from core.database.states import OperationStatus
from tests.fakes.messages_api import status
from tests.faults.fault_case import Tried, Try
from tests.faults.unwell import Illness, Trouble
from tests.faults.ways_to_fail import (
    bereft_of,
    clicked,
    killed,
    killed_at_random,
    model_is_unwell,
    out_of_room,
    unwell,
    why_no_small_disk,
)

DONE, FAILED, STOPPED = OperationStatus.COMPLETED, OperationStatus.FAILED, OperationStatus.CANCELLED
PRODUCTS = "/wp-json/wc/v3/products"
BROWSER, DRIVER, PAGE = "--remote-debugging-pipe --no-startup-window", "run-driver", "--type=renderer"


async def side_by_side(folder: Path, *tries: Try, number: int = 0) -> list[Tried]:
    """What came of these, each in a folder of its own."""
    folders = [folder / str(one) for one in range(len(tries))]
    for one in folders:
        one.mkdir()
    return list(await asyncio.gather(*(one(where, number) for one, where in zip(tries, folders, strict=True))))


def told(tried: list[Tried]) -> list[tuple[str, int, tuple[str, ...]]]:
    """How each ended, how many keys there were at once at most, and what does not agree."""
    return [(one.ended, one.most_keys, one.wrong) for one in tried]


@pytest.mark.parametrize(
    "points",
    [
        ("after:claiming:1", "after:intent:4", "after:deed:7"),
        ("after:deed:8", "after:checkpointing:2", "after:signing:1"),
    ],
    ids=["before the key was seen", "after it"],
)
async def test_a_killed_run_is_finished_by_the_next_process(tmp_path: Path, points: tuple[str, ...]) -> None:
    tried = await side_by_side(tmp_path, *(killed(point) for point in points))
    assert told(tried) == [(DONE, 1, ())] * len(points)


async def test_what_is_killed_again_while_it_recovers_is_finished_all_the_same(tmp_path: Path) -> None:
    tries = [killed("after:deed:7 and then after:deed:6"), killed_at_random(2)]
    assert told(await side_by_side(tmp_path, *tries)) == [(DONE, 1, ())] * 2


async def test_what_is_killed_while_it_cleans_up_leaves_no_key(tmp_path: Path) -> None:
    def refuses() -> list[Trouble]:
        return [Trouble(Illness.ERROR_500, f"GET {PRODUCTS}")]

    points = ("before:clean-up:1", "after:deed:15")
    tried = await side_by_side(tmp_path, *(killed(point, troubles=refuses) for point in points))
    assert told(tried) == [(FAILED, 1, ())] * 2


async def test_a_run_whose_browser_dies_alone_is_finished_in_the_same_process(tmp_path: Path) -> None:
    tried = await side_by_side(tmp_path, *(bereft_of(words, [7]) for words in (BROWSER, DRIVER, PAGE)))
    assert told(tried) == [(DONE, 1, ())] * 3


async def test_a_full_disk_ends_a_run_honestly_or_is_waited_for(tmp_path: Path) -> None:
    if because := why_no_small_disk():
        pytest.skip(because)
    pictures, database = await side_by_side(tmp_path, out_of_room("pictures"), out_of_room("database"))
    assert told([pictures, database]) == [(DONE, 1, ()), (DONE, 1, ())]


async def test_a_shop_that_is_unwell_is_left_without_a_key(tmp_path: Path) -> None:
    troubles = (Trouble(Illness.LOST, "POST /wp-admin/admin-ajax.php"), Trouble(Illness.TOO_MANY, f"GET {PRODUCTS}"))
    tried = await side_by_side(tmp_path, *(unwell(trouble) for trouble in troubles))
    assert told(tried) == [(FAILED, 1, ())] * 2


async def test_a_model_that_is_unwell_leaves_the_question_to_a_person(tmp_path: Path) -> None:
    assert told(await side_by_side(tmp_path, model_is_unwell(status(500)))) == [(FAILED, 0, ())]


async def test_a_stop_and_a_withdrawal_hold_though_the_process_is_killed(tmp_path: Path) -> None:
    tries = [clicked("stop", killed_after=True), clicked("revoke", killed_after=True)]
    tried = await side_by_side(tmp_path, *tries, number=1)
    assert [(one.ended, one.wrong) for one in tried] == [(STOPPED, ())] * 2
