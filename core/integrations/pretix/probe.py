"""Looks at a place from outside before anybody is asked for a password: is it a pretix?"""

from typing import ClassVar

import httpx

from core.agents.integration import Seen
from core.errors import CoreError
from core.integrations.looking import look
from core.integrations.pretix.words import MARK
from core.security.addresses import AddressGuard
from core.security.origin import Origin


class NotPretix(CoreError):
    """This does not look like a pretix."""

    code: ClassVar[str] = "not_pretix"


class PretixProbe:
    """Looks at the page where one signs in; needs no account."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def __call__(self, origin: Origin) -> None:
        """Raises NotThere, BadCertificate or NotPretix."""
        answer = await look(origin, "/control/login", self._guard)
        if to := answer.redirects_to:
            raise NotPretix(because=f"{origin} sends us to {to[:200]}. Use that address.")
        if answer.status != httpx.codes.OK or MARK not in answer.content:
            raise NotPretix(because=f"{origin} has no page of pretix at /control/login.")

    async def versions(self, origin: Origin) -> tuple[Seen, ...]:
        """A pretix tells its version to nobody who has not signed in."""
        return (Seen("pretix"),)
