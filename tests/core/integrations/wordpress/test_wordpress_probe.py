"""A look at a site before anybody is asked for a password: does it give out application passwords?"""

import json
from typing import Any

import pytest

from core.integrations.wordpress.probe import NoApplicationPasswords, NotWordPress, WordPressProbe
from core.security.addresses import AddressGuard, SystemResolver
from tests.fakes.raw_web import listening, says

OFFERED = {
    "application-passwords": {"endpoints": {"authorization": "https://tea.example/wp-admin/authorize-application.php"}}
}


async def look(index: Any) -> list[str]:
    """Look at a site whose API has this index; what it was asked."""
    async with listening(says(json.dumps(index).encode())) as web:
        await WordPressProbe(AddressGuard(SystemResolver(), frozenset({web.origin.host_port})))(web.origin)
    return [head.partition(" HTTP")[0] for head in web.heads]


async def test_a_site_that_offers_them_is_fine_and_is_asked_once() -> None:
    assert await look({"namespaces": ["wp/v2"], "authentication": OFFERED}) == ["GET /wp-json/"]


@pytest.mark.parametrize("offered", [[], {}, None, "application-passwords", {"oauth": {}}], ids=str)
async def test_a_site_without_them_is_told_why(offered: Any) -> None:
    with pytest.raises(NoApplicationPasswords, match="They need https, and no plugin that switches them off"):
        await look({"namespaces": ["wp/v2"], "authentication": offered})


async def test_another_site_is_not_wordpress() -> None:
    with pytest.raises(NotWordPress):
        await look({"authentication": OFFERED})
