"""What a page offers, as those see it who decide where to act: elements without their values, every text redacted."""

from dataclasses import dataclass

from core.browser.page import Box

MOST_ELEMENTS = 250  # in one snapshot; those in view come first, and the rest of a longer page is only counted


@dataclass(frozen=True)
class Look:
    """What an element looks like, as far as that lasts.

    `role` and `name` are as ARIA has them; `kind` is the type of an input. `words` are those of its id, name, class and
    test id, `leads` those of the address that it leads to. `near` are the texts around it: its row, its legend, the
    heading above. `place` is the landmark or dialog it stands in, `form` the kinds of fields in the same form; it is the
    `nth` (from 0) of `of` elements of its role.
    """

    role: str
    name: str = ""
    kind: str = ""
    text: str = ""
    placeholder: str = ""
    words: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    place: str = ""
    form: str = ""
    nth: int = 0
    of: int = 1
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ElementSeen(Look):
    """One element at one moment. `ref` names it for this snapshot alone.

    What is `invalid` has just kept its form from being sent: a browser leads there.
    """

    ref: str
    box: Box | None = None
    in_view: bool = True
    enabled: bool = True
    read_only: bool = False
    invalid: bool = False


@dataclass(frozen=True)
class Snapshot:
    """The elements that can be acted on, and the headings, in the order of the page; `left_out` more were not listed.

    `state` is a digest of the page: two snapshots with the same one show the same.
    """

    address: str
    title: str
    elements: tuple[ElementSeen, ...]
    notices: tuple[str, ...] = ()
    left_out: int = 0
    state: str = ""

    def element(self, ref: str) -> ElementSeen | None:
        """The element of this ref, if it is listed."""
        return next((one for one in self.elements if one.ref == ref), None)
