"""What an agent asks a person, and the seam through which it asks."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

from core.browser.page import PendingPicture
from core.errors import CoreError, Refused
from core.security.secret import Secret

ANSWER_WITHIN = timedelta(minutes=10)  # what a question shows is out of date by then; an approval is void


class NobodyAnswered(CoreError):
    """Nobody answered in time."""

    code: ClassVar[str] = "nobody_answered"


class PersonDeclined(CoreError):
    """The person who was asked said no."""

    code: ClassVar[str] = "person_declined"


class ApprovedSomethingElse(Refused):
    """What was approved is not what was going to be done."""

    code: ClassVar[str] = "approved_something_else"


class QuestionKind(StrEnum):
    """What is asked, and with it what the form for the answer looks like."""

    CODE = "code"  # a one-time code, typed
    CAPTCHA = "captcha"  # what a picture says, typed
    TEXT = "text"  # anything else that only a person knows, typed
    CHOICE = "choice"  # one of the options
    APPROVAL = "approval"  # yes or no, to exactly one action


TYPED = frozenset({QuestionKind.CODE, QuestionKind.CAPTCHA, QuestionKind.TEXT})


@dataclass(frozen=True)
class Question:
    """One question at one step. `action` is the exact action an approval is for, in words that change if it does."""

    kind: QuestionKind
    words: str
    position: int
    options: tuple[str, ...] = ()
    action: str = ""
    page_url: str | None = None
    picture: PendingPicture | None = None

    @property
    def action_sha256(self) -> str | None:
        """What an approval is bound to."""
        return hashlib.sha256(self.action.encode()).hexdigest() if self.action else None


@dataclass(frozen=True)
class Answer:
    """What a person said: a typed text, the number of an option, or, to an approval, neither: that there is one is the yes."""

    typed: Secret | None = field(default=None, repr=False)
    chosen: int | None = None

    @property
    def number(self) -> int:
        """The number of the option that was chosen, from 0. Raises PersonDeclined if none was."""
        if self.chosen is None:
            raise PersonDeclined(because="None of the options was chosen.")
        return self.chosen


class Person(Protocol):
    """Somebody who watches this run, and may be asked."""

    async def ask(self, question: Question) -> Answer:
        """Wait for the answer; it is good for one use. Raises NobodyAnswered or PersonDeclined."""
        ...
