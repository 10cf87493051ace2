"""How the faults are shown in a demo: of what they are, what is to be expected then, and which do not fit together."""

from dataclasses import dataclass

from app.practice_shop.faults import Fault
from core.demo.practice_room import FaultGroup

PAGE, SHOP, SIGN_IN, API = FaultGroup.PAGE, FaultGroup.SHOP, FaultGroup.SIGN_IN, FaultGroup.API


@dataclass(frozen=True)
class Shown:
    """Where a fault stands, what it is called there, and what is to be expected, in a sentence."""

    group: FaultGroup
    title: str
    expected: str


SHOWN = {
    Fault.RENAMED_LABELS: Shown(
        PAGE,
        "Renamed buttons and labels",
        "The agent finds each by its likeness to what it learnt, and says so at the step. It takes about a minute: it waits for the old names first.",
    ),
    Fault.MOVED_MENU: Shown(
        PAGE, "A moved menu", "The agent can't be sure which link leads there now: it asks you, and ends if you say no."
    ),
    Fault.OLD_VERSION: Shown(
        PAGE, "An older version", "The agent goes through the menus instead, and knows the older name from its tests."
    ),
    Fault.GERMAN: Shown(
        PAGE, "Another language", "The agent goes by what does not depend on the language, and succeeds."
    ),
    Fault.LATE_NOTICE: Shown(
        PAGE,
        "A late notice",
        "A setup does not meet it. Where a key is taken back, the agent points again once the list has come to rest.",
    ),
    Fault.DIALOG: Shown(PAGE, "A dialog in the way", "The agent closes the dialog, and tells what it said."),
    Fault.INTERSTITIAL: Shown(
        PAGE, "A page in between", "The agent takes the step that its tests know for it, and goes on."
    ),
    Fault.SLOW: Shown(SHOP, "Slow pages", "The agent waits for each page; the setup takes some ten seconds longer."),
    Fault.EXPIRED_NONCE: Shown(SHOP, "An expired form", "The agent begins the page anew, and makes one key, not two."),
    Fault.ERROR_500: Shown(
        SHOP,
        "A critical error",
        "The setup fails, says why, leaves no key behind, and is tried again by itself after half a minute.",
    ),
    Fault.KEY_LIMIT: Shown(SHOP, "No room for a key", "The setup fails and says why, and what to do in the shop."),
    Fault.ADMIN_DOWN: Shown(
        SHOP,
        "Admin pages are down",
        "After twenty seconds the setup fails and says why; as that may pass, it is tried again by itself after half a minute.",
    ),
    Fault.WRONG_PASSWORD: Shown(
        SIGN_IN,
        "A wrong password",
        "The setup fails at the sign-in and says why. It does not try again, so that nobody is locked out.",
    ),
    Fault.TWO_FACTOR: Shown(
        SIGN_IN, "A second factor", "The agent asks you for the code. The button here shows the one of now."
    ),
    Fault.CAPTCHA: Shown(
        SIGN_IN, "A captcha", "The agent asks you for the letters of the picture, and tries nothing itself."
    ),
    Fault.CHOOSE_ACCOUNT: Shown(SIGN_IN, "A choice of accounts", "The agent asks you which account is meant."),
    Fault.OWN_ACCOUNT: Shown(
        SIGN_IN,
        "Customers are led away",
        "Nothing changes for the administrator of this demo: only people without rights are led to their own account.",
    ),
    Fault.API_BUSY: Shown(
        API,
        "An overloaded API",
        "The key is taken back, and the setup is tried again when the shop asks for it: in two minutes.",
    ),
}

# What would hide the other: whoever switches one on switches the others of its line off.
NOT_TOGETHER = (
    frozenset({Fault.RENAMED_LABELS, Fault.GERMAN, Fault.OLD_VERSION}),  # each has names of its own for the same
    frozenset({Fault.OLD_VERSION, Fault.MOVED_MENU}),  # the keys are in one place
    frozenset({Fault.ERROR_500, Fault.KEY_LIMIT}),  # the answer to the same click
    *(frozenset({Fault.WRONG_PASSWORD, one}) for one in (Fault.TWO_FACTOR, Fault.CAPTCHA, Fault.CHOOSE_ACCOUNT)),
    *(frozenset({Fault.ADMIN_DOWN, one}) for one in Fault if one not in {Fault.ADMIN_DOWN, Fault.API_BUSY}),
)


def not_with(fault: Fault) -> frozenset[Fault]:
    """What does not fit together with a fault."""
    return frozenset().union(*(line for line in NOT_TOGETHER if fault in line)) - {fault}
