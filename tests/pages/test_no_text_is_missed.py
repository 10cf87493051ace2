"""Every text of every screen is told: where each that is told stands in ⟦brackets⟧, no other has a letter but data and core's."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.practice_room import PERMITTED
from core.agents.integration import Integration
from core.database.roles import Role
from core.database.states import OperationStatus
from core.integrations.every import every_integration
from core.security.addresses import AddressGuard, SystemResolver
from core.statistics.summary import REASONS
from tests.pages.conftest import WIDE, ZONE, sign_in
from tests.pages.served import ROOT, Demo, demo
from tests.pages.test_screens import SCREENS, ready

# Where core or a shop tells something that differs from run to run, and why it is no text of the screens.
NOT_OURS = {
    ".entries .detail": "an entry's details are as they were recorded",
    ".item.health p.second:not(.small)": "what health has found is core's to say",
    ".learnt li > span:not(.badge)": "steps are told as they were learnt from tests",
    ".step div > div:first-child": "and so are those of a run",
    ".step .note": "what a run noted is core's, and the agent's",
    "#demo-shop ~ dl .mono": "the practice shop's own sign-in is to be typed as it is",
    ".thumb img": "and those that a picture is of",
}
PATTERNS = (
    r"\S+@tea\.example",  # e-mail addresses
    r"(https?://)?[\w.-]+(\.example|:\d+)(/\S*)?",  # addresses
    r"ck_…[0-9a-f]+|[0-9a-f]{12}|TEA-\d+",  # the end of a key, a digest, a product's number
    r"WooCommerce [\d.]+",  # a version, as the shop told it
)
NAMES = {"OmniOps Autopilot", "Tea Shop", "UTC"}

GATHER = """(notOurs) => {
  document.querySelectorAll("details").forEach(one => one.open = true);
  const found = [], skipped = "script, style, noscript, [aria-hidden=true]" + notOurs.map(one => ", " + one).join("");
  const where = one => one.tagName.toLowerCase() + [...one.classList].map(name => "." + name).join("");
  const seen = one => (one.closest("select") || one).checkVisibility({visibilityProperty: true});
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const one = node.parentElement;
    if (!one.closest(skipped) && seen(one)) found.push([where(one), node.data]);
  }
  for (const name of ["aria-label", "placeholder", "title", "alt", "label", "data-label"])
    for (const one of document.querySelectorAll(`[${name}]`))
      if (!one.closest(skipped) && seen(one)) found.push([`${where(one)}[${name}]`, one.getAttribute(name)]);
  return found;
}"""


@pytest.fixture(scope="module")
def bracketed(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Demo]]:
    """A page of somebody signed in where every text that is told stands in brackets."""
    with demo(tmp_path_factory.mktemp("bracketed"), ("-m", "tests.pages.bracketed")) as shown:
        context = chromium.new_context(viewport=WIDE, base_url=shown.dashboard, timezone_id=ZONE)
        page = context.new_page()
        sign_in(page, shown)
        yield page, shown
        context.close()


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    """What the demo's shop holds, and what core tells: states, roles, reasons, services, consents, what was learnt."""
    learnt = json.loads((ROOT / "data" / "AGENT_KNOWLEDGE_BASE.json").read_text("utf-8"))["workflows"]
    products = json.loads((ROOT / "data" / "practice_catalogue.json").read_text("utf-8"))
    return frozenset(
        text.strip()
        for text in (
            *NAMES,
            *(one.words for one in (*OperationStatus, *Role)),
            *(told for code, reason in REASONS.items() for told in (reason, f"{reason} ({code})")),
            *(told for one in every_integration(AddressGuard(SystemResolver())) for told in told_of(one)),
            *(one["title"].rstrip(".") for one in learnt),
            *(unescape(re.sub(r"<[^>\d]+>", "", one["name"])) for one in products),
            *(unescape(kind["name"]) for one in products for kind in one["categories"]),
            *("Consumer key", "Consumer secret"),  # as the vault's fields are called
        )
    )


def told_of(one: Integration) -> Iterator[str]:
    """What core tells of an operation of a service."""
    yield from (one.title, one.summary, one.address_label, one.in_short(frozenset(PERMITTED)))
    yield from (piece for permission in one.permissions for piece in permission.will.split("**"))


def untold_on(page: Page, known: frozenset[str]) -> list[str]:
    """What is read on a page, has a letter, and is neither told nor known: where, and the text."""
    found: Any = page.evaluate(GATHER, list(NOT_OURS))
    left, depth = [], 0
    for where, text in found:
        outside = ""
        for character in text:
            depth += {"⟦": 1, "⟧": -1}.get(character, 0)
            outside += "" if depth or character == "⟧" else character
        left += [f"{where}: {piece}" for piece in map(str.strip, outside.split(" · ")) if not is_known(piece, known)]
    assert depth == 0, "a text that is told was cut off"
    return left


def is_known(piece: str, known: frozenset[str]) -> bool:
    """Whether this has no letter, or is data of the demo, or core's."""
    is_data = piece in known or any(re.fullmatch(pattern, piece) for pattern in PATTERNS)
    return is_data or not re.search(r"[^\W\d_]", piece)


@pytest.mark.parametrize("name", [*SCREENS, "operation"])
def test_no_text_of_a_screen_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str], name: str) -> None:
    page, shown = bracketed
    ready(page, SCREENS.get(name, f"/operations/{shown.operation}"))
    for chart in page.locator(".chart").all():
        chart.locator("svg").wait_for()
    assert page.title().startswith("⟦")
    assert not (left := untold_on(page, known)), "\n".join(left)


@pytest.mark.parametrize("address", ["/sign-in?error=wrong_sign_in", "/sign-in/code", "/first-admin", "/nowhere"])
def test_no_text_is_missed_where_nobody_is_signed_in(
    chromium: Browser, bracketed: tuple[Page, Demo], known: frozenset[str], address: str
) -> None:
    _, shown = bracketed
    with chromium.new_context(base_url=shown.dashboard) as context:
        page = context.new_page()
        ready(page, address)
        assert not (left := untold_on(page, known)), "\n".join(left)


def test_no_text_of_a_question_before_a_deed_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str]) -> None:
    page, _ = bracketed
    ready(page, "/consents")
    page.get_by_role("button", name="Withdraw").first.click()
    page.get_by_role("dialog").wait_for()
    assert not (left := untold_on(page, known)), "\n".join(left)


@pytest.mark.parametrize(
    "missed",
    [
        "<p>Stop it</p>",
        "<p>⟦Stopped.⟧ Go on</p>",
        "<p>⟦See⟧ <b>them</b></p>",
        "<button aria-label=Menu></button>",
        "<input placeholder='What it is for'>",
        "<img alt='Your shop'>",
        "<select><option>All</option></select>",
        "<details><summary>⟦More⟧</summary><p>hidden</p></details>",
    ],
)
def test_what_is_not_told_stands_out(chromium: Browser, missed: str) -> None:
    page = chromium.new_page()
    page.set_content(f"<main><p>⟦A text with {{data}} of ⟦another⟧⟧ · a@tea.example</p>{missed}</main>")
    assert len(untold_on(page, frozenset())) == 1
    page.close()
