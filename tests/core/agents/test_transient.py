"""Our own words for a shop that is busy, broken or away mean that it may pass; no others do."""

import pytest

from core.agents.transient import may_pass


@pytest.mark.parametrize(
    "seen",
    [
        "a page titled “503”; the shop answered 503",
        "the shop answered 429",
        "the shop answered 500; a dialog said “no”",
        "the shop has not answered yet",
        "The shop does not answer.",
        "The connection was refused.",
        "The shop took too long to answer.",
        "a page that does not answer",
    ],
)
def test_it_may_pass(seen: str) -> None:
    assert may_pass(seen)


@pytest.mark.parametrize(
    "seen",
    [
        "",
        "the shop answered 403",
        "the shop answered 404",
        "the shop answered 5000",
        "There is no button “Log in” on the page.",
        "The shop's certificate is not valid.",
        "the page wanted to go to https://else.example, which is outside the shop",
        "It is covered, hidden or switched off.",
    ],
)
def test_it_stays_as_it_is(seen: str) -> None:
    assert not may_pass(seen)
