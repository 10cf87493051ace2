"""How the log is written: lines for people, or an object a line for programs, each with what it is about and without secrets."""

import json
import logging
import os
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

import psycopg
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.log_choices import LogFormat, LogLevel
from core.browser.redaction import Redactor
from core.errors import CoreError
from core.log_context import fields
from core.security.secret import MASK

OURS = ("app", "core", "pages")
# Loggers of libraries that would bring handlers of their own.
THEIRS = ("uvicorn", "uvicorn.error", "uvicorn.access", "apscheduler")
# What these say may hold what was written or sent: the kind of such an error is told, and where it was met.
HOLD_VALUES = (SQLAlchemyError, sqlite3.Error, psycopg.Error, ValidationError)
WITHHELD = "(what it says may hold data)"
# Secrets that are known by how they look: keys of shops, tokens of ours and of the model's, and passwords in addresses.
LOOKS_SECRET = re.compile(
    r"\b[cC][kKsS]_[0-9a-fA-F]{40}\b|\bomni_live_\w{40,}|\bsk-ant-[\w-]{8,}|(?<=[bB]earer )[\w.~+/=-]{8,}"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")  # a line is one line, whatever was put into it


def set_up(form: LogFormat, level: LogLevel, secrets: Iterable[str] = ()) -> None:
    """Write every log to the standard error, ours from this level on; `secrets` are taken out. Doing it again replaces it."""
    handler = Written(form, secrets)
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, Written)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(max(level.number, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level.number)
    for name in THEIRS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(capture=True)


class Written(logging.StreamHandler[Any]):
    """Our handler, known by its class, so that it is there once; it writes to what is the standard error by then."""

    def __init__(self, form: LogFormat, secrets: Iterable[str] = ()) -> None:
        logging.Handler.__init__(self)  # that of StreamHandler would keep the stream of this moment
        self.setFormatter(JsonLines(secrets) if form is LogFormat.JSON else TextLines(secrets))

    @property
    def stream(self) -> TextIO:  # as logging's own last resort does it
        """The standard error."""
        return sys.stderr


class Lines(logging.Formatter):
    """What both forms share: the moment, the exception, and that no secret is in a line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._redactor = Redactor()
        for secret in secrets:
            self._redactor.learn(secret, as_a_word=True)

    def clean(self, text: str) -> str:
        """A text without what looks like a secret, and without those of this process."""
        return LOOKS_SECRET.sub(MASK, self._redactor.redact(text))

    def exception(self, record: logging.LogRecord) -> str:
        """The exception of a line, with those that led to it; nothing if there is none."""
        error = record.exc_info[1] if record.exc_info else None
        return self.clean("\n".join(told_whole(error))) if error else ""


class TextLines(Lines):
    """For people: moment, level, where, what; and what it is about, unless the line names it already."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and below it the exception."""
        message = CONTROL.sub(" ", self.clean(record.getMessage()))
        more = ", ".join(
            f"{name} {self.clean(value)}"
            for name, value in fields().items()
            if name in {"operation", "request"} and value not in message
        )
        line = f"{_moment(record, 'seconds')} {record.levelname} {record.name}: {message}{f' ({more})' if more else ''}"
        return "\n".join(filter(None, [line, self.exception(record)]))


class JsonLines(Lines):
    """For programs: one JSON object a line, in ASCII, so that no terminal and no collector breaks it."""

    def format(self, record: logging.LogRecord) -> str:
        """One object."""
        about = {name: self.clean(value) for name, value in fields().items()}
        told = about | {
            "time": _moment(record, "milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.clean(record.getMessage()),
            "process": os.getpid(),
        }
        if exception := self.exception(record):
            told["exception"] = exception
        return json.dumps(told)


def told_whole(error: BaseException) -> Iterator[str]:
    """The lines of an exception as Python writes it, without the words of those that may quote data."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from told_whole(before)
        yield "which led to:"
    yield "Traceback (most recent call last):"
    yield from (line.rstrip("\n") for line in traceback.format_tb(error.__traceback__))
    yield f"{type(error).__module__}.{type(error).__qualname__}: {_words(error)}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from told_whole(one)


def _words(error: BaseException) -> str:
    if isinstance(error, CoreError):
        return error.sentence
    return WITHHELD if isinstance(error, HOLD_VALUES) else str(error)


def _moment(record: logging.LogRecord, to: str) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec=to).replace("+00:00", "Z")
