"""Looks at a shop from outside before anybody is asked for a password: is it there, WordPress, with WooCommerce?"""

from typing import ClassVar

from core.errors import CoreError
from core.integrations.wordpress.probe import index_of
from core.security.addresses import AddressGuard
from core.security.origin import Origin


class WooCommerceMissing(CoreError):
    """This WordPress site has no WooCommerce."""

    code: ClassVar[str] = "woocommerce_missing"


class WooCommerceProbe:
    """Reads the site's own index of its API; needs no account."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def __call__(self, origin: Origin) -> None:
        """Raises NotThere, BadCertificate, NotWordPress or WooCommerceMissing."""
        if "wc/v3" not in (await index_of(origin, self._guard))["namespaces"]:
            raise WooCommerceMissing(because="Install and activate the plugin WooCommerce there, then try again.")
