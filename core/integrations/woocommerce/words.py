"""WooCommerce in words: what is asked for, what is promised, and how the shop says no."""

from core.agents.agent import Trouble
from core.agents.integration import Permission
from core.integrations.wordpress.words import AMONG_CUSTOMERS, DIED, SIGN_IN_REFUSED, WAY_BACK
from core.workflows.locator import Locator

SERVICE = "woocommerce"
CREATE_KEYS, READ_PRODUCTS, UPDATE_PRODUCTS = "create_api_keys", "read_products", "update_products"

READ, READ_WRITE = "read", "read_write"  # WooCommerce's words for what a key may do
KEY_CAN = {READ: "read", READ_WRITE: "read and change"}
# WooCommerce covers the key form while it waits for an answer; if there is none, it stays covered, and says nothing.
FORM_UNANSWERED = Locator.css("#key-fields > .blockOverlay")

NO_RIGHTS = "This user may not make API keys. Sign in as an administrator or shop manager."
TROUBLES = (
    Trouble(
        "link you followed has expired",
        "link_expired",
        "The shop's form had expired twice in a row.",
        begin_page_anew=True,
    ),
    Trouble("password you entered", "wrong_password", "The shop refused the password. Check it, and start again."),
    Trouble("is not registered on this site", "wrong_password", "The shop does not know this user name."),
    Trouble("incorrect", "wrong_password", "The shop refused the user name or password. Check them, and start again."),
    Trouble("not allowed to access", "no_rights", NO_RIGHTS),
    Trouble("not have permission", "no_rights", NO_RIGHTS),
    Trouble(
        "maximum number of api keys", "key_limit", "The shop has no room for another API key. Revoke one there first."
    ),
    Trouble(
        "critical error",
        "shop_error",
        "The shop met an error of its own. Its log says more; try again later.",
        passes=True,
    ),
    Trouble(
        "answered 500",
        "shop_error",
        "The shop met an error of its own. Its log says more; try again later.",
        passes=True,
    ),
    Trouble(
        "", "wrong_password", "The shop refused the sign-in. Check the user name and password.", shown=SIGN_IN_REFUSED
    ),
    Trouble(
        "answered 403",
        "link_expired",
        "The shop's form had expired twice in a row.",
        begin_page_anew=True,
        shown=WAY_BACK,
    ),
    Trouble("answered 403", "no_rights", NO_RIGHTS, shown=DIED),
    Trouble("", "no_rights", NO_RIGHTS, shown=AMONG_CUSTOMERS),
    Trouble(
        "",
        "shop_error",
        "The shop did not answer its own key form. Try again later.",
        shown=FORM_UNANSWERED,
        passes=True,
    ),
)


PERMISSIONS = (
    Permission(
        CREATE_KEYS,
        "Create **one** WooCommerce API key that can **read**, named “OmniOps”. You can delete it any time.",
    ),
    Permission(
        READ_PRODUCTS,
        "Read your **products** (names, prices, stock, pictures) so that customers can search them.",
    ),
    Permission(
        UPDATE_PRODUCTS,
        "Make the key able to **change** products too, so that OmniOps can keep stock and prices in step.",
    ),
)


def key_permission(permissions: frozenset[str]) -> str:
    """The narrowest key that does what was allowed, in WooCommerce's word."""
    return READ_WRITE if UPDATE_PRODUCTS in permissions else READ


WILL_NOT = (
    "Change **orders, customers or settings**; products only if you allow it above.",
    "Visit any other site.",
)
KEPT = ("The key: encrypted, for OmniOps alone.",)


def in_short(permissions: frozenset[str]) -> str:
    """What comes of a setup, as far as it was allowed."""
    return f"a key that can {KEY_CAN[key_permission(permissions)]} products, then your products"
