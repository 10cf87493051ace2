"""Which failures of a page may pass by themselves: told by our own words for what the shop did not do."""

import re

# What browser and page say (core/browser/happenings.py, failures.py, pressing.py) of a shop that is busy, broken or away.
MAY_PASS = re.compile(
    r"the shop answered (?:429|5\d\d)\b|the shop has not answered yet|The shop does not answer\.|"
    r"The connection was refused\.|The shop took too long to answer\.|a page that does not answer"
)


def may_pass(seen: str) -> bool:
    """Whether what was seen in place of what was expected may be otherwise in a while.

    A page can write such words as well: then it is tried a few times in vain, which does no harm.
    """
    return MAY_PASS.search(seen) is not None
