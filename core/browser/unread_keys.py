"""Knows what may be a key that nobody has read yet by the way it looks: a service may rename everything round it, not the key itself."""

import re

SHORTEST = 20  # characters; keys are longer, and what a shop's pages show besides is shorter or has gaps
# One long code, and codes in groups of four, as WordPress shows its own. Addresses, names of files and e-mails are none.
CODE = re.compile(
    rf"(?<![\w./@+=-])(?=[\w+=-]*[^\W\d_])(?=[\w+=-]*(?:\d|[a-z][A-Z]))[\w+=-]{{{SHORTEST},}}+(?![\w/@]|[.]\w)"
    r"|(?<!\w)(?=[A-Za-z0-9 ]*(?:\d|[a-z] ?[A-Z]))[A-Za-z0-9]{4}(?: [A-Za-z0-9]{4}){4,}+(?!\w)"
)


def may_hold_a_key(text: str) -> bool:
    """Whether something in it looks like one."""
    return CODE.search(text) is not None
