"""What can go wrong in a shop, each switched on for a run."""

from enum import StrEnum


class Fault(StrEnum):
    """A fault by its name."""

    INTERSTITIAL = "interstitial"
    SLOW = "slow"
    DIALOG = "dialog"
    OLD_VERSION = "old_version"
    EXPIRED_NONCE = "expired_nonce"
    RENAMED_LABELS = "renamed_labels"
    MOVED_MENU = "moved_menu"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  the name of a fault
    ERROR_500 = "error_500"
    KEY_LIMIT = "key_limit"
    GERMAN = "german"
    OWN_ACCOUNT = "own_account"
    LATE_NOTICE = "late_notice"
    TWO_FACTOR = "two_factor"
    CAPTCHA = "captcha"
    CHOOSE_ACCOUNT = "choose_account"
    API_BUSY = "api_busy"
    ADMIN_DOWN = "admin_down"

    @property
    def words(self) -> str:
        """What the fault does, in a sentence."""
        return WORDS[self]


WORDS = {
    Fault.INTERSTITIAL: "After sign-in the shop asks to confirm the administration e-mail.",
    Fault.SLOW: "Every admin page takes a second and a half longer.",
    Fault.DIALOG: "A JavaScript dialog opens while the settings load.",
    Fault.OLD_VERSION: "The keys are under “REST API”, and their newer address is not known.",
    Fault.EXPIRED_NONCE: "The first key form has expired when it is sent.",
    Fault.RENAMED_LABELS: "Buttons, labels and ids of the key form have other names.",
    Fault.MOVED_MENU: "The keys have moved to another place in the menu.",
    Fault.WRONG_PASSWORD: "The shop refuses every password.",
    Fault.ERROR_500: "Making a key ends in a critical error.",
    Fault.KEY_LIMIT: "The account has no room for another key.",
    Fault.GERMAN: "The shop speaks German.",
    Fault.OWN_ACCOUNT: "Customers who sign in are led to their own account, wherever they wanted to go.",
    Fault.LATE_NOTICE: "A notice comes in above the list of keys when it is pointed at, and the list moves from under the mouse.",
    Fault.TWO_FACTOR: "After the password the shop asks for the six-digit code of an authenticator app.",
    Fault.CAPTCHA: "After the password the shop asks for the letters of a picture.",
    Fault.CHOOSE_ACCOUNT: "After the password the shop asks with which of two accounts to go on.",
    Fault.API_BUSY: "The API answers that it is overloaded, and asks to come back in two minutes.",
    Fault.ADMIN_DOWN: "Every admin page answers that the service is unavailable.",
}
