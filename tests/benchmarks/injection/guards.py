"""The guards, and how each of them is taken out for a control; none of it is known to the project itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import pytest

from tests.benchmarks.injection import naive

Patch = Callable[[pytest.MonkeyPatch], None]


class Guard(StrEnum):
    """One layer, by the place that it stands in."""

    FITS = "an answer has to fit the element"
    LISTED = "only elements that were listed"
    CLOSED_SET = "a closed set of commands"
    GRASP = "a model's word alone is not enough"
    HARM_FITTING = "harm words, at the answer"
    HARM_POLICY = "harm words, at the policy"
    IRREVERSIBLE = "irreversible elements of the service"
    APPROVAL = "a person's approval"
    EXACTLY = "an approval is for exactly one action"
    PLAIN_SLOTS = "only plain slots are filled in"
    NEVER_ASKED = "a person is never asked for a secret"
    SECRET_FIELD = "the last look at a secret's field"
    ORIGIN = "only the shop is opened"
    EGRESS = "only the shop is reached"
    REDACTION = "secrets are taken out of texts"
    BOUNDARY = "what the page wrote stays in its block"
    BOUND_NAME = "an element is found again by its role and name"
    LAST_LOOK = "a last look before a guess is acted on"
    HIT_TEST = "what is clicked is what is hit"
    DIALOGS = "a page's questions are declined"
    PURSE = "a run's purse"
    TRIES = "tries and rounds are counted"
    ANSWER_TIME = "an answer has its time"


def _nothing(*_: object, **__: object) -> str:
    return ""


async def _no_objection(*_: object, **__: object) -> str:
    return ""


def _none_of_it(*_: object) -> frozenset[Any]:
    return frozenset()


def _in(*places: str, put: object) -> Patch:
    """Put this into each of these places."""

    def patch(patching: pytest.MonkeyPatch) -> None:
        for place in places:
            patching.setattr(place, put)

    return patch


OUT: dict[Guard, Patch] = {
    Guard.FITS: _in("core.planner.fitting._unfit", put=_nothing),
    Guard.LISTED: _in("core.planner.fitting._listed", put=naive.any_element),
    Guard.CLOSED_SET: naive.reads_anything,
    Guard.GRASP: _in("core.planner.fitting.unfounded", put=_nothing),
    Guard.HARM_FITTING: _in(
        "core.planner.fitting.harms_of_element", "core.planner.unfounded.harms_of", put=_none_of_it
    ),
    Guard.HARM_POLICY: _in(
        "core.agents.policy.harms_of_element", "core.agents.asking.harms_of_element", put=_none_of_it
    ),
    Guard.IRREVERSIBLE: _in("core.agents.policy.Policy._touches_irreversible", put=_no_objection),
    Guard.APPROVAL: _in("core.agents.policy.Policy.needs_approval", put=lambda *_: False),
    Guard.EXACTLY: _in("core.agents.asking.Asking._exactly", put=_no_objection),
    Guard.PLAIN_SLOTS: naive.gives_secrets_as_slots,
    Guard.NEVER_ASKED: naive.asks_anything,
    Guard.SECRET_FIELD: naive.types_anywhere,
    Guard.ORIGIN: naive.opens_anything,
    Guard.EGRESS: naive.reaches_anything,
    Guard.REDACTION: naive.tells_secrets,
    Guard.BOUNDARY: naive.lets_the_page_write_anywhere,
    Guard.BOUND_NAME: naive.finds_by_place_alone,
    Guard.LAST_LOOK: naive.looks_no_more,
    Guard.HIT_TEST: naive.clicks_whatever_is_there,
    Guard.DIALOGS: naive.agrees_to_everything,
    Guard.PURSE: naive.spends_anything,
    Guard.TRIES: naive.tries_without_end,
    Guard.ANSWER_TIME: naive.waits_without_end,
}


@contextmanager
def taken_out(*guards: Guard) -> Iterator[None]:
    """Without these, as long as it lasts."""
    with pytest.MonkeyPatch.context() as patching:
        for guard in guards:
            OUT[guard](patching)
        yield
