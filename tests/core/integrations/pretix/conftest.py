"""pretix's API as a test has it answer, called through a way out that leads only there."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from core.integrations.pretix.api import ORGANIZERS, PretixApi
from core.security.secret import Secret
from tests.core.integrations.conftest import WayOut
from tests.fakes.web import Answer, Web, serving

TOKEN = Secret("a1" * 32)
TEA_HOUSE = f"{ORGANIZERS}teahouse"
TASTING = f"{TEA_HOUSE}/events/tasting"


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    """A pretix with one organizer and one event."""
    async with serving() as web:
        says(web, ORGANIZERS, listed({"name": "Tea House", "slug": "teahouse"}))
        says(web, f"{TEA_HOUSE}/events/", listed({"name": {"en": "Tasting"}, "slug": "tasting", "public_url": "/t/"}))
        yield web


@pytest.fixture
async def api(web: Web, way_out: WayOut) -> PretixApi:
    return PretixApi(web.origin, TOKEN, await way_out(web.origin))


def says(web: Web, path: str, said: object, status: int = 200) -> None:
    """Have a path answer this, as JSON."""
    web.pages[path] = Answer(json.dumps(said), status, content_type="application/json")


def listed(*objects: object, count: int | None = None, goes_on: bool = False) -> Mapping[str, Any]:
    """A page of a list, as pretix says it."""
    return {"count": len(objects) if count is None else count, "next": "…" if goes_on else None, "results": objects}
