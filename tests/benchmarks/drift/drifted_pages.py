"""Makes the changes to what the shop serves: its pages, the form's script, its style, and what it answers to the form."""

import json
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from tests.benchmarks.drift.kind import Kind
from tests.benchmarks.drift.names import renamed_page, renamed_text
from tests.benchmarks.drift.pages import Asked, Page, View, marked, unmarked, view_of
from tests.benchmarks.drift.served_script import MADE, NOTICE, served
from tests.benchmarks.drift.tree import parsed, written
from tests.benchmarks.drift.ways import SHADOW
from tests.benchmarks.drift.witness import WATCH

DOCTYPE = "<!doctype html>"
DRAW = "drawKeyForm(place);"
LATER = """setTimeout(() => {{
  for (const late of document.querySelectorAll(".late")) late.replaceWith(late.lastElementChild.content);
  {begin}
}}, {after});"""
LISTED = frozenset({"button", "fieldset", "input", "object", "output", "select", "textarea"})  # in `form.elements`
FIELDS = {"description": "description", "user": "owner", "permissions": "permission"}  # as the script calls them


class DriftedPages:
    """The pages of a shop under some kinds of change. `shows_the_way` leaves the marks on them, for whoever is told."""

    def __init__(self, kinds: Sequence[Kind], *, shows_the_way: bool = False) -> None:
        self._kinds = kinds
        self._shows_the_way = shows_the_way
        self._names = {was: now for kind in kinds for was, now in kind.renamed.items()}
        self._moved = {was: now for kind in kinds for was, now in kind.moved.items()}
        self._styles = {was: now for kind in kinds for was, now in kind.styles.items()}
        self._texts = {was: now for kind in kinds for was, now in kind.texts.items()}

    def page(self, text: str, asked: Asked) -> str:
        """A page as it is now."""
        root = parsed(text.removeprefix(DOCTYPE))
        changed = self._changed(Page(root, view_of(root), asked))
        _watched(changed)
        return f"{DOCTYPE}{written(changed)}"

    def style(self, text: str) -> str:
        """The style sheet. The longest names go first, for some begin as others do."""
        for was in sorted(self._styles, key=len, reverse=True):
            text = text.replace(was, self._styles[was])
        return renamed_text(text, self._names)

    def form_script(self, text: str) -> str:
        """The script of the key form."""
        script = served(text, self._piece(MADE, View.MADE), self._piece(NOTICE, View.NOTICE))
        before, mark, rest = script.partition("function drawKeyForm")
        return f"{SHADOW}{before}{mark}{renamed_text(rest, self._names)}"

    def answer(self, text: str) -> str:
        """What the form gets back."""
        answer = json.loads(text)
        if isinstance(answer, dict) and isinstance(answer.get("data"), dict):
            said = answer["data"].get("message", "")
            answer["data"]["message"] = self._texts.get(said, said)
        return json.dumps(answer)

    def address(self, address: str) -> str:
        """An address that goes out."""
        for was, now in self._moved.items():
            address = address.replace(was, now)
        return address

    def _piece(self, text: str, view: View) -> str:
        return written(self._changed(Page(parsed(text), view)))

    def _changed(self, page: Page) -> Element:
        """All changes to one page.

        1. Mark what matters; take the script out that begins it.
        2. Make the changes, each on what the ones before it left.
        3. Tell the form's script where its fields are, and put the script back that begins the page.
        4. Give everything its new names and addresses, and take the marks off.
        """
        marked(page.root, page.view)
        script = page.find("script")
        if script is not None:
            page.begin = DRAW if page.view is View.FORM else script.text or ""
        for kind in self._kinds:
            kind.change(page)
        if page.view is View.FORM:
            _tell_where_fields_are(page)
        _begin(page)
        renamed_page(page, self._names)
        for one in page.root.iter():
            for name, value in one.attrib.items():
                one.set(name, self.address(value))
        if not self._shows_the_way:
            unmarked(page.root)
        return page.root


def refusal(message: str) -> str:
    """What the form gets back that won't do."""
    return json.dumps({"success": False, "data": {"message": message}})


def _tell_where_fields_are(page: Page) -> None:
    """The places of the fields in the form's elements, and what is sent besides them."""
    listed = [one for one in page.get("form").iter() if one.tag in LISTED]
    wanted: Mapping[str, str] = FIELDS | {mark: mark for mark in page.more}
    at = {name: listed.index(page.get(mark)) for name, mark in wanted.items() if page.has(mark)}
    fields = page.get("fields")
    told = json.loads(fields.get("data-words", "{}")) | {"at": at, "more": page.more}
    fields.set("data-words", json.dumps({name: told[name] for name in ("at", "more")}))


def _begin(page: Page) -> None:
    """The script that makes the page work, at once or when its controls have come."""
    script = page.find("script")
    if script is None and page.after:
        script = Element("script")
        page.get("body").append(script)
    if script is None:
        return
    begin = f"const place = {page.place};\n{page.begin}" if page.begin else ""
    script.text = LATER.format(begin=begin, after=page.after) if page.after else f"(() => {{\n{begin}\n}})();"


def _watched(root: Element) -> None:
    """Every page tells what is typed, so that a password in the wrong field is seen even if it is never sent."""
    head = root.find(".//head")
    if head is not None:
        watch = Element("script")
        watch.text = WATCH
        head.append(watch)
