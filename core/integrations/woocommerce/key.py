"""The API key of WooCommerce: a pair, shown once, listed by its last seven characters."""

import re
from collections.abc import Awaitable

from core.agents.keys import Key, KeyKind
from core.agents.task import AgentTask
from core.integrations.woocommerce.api import WooCommerceApi
from core.integrations.woocommerce.words import SERVICE, TROUBLES
from core.workflows.locator import Locator

CONSUMER_KEY, CONSUMER_SECRET = "consumer_key", "consumer_secret"


def fits(key: Key) -> bool:
    """Whether this is a pair as WooCommerce makes it."""
    pair = key[CONSUMER_KEY].reveal(), key[CONSUMER_SECRET].reveal()
    return all(re.fullmatch(f"{begins}[0-9a-f]{{40}}", part) for begins, part in zip(("ck_", "cs_"), pair, strict=True))


def is_refused(task: AgentTask, key: Key) -> Awaitable[bool]:
    """Whether the shop knows the key no more."""
    return WooCommerceApi(task.origin, key, task.proxy_url).is_refused()


KEY = KeyKind(
    service=SERVICE,
    noun="WooCommerce key",
    parts=(CONSUMER_KEY, CONSUMER_SECRET),
    begins="ck_",
    shown=7,
    makes="should-complete-woocommerce-setup-and-enable-product-search",
    revokes="should-revoke-the-woocommerce-api-key",
    where="WooCommerce → Settings → Advanced → REST API",
    fits=fits,
    is_refused=is_refused,
    sensitive=(
        Locator.css("#key_consumer_key"),
        Locator.css("#key_consumer_secret"),
        Locator.css("#keys-qrcode"),
    ),
    irreversible=(Locator.css("a[href*='revoke-key']"), Locator.css("#doaction, #doaction2, .submitdelete")),
    notices=Locator.css(
        "#login_error, .wc-api-message.error, #error-page, .wp-die-message, "
        "body.logged-in.woocommerce-account:not(.admin-bar)"
    ),
    troubles=TROUBLES,
)
