"""The log as a server writes it, for a while; afterwards it is as it was."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from app import logs
from app.log_choices import LogFormat, LogLevel
from core.security.audit import checkpoints

CHANGED = ("", *logs.OURS, *logs.THEIRS, checkpoints.__name__)


@contextmanager
def written(form: LogFormat, level: LogLevel = LogLevel.INFO, secrets: tuple[str, ...] = ()) -> Iterator[None]:
    """Everything that is logged within goes to the standard error."""
    loggers = [logging.getLogger(name) for name in CHANGED]
    before = [(one, one.level, list(one.handlers), one.propagate) for one in loggers]
    logs.set_up(form, level, secrets)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        for one, was, handlers, propagate in before:
            one.setLevel(was)
            one.handlers[:], one.propagate = handlers, propagate
