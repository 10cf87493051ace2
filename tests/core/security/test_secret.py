"""A secret shows nothing of itself, in whatever way it is looked at by accident."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest

from core.security.secret import MASK, Secret

TEXT = "correct horse canary"


@dataclass(frozen=True)
class Holder:
    """Something that has a secret among other things."""

    secret: Secret


SHOWN: dict[str, Callable[[Secret], object]] = {
    "repr": repr,
    "str": str,
    "format": lambda secret: f"{secret} {secret!r} {secret!s} {secret:>40} {secret:.3}",
    "percent": lambda secret: "%s %r %a" % (secret, secret, secret),  # noqa: UP031  the old way shows nothing either
    "in a list": lambda secret: repr([secret, (secret,), {"secret": secret}]),
    "in a dataclass": lambda secret: repr(Holder(secret)),
    "in an error": lambda secret: repr(ValueError(secret)),
    "its names": dir,
}


@pytest.mark.parametrize("way", SHOWN)
def test_nothing_of_it_is_shown(way: str) -> None:
    assert "canary" not in str(SHOWN[way](Secret(TEXT)))


TAKEN: dict[str, Callable[[Secret], object]] = {
    "pickled": pickle.dumps,
    "copied": copy.copy,
    "deeply copied": copy.deepcopy,
    "as JSON": json.dumps,
    "hashed": hash,
    "as a key": lambda secret: {secret: 1},
    "its attributes": vars,
    "as a dictionary": lambda secret: asdict(Holder(secret)),
    "counted": len,  # type: ignore[dict-item]  # it has no length, and that is the point
    "joined": lambda secret: "".join([secret]),  # type: ignore[list-item]  # the same, as a text
    "added to": lambda secret: "the password is " + secret,  # type: ignore[operator]  # the same
}


@pytest.mark.parametrize("way", TAKEN)
def test_it_is_not_taken_along(way: str) -> None:
    with pytest.raises(TypeError) as refused:
        TAKEN[way](Secret(TEXT))
    assert "canary" not in str(refused.value)


def test_a_log_line_and_a_traceback_show_the_mask(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)
    logging.getLogger("test").warning("it is %s", secret)
    with pytest.raises(ValueError, match=MASK) as raised:
        int(f"{secret}")
    shown = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert MASK in caplog.text
    assert MASK in shown
    assert "canary" not in caplog.text + shown


def test_it_is_equal_to_the_same_secret_and_to_no_text() -> None:
    assert Secret("té") == Secret("té")
    assert Secret("té") != Secret("te")
    assert Secret("té") != "té"


def test_the_only_way_out_says_so() -> None:
    assert Secret(TEXT).reveal() == TEXT
