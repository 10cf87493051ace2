"""The practice shop's obstacles are recognised from what a real browser sees of them, and its other pages are not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from core.agents.obstacles import Obstacle, obstacle_of
from core.agents.person import QuestionKind
from core.browser.actions import Click, Fill, FillSecret, Open
from core.browser.page import BrowserPage
from core.browser.scope import RunScope
from core.browser.sessions import Browsers
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from core.workflows.locator import Locator
from core.workflows.step import Check, Matcher
from tests.browser import CHROMIUM
from tests.fakes.secrets import FakeSecrets

SOON = timedelta(seconds=20)


@pytest.fixture
def shop() -> PracticeShop:
    return PracticeShop()


@dataclass(frozen=True)
class Visit:
    """Somebody at the shop, with a real browser."""

    shop: PracticeShop
    page: BrowserPage
    address: str

    async def with_password(self, *faults: Fault) -> Obstacle | None:
        """What stands in the way once the password was given."""
        self.shop.switch(faults)
        await self.page.perform(Open(f"{self.address}/wp-login.php?reauth=1"))
        assert obstacle_of(await self.page.snapshot()) is None
        await self.page.perform(Fill(Locator.css("#user_login"), "admin"))
        await self.page.perform(FillSecret(Locator.css("#user_pass"), "password"))
        await self.page.perform(Click(Locator.css("#wp-submit")))
        there = Locator.css("#loginform [name=half], #wpadminbar")
        assert (await self.page.expect(Check(Matcher.HAS_COUNT, there, value=1), SOON)).held
        return obstacle_of(await self.page.snapshot())


@pytest.fixture
async def visit(shop: PracticeShop, tmp_path: Path) -> AsyncIterator[Visit]:
    browsers = Browsers(CHROMIUM, tmp_path)
    async with serve(shop) as address:
        origin, secrets = Origin.of(address), FakeSecrets()
        secrets.put("password", shop.password_of("admin"), origin)
        guard = AddressGuard(SystemResolver(), frozenset({origin.host_port}))
        egress = await browsers.egress(frozenset({origin}), guard)
        async with browsers.run(RunScope(origin, secrets), egress) as run:
            yield Visit(shop, run.page, address)
        egress.gate.shut(because="the test is over")
    await browsers.close()


async def test_each_is_known_for_what_it_is(visit: Visit) -> None:
    for language in ((), (Fault.GERMAN,)):
        code = await visit.with_password(Fault.TWO_FACTOR, *language)
        assert code
        assert code.field
        assert (code.kind, code.field.role) == (QuestionKind.CODE, "textbox")
        assert await visit.page.ways_to(code.field.ref)
        letters = await visit.with_password(Fault.CAPTCHA, *language)
        assert letters
        assert letters.field
        assert letters.kind is QuestionKind.CAPTCHA
        choice = await visit.with_password(Fault.CHOOSE_ACCOUNT, *language)
        assert choice
        assert choice.kind is QuestionKind.CHOICE
        assert [one.rpartition(" ")[2] for one in choice.options] == ["admin", "manager"]
        assert await visit.with_password(*language) is None


async def test_no_other_page_of_the_shop_is_one(visit: Visit) -> None:
    assert await visit.with_password() is None
    visit.shop.make_key("Till", "admin", "read")
    settings = "/wp-admin/admin.php?page=wc-settings"
    keys = f"{settings}&tab=advanced&section=keys"
    for place in (
        "/",
        "/my-account/",
        settings,
        keys,
        f"{keys}&create-key=1",
        "/wp-admin/users.php",
        "/wp-admin/profile.php",
    ):
        await visit.page.perform(Open(visit.address + place))
        assert obstacle_of(await visit.page.snapshot()) is None, place
