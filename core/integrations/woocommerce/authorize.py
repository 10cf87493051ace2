"""WooCommerce's own way to give a key out: its owner approves at /wc-auth/v1/authorize, in their own browser.

WooCommerce then makes the key and sends it to the callback address, over https. The state travels as its `user_id`: it
comes back in the body of that call, which no server logs, and in the address that the owner returns to, by which time
it is used up; whoever returns without having approved voids it.
"""

from urllib.parse import urlencode

from core.agents.integration import AskedApproval, OwnerApproval, Permission
from core.integrations.woocommerce.key import KEY
from core.integrations.woocommerce.words import CREATE_KEYS, PERMISSIONS, key_permission

INTRO = (
    "You approve it in your own browser, on a page of your shop. No password is asked for. "
    "Then it works without a browser. You can follow it, and stop it at any moment."
)
APPROVED_PERMISSIONS = (
    Permission(
        CREATE_KEYS,
        "Have your shop send it **one** WooCommerce API key that can **read**, named “OmniOps”. You approve it there, "
        "and can delete it any time.",
    ),
    *(one for one in PERMISSIONS if one.name != CREATE_KEYS),
)
WILL_NOT_WHEN_APPROVED = (
    "Ask for your **password**, or sign in to your shop.",
    "Read or change **anything but products**, though your shop's page names orders, customers and coupons: "
    "its keys can't be made narrower.",
    "Visit any other site.",
)
KEPT_WHEN_APPROVED = (
    "The key: encrypted, for OmniOps alone.",
    "What was done, step by step. There are **no pictures**, since no browser is opened.",
)


def address(asked: AskedApproval) -> str:
    """Where the shop's owner approves. The key is called as it is when the agent makes one, so that it is found again."""
    query = {
        "app_name": asked.app_name,
        "scope": asked.scope,
        "user_id": asked.state.reveal(),
        "return_url": asked.return_url,
        "callback_url": asked.callback_url,
    }
    return f"{asked.origin}/wc-auth/v1/authorize?{urlencode(query)}"


APPROVAL = OwnerApproval(
    kind=KEY,
    scope=key_permission,
    address=address,
    hint="Its page names orders, customers and coupons, too: WooCommerce's keys can't be made narrower. OmniOps uses "
    "the products alone.",
)
