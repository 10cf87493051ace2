"""What the tests of every integration's client need: a way out that leads to one place."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from core.browser.egress import EgressProxy
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin

WayOut = Callable[[Origin], Awaitable[str]]


@pytest.fixture
async def way_out() -> AsyncIterator[WayOut]:
    """The address of a proxy that leads to one origin."""
    opened: list[EgressProxy] = []

    async def to(origin: Origin) -> str:
        guard = AddressGuard(SystemResolver(), frozenset({origin.host_port}))
        opened.append(await EgressProxy.opened(frozenset({origin}), guard))
        return opened[-1].url

    yield to
    for proxy in opened:
        proxy.gate.shut(because="the test is over")
