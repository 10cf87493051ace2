"""Where in a test the reader is: the function that is being read, its names, and the conditions it is read under."""

from dataclasses import dataclass

from core.workflows.learning.sources import Function
from core.workflows.learning.values import Value
from core.workflows.step import Control


@dataclass(frozen=True)
class Frame:
    """The function that is being read: its names, how it was reached, and under which conditions."""

    function: Function
    names: dict[str, Value]
    via: tuple[str, ...] = ()
    controls: tuple[Control, ...] = ()
    undecided: str | None = None
    comment: str | None = None
