"""What was heard of the model last in this process, for whoever watches the service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from core.clock import SystemClock


@dataclass
class ModelHeard:
    """When it answered last, and when it gave no answer, with the sentence that was told; never a question or an answer."""

    now: Callable[[], datetime] = field(default_factory=lambda: SystemClock().now)
    answered_at: datetime | None = None
    failed_at: datetime | None = None
    trouble: str = ""

    def answered(self) -> None:
        """It has answered, whatever the answer was good for."""
        self.answered_at = self.now()

    def failed(self, sentence: str) -> None:
        """It gave no answer, for this reason."""
        self.failed_at, self.trouble = self.now(), sentence

    @property
    def is_in_trouble(self) -> bool:
        """Whether the last that was heard is that it gave no answer."""
        return self.failed_at is not None and (self.answered_at is None or self.failed_at > self.answered_at)
