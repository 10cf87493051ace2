"""What is told of how setups went."""

from dataclasses import dataclass, field
from datetime import date

from core.statistics.asked import Asked

REASONS = {
    "wrong_password": "Wrong password",
    "no_rights": "No right to make keys",
    "key_limit": "No room for another key",
    "shop_error": "The shop met an error",
    "page_not_recognised": "Page not recognised",
    "credentials_missing": "No sign-in stored",
    "no_credential": "No sign-in stored",
    "consent_required": "Consent was missing",
    "api_refused": "The service's API refused",
    "api_unreachable": "The service's API did not answer",
    "link_expired": "The form had expired",
    "took_too_long": "Took too long",
    "died_too_often": "The worker died",
    "pictures_unavailable": "Pictures could not be kept",
    "internal": "Our own error",
}


@dataclass(frozen=True)
class DayCount:
    """How many setups ended on a day (UTC), and how long those took that succeeded."""

    day: date
    succeeded: int
    failed: int
    median_seconds: float | None = None
    p95_seconds: float | None = None


@dataclass(frozen=True)
class Part:
    """The setups that have something in common: their service, the workflow and its version, or the rung they came to need.

    `name` is that service, workflow or rung; None where it was not recorded. `saved_seconds` is what they would have taken
    by hand, less what they took, of those that succeeded; `millionths` of a dollar are what the model cost.
    """

    name: str | None
    succeeded: int
    failed: int
    version: str | None = None
    interval: tuple[float, float] | None = None
    median_seconds: float | None = None
    p95_seconds: float | None = None
    saved_seconds: float = 0.0
    millionths: int = 0

    @property
    def success_rate(self) -> float | None:
        """From 0 to 1; None where nothing finished."""
        return rate_of(self.succeeded, self.finished)

    @property
    def finished(self) -> int:
        """How many there are, those that somebody stopped left out."""
        return self.succeeded + self.failed


@dataclass(frozen=True)
class ReasonCount:
    """Why setups failed, the most frequent first."""

    code: str
    words: str
    runs: int


@dataclass(frozen=True)
class Summary:
    """How setups went. Rates and shares are from 0 to 1, times in seconds; None where nothing was counted.

    `finished_before` is the count of as many days before these; `by_day` has every day, those without setups too. What the
    model cost (`millionths` of a dollar) is counted of setups that were stopped, too; all else is of those that finished.
    """

    asked: Asked
    finished: int
    finished_before: int
    succeeded: int
    interval: tuple[float, float] | None
    median_seconds: float | None
    p95_seconds: float | None
    by_day: tuple[DayCount, ...]
    by_service: tuple[Part, ...]
    by_version: tuple[Part, ...]
    by_rung: tuple[Part, ...]
    by_failure: tuple[ReasonCount, ...]
    steps: int
    deciders: tuple[tuple[str, float], ...]
    saved_seconds: float
    millionths: int

    @property
    def days(self) -> int:
        """How many days were looked at."""
        return self.asked.days

    @property
    def success_rate(self) -> float | None:
        """From 0 to 1; None where nothing finished."""
        return rate_of(self.succeeded, self.finished)

    def steps_of(self, rung: str) -> int:
        """How many steps a rung decided."""
        return round(dict(self.deciders).get(rung, 0) * self.steps)


@dataclass(frozen=True)
class SheetRow:
    """A line for a spreadsheet: what ended on a day (UTC), of one service, in one way, for one reason.

    And of one workflow in one version, with the furthest rung that was needed; empty where that was not recorded.
    """

    day: date
    service: str
    outcome: str
    reason: str
    words: str
    runs: int
    seconds: float
    saved_seconds: float
    dollars: float
    workflow: str = ""
    version: str = ""
    rung: str = ""


@dataclass(frozen=True)
class UsualRest:
    """How long setups usually go on from each step on, in seconds, by the step's position; from how many setups."""

    setups: int = 0
    seconds_from: dict[int, float] = field(default_factory=dict)


def reason(code: str) -> str:
    """A failure's code in words."""
    return REASONS.get(code, code.replace("_", " ").capitalize())


def rate_of(succeeded: int, finished: int) -> float | None:
    """From 0 to 1; None where nothing finished: that is no rate of zero."""
    return succeeded / finished if finished else None
