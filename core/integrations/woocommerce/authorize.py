"""WooCommerce's own way to give a key out: its owner approves at /wc-auth/v1/authorize, in their own browser.

WooCommerce then makes the key and sends it to the callback address, over https. The state travels as its `user_id`: it
comes back in the body of that call, which no server logs, and in the address that the owner returns to, by which time
it is used up; whoever returns without having approved voids it.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from pydantic import Field

from core.agents.approval import AskedApproval, KeyAnswer, OwnerApproval, SentKey, SentText
from core.agents.integration import Permission
from core.integrations.woocommerce.key import KEY
from core.integrations.woocommerce.words import CREATE_KEYS, PERMISSIONS, key_permission
from core.security.secret import Secret

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


class WooCommerceKey(KeyAnswer):
    """A key as WooCommerce sends it (class-wc-auth.php), in its own names; `user_id` is the state that it was given."""

    user_id: SentText
    consumer_key: SentText
    consumer_secret: SentText
    key_permissions: SentText = Field(examples=["read"])

    def sent(self) -> SentKey:
        """The same in ours."""
        key = {"consumer_key": Secret(self.consumer_key), "consumer_secret": Secret(self.consumer_secret)}
        return SentKey(KEY.service, Secret(self.user_id), self.key_permissions, key)


def declined(query: Mapping[str, str]) -> Secret | None:
    """The state, where the owner comes back from having denied it; their shop sends it along."""
    return Secret(query.get("user_id", "")) if query.get("success") == "0" else None


APPROVAL = OwnerApproval(
    kind=KEY,
    scope=key_permission,
    address=address,
    answer=WooCommerceKey,
    declined=declined,
    hint="Its page names orders, customers and coupons, too: WooCommerce's keys can't be made narrower. OmniOps uses "
    "the products alone.",
)
