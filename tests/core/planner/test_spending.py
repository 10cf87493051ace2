"""One run's purse for the model: what would be too much is not spent, and what was spent is counted."""

import pytest

from core.planner.spending import BudgetSpent, Limits, Purse, Spent

LIMITS = Limits(calls=3, tokens=1_000, millionths=2_000)


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (Spent(calls=3), "3 questions"),
        (Spent(tokens=1_000), "1,000 tokens"),
        (Spent(millionths=2_000), "2,000 millionths of a dollar"),
    ],
)
def test_a_limit_may_be_reached_and_not_passed(spent: Spent, words: str) -> None:
    purse = Purse(LIMITS, spent)
    purse.check()
    with pytest.raises(BudgetSpent) as stopped:
        purse.check(Spent(1, 1, 1))
    assert stopped.value.sentence == (
        f"This run may not ask the model any more. A run has {words} for the model, and they are used up."
    )


def test_what_is_only_asked_for_is_not_spent() -> None:
    purse = Purse(LIMITS)
    purse.check(Spent(calls=3))
    assert purse.spent == Spent()


def test_what_was_too_much_is_counted_nevertheless() -> None:
    purse = Purse(LIMITS)
    purse.pay(Spent(1, 900, 10))
    purse.pay(Spent(1, 900, 10))
    assert purse.spent == Spent(2, 1_800, 20)
    with pytest.raises(BudgetSpent, match="1,000 tokens"):
        purse.check()


def test_what_earlier_attempts_spent_is_spent() -> None:
    with pytest.raises(BudgetSpent, match="3 questions"):
        Purse(LIMITS, Spent(calls=3)).check(Spent(calls=1))


def test_nobody_who_asks_for_no_limits_is_without() -> None:
    with pytest.raises(BudgetSpent):
        Purse().check(Spent(calls=Limits().calls + 1))
