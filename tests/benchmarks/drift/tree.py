"""A page of the shop as a tree that can be changed: read by Python's own parser, kept in its own elements.

An element's tail (the text behind it) belongs to the place and not to the element: whatever is moved leaves it behind.
"""

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder, tostring

VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
FRAGMENT = "fragment"  # the element around what is no whole page; it is not served


class _Reader(HTMLParser):
    """Feeds a tree with what the parser finds."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.builder = TreeBuilder()
        self.builder.start(FRAGMENT, {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def parsed(text: str) -> Element:
    """A page or a piece of one, in an element of its own."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.builder.end(FRAGMENT)
    return reader.builder.close()


def piece(text: str) -> Element:
    """The one element that this text is."""
    element = parsed(text.strip())[0]
    element.tail = None
    return element


def written(root: Element) -> str:
    """The text of a tree."""
    inner = "".join(tostring(child, encoding="unicode", method="html") for child in root)
    return (root.text or "") + inner


def parent_of(root: Element, element: Element) -> Element:
    """What an element stands in. Raises LookupError if it is not in this tree."""
    for one in root.iter():
        if element in list(one):
            return one
    raise LookupError(f"<{element.tag}> is not on this page")


def taken_out(root: Element, element: Element) -> Element:
    """The element, no longer in its place; the text behind it stays there."""
    parent = parent_of(root, element)
    at = list(parent).index(element)
    tail = element.tail or ""
    if at:
        parent[at - 1].tail = (parent[at - 1].tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
    element.tail = None
    return element


def put_before(root: Element, there: Element, element: Element) -> None:
    """Put a new element right before another one."""
    parent = parent_of(root, there)
    parent.insert(list(parent).index(there), element)


def put_after(root: Element, there: Element, element: Element) -> None:
    """Put a new element right behind another one."""
    parent = parent_of(root, there)
    element.tail, there.tail = there.tail, " "
    parent.insert(list(parent).index(there) + 1, element)


def put_instead(root: Element, there: Element, element: Element) -> None:
    """Put a new element in the place of another one."""
    parent = parent_of(root, there)
    element.tail, there.tail = there.tail, None
    parent[list(parent).index(there)] = element


def wrapped(root: Element, there: Element, around: Element, inside: Element | None = None) -> None:
    """Put `around` in an element's place, and the element into it, or into the part of it that is named."""
    put_instead(root, there, around)
    (around if inside is None else inside).append(there)


def say(element: Element, text: str) -> None:
    """Let an element say this, and nothing else; a button that is an <input> says its value."""
    if element.tag == "input":
        element.set("value", text)
        return
    for child in list(element):
        element.remove(child)
    element.text = text


def reword(element: Element, text: str) -> None:
    """Change an element's own words; what else stands in it (a help tip, an icon) stays."""
    if element.tag == "input":
        element.set("value", text)
    else:
        element.text = f"{text} " if len(element) else text


def said(element: Element) -> str:
    """An element's own words."""
    return (element.get("value", "") if element.tag == "input" else element.text or "").strip()


def identified(root: Element, name: str) -> Element | None:
    """The element of that id."""
    return next((one for one in root.iter() if one.get("id") == name), None)
