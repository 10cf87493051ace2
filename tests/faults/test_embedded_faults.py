"""Whatever dies, fills up or answers wrongly: the operation is over, all that is left of it agrees, and no key is there twice.

These are some of the tries of `python -m tests.faults.table`, one after the other in one operation: it may die five times.
"""

from pathlib import Path

import pytest

from core.database.states import OperationStatus
from tests.fakes.messages_api import status
from tests.faults.fault_case import Tried
from tests.faults.unwell import Illness, Trouble
from tests.faults.ways_to_fail import (
    bereft_of,
    clicked,
    killed,
    model_is_unwell,
    out_of_room,
    unwell,
    why_no_small_disk,
)

DONE, FAILED, STOPPED = OperationStatus.COMPLETED, OperationStatus.FAILED, OperationStatus.CANCELLED
PRODUCTS = "/wp-json/wc/v3/products"
BROWSER, DRIVER, PAGE = "--remote-debugging-pipe --no-startup-window", "run-driver", "--type=renderer"


def told(tried: Tried) -> tuple[str, int, tuple[str, ...]]:
    """How it ended, how many keys there were at once at most, and what does not agree."""
    return (tried.ended, tried.most_keys, tried.wrong)


@pytest.mark.parametrize(
    "points",
    [
        ("after:claiming:1", "after:intent:4", "after:deed:7", "after:deed:6"),
        ("after:deed:8", "after:checkpointing:2", "after:signing:1"),
    ],
    ids=["before the key was seen, and while it is removed", "after it"],
)
async def test_a_killed_run_is_finished_by_the_next_process(tmp_path: Path, points: tuple[str, ...]) -> None:
    assert told(await killed(" and then ".join(points))(tmp_path, 0)) == (DONE, 1, ())


async def test_what_is_killed_while_it_cleans_up_leaves_no_key(tmp_path: Path) -> None:
    def refuses() -> list[Trouble]:
        return [Trouble(Illness.TOO_MANY, f"GET {PRODUCTS}")]

    points = "after:deed:15 and then before:clean-up:1"
    assert told(await killed(points, troubles=refuses, tries=0)(tmp_path, 0)) == (FAILED, 1, ())


async def test_a_run_whose_browser_dies_alone_is_finished_in_the_same_process(tmp_path: Path) -> None:
    assert told(await bereft_of(PAGE, BROWSER, DRIVER, at_steps=[7])(tmp_path, 0)) == (DONE, 1, ())


async def test_a_full_disk_ends_a_run_honestly_or_is_waited_for(tmp_path: Path) -> None:
    if because := why_no_small_disk():
        pytest.skip(because)
    assert told(await out_of_room("pictures", "database")(tmp_path, 0)) == (DONE, 1, ())


async def test_a_shop_that_is_unwell_is_left_without_a_key_try_after_try(tmp_path: Path) -> None:
    trouble = Trouble(Illness.LOST, "POST /wp-admin/admin-ajax.php")
    assert told(await unwell(trouble, tries=1)(tmp_path, 0)) == (FAILED, 1, ())


async def test_a_model_that_is_unwell_leaves_the_question_to_a_person(tmp_path: Path) -> None:
    assert told(await model_is_unwell(status(500))(tmp_path, 0)) == (FAILED, 0, ())


@pytest.mark.parametrize("word", ["stop", "revoke"])
async def test_a_stop_and_a_withdrawal_hold_though_the_process_is_killed(tmp_path: Path, word: str) -> None:
    tried = await clicked(word, killed_after=True)(tmp_path, 1)
    assert (tried.ended, tried.wrong) == (STOPPED, ())
