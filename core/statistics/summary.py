"""What is told of how setups went."""

from dataclasses import dataclass, field
from datetime import date

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
    """How many setups ended on a day (UTC)."""

    day: date
    succeeded: int
    failed: int


@dataclass(frozen=True)
class ServiceCount:
    """How the setups of a service ended."""

    service: str
    succeeded: int
    failed: int


@dataclass(frozen=True)
class ReasonCount:
    """Why setups failed, the most frequent first."""

    code: str
    words: str
    runs: int


@dataclass(frozen=True)
class Summary:
    """How setups went. Rates and shares are from 0 to 1, times in seconds; None where nothing was counted.

    `finished_before` is the count of as many days before these; `by_day` has every day, those without setups too.
    """

    days: int
    finished: int
    finished_before: int
    succeeded: int
    success_rate: float | None
    interval: tuple[float, float] | None
    median_seconds: float | None
    p95_seconds: float | None
    by_day: tuple[DayCount, ...]
    by_service: tuple[ServiceCount, ...]
    by_failure: tuple[ReasonCount, ...]
    steps: int
    deciders: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class UsualRest:
    """How long setups usually go on from each step on, in seconds, by the step's position; from how many setups."""

    setups: int = 0
    seconds_from: dict[int, float] = field(default_factory=dict)


def reason(code: str) -> str:
    """A failure's code in words."""
    return REASONS.get(code, code.replace("_", " ").capitalize())
