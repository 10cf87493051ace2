"""How the log may be written, as the settings name it."""

import logging
from enum import StrEnum


class LogFormat(StrEnum):
    """For whom the log is written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """From where on it is written. Libraries tell from `warning` on: their details hold what is sent."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @classmethod
    def _missing_(cls, value: object) -> "LogLevel | None":
        return cls.__members__.get(str(value).upper())

    @property
    def number(self) -> int:
        """As `logging` counts."""
        return int(logging.getLevelNamesMapping()[self.name])
