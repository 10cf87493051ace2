"""Looks at a shop from outside before anybody is asked for a password: is it there, WordPress, with WooCommerce?"""

from typing import Any, ClassVar

from core.browser.egress import EgressProxy
from core.errors import CoreError
from core.integrations.woocommerce.api import Answer, BadCertificate, ShopApiUnreachable, fetch
from core.security.addresses import AddressGuard
from core.security.origin import Origin


class ShopNotThere(CoreError):
    """Nobody answers at this address."""

    code: ClassVar[str] = "shop_not_there"
    retry: ClassVar[bool] = True


class NotWordPress(CoreError):
    """This site does not look like WordPress."""

    code: ClassVar[str] = "not_wordpress"


class WooCommerceMissing(CoreError):
    """This WordPress site has no WooCommerce."""

    code: ClassVar[str] = "woocommerce_missing"


class WooCommerceProbe:
    """Reads the site's own index of its API; needs no account."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def __call__(self, origin: Origin) -> None:
        """Raises ShopNotThere, BadCertificate, NotWordPress or WooCommerceMissing."""
        proxy = await EgressProxy.opened(frozenset({origin}), self._guard)
        try:
            answer = await fetch(f"{origin}/wp-json/", proxy.url)
        except BadCertificate:
            raise
        except ShopApiUnreachable as error:
            raise ShopNotThere(because=f"{origin} does not answer. Is the address right?") from error
        finally:
            proxy.gate.shut(because="the look is over")
        self._judge(origin, answer)

    def _judge(self, origin: Origin, answer: Answer) -> None:
        if to := answer.redirects_to:
            raise NotWordPress(because=f"{origin} sends us to {to[:200]}. Use that address.")
        index = _json(answer)
        namespaces = index.get("namespaces") if isinstance(index, dict) else None
        if not isinstance(namespaces, list):
            raise NotWordPress(because=f"{origin} has no WordPress API at /wp-json/.")
        if "wc/v3" not in namespaces:
            raise WooCommerceMissing(because="Install and activate the plugin WooCommerce there, then try again.")


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
