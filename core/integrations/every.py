"""Every service that can be set up. A new one is a folder beside this file, and a line in it."""

from core.agents.integration import Integration
from core.integrations.pretix.service import pretix
from core.integrations.woocommerce.service import woocommerce
from core.integrations.wordpress.service import wordpress
from core.security.addresses import AddressGuard


def every_integration(guard: AddressGuard) -> tuple[Integration, ...]:
    """Their operations, in the order they are offered."""
    return (*woocommerce(guard), *wordpress(guard), *pretix(guard))
