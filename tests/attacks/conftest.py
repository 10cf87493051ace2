"""The attacked browser, one for each module; and for each test a shop, a way out that leads only there, and a page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.browser.egress import EgressProxy
from core.browser.scope import PageLimits, RunScope
from core.browser.sessions import BrowserRun, Browsers
from tests.app.conftest import said
from tests.browser import CHROMIUM
from tests.browsing import egress, limits, web
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import Web

__all__ = ["said"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quarters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the browser has for all it writes."""
    return tmp_path_factory.mktemp("attacked") / "browser"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers(quarters: Path) -> AsyncIterator[Browsers]:
    browsers = Browsers(CHROMIUM, quarters)
    yield browsers
    await browsers.close()


@pytest_asyncio.fixture(loop_scope="module")
async def run(browsers: Browsers, web: Web, limits: PageLimits, egress: EgressProxy) -> AsyncIterator[BrowserRun]:
    async with browsers.run(RunScope(web.origin, FakeSecrets(), limits=limits), egress) as run:
        yield run


__all__ = ["egress", "limits", "web"]  # fixtures of every test on a real browser
