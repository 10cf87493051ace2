"""How the model is reached: which one, with which key, where, and for how long it may think."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from core.errors import BadInput, CoreError
from core.planner.models import Model
from core.security.secret import Secret

BASE_URL = "https://api.anthropic.com"
TIMEOUT = 60.0  # seconds for one answer, tries and pauses included; most take three to ten
MOST_TOKENS = 4096  # tokens; the command has about 60, and what the model thinks before counts, too
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NoAnswer(CoreError):
    """The model gave no answer."""

    code: ClassVar[str] = "no_answer"


class BadConnection(BadInput):
    """The model can't be reached like this."""

    code: ClassVar[str] = "bad_model_connection"

    def __init__(self, because: str, *, about_key: bool = False) -> None:
        super().__init__(because)
        self.about_key = about_key


@dataclass(frozen=True)
class ClaudeSettings:
    """One model and the way to it; `timeout` is in seconds. Raises BadConnection, which never repeats the key."""

    key: Secret
    model: Model
    base_url: str = BASE_URL
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        key = self.key.reveal()
        if not (key.isascii() and key.isprintable()) or " " in key or not key:
            raise BadConnection(because="The key holds characters that no key has.", about_key=True)
        address = urlsplit(self.base_url)
        is_private = address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)
        if not (is_private and address.hostname) or "@" in address.netloc:
            raise BadConnection(because="Its address has to begin with https://, for the key goes there.")
        if not 0 < self.timeout < 3600:
            raise BadConnection(because="Its time is a number of seconds between 0 and 3600.")
