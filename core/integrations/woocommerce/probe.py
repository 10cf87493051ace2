"""Looks at a shop from outside before anybody is asked for a password: is it there, WordPress, with WooCommerce?"""

from typing import ClassVar

from core.agents.integration import Seen
from core.errors import CoreError
from core.integrations.wordpress.probe import WORDPRESS, generators_of, index_of
from core.security.addresses import AddressGuard
from core.security.origin import Origin

WOOCOMMERCE = "WooCommerce"


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

    async def versions(self, origin: Origin) -> tuple[Seen, ...]:
        """Of WordPress and of WooCommerce."""
        made_by = await generators_of(origin, self._guard)
        return tuple(Seen(name, made_by.get(name, "")) for name in (WORDPRESS, WOOCOMMERCE))
