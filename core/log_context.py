"""What the log's lines of this moment are about: whoever begins a piece of work says it, and its tasks and threads carry it along."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Told = Callable[[], Mapping[str, str]]

_told: ContextVar[Told] = ContextVar("log_context", default=dict)


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """Everything that is logged within is about this: ids and names, never what a person has typed."""
    told = {name: str(value) for name, value in fields.items()}
    token = _told.set(lambda: told)
    try:
        yield
    finally:
        _told.reset(token)


def about_from_now_on(told: Told) -> None:
    """The rest of this task is about what `told` says when a line is written: some of it is known only then."""
    _told.set(told)


def fields() -> Mapping[str, str]:
    """What a line that is written now is about: names and ids."""
    return _told.get()()
