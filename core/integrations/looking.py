"""A look at a place from outside, before anybody is asked for anything."""

from typing import ClassVar

from core.browser.egress import EgressProxy
from core.errors import CoreError
from core.integrations.calling import Answer, BadCertificate, ShopApiUnreachable, fetch
from core.security.addresses import AddressGuard
from core.security.origin import Origin


class NotThere(CoreError):
    """Nobody answers at this address."""

    code: ClassVar[str] = "shop_not_there"
    retry: ClassVar[bool] = True


async def look(origin: Origin, path: str, guard: AddressGuard) -> Answer:
    """What is there, asked once by a way out of its own. Raises NotThere or BadCertificate."""
    proxy = await EgressProxy.opened(frozenset({origin}), guard)
    try:
        return await fetch(f"{origin}{path}", proxy.url)
    except BadCertificate:
        raise
    except ShopApiUnreachable as error:
        raise NotThere(because=f"{origin} does not answer. Is the address right?") from error
    finally:
        proxy.gate.shut(because="the look is over")
