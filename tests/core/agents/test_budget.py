"""A run ends by itself: after so many actions, failures in a row, or looks at the same page."""

import pytest

from core.agents.budget import MOST_ACTIONS, MOST_ALIKE, MOST_FAILURES, GaveUp, RunBudget


def test_so_many_actions_are_done_and_no_more() -> None:
    budget = RunBudget()
    for _ in range(MOST_ACTIONS):
        budget.act()
    with pytest.raises(GaveUp, match=r"It has done 150 things, and is not there yet\."):
        budget.act()


def test_so_many_failures_in_a_row_are_too_many() -> None:
    budget = RunBudget()
    for _ in range(MOST_FAILURES - 1):
        budget.failed()
    with pytest.raises(GaveUp, match=r"3 things in a row did not work\."):
        budget.failed()


def test_what_works_ends_the_row() -> None:
    budget = RunBudget()
    for _ in range(MOST_FAILURES):
        budget.failed()
        budget.worked()


def test_a_page_that_looks_the_same_is_tried_on_so_many_times() -> None:
    budget = RunBudget()
    for _ in range(MOST_ALIKE):
        budget.try_on("settings")
        budget.try_on("keys")
    with pytest.raises(GaveUp, match=r"The page has looked the same 3 times, whatever was tried\."):
        budget.try_on("settings")


def test_what_worked_makes_a_page_count_anew() -> None:
    budget = RunBudget()
    for _ in range(MOST_ALIKE):
        budget.try_on("settings")
    budget.worked()
    budget.try_on("settings")


def test_pages_that_look_different_are_counted_by_themselves() -> None:
    budget = RunBudget()
    for number in range(10 * MOST_ALIKE):
        budget.try_on(f"page {number}")


def test_another_run_counts_anew() -> None:
    for _ in range(MOST_ALIKE + 1):
        RunBudget().try_on("settings")


def test_it_says_that_it_gave_up() -> None:
    assert (GaveUp.code, GaveUp().sentence) == ("gave_up", "The agent got no further, and stopped.")
