"""How long a setup takes somebody who does it by hand, with the guide beside them: what time saved is held against.

Two hours is the product's own figure for WooCommerce's guide of fifteen pages (README.md). A service that was timed gets its
own line here, and nowhere else.
"""

from collections.abc import Mapping

USUAL = 2 * 60 * 60.0  # seconds
TIMED: Mapping[str, float] = {"woocommerce": USUAL}  # seconds, by service


def by_hand(service: str) -> float:
    """Seconds that a setup of this service takes by hand; the usual ones, where nobody has timed it."""
    return TIMED.get(service, USUAL)
