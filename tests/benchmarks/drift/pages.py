"""What the shop serves on the way to a key, with a mark on all that matters there, so that changes find it after changes.

A mark is an attribute that is taken off before the page is served, unless somebody asks to be shown the new way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from xml.etree.ElementTree import Element

from tests.benchmarks.drift.tree import identified, parent_of

MARK = "data-drift"


class View(StrEnum):
    """Which page this is, or which piece of one."""

    SIGN_IN = "sign in"
    LIST = "list of keys"
    FORM = "key form"
    MADE = "the new key"  # what the form's script puts in the form's place
    NOTICE = "what the shop says"  # what the form's script puts above it
    ADMIN = "another admin page"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Asked:
    """A request as far as it matters: query and form have one value for each name."""

    method: str = "GET"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """One page while it is being changed.

    `begin` is the script that makes it work once its controls are there, `place` what they are in, as a script says it,
    and `after` how many milliseconds they take to come. `more` names the marks of what the key form sends besides its own
    fields.
    """

    root: Element
    view: View
    asked: Asked = field(default_factory=Asked)
    begin: str = ""
    place: str = "document"
    after: int = 0
    more: list[str] = field(default_factory=list)

    def find(self, mark: str) -> Element | None:
        """What has this mark, if it is there."""
        return next((one for one in self.root.iter() if mark in one.get(MARK, "").split()), None)

    def get(self, mark: str) -> Element:
        """What has this mark. Raises LookupError if it is not on this page: the shop or the order of changes is another."""
        found = self.find(mark)
        if found is None:
            raise LookupError(f"“{mark}” is not on the page “{self.view}”")
        return found

    def has(self, mark: str) -> bool:
        """Whether something has this mark."""
        return self.find(mark) is not None

    def pass_on(self, mark: str, to: Element) -> None:
        """Give the mark of one element to another."""
        of = self.find(mark)
        if of is not None:
            of.set(MARK, " ".join(one for one in of.get(MARK, "").split() if one != mark))
        to.set(MARK, f"{to.get(MARK, '')} {mark}".strip())

    def parent(self, element: Element) -> Element:
        """What an element stands in."""
        return parent_of(self.root, element)


def view_of(root: Element) -> View:
    """Which page this is, as the shop serves it."""
    if identified(root, "loginform") is not None:
        return View.SIGN_IN
    if identified(root, "key-fields") is not None:
        return View.FORM
    if root.find(".//h2[@class='wc-table-list-header']") is not None:
        return View.LIST
    return View.ADMIN if identified(root, "wpadminbar") is not None else View.ELSEWHERE


ROW = "/../.."
OF_ADMIN = {
    "bar": ".//div[@id='wpadminbar']",
    "main": ".//main",
    "body": ".//body",
    "tabs": ".//nav[@class='nav-tab-wrapper woo-nav-tab-wrapper']",
    "sections": ".//ul[@class='subsubsub']",
}
MARKS: Mapping[View, Mapping[str, str]] = {
    View.SIGN_IN: {
        "form": ".//form[@id='loginform']",
        "block": ".//form[@id='loginform']",
        "username": ".//input[@id='user_login']",
        "username-label": ".//label[@for='user_login']",
        "username-row": ".//label[@for='user_login']/..",
        "password": ".//input[@id='user_pass']",
        "password-label": ".//label[@for='user_pass']",
        "password-row": ".//label[@for='user_pass']/..",
        "show-password": ".//span[@class='password-row']/button",
        "remember": ".//label[@class='tick']",
        "submit": ".//button[@id='wp-submit']",
        "submit-row": ".//button[@id='wp-submit']/..",
        "script": ".//body/script",
        "body": ".//body",
    },
    View.LIST: OF_ADMIN
    | {
        "heading": ".//h2[@class='wc-table-list-header']",
        "add": ".//a[@class='page-title-action']",
        "first": ".//a[@class='button button-primary']",
        "keys": ".//form[@id='keys-list']",
        "table": ".//table",
        "script": ".//main/script",
    },
    View.FORM: OF_ADMIN
    | {
        "block": ".//div[@class='key-fields']",
        "fields": ".//div[@class='key-fields']",
        "fields-heading": ".//div[@class='key-fields']/h2",
        "form": ".//div[@class='key-fields']/form",
        "description": ".//input[@id='key_description']",
        "description-label": ".//label[@for='key_description']",
        "description-row": ".//label[@for='key_description']" + ROW,
        "description-hint": ".//p[@class='description']",
        "owner": ".//select[@id='key_user']",
        "owner-label": ".//label[@for='key_user']",
        "owner-row": ".//label[@for='key_user']" + ROW,
        "permission": ".//select[@id='key_permissions']",
        "permission-label": ".//label[@for='key_permissions']",
        "permission-row": ".//label[@for='key_permissions']" + ROW,
        "submit": ".//input[@id='update_api_key']",
        "submit-row": ".//input[@id='update_api_key']/..",
        "table": ".//table",
        "script": ".//main/script[2]",
    },
    View.MADE: {
        "table": ".//table",
        "key": ".//input[@id='key_consumer_key']",
        "key-label": ".//tr[1]/th",
        "key-row": ".//tr[1]",
        "copy-key": ".//button[@class='button copy-key']",
        "secret": ".//input[@id='key_consumer_secret']",
        "secret-label": ".//tr[2]/th",
        "secret-row": ".//tr[2]",
        "copy-secret": ".//button[@class='button copy-secret']",
        "revoke": ".//a",
    },
    View.NOTICE: {"notice": "./div", "notice-words": ".//p"},
    View.ADMIN: OF_ADMIN,
    View.ELSEWHERE: {},
}


def marked(root: Element, view: View) -> None:
    """Put the marks on a page as the shop serves it; an element may have several."""
    for mark, where in MARKS[view].items():
        found = root.find(where)
        if found is not None:
            found.set(MARK, f"{found.get(MARK, '')} {mark}".strip())


def unmarked(root: Element) -> None:
    """Take the marks off."""
    for one in root.iter():
        one.attrib.pop(MARK, None)
