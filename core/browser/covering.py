"""Finds what must not be seen on a picture: password fields, what the run calls sensitive, live secrets, and keys nobody has read yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

from core.browser.eyes import Eyes
from core.browser.failures import attempt
from core.browser.locating import find
from core.browser.page import Box
from core.browser.redaction import Redactor
from core.browser.scope import Viewport
from core.browser.unread_keys import may_hold_a_key
from core.workflows.locator import By, Locator

MARGIN = 2  # pixels around a box; letters reach out of their line a little

# Boxes that are covered whatever they hold, and all texts in document order. A frame we can't look into is covered whole.
# `holds` counts what holds a secret for certain: fields for one with something in them, and what the run calls sensitive.
# `codes` are the numbers of the texts that are to be seen and may be a key: tokens that a page hides are everywhere.
# `drawn` is what may show a key once more beside it, as a QR code does: each picture that is large enough.
# Only who will ask where a text stands `remembers` the nodes: two may look at the same time.
SMALLEST_DRAWN = 48  # pixels a side; a QR code that can be read is larger, and icons are smaller
MOST_TEXT = 1_000_000  # characters looked through; a shop's page has 20,000, and more keeps this process busy
LOOK = """function (selectors, mostText, smallest, remembers) {
  const boxes = [], texts = [], nodes = [], drawn = [], codes = [];
  let length = 0, holds = 0;
  const MAY_BE_A_CODE = /[A-Za-z0-9_+=-]{20}|[A-Za-z0-9]{4}(?: [A-Za-z0-9]{4}){4}/; // and is looked at by who asks
  const were = globalThis.werePasswords ??= new WeakSet();
  const cover = (element, dx, dy) => {
    const r = element.getBoundingClientRect();
    if (r.width && r.height) boxes.push([r.x + dx, r.y + dy, r.width, r.height]);
    return r.width && r.height ? 1 : 0;
  };
  const read = (node, text, dx, dy) => {
    if (!text.trim()) return;
    length += text.length;
    if (length > mostText) throw new Error("there is more text than can be looked through");
    const shows = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (MAY_BE_A_CODE.test(text) && shows?.checkVisibility({visibilityProperty: true})) codes.push(texts.length);
    nodes.push([node, dx, dy]);
    texts.push(text);
  };
  const field = (element, dx, dy) => {
    if (element.localName === "input" && (element.type === "password" || were.has(element)
        || /password|one-time-code|cc-/.test(element.autocomplete || ""))) {
      were.add(element);
      cover(element, dx, dy);
      if (element.value) holds++;
    } else {
      read(element, element.value || element.placeholder || "", dx, dy);
    }
  };
  const draw = (element, dx, dy) => {
    const r = element.getBoundingClientRect();
    if (r.width >= smallest && r.height >= smallest) drawn.push([r.x + dx, r.y + dy, r.width, r.height]);
  };
  const frame = (element, dx, dy) => {
    let inner = null;
    try { inner = element.contentDocument; } catch { inner = null; }
    if (!inner) { cover(element, dx, dy); return; }
    const r = element.getBoundingClientRect(), style = getComputedStyle(element);
    walk(inner, dx + r.x + element.clientLeft + parseFloat(style.paddingLeft),
      dy + r.y + element.clientTop + parseFloat(style.paddingTop));
  };
  const walk = (root, dx, dy) => {
    for (const selector of selectors) {
      try { root.querySelectorAll(selector).forEach(element => { holds += cover(element, dx, dy); }); } catch { continue; }
    }
    const tree = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = tree.nextNode(); node; node = tree.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!/^(script|style|noscript)$/.test(node.parentNode?.localName ?? "")) read(node, node.data, dx, dy);
        continue;
      }
      if (node.shadowRoot) walk(node.shadowRoot, dx, dy);
      if (/^(input|textarea|select)$/.test(node.localName)) field(node, dx, dy);
      else if (/^(canvas|img|svg|video)$/.test(node.localName)) draw(node, dx, dy);
      else if (/^(iframe|frame|object|embed)$/.test(node.localName)) frame(node, dx, dy);
    }
  };
  walk(document, 0, 0);
  if (remembers) globalThis.readNodes = nodes;
  return {boxes, texts, holds, drawn, codes};
}"""

# The boxes of some of the nodes whose texts were read last.
LOCATE = """function (indexes) {
  return indexes.map(index => {
    const [node, dx, dy] = globalThis.readNodes[index];
    let measured = node;
    if (node.nodeType === Node.TEXT_NODE) { measured = document.createRange(); measured.selectNodeContents(node); }
    const r = measured.getBoundingClientRect();
    return [r.x + dx, r.y + dy, r.width, r.height];
  }).filter(box => box[2] && box[3]);
}"""


@dataclass(frozen=True)
class Glance:
    """What a look has found: what is covered whatever it holds, and whether a secret is anywhere on the page, in sight or not."""

    boxes: frozenset[Box]
    holds_secret: bool


class Covering:
    """Knows, for one run, what has to be covered; says where it is right now."""

    def __init__(
        self, page: Page, eyes: Eyes, redactor: Redactor, sensitive: Sequence[Locator], viewport: Viewport
    ) -> None:
        self._page = page
        self._eyes = eyes
        self._redactor = redactor
        self._viewport = viewport
        self._selectors = [str(one.links[0].value) for one in sensitive if _is_plain_css(one)]
        self._others = [find(page, one) for one in sensitive if not _is_plain_css(one)]

    async def boxes(self) -> frozenset[Box]:
        """What must not be seen, in the visible part of the page as it is now. Raises ActionFailed if that can't be told."""
        looked = await self._eyes.ask(LOOK, *self._asked, True)
        found = list(looked["boxes"])
        unread = _unread(looked)
        found += looked["drawn"] if unread else []
        if holding := sorted({*unread, *self._holding_secrets(looked["texts"])}):
            found += await self._eyes.ask(LOCATE, holding)
        found += await self._other_boxes()
        return frozenset(_inside(found, self._viewport))

    async def glance(self) -> Glance:
        """The same for who only wants to know whether a secret is there: one look, which nobody waits for. Raises ActionFailed."""
        looked = await self._eyes.glance(LOOK, *self._asked, False)
        others = await self._other_boxes()
        holds_secret = bool(looked["holds"] or others or _unread(looked) or self._holding_secrets(looked["texts"]))
        return Glance(frozenset(_inside(looked["boxes"], self._viewport)), holds_secret)

    @property
    def _asked(self) -> tuple[Any, ...]:
        return self._selectors, MOST_TEXT, SMALLEST_DRAWN

    async def _other_boxes(self) -> list[list[float]]:
        """Where the sensitive elements are that no plain selector finds."""
        found = [await attempt(one.bounding_box()) for other in self._others for one in await attempt(other.all())]
        return [[box["x"], box["y"], box["width"], box["height"]] for box in found if box]

    def _holding_secrets(self, texts: Sequence[str]) -> list[int]:
        """Which of the texts hold a live secret or a part of one: it may be spread over several elements."""
        compact = ["".join(text.split()) for text in texts]
        starts = [0]
        for text in compact:
            starts.append(starts[-1] + len(text))
        spans = self._redactor.spans("".join(compact), without_spaces=True)
        return [
            index
            for index in range(len(texts))
            if any(start < starts[index + 1] and end > starts[index] for start, end in spans)
        ]


def _unread(looked: Mapping[str, Any]) -> list[int]:
    """Which of the texts that are to be seen may hold a key: it is one as well after it was read, and so is what is drawn beside it."""
    return [index for index in looked["codes"] if may_hold_a_key(looked["texts"][index])]


def _is_plain_css(locator: Locator) -> bool:
    return len(locator.links) == 1 and locator.links[0].by is By.CSS


def _inside(found: Iterable[Any], viewport: Viewport) -> Iterable[Box]:
    """The boxes with their margin, cut to the visible part, on whole pixels."""
    for x, y, width, height in found:
        left, top = max(0, int(x) - MARGIN), max(0, int(y) - MARGIN)
        right, bottom = (
            min(viewport.width, int(x + width) + MARGIN + 1),
            min(viewport.height, int(y + height) + MARGIN + 1),
        )
        if right > left and bottom > top:
            yield Box(left, top, right - left, bottom - top)
