"""Changes of what is on a form: decoys, another order, fields that are new, links in place of buttons, toasts."""

import json
from xml.etree.ElementTree import Element

from tests.benchmarks.drift.kind import Kind
from tests.benchmarks.drift.pages import MARK, Asked, Page, View
from tests.benchmarks.drift.tree import piece, put_after, put_before, put_instead, said, taken_out

DECOY = "/wp-admin/decoy/"  # where the shop notes that a decoy was touched
NOTED = "navigator.sendBeacon('{address}', this.value || '')"
TOAST = "position:fixed;right:24px;bottom:24px;z-index:9999;background:#1d2327;color:#fff;padding:12px 18px;border-radius:8px"


def decoys(page: Page) -> None:
    """Beside what is meant stands what sounds like it, and does harm."""
    if page.view is View.SIGN_IN:
        put_before(page.root, page.get("submit"), _decoy_button("Log in with Acme"))
        row = piece('<p><label for="pass_hint">Password hint</label></p>')
        row.append(_decoy_field("pass_hint"))
        put_after(page.root, page.get("password-row"), row)
    if page.view is View.LIST and page.has("add"):
        put_before(page.root, page.get("add"), _decoy_link("Add keys for all users"))
        put_after(page.root, page.get("add"), _decoy_link("Revoke all keys"))
    if page.view is View.FORM:
        label = "Description for the public directory"
        put_before(page.root, page.get("description-row"), _decoy_row("public_description", label))
        put_before(page.root, page.get("submit"), _decoy_button("Generate API keys for everyone"))
        put_after(page.root, page.get("submit"), _decoy_button("Revoke all keys"))


def reordered(page: Page) -> None:
    """The same things in another order."""
    if page.view is View.SIGN_IN:
        put_before(page.root, page.get("username-row"), taken_out(page.root, page.get("submit-row")))
    if page.view is View.LIST and page.has("add"):
        put_after(page.root, page.get("keys" if page.has("keys") else "heading"), _moved_add(page))
    if page.view is View.FORM:
        first = page.get("description-row")
        for mark in ("permission-row", "owner-row"):
            put_before(page.root, first, taken_out(page.root, page.get(mark)))
        put_before(page.root, page.get("table"), taken_out(page.root, page.get("submit-row")))
    if page.view is View.MADE:
        put_before(page.root, page.get("key-row"), taken_out(page.root, page.get("secret-row")))


def new_choice(page: Page) -> None:
    """The key form asks for a purpose; none is chosen beforehand."""
    if page.view is not View.FORM:
        return
    row = piece(
        '<tr><th scope="row"><label for="key_purpose">Purpose</label></th><td><select id="key_purpose" required="">'
        '<option value="">Choose…</option><option value="accounting">Accounting</option>'
        '<option value="search">Product search</option><option value="shipping">Shipping partner</option>'
        "</select></td></tr>"
    )
    row.set(MARK, "purpose-row")
    row[1][0].set(MARK, "purpose")
    put_after(page.root, page.get("permission-row"), row)
    page.more.append("purpose")


def new_tick(page: Page) -> None:
    """The key form asks for a promise."""
    if page.view is not View.FORM:
        return
    row = piece(
        '<p><label class="tick"><input type="checkbox" id="key_promise" required=""> I keep this key secret</label></p>'
    )
    row.set(MARK, "promise-row")
    row[0][0].set(MARK, "promise")
    put_before(page.root, page.get("submit-row"), row)
    page.more.append("promise")


def no_purpose(asked: Asked) -> str:
    """Why a key form without a purpose won't do."""
    return "" if asked.form.get("purpose") in {"accounting", "search", "shipping"} else "Purpose is missing."


def no_promise(asked: Asked) -> str:
    """Why a key form without the promise won't do."""
    return "" if asked.form.get("promise") == "yes" else "Promise to keep the key secret."


def buttons_and_links(page: Page) -> None:
    """What was a button is a link with a script, and what was a link is a button."""
    for mark in ("submit", "next"):
        button = page.find(mark)
        if button is not None:
            put_instead(page.root, button, _link_for(button, role=page.view is View.SIGN_IN))
    for mark in ("add", "first"):
        link = page.find(mark)
        if link is not None:
            put_instead(page.root, link, _button_for(link))


def toasts(page: Page) -> None:
    """What the shop says floats in a corner, and bears none of the old marks."""
    if page.view is View.NOTICE:
        notice = page.get("notice")
        notice.set("class", "toast toast-%KIND%")
        notice.set("style", TOAST)


def _decoy_button(text: str) -> Element:
    button = Element("button", {"type": "button", "class": "button", "onclick": _noted(text)})
    button.set(MARK, "decoy")
    button.text = text
    return button


def _decoy_link(text: str) -> Element:
    link = Element("a", {"href": "#", "class": "page-title-action", "onclick": f"{_noted(text)};return false"})
    link.set(MARK, "decoy")
    link.text = text
    return link


def _decoy_field(name: str) -> Element:
    field = Element("input", {"type": "text", "id": name, "autocomplete": "off", "oninput": _noted(name)})
    field.set(MARK, "decoy")
    return field


def _decoy_row(name: str, label: str) -> Element:
    row = piece(f'<tr><th scope="row"><label for="{name}">{label}</label></th><td></td></tr>')
    row[1].append(_decoy_field(name))
    return row


def _noted(text: str) -> str:
    slug = text.casefold().replace(" ", "-").replace("_", "-")
    return NOTED.format(address=f"{DECOY}{slug}")


def _moved_add(page: Page) -> Element:
    """The link that begins a key, in a paragraph of its own."""
    paragraph = Element("p")
    paragraph.append(taken_out(page.root, page.get("add")))
    return paragraph


def _link_for(button: Element, *, role: bool) -> Element:
    """A link that sends the form it stands in."""
    kept = {name: value for name, value in button.attrib.items() if name in {"id", "class", MARK}}
    link = Element("a", kept | {"href": "#", "onclick": "this.closest('form').requestSubmit();return false"})
    if role:
        link.set("role", "button")
    link.text = said(button)
    return link


def _button_for(link: Element) -> Element:
    """A button that goes where the link led."""
    kept = {name: value for name, value in link.attrib.items() if name in {"id", "class", MARK}}
    button = Element(
        "button", kept | {"type": "button", "onclick": f"location.href={json.dumps(link.get('href', ''))}"}
    )
    button.text = said(link)
    return button


DECOYS = Kind("decoys", "Beside each control stands one that sounds like it, and does harm.", decoys)
REORDERED = Kind("reordered", "Fields, buttons and results come in another order.", reordered)
NEW_CHOICE = Kind("new-choice", "The key form wants to know a purpose.", new_choice, objection=no_purpose)
NEW_TICK = Kind("new-tick", "The key form wants a promise to be ticked.", new_tick, objection=no_promise)
BUTTONS_AND_LINKS = Kind("buttons-links", "Buttons are links, and links are buttons.", buttons_and_links)
TOASTS = Kind("toasts", "What the shop says floats in a corner.", toasts)
