"""What may be told to every customer holds nothing that is one customer's own."""

from typing import Any

import pytest

from core.operations.sharing import LONGEST, NotForAll, check_for_all
from core.workflows.locator import Locator

OWN = ("Tea Shop", "tea.example", "")
LONG = "w" * (LONGEST + 1)
FINE: dict[str, list[dict[str, Any]]] = {
    "a role and a name": [{"role": "button", "name": "Create an API key"}],
    "slots, however long": [
        {"role": "button", "name": "Revoke {{woocommerce.key_description_of_this_very_setup}} " * 2}
    ],
    "a long selector": [{"css": ".wp-list-table > tbody > tr > td.column-title > div.row-actions > span.trash > a"}],
    "a text as long as may be": [{"text": "w" * LONGEST}],
    "a pattern": [{"role": "link", "name": {"re": "^Add (new )?key$", "flags": "i"}}],
    "an at sign": [{"css": "[data-wp-on--click='@toggle']"}, {"text": "tea @ noon"}],
    "a number": [{"label": "Key"}, {"nth": 2}],
}
OWNED: dict[str, list[dict[str, Any]]] = {
    "an address": [{"role": "link", "name": "https://coffee.example/keys"}],
    "an address in a selector": [{"css": "a[href='http://10.0.0.1/keys']"}],
    "an address without a scheme": [{"text": "www.coffee.example"}],
    "an e-mail address": [{"role": "button", "name": "Sign in as owner@coffee.example"}],
    "an e-mail address in a selector": [{"css": "[data-user='owner@coffee.example']"}],
    "the shop's host": [{"role": "link", "name": "Visit TEA.example"}],
    "the customer's name": [{"role": "link", "name": "tea shop - WordPress"}],
    "their name in a pattern": [{"role": "link", "name": {"re": "Tea Shop", "flags": ""}}],
    "a long text": [{"role": "link", "name": LONG}],
    "a long text in a selector": [{"css": f'[aria-label="{LONG}"]'}],
    "a long text further in": [{"css": "tr"}, {"has": [{"text": LONG}]}],
    "their name further in": [{"css": "tr"}, {"has": [{"css": "td"}, {"hasText": "Tea Shop"}]}],
    "a long option": [{"role": "link", "name": "x", "description": LONG}],
}


@pytest.mark.parametrize("told", FINE.values(), ids=FINE)
def test_what_is_the_same_everywhere_may_be_shared(told: list[dict[str, Any]]) -> None:
    check_for_all(Locator.from_json(told), OWN)


@pytest.mark.parametrize("told", OWNED.values(), ids=OWNED)
def test_what_is_a_customers_own_may_not(told: list[dict[str, Any]]) -> None:
    with pytest.raises(NotForAll, match="What it looks for"):
        check_for_all(Locator.from_json(told), OWN)


def test_a_name_of_one_letter_does_not_forbid_every_word_that_has_it() -> None:
    check_for_all(Locator.from_json([{"text": "Add key"}]), ["A", "ke"])
