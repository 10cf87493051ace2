"""A real browser for each module, and for each test a shop of its own, a way out that leads only there, and a page."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from core.browser.egress import EgressProxy
from core.browser.scope import PageLimits, RunScope
from core.browser.sessions import BrowserRun, Browsers
from core.workflows.locator import Locator
from tests.browser import CHROMIUM
from tests.browsing import egress, limits, web
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import Web, serving

SENSITIVE = (Locator.css("#key_consumer_secret"), Locator.css("#keys-qrcode"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browsers]:
    browsers = Browsers(CHROMIUM, tmp_path_factory.mktemp("browser"))
    yield browsers
    await browsers.close()


@pytest_asyncio.fixture(loop_scope="module")
async def foreign() -> AsyncIterator[Web]:
    """Another server, which nothing of the run may reach."""
    async with serving() as web:
        yield web


@pytest.fixture
def secrets(web: Web) -> FakeSecrets:
    secrets = FakeSecrets()
    secrets.put("password", "correct horse+battery", web.origin)
    return secrets


@pytest.fixture
def scope(web: Web, secrets: FakeSecrets, limits: PageLimits) -> RunScope:
    return RunScope(web.origin, secrets, SENSITIVE, limits=limits)


@pytest_asyncio.fixture(loop_scope="module")
async def run(browsers: Browsers, scope: RunScope, egress: EgressProxy) -> AsyncIterator[BrowserRun]:
    async with browsers.run(scope, egress) as run:
        yield run


__all__ = ["egress", "limits", "web"]  # fixtures of every test on a real browser
