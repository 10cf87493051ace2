"""Looks at a site from outside before anybody is asked for a password: is it WordPress, and what does it offer?"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from core.agents.integration import Seen
from core.errors import CoreError
from core.integrations.looking import look
from core.security.addresses import AddressGuard
from core.security.origin import Origin

WORDPRESS = "WordPress"
# Every page of WordPress, and of most of its plugins, names what made it, unless somebody has switched that off:
# https://developer.wordpress.org/reference/functions/wp_generator/
GENERATOR = re.compile(r"""<meta\s+name=["']generator["']\s+content=["']([A-Za-z ]{1,40}?) (\d[\w.-]{0,20})""")
READ = 500_000  # characters of the front page; the head is at its beginning


class NotWordPress(CoreError):
    """This site does not look like WordPress."""

    code: ClassVar[str] = "not_wordpress"


class NoApplicationPasswords(CoreError):
    """This WordPress site gives out no application passwords."""

    code: ClassVar[str] = "no_application_passwords"


class WordPressProbe:
    """Needs no account."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def __call__(self, origin: Origin) -> None:
        """Raises what `index_of` raises, or NoApplicationPasswords."""
        offered = (await index_of(origin, self._guard)).get("authentication")
        if not (isinstance(offered, dict) and "application-passwords" in offered):
            raise NoApplicationPasswords(because="They need https, and no plugin that switches them off.")

    async def versions(self, origin: Origin) -> tuple[Seen, ...]:
        """Of WordPress."""
        made_by = await generators_of(origin, self._guard)
        return (Seen(WORDPRESS, made_by.get(WORDPRESS, "")),)


async def generators_of(origin: Origin, guard: AddressGuard) -> dict[str, str]:
    """What the front page says it was made by, and in which version; nothing, if it says nothing."""
    try:
        page = (await look(origin, "/", guard)).content.decode(errors="replace")
    except (
        CoreError
    ):  # it is there, as its index has shown: what its front page does not tell is no reason to refuse it
        return {}
    return dict(GENERATOR.findall(page[:READ]))


async def index_of(origin: Origin, guard: AddressGuard) -> Mapping[str, Any]:
    """The site's own index of its API. Raises NotThere, BadCertificate or NotWordPress."""
    answer = await look(origin, "/wp-json/", guard)
    if to := answer.redirects_to:
        raise NotWordPress(because=f"{origin} sends us to {to[:200]}. Use that address.")
    try:
        index = answer.json()
    except ValueError:
        index = None
    if not (isinstance(index, dict) and isinstance(index.get("namespaces"), list)):
        raise NotWordPress(because=f"{origin} has no WordPress API at /wp-json/.")
    return index
