"""Reads a screen where every text that is told stands in ⟦brackets⟧, and finds what was told by nobody."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from playwright.sync_api import Page

from app.practice_room import PERMITTED
from app.settings import CONSENT_TEXTS, Settings
from core.agents.integration import Integration
from core.database.roles import Role
from core.database.states import OperationStatus
from core.integrations.every import every_integration
from core.operations.wordings import ConsentSheet, Wordings
from core.security.addresses import AddressGuard, SystemResolver
from core.security.consent.consent_text import ConsentTexts
from core.security.origin import Origin
from core.statistics.summary import REASONS
from tests.pages.served import ROOT

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
    r"The \w+ key named “OmniOps|op [0-9a-f]{8}” may still be there\. Revoke it under .+",  # what stays at a shop, in two pieces
)
OTHER = "Coffee Shop"  # a customer that is put beside the demo's, where one is needed
NAMES = {"OmniOps Autopilot", "Tea Shop", "UTC", OTHER}

GATHER = """([within, notOurs]) => {
  const whole = document.querySelector(within);
  document.querySelectorAll("details").forEach(one => one.open = true);
  const found = [], skipped = "script, style, noscript, [aria-hidden=true]" + notOurs.map(one => ", " + one).join("");
  const where = one => one.tagName.toLowerCase() + [...one.classList].map(name => "." + name).join("");
  const seen = one => (one.closest("select") || one).checkVisibility({visibilityProperty: true});
  const walk = document.createTreeWalker(whole, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const one = node.parentElement;
    if (!one.closest(skipped) && seen(one)) found.push([where(one), node.data]);
  }
  for (const name of ["aria-label", "placeholder", "title", "alt", "label", "data-label"])
    for (const one of [whole, ...whole.querySelectorAll(`[${name}]`)].filter(one => one.hasAttribute(name)))
      if (!one.closest(skipped) && seen(one)) found.push([`${where(one)}[${name}]`, one.getAttribute(name)]);
  return found;
}"""


def known_texts() -> frozenset[str]:
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


def untold_on(page: Page, known: frozenset[str], within: str = "body") -> list[str]:
    """What is read on a page, or in a part of it, has a letter, and is neither told nor known: where, and the text."""
    found: Any = page.evaluate(GATHER, [within, list(NOT_OURS)])
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


def consent_texts(store_url: str) -> frozenset[str]:
    """What the consents of every operation of every service say: whoever agrees has agreed to these words, in their language."""
    texts = ConsentTexts.from_folder(CONSENT_TEXTS, Settings().consent_version)
    return frozenset(
        piece.strip()
        for one in every_integration(AddressGuard(SystemResolver()))
        for sentence in said_by(Wordings(texts).sheet(one, Origin.of(store_url)))
        for piece in sentence.split("**")
    )


def said_by(sheet: ConsentSheet) -> Iterator[str]:
    """Each sentence of a consent that core tells."""
    yield from (sheet.heading, sheet.intro, *(one.sentence for one in sheet.will), *sheet.will_not, *sheet.kept)
    yield from (text for box in sheet.boxes for text in (box.sentence, box.needed))
