"""Changes of the way itself: another menu, dialogs, pages that are split, pieces that come late or in a shadow."""

from collections.abc import Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

from tests.benchmarks.drift.kind import Kind
from tests.benchmarks.drift.pages import MARK, Asked, Page, View
from tests.benchmarks.drift.tree import piece, put_after, put_instead, say, taken_out, wrapped

KEYS_WERE, KEYS_ARE = "tab=advanced&section=keys", "tab=integrations-api&section=access-keys"
TAB_IS, SECTION_IS = "integrations-api", "access-keys"
SETTINGS = "/wp-admin/admin.php?page=wc-settings&tab="
LATE = 1200  # milliseconds
SEEN_COOKIE = "whats_new_seen"
WHATS_NEW = f"""<div role="dialog" aria-modal="true" aria-labelledby="whats-new" style="position:fixed;inset:0;z-index:99;background:#0008;display:grid;place-items:center">
<div class="card" style="width:420px"><h2 id="whats-new">What's new</h2><p>Orders load twice as fast, and reports can be shared.</p>
<p><button type="button" class="button" onclick="document.cookie='{SEEN_COOKIE}=1;path=/';this.closest('[role=dialog]').remove()">Got it</button>
<a class="button" href="/wp-admin/admin.php?page=wc-analytics">Take the tour</a></p></div></div>"""
OPENER = """<div><p>Keys let other software work with your shop.</p>
<button type="button" class="button" onclick="this.nextElementSibling.showModal()">Set up a new key</button>
<dialog style="width:min(920px,90vw);border:1px solid #888;border-radius:8px;padding:24px"></dialog></div>"""


def other_menu(page: Page) -> None:
    """The keys stand under tabs and links of other names; where they were, nothing leads to them."""
    on_their_tab = page.asked.query.get("tab") == TAB_IS
    tabs, sections = page.find("tabs"), page.find("sections")
    if tabs is not None:
        _change_tabs(tabs, on_their_tab=on_their_tab)
    if sections is not None:
        for item in [one for one in sections if KEYS_WERE in _href(one)]:
            taken_out(page.root, item)
    if on_their_tab and tabs is not None:
        _own_sections(page, tabs, sections)
    for mark in ("add", "first"):
        link_to_form = page.find(mark)
        if link_to_form is not None:
            say(link_to_form, "New key")
    _send_there(page)


def _send_there(page: Page) -> None:
    """What forms carry along of their place, as it is now."""
    for one in page.root.iter("input"):
        if one.get("type") == "hidden":
            one.set("value", HIDDEN.get((one.get("name"), one.get("value")), one.get("value", "")))


HIDDEN: Mapping[tuple[str | None, str | None], str] = {
    ("tab", "advanced"): TAB_IS,
    ("section", "keys"): SECTION_IS,
}


def from_other_menu(asked: Asked) -> Asked:
    """The address that the shop knows; the one that it had is none any more."""
    query, tab, section = asked.query, asked.query.get("tab"), asked.query.get("section")
    if asked.path != "/wp-admin/admin.php" or query.get("page") != "wc-settings":
        return asked
    if tab == TAB_IS and section == SECTION_IS:
        return replace(asked, query={**query, "tab": "advanced", "section": "keys"})
    if tab == TAB_IS:
        return replace(asked, query={**query, "tab": "integration"})
    if tab == "advanced" and section == "keys":
        return replace(asked, query={"page": "wc-settings", "tab": "general"})
    return asked


def form_in_a_modal(page: Page) -> None:
    """The key form is in a dialog that a button opens."""
    if page.view is View.FORM:
        opener = piece(OPENER)
        opener[1].set(MARK, "open-dialog")
        block = page.get("block")
        page.pass_on("block", opener)
        wrapped(page.root, block, opener, opener[2])


def covered(page: Page) -> None:
    """What is new lies over every admin page until it is closed once."""
    if page.has("bar") and SEEN_COOKIE not in page.asked.cookies:
        over = piece(WHATS_NEW)
        over[0][2][0].set(MARK, "close-cover")
        page.get("body").append(over)


def split_sign_in(page: Page) -> None:
    """The user name is asked for on one page, the password on the next."""
    if page.view is not View.SIGN_IN:
        return
    if page.asked.form.get("step") == "password":
        _ask_for_the_password(page, page.asked.form.get("log", ""))
        return
    page.begin = ""
    for mark in ("password-row", "remember"):
        taken_out(page.root, page.get(mark))
    for decoy in [one for one in page.get("form") if any(part.get("id") == "pass_hint" for part in one.iter())]:
        taken_out(page.root, decoy)
    button = page.get("submit")
    say(button, "Next")
    button.set(MARK, "next")
    page.get("form").append(_hidden("step", "password"))


def with_user_name_only(asked: Asked) -> Asked:
    """A user name alone makes the shop show its sign-in page anew."""
    if asked.path == "/wp-login.php" and asked.form.get("step") == "password" and "pwd" not in asked.form:
        return replace(asked, method="GET", query={"redirect_to": asked.form.get("redirect_to", "")}, form={})
    return asked


def split_form(page: Page) -> None:
    """The key form is on two pages: what the key is called and whose it is, then what it may do."""
    if page.view is not View.FORM:
        return
    if page.asked.query.get("step") == "2":
        _second_half(page)
    else:
        _first_half(page)


def lazy(page: Page) -> None:
    """Forms and lists come a while after the page."""
    mark = "keys" if page.view is View.LIST and page.has("keys") else "block"
    if page.view is View.LIST and page.has("add"):
        _lazily(page, page.get("heading"))
    if page.has(mark):
        _lazily(page, page.get(mark))


def in_a_shadow(page: Page) -> None:
    """The key form is a component with a shadow of its own."""
    if page.view is not View.FORM:
        return
    host = piece("<api-key-form><template></template></api-key-form>")
    block = page.get("block")
    page.pass_on("block", host)
    wrapped(page.root, block, host, host[0])
    host[0].insert(0, piece('<link rel="stylesheet" href="/wp-includes/style.css">'))
    page.place = "shadowOf(document.querySelector('api-key-form'))"


SHADOW = """function shadowOf(host) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  if (host.firstElementChild) { root.append(host.firstElementChild.content); host.replaceChildren(); }
  return root;
}
"""


def _lazily(page: Page, block: Element) -> None:
    page.after = LATE
    waiting = piece('<div class="late"><p class="quiet">Loading…</p><template></template></div>')
    wrapped(page.root, block, waiting, waiting[1])


def _change_tabs(tabs: Element, *, on_their_tab: bool) -> None:
    """“Integrations & API” in the place of “Integration”."""
    for link in tabs:
        if link.get("href", "").endswith("tab=integration"):
            say(link, "Integrations & API")
            link.set("href", f"{SETTINGS}{TAB_IS}")
        current = link.get("href", "").endswith(TAB_IS) if on_their_tab else "aria-current" in link.attrib
        link.set("class", "nav-tab nav-tab-active" if current else "nav-tab")
        link.attrib.pop("aria-current", None)
        if current:
            link.set("aria-current", "page")


def _own_sections(page: Page, tabs: Element, sections: Element | None) -> None:
    """The sections of the tab where the keys are now."""
    own = Element("ul", {"class": "subsubsub", MARK: "sections"})
    for name, address in (("Overview", TAB_IS), ("Access keys", f"{TAB_IS}&section={SECTION_IS}")):
        item = piece('<li><a href=""></a></li>')
        item[0].set("href", f"{SETTINGS}{address}")
        item[0].text = name
        own.append(item)
    if sections is None:
        put_after(page.root, tabs, own)
    else:
        put_instead(page.root, sections, own)


def _href(item: Element) -> str:
    link = item.find("a")
    return "" if link is None else link.get("href", "")


def _ask_for_the_password(page: Page, login: str) -> None:
    row = page.get("username-row")
    say(row, "Signing in as ")
    name = Element("strong")
    name.text = login
    row.append(name)
    page.get("form").append(_hidden("log", login))


def _first_half(page: Page) -> None:
    form = page.get("form")
    form.attrib |= {"method": "get", "action": "/wp-admin/admin.php"}
    for mark in ("permission-row", "purpose-row", "promise-row"):
        if page.has(mark):
            taken_out(page.root, page.get(mark))
    page.more.clear()
    page.get("description").set("name", "description")
    page.get("owner").set("name", "user")
    place = {"page": "wc-settings", "tab": "advanced", "section": "keys", "create-key": "1", "step": "2"}
    for name, value in place.items():
        form.append(_hidden(name, value))
    button = piece('<button type="submit" class="button button-primary">Continue</button>')
    button.set(MARK, "next")
    put_instead(page.root, page.get("submit"), button)


def _second_half(page: Page) -> None:
    form, sent = page.get("form"), page.asked.query
    for mark, value in (("description", sent.get("description", "")), ("owner", sent.get("user", ""))):
        taken_out(page.root, page.get(f"{mark}-row"))
        hidden = _hidden("", value)
        del hidden.attrib["name"]
        hidden.set(MARK, mark)
        form.append(hidden)


def _hidden(name: str, value: str) -> Element:
    return Element("input", {"type": "hidden", "name": name, "value": value})


OTHER_MENU = Kind(
    "other-menu",
    "The keys are under Settings → Integrations & API → Access keys → New key.",
    other_menu,
    beneath=from_other_menu,
    moved={KEYS_WERE: KEYS_ARE},
)
FORM_IN_A_MODAL = Kind("form-in-modal", "A button opens the key form in a dialog.", form_in_a_modal)
COVERED = Kind("covered", "What is new lies over the admin pages until it is closed.", covered)
SPLIT_SIGN_IN = Kind(
    "split-sign-in",
    "First the user name, then the password on a page of its own.",
    split_sign_in,
    beneath=with_user_name_only,
)
SPLIT_FORM = Kind("split-form", "The key form has two pages.", split_form)
LAZY = Kind("lazy", "Forms and lists come 1.2 s after the page.", lazy)
IN_A_SHADOW = Kind("shadow", "The key form is a web component with a shadow root.", in_a_shadow)
