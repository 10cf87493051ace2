"""WooCommerce in words: what is asked for, what is promised, how the shop says no, and what may never be seen."""

from collections.abc import Callable
from uuid import UUID

from core.agents.agent import AutonomousAgent, Trouble
from core.agents.integration import CredentialField, Integration, Permission, ShopProbe
from core.agents.task import AgentTask
from core.workflows.locator import Locator

SERVICE = "woocommerce"
CREATE_KEYS, READ_PRODUCTS, UPDATE_PRODUCTS = "create_api_keys", "read_products", "update_products"

READ, READ_WRITE = "read", "read_write"  # WooCommerce's words for what a key may do
KEY_CAN = {READ: "read", READ_WRITE: "read and change"}
# What the vault calls the key that is in use, and one that was made and is not proven yet.
PROVEN, UNPROVEN = ("consumer_key", "consumer_secret"), ("new_consumer_key", "new_consumer_secret")

STAYS_CONNECTED = "The shop was connected by then, and stays so. You can forget it under Settings."

KEY_SHOWN_ONCE = (
    Locator.css("#key_consumer_key"),
    Locator.css("#key_consumer_secret"),
    Locator.css("#keys-qrcode"),
)
NOTICES = Locator.css("#login_error, .wc-api-message.error, #error-page, .wp-die-message")

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
    Trouble(
        "not allowed to access",
        "no_rights",
        "This user may not make API keys. Sign in as an administrator or shop manager.",
    ),
    Trouble(
        "not have permission",
        "no_rights",
        "This user may not make API keys. Sign in as an administrator or shop manager.",
    ),
    Trouble(
        "maximum number of api keys", "key_limit", "The shop has no room for another API key. Revoke one there first."
    ),
    Trouble("critical error", "shop_error", "The shop met an error of its own. Its log says more; try again later."),
    Trouble("answered 500", "shop_error", "The shop met an error of its own. Its log says more; try again later."),
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


def key_name(operation_id: UUID) -> str:
    """What the key of an operation is called at the shop."""
    return f"OmniOps · op {operation_id.hex[:8]}"


def key_permission(permissions: frozenset[str]) -> str:
    """The narrowest key that does what was allowed, in WooCommerce's word."""
    return READ_WRITE if UPDATE_PRODUCTS in permissions else READ


def what_is_left(operation_id: UUID) -> str:
    """What may remain at the shop, and where to find it."""
    return (
        f"A key named “{key_name(operation_id)}” may still be in your shop. "
        "Revoke it under WooCommerce → Settings → Advanced → REST API."
    )


def woocommerce(probe: ShopProbe, make_agent: Callable[[AgentTask], AutonomousAgent]) -> Integration:
    """The one operation of WooCommerce that is offered."""
    return Integration(
        service=SERVICE,
        title="WooCommerce",
        operation="api_key_generation",
        summary="Makes an API key in your shop, tests it, and brings your products over.",
        needs="The shop's address, and a user who may manage WooCommerce.",
        permissions=PERMISSIONS,
        required=frozenset({CREATE_KEYS, READ_PRODUCTS}),
        will_not=(
            "Change **orders, customers or settings**; products only if you allow it above.",
            "Visit any other site.",
        ),
        kept=(
            "Your password: encrypted, only until this is done, then **deleted**.",
            "The key: encrypted, for OmniOps alone.",
            "Pictures of each step, with every secret **covered**.",
        ),
        sign_in=(
            CredentialField("admin_username", "User name", secret=False),
            CredentialField("admin_password", "Password", secret=True),
        ),
        unproven=UNPROVEN,
        probe=probe,
        make_agent=make_agent,
        what_is_left=what_is_left,
    )
