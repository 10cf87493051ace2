"""WooCommerce as it is offered: make a key or have it approved, bring the products over, or take the key back."""

from dataclasses import replace

from core.agents.integration import CredentialField, Integration
from core.agents.keys import PASSWORD, USERNAME
from core.agents.revoking import revocation
from core.agents.upkeep import bringing, checking
from core.integrations.woocommerce.agent import (
    ApprovedSetupAgent,
    WooCommerceBringing,
    WooCommerceChecking,
    WooCommerceSetupAgent,
)
from core.integrations.woocommerce.authorize import (
    APPROVAL,
    APPROVED_PERMISSIONS,
    INTRO,
    KEPT_WHEN_APPROVED,
    WILL_NOT_WHEN_APPROVED,
)
from core.integrations.woocommerce.key import KEY
from core.integrations.woocommerce.probe import WooCommerceProbe
from core.integrations.woocommerce.words import CREATE_KEYS, KEPT, PERMISSIONS, READ_PRODUCTS, WILL_NOT, in_short
from core.security.addresses import AddressGuard


def woocommerce(guard: AddressGuard) -> tuple[Integration, ...]:
    """The operations of WooCommerce."""
    setup = Integration(
        service=KEY.service,
        title="WooCommerce",
        operation="api_key_generation",
        summary="Makes an API key in your shop, tests it, and brings your products over.",
        in_short=in_short,
        needs="The shop's address. For the agent's way, also a user who may manage WooCommerce.",
        permissions=PERMISSIONS,
        required=frozenset({CREATE_KEYS, READ_PRODUCTS}),
        will_not=WILL_NOT,
        kept=KEPT,
        sign_in=(
            CredentialField(USERNAME, "User name", secret=False),
            CredentialField(PASSWORD, "Password", secret=True),
        ),
        unproven=KEY.unproven,
        probe=WooCommerceProbe(guard),
        make_agent=WooCommerceSetupAgent,
        what_is_left=KEY.what_is_left,
    )
    others = bringing(setup, KEY, WooCommerceBringing), checking(setup, KEY, WooCommerceChecking)
    return setup, _approved(setup), *others, revocation(setup, KEY)


def _approved(setup: Integration) -> Integration:
    """The same, where the shop's owner approves the key and the shop sends it."""
    return replace(
        setup,
        operation="api_key_authorization",
        summary="You approve an API key in your shop. It is tested, and your products come over.",
        needs="The shop's address, and somebody who may manage WooCommerce there.",
        intro=INTRO,
        permissions=APPROVED_PERMISSIONS,
        will_not=WILL_NOT_WHEN_APPROVED,
        kept=KEPT_WHEN_APPROVED,
        sign_in=(),
        make_agent=ApprovedSetupAgent,
        approval=APPROVAL,
    )
