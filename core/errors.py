"""The one family of errors: each has a stable code, a sentence for people, and knows whether trying again may help."""

from typing import ClassVar


class CoreError(Exception):
    """Something did not go as asked."""

    code: ClassVar[str] = "error"
    retry: ClassVar[bool] = False
    retry_after: float | None = None  # seconds that whoever did not answer well asks to wait

    def __init__(self, because: str = "") -> None:
        super().__init__(because)
        self.because = because

    @property
    def sentence(self) -> str:
        """What to tell a person: the class's own sentence, then the particular reason."""
        general = (type(self).__doc__ or "").strip().splitlines()[0]
        return f"{general} {self.because}".strip()

    def __str__(self) -> str:
        return self.sentence


class NotFound(CoreError):
    """There is nothing here under that name."""

    code = "not_found"


class Refused(CoreError):
    """This is not allowed."""

    code = "forbidden"


class NotSignedIn(CoreError):
    """Please sign in first."""

    code = "not_signed_in"


class BadInput(CoreError):
    """This can't be used as it is."""

    code = "bad_input"


class Conflict(CoreError):
    """This does not fit what is already there."""

    code = "conflict"


class Unavailable(CoreError):
    """Something this needs is not answering."""

    code = "unavailable"
    retry = True
