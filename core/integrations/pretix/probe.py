"""Looks at a place from outside before anybody is asked for a password: is it a pretix?"""

from typing import ClassVar

import httpx

from core.browser.egress import EgressProxy
from core.errors import CoreError
from core.integrations.calling import BadCertificate, ShopApiUnreachable, fetch
from core.integrations.pretix.words import MARK
from core.security.addresses import AddressGuard
from core.security.origin import Origin


class PretixNotThere(CoreError):
    """Nobody answers at this address."""

    code: ClassVar[str] = "shop_not_there"
    retry: ClassVar[bool] = True


class NotPretix(CoreError):
    """This does not look like a pretix."""

    code: ClassVar[str] = "not_pretix"


class PretixProbe:
    """Looks at the page where one signs in; needs no account."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def __call__(self, origin: Origin) -> None:
        """Raises PretixNotThere, BadCertificate or NotPretix."""
        proxy = await EgressProxy.opened(frozenset({origin}), self._guard)
        try:
            answer = await fetch(f"{origin}/control/login", proxy.url)
        except BadCertificate:
            raise
        except ShopApiUnreachable as error:
            raise PretixNotThere(because=f"{origin} does not answer. Is the address right?") from error
        finally:
            proxy.gate.shut(because="the look is over")
        if to := answer.redirects_to:
            raise NotPretix(because=f"{origin} sends us to {to[:200]}. Use that address.")
        if answer.status != httpx.codes.OK or MARK not in answer.content:
            raise NotPretix(because=f"{origin} has no page of pretix at /control/login.")
