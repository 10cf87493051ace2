"""What goes wrong in the practice shop when it is told to, and only then."""

import time

import httpx
import pytest

from app.practice_shop.faults import WORDS, Fault
from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import (
    FORM,
    KEYS,
    PRODUCTS,
    SETTINGS,
    app_with_key,
    ask_for_key,
    nonce_of_form,
    send_sign_in,
    sign_in,
    visited,
)

MOVED = "/wp-admin/admin.php?page=wc-status&tab=developer-access"
OLDER = f"{SETTINGS}&tab=advanced&section=api_keys"


async def test_every_fault_has_its_words_and_a_shop_starts_without_any() -> None:
    assert set(WORDS) == set(Fault)
    assert {str(fault) for fault in Fault} == {
        "interstitial",
        "slow",
        "dialog",
        "old_version",
        "expired_nonce",
        "renamed_labels",
        "moved_menu",
        "wrong_password",
        "error_500",
        "key_limit",
        "german",
        "own_account",
        "late_notice",
        "two_factor",
        "captcha",
        "choose_account",
        "api_busy",
        "admin_down",
    }
    assert PracticeShop().faults == set()


async def test_a_shop_without_faults_shows_none(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    for place in ("/wp-admin/", SETTINGS, KEYS, FORM, MOVED, f"{KEYS}&tab=api"):
        assert (await admin.get(place)).status_code == 200
    assert (await ask_for_key(admin, await nonce_of_form(admin))).json()["success"]
    assert list(shop.fault_log) == []


async def test_the_interstitial_asks_an_administrator_once_after_signing_in(
    stranger: httpx.AsyncClient, shop: PracticeShop
) -> None:
    shop.switch([Fault.INTERSTITIAL])
    sent = await send_sign_in(stranger, "admin", shop.password_of("admin"), FORM)
    asking = sent.headers["location"]
    assert asking.startswith("/wp-login.php?action=confirm_admin_email&redirect_to=")
    text = (await stranger.get(asking)).text
    assert "<h1>Administration email verification</h1>" in text
    assert 'id="correct-admin-email"' in text
    assert "Update</a>" in text
    assert f'href="{FORM.replace("&", "&amp;")}">Remind me later</a>' in text

    confirmed = await stranger.post(
        "/wp-login.php?action=confirm_admin_email",
        data={"redirect_to": FORM, "correct-admin-email": "The email is correct"},
    )
    assert (confirmed.status_code, confirmed.headers["location"]) == (302, FORM)
    assert (await stranger.get(FORM)).status_code == 200


async def test_the_interstitial_is_not_for_a_shop_manager(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.INTERSTITIAL])
    sent = await send_sign_in(stranger, "manager", shop.password_of("manager"))
    assert sent.headers["location"] == "/wp-admin/"


async def test_slow_pages_are_those_of_the_admin_panel(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.SLOW])
    shop.slow_by_seconds = 0.2
    started = time.monotonic()
    await admin.get(KEYS)
    assert time.monotonic() - started >= 0.2
    await admin.get("/wp-includes/style.css")
    await app_with_key(admin, shop).get()
    assert list(shop.fault_log) == [Fault.SLOW]


async def test_a_dialog_opens_in_woocommerces_pages_alone(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.DIALOG])
    assert "<script>alert(" in (await admin.get(SETTINGS)).text
    assert "<script>alert(" in (await admin.get(FORM)).text
    assert "<script>alert(" not in (await admin.get("/wp-admin/users.php")).text


async def test_an_older_version_has_the_keys_under_another_name_and_address(
    admin: httpx.AsyncClient, shop: PracticeShop
) -> None:
    shop.switch([Fault.OLD_VERSION])
    advanced = (await admin.get(f"{SETTINGS}&tab=advanced")).text
    assert f'href="{OLDER.replace("&", "&amp;")}">REST API</a>' in advanced
    assert "REST API keys" not in advanced
    assert 'id="key_description"' in (await admin.get(f"{OLDER}&create-key=1")).text
    newer = await admin.get(FORM)
    assert newer.status_code == 200
    assert 'id="key_description"' not in newer.text
    assert 'aria-current="page">Page setup</a>' in newer.text


async def test_the_first_form_has_expired_and_the_next_is_good(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.EXPIRED_NONCE])
    first = await ask_for_key(admin, await nonce_of_form(admin))
    assert first.status_code == 403
    assert "The link you followed has expired." in first.text
    assert "Please try again.</a>" in first.text
    assert shop.keys == ()
    assert (await ask_for_key(admin, await nonce_of_form(admin))).json()["success"]
    assert list(shop.fault_log) == [Fault.EXPIRED_NONCE]


async def test_renamed_the_form_has_no_name_and_no_id_it_had(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.make_key("Till", "admin", "read")
    shop.switch([Fault.RENAMED_LABELS])
    for place, gone, there in (
        (FORM, ("key_description", "key_permissions", "Generate API key", ">Description "), "Create credentials"),
        (KEYS, ("the-list", "Add key", "Revoke API key", "REST API"), "Withdraw credentials"),
    ):
        text = (await admin.get(place)).text
        assert there in text
        assert [word for word in gone if word in text] == []
    assert (await ask_for_key(admin, await nonce_of_form(admin))).json()["success"]
    assert Fault.RENAMED_LABELS in shop.fault_log


async def test_moved_the_keys_are_elsewhere_and_the_old_address_lands_on_general(
    admin: httpx.AsyncClient, shop: PracticeShop
) -> None:
    shop.switch([Fault.MOVED_MENU])
    old = (await admin.get(FORM)).text
    assert "Store Address" in old
    assert ">Advanced</a>" not in old
    assert "Developer access</a>" in (await admin.get("/wp-admin/admin.php?page=wc-status")).text
    form = f"{MOVED}&create-key=1"
    assert 'id="key_description"' in (await admin.get(form)).text
    assert (await ask_for_key(admin, await nonce_of_form(admin, form=form))).json()["success"]
    assert 'id="the-list"' in (await admin.get(MOVED)).text


async def test_every_password_is_wrong_for_those_who_are_known(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.WRONG_PASSWORD])
    for login in ("admin", "manager"):
        refused = await send_sign_in(stranger, login, shop.password_of(login))
        assert f"<strong>{login}</strong> is incorrect." in refused.text
    assert not stranger.cookies


async def test_in_german_the_labels_differ_and_the_ids_do_not(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.GERMAN])
    key = shop.make_key("Kasse", "admin", "read_write").record
    refused = (await send_sign_in(stranger, "admin", "wrong")).text
    assert "stimmt nicht. <a" in refused
    assert ('id="login_error"' in refused, "incorrect" in refused) == (True, False)
    await sign_in(stranger, shop)
    form, listed = (await stranger.get(FORM)).text, (await stranger.get(KEYS)).text
    revoked = (await stranger.get(f"{KEYS}&revoked=1")).text
    for text, there, english in (
        (refused, ('id="user_login"', 'id="user_pass"', 'id="wp-submit"', "Anmelden"), ("Username", "Password<")),
        (form, ('id="key_description"', 'id="update_api_key"', ">Lesen</option>"), ("Generate", ">Description ")),
        (
            listed,
            ('id="the-list"', f"revoke-key={key.id}", "submitdelete", "Lesen und Schreiben"),
            ("Revoke", "REST API"),
        ),
        (revoked, ('id="message"', "1 API-Schlüssel endgültig widerrufen."), ("permanently",)),
    ):
        assert '<html lang="de-DE">' in text
        assert [word for word in there if word not in text] == []
        assert [word for word in english if word in text] == []
    made = await ask_for_key(stranger, await nonce_of_form(stranger))
    assert made.json()["data"]["message"].startswith("Der API-Schlüssel ist da.")


async def test_in_german_nobody_reads_english_who_may_not_see_a_page(
    stranger: httpx.AsyncClient, shop: PracticeShop
) -> None:
    shop.switch([Fault.GERMAN])
    await sign_in(stranger, shop, "reader")
    refused = await stranger.get(FORM)
    assert refused.status_code == 403
    assert 'id="error-page"' in refused.text
    assert "Diese Seite darfst du leider nicht sehen." in refused.text


@pytest.mark.parametrize(("login", "to"), [("reader", "/my-account/"), ("manager", FORM), ("admin", FORM)])
async def test_customers_alone_are_led_to_their_account(
    stranger: httpx.AsyncClient, shop: PracticeShop, login: str, to: str
) -> None:
    shop.switch([Fault.OWN_ACCOUNT])
    assert (await send_sign_in(stranger, login, shop.password_of(login), FORM)).headers["location"] == to


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (Fault.ERROR_500, 500, "There has been a critical error on this website."),
        (Fault.KEY_LIMIT, 200, "You have reached the maximum number of API keys for this account."),
    ],
)
async def test_a_shop_that_makes_no_key_says_why(
    admin: httpx.AsyncClient, shop: PracticeShop, fault: Fault, status: int, words: str
) -> None:
    shop.switch([fault])
    answer = await ask_for_key(admin, await nonce_of_form(admin))
    assert answer.status_code == status
    assert words in answer.text
    assert shop.keys == ()
    shop.switch([])
    assert (await ask_for_key(admin, await nonce_of_form(admin))).json()["success"]


async def test_a_full_shop_still_changes_the_keys_it_has(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.make_key("Till", "admin", "read")
    shop.switch([Fault.KEY_LIMIT])
    changed = await ask_for_key(admin, await nonce_of_form(admin), key_id="1", description="Counter")
    assert changed.json()["success"]
    assert [key.description for key in shop.keys] == ["Counter"]


async def test_every_answer_takes_the_shops_latency(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.latency_seconds = 0.2
    for place in ("/", "/wp-login.php", PRODUCTS, "/nope"):
        started = time.monotonic()
        await stranger.get(place)
        assert time.monotonic() - started >= 0.2, place


async def test_it_can_be_no_wordpress_at_all() -> None:
    shop = PracticeShop(wordpress=False)
    async with visited(shop) as visitor:
        assert (await visitor.get("/")).status_code == 200
        for place in ("/wp-json/", "/wp-login.php", "/wp-admin/"):
            assert (await visitor.get(place)).status_code == 404


async def test_it_can_be_wordpress_without_woocommerce() -> None:
    shop = PracticeShop(woocommerce=False)
    async with visited(shop) as visitor:
        index = (await visitor.get("/wp-json/")).json()
        assert "wp/v2" in index["namespaces"]
        assert "wc/v3" not in index["namespaces"]
        assert (await visitor.get(PRODUCTS)).json()["code"] == "rest_no_route"
        await sign_in(visitor, shop)
        assert (await visitor.get(FORM)).status_code == 403
        assert "WooCommerce" not in (await visitor.get("/wp-admin/")).text


async def test_an_overloaded_api_says_when_to_come_back(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.API_BUSY])
    answer = await stranger.get(PRODUCTS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "120")
    assert (await stranger.get("/wp-json/")).status_code == 200
    assert (await stranger.get("/wp-login.php")).status_code == 200


async def test_admin_pages_can_be_down_while_the_api_answers(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    shop.switch([Fault.ADMIN_DOWN])
    assert (await stranger.get("/wp-login.php")).status_code == 503
    assert (await stranger.get(KEYS)).status_code == 503
    assert (await stranger.get(PRODUCTS)).status_code == 401
