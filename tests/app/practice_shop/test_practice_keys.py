"""Keys of the practice shop: made by the form's script, listed by their last characters, changed and revoked by a link."""

import re

import httpx
import pytest
import segno

from app.practice_shop.people import PEOPLE
from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import (
    AJAX,
    FORM,
    KEYS,
    PRODUCTS,
    App,
    app_with_key,
    ask_for_key,
    nonce_of_form,
    sign_in,
)

MADE = (
    "API Key generated successfully. Make sure to copy your new keys now as the secret key will be hidden once you "
    "leave this page."
)


def revoke_link(text: str) -> str:
    found = re.search(r'aria-label="Revoke API key" href="([^"]+)"', text)
    assert found
    return found[1].replace("&amp;", "&")


async def test_the_answer_holds_the_pair_and_its_code(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    answer = (
        await ask_for_key(admin, await nonce_of_form(admin), description=" Till ", permissions="read_write")
    ).json()
    made = answer["data"]
    assert (answer["success"], made["message"]) == (True, MADE)
    assert re.fullmatch(r"ck_[0-9a-f]{40}", made["consumer_key"])
    assert re.fullmatch(r"cs_[0-9a-f]{40}", made["consumer_secret"])
    encoded = segno.make(f"{made['consumer_key']}|{made['consumer_secret']}", error="m")
    assert made["code"] == encoded.svg_data_uri(scale=4, border=2)
    (key,) = shop.keys
    assert (key.description, key.login, key.permission) == ("Till", "admin", "read_write")
    assert key.truncated == made["consumer_key"][-7:]


async def test_a_made_key_opens_the_api_and_is_seen_to_have(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = app_with_key(admin, shop)
    assert '<td data-colname="Last access">Unknown</td>' in (await admin.get(KEYS)).text
    assert (await app.get()).status_code == 200
    assert '<td data-colname="Last access">Unknown</td>' not in (await admin.get(KEYS)).text
    assert shop.keys[0].last_access is not None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"description": ""}, "Description is missing."),
        ({"description": "  "}, "Description is missing."),
        ({"user": ""}, "User is missing."),
        ({"user": "99"}, "User is missing."),
        ({"permissions": "everything"}, "Permissions is missing."),
        ({"key_id": "99"}, "There is no such key."),
    ],
)
async def test_what_is_missing_is_said_and_no_key_made(
    admin: httpx.AsyncClient, shop: PracticeShop, changed: dict[str, str], words: str
) -> None:
    answer = await ask_for_key(admin, await nonce_of_form(admin), **changed)
    assert (answer.status_code, answer.json()) == (200, {"success": False, "data": {"message": words}})
    assert shop.keys == ()


async def test_without_the_forms_nonce_no_key_is_made(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    for nonce in ("", "0123456789", "ünïcode", await nonce_of_form(admin, "search-nonce")):
        answer = await ask_for_key(admin, nonce)
        assert answer.status_code == 403
        assert "The link you followed has expired." in answer.text
    assert shop.keys == ()


async def test_the_script_answers_nobody_and_no_subscriber(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    await sign_in(stranger, shop, "manager")
    nonce = await nonce_of_form(stranger)
    assert (await ask_for_key(stranger, nonce)).json()["success"]
    await sign_in(stranger, shop, "reader")
    assert ((await ask_for_key(stranger, nonce)).status_code, (await stranger.get(FORM)).status_code) == (400, 403)
    stranger.cookies.clear()
    answer = await ask_for_key(stranger, nonce)
    assert (answer.status_code, answer.text) == (400, "0")
    assert [key.login for key in shop.keys] == ["admin"]


async def test_an_unknown_action_is_answered_with_zero(admin: httpx.AsyncClient) -> None:
    for answer in (await admin.post(AJAX, data={"action": "nope"}), await admin.get(AJAX, params={"action": "nope"})):
        assert (answer.status_code, answer.text) == (400, "0")


async def test_the_search_for_people_needs_a_character_and_a_nonce(admin: httpx.AsyncClient) -> None:
    asked = {"action": "woocommerce_json_search_customers", "security": await nonce_of_form(admin, "search-nonce")}
    assert (await admin.get(AJAX, params=asked | {"term": "MANA"})).json() == {"2": PEOPLE[1].told}
    assert (await admin.get(AJAX, params=asked | {"term": "zz"})).json() == {}
    for refused in (asked | {"term": ""}, asked | {"term": "m", "security": "0123456789"}):
        answer = await admin.get(AJAX, params=refused)
        assert (answer.status_code, answer.text) == (403, "-1")


async def test_many_keys_are_listed_in_pages_and_found_by_their_name(
    admin: httpx.AsyncClient, shop: PracticeShop
) -> None:
    for number in range(1, 26):
        shop.make_key(f"Till {number:02}", "admin", "read")
    assert tills((await admin.get(KEYS)).text) == list(range(25, 5, -1))
    assert tills((await admin.get(f"{KEYS}&paged=2")).text) == [5, 4, 3, 2, 1]
    assert tills((await admin.get(f"{KEYS}&s=till+03")).text) == [3]
    assert "No keys found." in (await admin.get(f"{KEYS}&s=nothing")).text


def tills(text: str) -> list[int]:
    """The numbers of the tills that a list shows, in its order."""
    return [int(number) for number in re.findall(r'row-title"[^>]*>Till (\d+)<', text)]


async def test_the_list_tells_the_last_seven_characters_and_no_more(
    admin: httpx.AsyncClient, shop: PracticeShop
) -> None:
    key = shop.make_key("<i>Till</i>", "manager", "write")
    text = (await admin.get(KEYS)).text
    assert f"<code>…{key.consumer_key[-7:]}</code>" in text
    assert "Consumer key ending in" in text
    assert key.consumer_key[-8:] not in text
    assert key.consumer_secret not in text
    assert "&lt;i&gt;Till&lt;/i&gt;" in text
    assert 'id="the-list"' in text
    assert f'href="{KEYS.replace("&", "&amp;")}&amp;edit-key=1">View/Edit</a>' in text
    assert "Create an API key" not in text


async def test_one_get_revokes_and_leads_back_to_the_list(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = app_with_key(admin, shop)
    gone = await admin.get(revoke_link((await admin.get(KEYS)).text))
    assert (gone.status_code, gone.headers["location"]) == (302, f"{KEYS}&revoked=1")
    assert "1 API key permanently revoked." in (await admin.get(gone.headers["location"])).text
    assert shop.keys == ()
    assert (await app.get()).json()["message"] == "Consumer key is invalid."


async def test_a_revoke_link_without_its_nonce_revokes_nothing(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.make_key("Till", "admin", "read")
    link = revoke_link((await admin.get(KEYS)).text)
    for address in (link.partition("&_wpnonce")[0], link[:-1] + "x"):
        refused = await admin.get(address)
        assert refused.status_code == 403
        assert "The link you followed has expired." in refused.text
    assert len(shop.keys) == 1


async def test_the_link_beside_a_new_key_revokes_it(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    made = (await ask_for_key(admin, await nonce_of_form(admin))).json()["data"]
    assert (await admin.get(KEYS + made["revoke_query"])).headers["location"] == f"{KEYS}&revoked=1"
    assert shop.keys == ()


async def test_several_are_revoked_at_once(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    for name in ("one", "two", "three"):
        shop.make_key(name, "admin", "read")
    nonce = revoke_link((await admin.get(KEYS)).text).partition("_wpnonce=")[2]
    gone = await admin.get(f"{KEYS}&action=revoke&key[]=1&key[]=3&key[]=3&key[]=x&_wpnonce={nonce}")
    assert gone.headers["location"] == f"{KEYS}&revoked=2"
    assert "2 API keys permanently revoked." in (await admin.get(gone.headers["location"])).text
    assert [key.description for key in shop.keys] == ["two"]


async def test_a_key_can_be_changed_and_stays_the_same_key(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = app_with_key(admin, shop, "read")
    form = f"{KEYS}&edit-key=1"
    text = (await admin.get(form)).text
    assert 'value="App"' in text
    assert 'value="Save changes"' in text
    changed = {"key_id": "1", "description": "Till", "user": "2", "permissions": "write"}
    answer = await ask_for_key(admin, await nonce_of_form(admin, form=form), **changed)
    assert answer.json() == {"success": True, "data": {"message": "API Key updated successfully."}}
    assert [(key.description, key.login, key.permission) for key in shop.keys] == [("Till", "manager", "write")]
    assert (await app.get()).json()["message"] == "The API key provided does not have read permissions."


async def test_a_key_that_is_not_there_leads_to_the_list(admin: httpx.AsyncClient) -> None:
    for number in ("99", "x", "", "-1"):
        assert "Create an API key" in (await admin.get(f"{KEYS}&edit-key={number}")).text


async def test_no_secret_is_in_the_words_for_a_key(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = App(admin, shop.make_key("Till", "admin", "read"))
    assert app.key.consumer_secret not in repr(app.key) + repr(shop.keys)
    assert (await app.get(f"{PRODUCTS}?per_page=1")).status_code == 200
    assert not any(app.key.consumer_secret in asked for asked in shop.requests)
