"""A page with one of everything, and the planner that asks the Messages API on this machine about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.browser.redaction import Redactor
from core.browser.snapshot import ElementSeen
from core.planner.claude import ClaudePlanner
from core.planner.connection import ClaudeSettings
from core.planner.models import Models
from core.planner.planner import Choice, Situation
from core.security.origin import Origin
from core.security.secret import Secret
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, TaskStep
from tests.fakes.messages_api import MessagesApi, messages_api
from tests.fakes.page import FakeElement, FakePage, Screen

KEY = "sk-canary-of-the-key"
SHOP = Origin("https", "tea.example", 443)
MODELS = Models.from_file(Path(__file__).parents[2] / "data" / "models.json")
STEP = TaskStep(
    1, "Open the keys", ActionKind.CLICK, "the link “Keys”", Locator.css("#keys"), expected_result="the list of keys"
)


def seen(ref: str, role: str, name: str, **more: Any) -> FakeElement:
    """An element in the page's snapshot, with two ways to find it."""
    ways = (Locator.css(f"#{ref}"), Locator.css(f"main > :nth-child({ref[1:]})"))
    return FakeElement(ways, value="canary-of-a-value", seen=ElementSeen(role, name, **more, ref=ref))


def everything() -> list[FakeElement]:
    """One of each kind."""
    return [
        seen("e1", "heading", "Settings"),
        seen("e2", "link", "Access"),
        seen("e3", "button", "Close"),
        seen("e4", "textbox", "Shop name", kind="text"),
        seen("e5", "textbox", "Password", kind="password"),
        seen("e6", "combobox", "Country", options=("Austria", "Chile")),
        seen("e7", "checkbox", "Rarely used"),
        seen("e8", "button", "Save", enabled=False),
        seen("e9", "button", "Delete everything"),
        seen("e10", "textbox", "Address", read_only=True),
        seen("e11", "textbox", "Logo", kind="file"),
    ]


@dataclass
class Asking:
    """A planner, the service it asks, the page, and what knows the secrets."""

    api: MessagesApi
    page: FakePage
    redactor: Redactor = field(default_factory=Redactor)
    timeout: float = 5.0
    url: str = ""

    async def decide(self, situation: Situation | None = None, **changes: Any) -> Choice:
        """What the planner says to this situation; `changes` are those of the ordinary one."""
        settings = ClaudeSettings(Secret(KEY), MODELS.named(None), self.url or self.api.url, self.timeout)
        planner = ClaudePlanner(settings, secrets_of=lambda page: self.redactor)
        given = Situation(STEP, "make-a-key", slots={"shop_name": "Tea", "store_url": "https://tea.example"})
        return await planner.decide(replace(situation or given, **changes), self.page)


@asynccontextmanager
async def asking() -> AsyncIterator[Asking]:
    """Everything in its place, and a service that waits for its script."""
    page = FakePage(SHOP)
    page.screen = Screen("/settings", "Settings", elements=everything())
    async with messages_api() as api:
        yield Asking(api, page)


def step(action: ActionKind, **more: Any) -> TaskStep:
    """The ordinary step, with another action."""
    return replace(STEP, action=action, **more)
