"""What went wrong at the model's service: in one sentence, and whether asking again may help."""

import math
from typing import ClassVar

import anthropic
import httpx2

from core.errors import CoreError

LONGEST_PAUSE = 10.0  # seconds; a person waits, and a run has other ways to go on
BAD_QUESTION, BAD_KEY, NO_MONEY, NOT_ALLOWED, NO_MODEL, TOO_LARGE, TOO_MANY, OVERLOADED = (
    400,
    401,
    402,
    403,
    404,
    413,
    429,
    529,
)
SPEND_LIMIT = "spend_limit_reached"  # what the codes of every spend limit end in

SENTENCES = {
    BAD_QUESTION: "Its service does not accept the question.",
    BAD_KEY: "Its service does not accept the key.",
    NO_MONEY: "Its account has no credit.",
    NOT_ALLOWED: "Its key may not be used for this.",
    NO_MODEL: "Its service does not know the model.",
    TOO_LARGE: "Its service finds the question too large.",
    TOO_MANY: "Its service gets too many questions.",
    OVERLOADED: "Its service is overloaded.",
}


class Trouble(CoreError):
    """The model's service did not answer.

    It `may_pass` by itself, after `pause` seconds if the service says so. It `is_free` if no answer was begun.
    """

    code: ClassVar[str] = "model_trouble"

    def __init__(
        self, because: str, *, may_pass: bool = False, pause: float | None = None, is_free: bool = False
    ) -> None:
        super().__init__(because)
        self.may_pass = may_pass
        self.pause = pause
        self.is_free = is_free


def trouble_of(error: anthropic.AnthropicError | httpx2.HTTPError) -> Trouble:
    """The trouble that this is. Nothing the service or the network has said is repeated, for it may hold anything."""
    if isinstance(error, anthropic.APIStatusError):
        return _status(error)
    if isinstance(error, anthropic.APIConnectionError):
        return _connection(error.__cause__)
    return _connection(error)


def _connection(cause: BaseException | None) -> Trouble:
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Trouble(because="Its service can't be reached.", may_pass=True, is_free=True)
    if isinstance(cause, httpx2.NetworkError | httpx2.RemoteProtocolError):
        return Trouble(because="Its service broke off.", may_pass=True)
    return Trouble(because="What answers there is not the model's service.")


def _status(error: anthropic.APIStatusError) -> Trouble:
    """1. A spend limit does not pass. 2. A service that forbids to ask again is obeyed. 3. A long pause is not waited for."""
    status = error.status_code
    if (error.error_code or "").endswith(SPEND_LIMIT):
        return Trouble(because="Its account has reached its spend limit.", is_free=True)
    # Not “answered”: by that word services are known to fail themselves, and what decides hears both in one sentence.
    sentence = SENTENCES.get(status) or f"Its service said {status}."
    if (status != TOO_MANY and status < 500) or error.response.headers.get("x-should-retry") == "false":
        return Trouble(because=sentence, is_free=True)
    pause = _pause(error.response.headers.get("retry-after"))
    if pause is not None and pause > LONGEST_PAUSE:
        return Trouble(because=f"{sentence} It asks to wait for {math.ceil(pause):,} seconds.", is_free=True)
    return Trouble(because=sentence, may_pass=True, pause=pause, is_free=True)


def _pause(told: str | None) -> float | None:
    """The seconds a header names, if it names any."""
    try:
        pause = float(told or "")
    except ValueError:
        return None
    return pause if 0 <= pause < math.inf else None
