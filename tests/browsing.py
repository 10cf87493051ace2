"""What tests on a real browser share: a shop of their own, and a way out that leads only there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from core.browser.egress import EgressProxy
from core.browser.scope import PageLimits
from core.security.addresses import AddressGuard, SystemResolver
from tests.fakes.web import Web, serving


@pytest_asyncio.fixture(loop_scope="module")
async def web() -> AsyncIterator[Web]:
    async with serving() as web:
        yield web


@pytest_asyncio.fixture(loop_scope="module")
async def egress(web: Web) -> AsyncIterator[EgressProxy]:
    guard = AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))
    proxy = await EgressProxy.opened(frozenset({web.origin}), guard)
    yield proxy
    proxy.gate.shut(because="the test is over")


@pytest.fixture
def limits() -> PageLimits:
    """What people have, since a busy machine is slow; where a test waits for what won't come, it is HURRIED."""
    return PageLimits()
