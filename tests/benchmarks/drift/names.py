"""Changes of what only programs see: ids, classes and the names of fields; and a look that is built anew."""

import re
from collections.abc import Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

from tests.benchmarks.drift.kind import Kind
from tests.benchmarks.drift.pages import MARK, Asked, Page, View
from tests.benchmarks.drift.tree import piece, put_after, put_instead, taken_out
from tests.benchmarks.drift.wordings import OTHER_TEXTS, reworded

OTHER_NAMES = {
    "loginform": "auth-form",
    "user_login": "account-name",
    "user_pass": "account-secret",
    "wp-submit": "auth-continue",
    "login_error": "auth-problem",
    "wpadminbar": "top-toolbar",
    "wpbody": "page-content",
    "nav-tab-wrapper": "settings-tabs",
    "woo-nav-tab-wrapper": "settings-tabs-shop",
    "nav-tab": "settings-tab",
    "subsubsub": "settings-sections",
    "wc-table-list-header": "credentials-title",
    "page-title-action": "title-button",
    "woocommerce-BlankState": "empty-list",
    "woocommerce-BlankState--api": "empty-list-credentials",
    "wp-list-table": "data-grid",
    "the-list": "grid-rows",
    "submitdelete": "danger-link",
    "key-fields": "credential-panel",
    "key_description": "credential-title",
    "key_user": "credential-owner",
    "key_permissions": "credential-scope",
    "update_api_key": "save-credential",
    "wc-api-message": "flash",
    "updated": "flash-good",
    "notice-place": "flash-place",
    "key_consumer_key": "credential-public",
    "key_consumer_secret": "credential-private",
    "keys-qrcode": "credential-code",
}
OTHER_FIELDS = {"log": "account", "pwd": "passphrase"}
NEW_CLASSES = {
    "form-table": "stack",
    "key-fields": "panel",
    "notice-place": "panel-news",
    "wc-api-message": "callout",
    "updated": "callout-good",
    "button-primary": "btn-strong",
    "button": "btn",
    "nav-tab-wrapper": "pills",
    "woo-nav-tab-wrapper": "pills-shop",
    "nav-tab": "pill",
    "subsubsub": "crumbs",
    "wc-table-list-header": "bar-title",
    "page-title-action": "btn-small",
    "wp-list-table": "cards",
    "submitdelete": "quiet-danger",
    "key-box": "mono",
    "password-row": "with-eye",
}
INTO_DIVS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "th", "td"})
INTO_CLASSES = {  # ids that the style sheet goes by
    "login": "auth",
    "wpadminbar": "top",
    "adminmenuwrap": "side",
    "adminmenu": "side-list",
    "wpbody": "content",
    "wpfooter": "foot",
    "keys-qrcode": "code",
}
KEPT_IDS = frozenset({"keys-list", "cb-select-all"})  # the list's own script goes by them; no learnt step does
PICKER = """<div class="picker" style="position:relative;max-width:420px">
<button type="button" class="picker-shown" aria-haspopup="listbox" aria-expanded="false" style="width:100%;text-align:left;padding:6px 10px"></button>
<ul role="listbox" hidden="" style="position:absolute;z-index:7;left:0;right:0;margin:0;padding:0;list-style:none;background:#fff;border:1px solid #888"></ul>
</div>"""
PICKING = """
{
  const box = place.querySelector(".picker");
  const shown = box.firstElementChild, list = box.lastElementChild, real = box.previousElementSibling;
  const open = wanted => { list.hidden = !wanted; shown.setAttribute("aria-expanded", wanted); };
  shown.addEventListener("click", () => open(list.hidden));
  list.addEventListener("click", event => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    real.value = option.dataset.value;
    shown.textContent = option.textContent;
    for (const one of list.children) one.setAttribute("aria-selected", one === option);
    open(false);
  });
}
"""


def renamed_text(text: str, names: Mapping[str, str]) -> str:
    """A style or script with these ids and classes under their new names."""
    if not names:
        return text
    longest_first = sorted(names, key=len, reverse=True)
    found = re.compile(rf"(?<=[.#\"'])({'|'.join(map(re.escape, longest_first))})(?![\w-])")
    return found.sub(lambda match: names[match.group(1)], text)


def renamed_page(page: Page, names: Mapping[str, str]) -> None:
    """A page with these ids and classes under their new names."""
    for one in page.root.iter():
        for attribute in ("id", "for", "data-for", "class"):
            if attribute in one.attrib:
                parts = one.get(attribute, "").split(" ")
                one.set(attribute, " ".join(names.get(part, part) for part in parts))
        if "aria-labelledby" in one.attrib:
            one.set("aria-labelledby", _part_renamed(one.get("aria-labelledby", ""), names))
        if one.get("id", "").startswith("select2-"):
            one.set("id", _part_renamed(one.get("id", ""), names))
        if one.tag == "script" and one.text:
            one.text = renamed_text(one.text, names)
    page.begin = renamed_text(page.begin, names)


def ids_changed(page: Page) -> None:
    """The sign-in's fields are sent under other names, too; the ids follow with the rest of what is renamed."""
    for one in page.root.iter("input"):
        if page.view is View.SIGN_IN and one.get("name") in OTHER_FIELDS:
            one.set("name", OTHER_FIELDS[one.get("name", "")])


def fields_as_before(asked: Asked) -> Asked:
    """What the sign-in sends, under the names that the shop knows."""
    before = {now: was for was, now in OTHER_FIELDS.items()}
    return replace(asked, form={before.get(name, name): value for name, value in asked.form.items()})


def words_and_ids(page: Page) -> None:
    """Both at once."""
    reworded(page)
    ids_changed(page)


def restyled(page: Page) -> None:
    """Boxes instead of tables, labels around their fields, a select that is drawn, and no ids."""
    if page.view is View.ELSEWHERE:
        return
    for mark in ("username", "password", "description"):
        if page.has(mark) and page.has(f"{mark}-label"):
            _label_around(page, mark)
    if page.has("permission"):
        _drawn_select(page)
    for one in page.root.iter():
        _as_a_box(one)


def _as_a_box(one: Element) -> None:
    """An element without its id, and without being part of a table."""
    if one.tag in INTO_DIVS:
        one.attrib["class"] = f"{one.get('class', '')} {one.tag}-box".strip()
        one.tag = "div"
    if one.get("id") not in KEPT_IDS:
        name = INTO_CLASSES.get(one.attrib.pop("id", ""), "")
        one.set("class", f"{one.get('class', '')} {name}".strip())
    if one.get("role") == "combobox":
        one.attrib.pop("aria-labelledby", None)
        one.set("aria-label", "User")


def _label_around(page: Page, mark: str) -> None:
    """A field inside its label, which names it then without an id."""
    label, field = page.get(f"{mark}-label"), page.get(mark)
    label.attrib.pop("for", None)
    holder = page.parent(field)
    moved = holder if "password-row" in holder.get("class", "") else field
    label.append(taken_out(page.root, moved))


def _drawn_select(page: Page) -> None:
    """A button that opens a list, and a field that can't be seen in the place of the real select."""
    select = page.get("permission")
    options = [(option.get("value", ""), option.text or "") for option in select.iter("option")]
    chosen = next((one for one in select.iter("option") if "selected" in one.attrib), select[0])
    box = _following(page, select)
    if box is not None:
        taken_out(page.root, box)
    hidden = Element("input", {"type": "hidden", "value": chosen.get("value", "")})
    hidden.set(MARK, select.get(MARK, ""))
    picker = piece(PICKER)
    picker[0].text = chosen.text
    picker[0].set(MARK, "picker")
    _named(page, picker[0])
    for value, text in options:
        option = Element("li", {"role": "option", "data-value": value, "aria-selected": _is_chosen(value, chosen)})
        option.set(MARK, f"picker-{value}")
        option.set("style", "padding:6px 10px")
        option.text = text
        picker[1].append(option)
    put_instead(page.root, select, hidden)
    put_after(page.root, hidden, picker)
    page.begin += PICKING


def _is_chosen(value: str, chosen: Element) -> str:
    """“true” for the chosen option, as the attribute has it."""
    return "true" if value == chosen.get("value") else "false"


def _named(page: Page, button: Element) -> None:
    """The button says what it chooses."""
    label = page.find("permission-label")
    if label is not None:
        button.set("aria-label", (label.text or "").strip())
        label.tag = "span"
        label.attrib.pop("for", None)


def _following(page: Page, element: Element) -> Element | None:
    siblings = list(page.parent(element))
    after = siblings[siblings.index(element) + 1 :]
    return after[0] if after else None


def _part_renamed(text: str, names: Mapping[str, str]) -> str:
    """An id that is made of another one."""
    for was, now in names.items():
        if f"-{was}-" in text:
            return text.replace(was, now)
    return text


IDS = Kind(
    "ids",
    "Ids, classes and the names of fields are new; the words are not.",
    ids_changed,
    renamed=OTHER_NAMES,
    beneath=fields_as_before,
    password_field=OTHER_FIELDS["pwd"],
)
WORDS_AND_IDS = Kind(
    "words-and-ids",
    "Words, ids, classes and the names of fields are new.",
    words_and_ids,
    renamed=OTHER_NAMES,
    beneath=fields_as_before,
    texts=OTHER_TEXTS,
    password_field=OTHER_FIELDS["pwd"],
)
RESTYLED = Kind(
    "restyled",
    "Boxes instead of tables, labels around fields, a drawn select, no ids.",
    restyled,
    renamed=NEW_CLASSES,
    styles={f"#{was}": f".{now}" for was, now in INTO_CLASSES.items()},
)
