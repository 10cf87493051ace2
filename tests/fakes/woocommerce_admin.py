"""WooCommerce's admin pages without a browser, over the state of a real practice shop, placed as they were learnt."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.practice_shop.keyring import KeyRecord
from app.practice_shop.shop import PracticeShop
from core.agents.slots import Slots
from core.browser.page import BrowserPage
from core.integrations.woocommerce.key import KEY
from core.security.origin import Origin
from core.workflows.locator import By, Locator
from core.workflows.registry import WorkflowRegistry
from tests.fakes.page import FakeElement, FakePage, Screen

css = Locator.css


@dataclass
class Places:
    """Where the learnt workflows look for things, by the intent of the step."""

    workflows: WorkflowRegistry

    def of(self, workflow: str, intent: str) -> tuple[Locator, ...]:
        """The place of a step, and its alternatives."""
        step = next(step for step in self.workflows.get(workflow).steps if step.intent.startswith(intent))
        assert step.locator
        return (step.locator, *step.alternatives)

    def expected(self, workflow: str, intent: str) -> tuple[Locator, ...]:
        """What is there after a step: the first of what may be."""
        step = next(step for step in self.workflows.get(workflow).steps if step.intent.startswith(intent))
        return tuple(
            Locator(tuple(link for link in check.locator.links if link.by is not By.OR))
            for check in step.checks
            if check.locator
        )

    def unless(self, workflow: str, intent: str) -> tuple[Locator, ...]:
        """What makes a step needless if it is there."""
        step = next(step for step in self.workflows.get(workflow).steps if step.intent.startswith(intent))
        return tuple(control.visible for control in step.controls if control.negated)


class FakeAdmin(FakePage):
    """The pages of one visit: sign-in first, then the key form or the list of keys. `says` makes the shop refuse."""

    def __init__(self, shop: PracticeShop, origin: Origin, places: Places, says: str) -> None:
        super().__init__(origin)
        self.shop, self.places, self.says = shop, places, says
        self.signed_in = False

    def go(self, path: str) -> None:
        if not self.signed_in:
            self.screen = Screen(path, "Log In", elements=self._sign_in(path))
        elif "create-key" in path:
            self.screen = Screen(path, "Key details", elements=self._form())
        else:
            self.screen = Screen(path, "REST API keys", elements=self._list(path))

    def refuse(self) -> None:
        """Show what the shop says instead of doing it."""
        self.screen.notice = self.says
        self.screen.elements.append(FakeElement((KEY.notices,)))

    def _sign_in(self, path: str) -> list[FakeElement]:
        def log_in(page: FakePage) -> None:
            if "password" in self.says or "not registered" in self.says:
                return self.refuse()
            self.signed_in = True
            return self.go(path)

        return [
            FakeElement(self.places.of(KEY.makes, "Enter the user name")),
            FakeElement(self.places.of(KEY.makes, "Enter the password")),
            FakeElement(self.places.of(KEY.makes, "Sign in as"), does=log_in),
        ]

    def _form(self) -> list[FakeElement]:
        name = FakeElement(self.places.of(KEY.makes, "Name the key"))
        permission = FakeElement((css("#key_permissions"),))
        shown = [FakeElement((place,), visible=False) for place in (css(".wc-api-message.updated"), *KEY.sensitive)]

        def generate(page: FakePage) -> None:
            if self.says:
                return self.refuse()
            made = self.shop.make_key(name.value, "admin", permission.value)
            shown[1].value, shown[2].value = made.consumer_key, made.consumer_secret
            for element in shown:
                element.visible = True
            return None

        button = FakeElement(self.places.of(KEY.makes, "Generate the key"), does=generate)
        return [FakeElement((css("#wpadminbar"),)), name, permission, button, *shown]

    def _list(self, path: str) -> list[FakeElement]:
        """The list as it is at the address where it is looked for, so that nobody has to find it by links."""
        found = self.places.unless(KEY.revokes, "Open the advanced settings")
        foot = self.places.expected(KEY.revokes, "See the list of keys")
        rows = [element for key in self.shop.keys for element in self._row(path, key)]
        return [FakeElement((css("#wpadminbar"),)), FakeElement(found), FakeElement(foot), *rows]

    def _row(self, path: str, key: KeyRecord) -> Sequence[FakeElement]:
        def revoke(page: FakePage) -> None:
            if self.says:
                return self.refuse()
            self.shop.revoke_key(key.id)
            self.go(path)
            return self.screen.elements.append(FakeElement(self.places.expected(KEY.revokes, "Revoke the key")))

        slots = Slots({"key_description": key.description})
        row, link = (
            tuple(slots.locator(place) for place in self.places.of(KEY.revokes, intent))
            for intent in ("Point at the key", "Revoke the key")
        )
        return FakeElement(row), FakeElement(link, does=revoke)


@dataclass
class AdminBrowser:
    """Opens these pages anew each time, signed out.

    `says` is what the shop says to everything it is asked to do; `says_after_the_key`, from the second visit on.
    """

    shop: PracticeShop
    origin: Origin
    workflows: WorkflowRegistry
    says: str = ""
    says_after_the_key: str = ""
    pages: list[FakeAdmin] = field(default_factory=list)
    sensitive: list[tuple[Locator, ...]] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(self, sensitive: tuple[Locator, ...]) -> AsyncIterator[BrowserPage]:
        self.sensitive.append(sensitive)
        says = self.says or (self.says_after_the_key if self.pages else "")
        self.pages.append(FakeAdmin(self.shop, self.origin, Places(self.workflows), says))
        yield self.pages[-1]
