"""Signing in to the practice shop: where it leads, what it says, and who is sent there."""

from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import FORM, SETTINGS, send_sign_in, sign_in, visited


def error_on(answer: httpx.Response) -> str:
    """What the page says is wrong, without its markup."""
    said = answer.text.partition('id="login_error"')[2].partition(">")[2].partition("</div>")[0]
    return " ".join(unescape("".join(part.partition(">")[2] for part in f">{said}".split("<"))).split())


@pytest.mark.parametrize(
    "path", ["/wp-admin/", "/wp-admin/index.php", FORM, "/wp-admin/users.php", "/wp-admin/nope.php"]
)
async def test_whoever_is_signed_out_is_sent_to_sign_in_and_back(
    stranger: httpx.AsyncClient, shop: PracticeShop, path: str
) -> None:
    sent = await stranger.get(path)
    to = urlsplit(sent.headers["location"])
    asked = parse_qs(to.query)
    assert (sent.status_code, to.path, asked["reauth"]) == (302, "/wp-login.php", ["1"])
    assert asked["redirect_to"] == [f"{stranger.base_url}".rstrip("/") + path]

    signed_in = await send_sign_in(stranger, "admin", shop.password_of("admin"), asked["redirect_to"][0])
    assert (signed_in.status_code, signed_in.headers["location"]) == (302, asked["redirect_to"][0])


async def test_the_form_has_the_ids_and_names_of_the_real_one(stranger: httpx.AsyncClient) -> None:
    text = (await stranger.get("/wp-login.php")).text
    assert '<label for="user_login">Username or Email Address</label>' in text
    assert '<label for="user_pass">Password</label>' in text
    assert 'aria-label="Show password"' in text
    assert 'id="wp-submit"' in text
    assert "login_error" not in text


@pytest.mark.parametrize(
    ("login", "password", "words"),
    [
        ("admin", "wrong", "Error: The password you entered for the username admin is incorrect. Lost your password?"),
        (
            "owner@tea.example",
            "wrong",
            "Error: The password you entered for the email address owner@tea.example is incorrect. Lost your password?",
        ),
        (
            "nobody",
            "wrong",
            "Error: The username nobody is not registered on this site. "
            "If you are unsure of your username, try your email address instead.",
        ),
        ("x@y.example", "wrong", "Error: Unknown email address. Check again or try your username."),
        ("", "wrong", "Error: The username field is empty."),
        ("admin", "", "Error: The password field is empty."),
    ],
)
async def test_a_refused_sign_in_says_why(stranger: httpx.AsyncClient, login: str, password: str, words: str) -> None:
    answer = await send_sign_in(stranger, login, password)
    assert (answer.status_code, answer.url.path) == (200, "/wp-login.php")
    assert error_on(answer) == words
    assert not stranger.cookies


async def test_a_name_is_shown_as_text(stranger: httpx.AsyncClient) -> None:
    answer = await send_sign_in(stranger, "<b>me</b>", "wrong")
    assert "<b>me</b>" not in answer.text
    assert "&lt;b&gt;me&lt;/b&gt;" in answer.text


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "\thttp://evil.example",
    "http://[",
)


async def test_signing_in_never_leads_to_another_site(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    for elsewhere in ELSEWHERE:
        answer = await send_sign_in(stranger, "admin", shop.password_of("admin"), elsewhere)
        assert answer.headers["location"] == "/wp-admin/", elsewhere


async def test_the_email_address_signs_in_too(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    await send_sign_in(stranger, "owner@tea.example", shop.password_of("admin"))
    assert "Howdy, admin" in (await stranger.get("/wp-admin/")).text


async def test_signing_out_ends_the_session(admin: httpx.AsyncClient) -> None:
    cookies = dict(admin.cookies)
    out = await admin.get("/wp-login.php?action=logout")
    assert out.headers["location"] == "/wp-login.php?loggedout=true"
    assert "You are now logged out." in (await admin.get(out.headers["location"])).text
    admin.cookies.update(cookies)
    assert (await admin.get("/wp-admin/")).status_code == 302


async def test_whoever_is_signed_in_passes_the_form_unless_asked_once_more(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/wp-login.php")).headers["location"] == "/wp-admin/"
    assert 'id="user_login"' in (await admin.get("/wp-login.php?reauth=1")).text
    assert (await admin.get("/wp-admin/")).status_code == 302


@pytest.mark.parametrize(("login", "status"), [("admin", 200), ("manager", 200), ("reader", 403)])
async def test_the_role_decides_who_sees_the_settings(
    stranger: httpx.AsyncClient, shop: PracticeShop, login: str, status: int
) -> None:
    await sign_in(stranger, shop, login)
    for place in (SETTINGS, FORM):
        answer = await stranger.get(place)
        assert answer.status_code == status
        assert ("Sorry, you are not allowed to access this page." in answer.text) == (status == 403)


@pytest.mark.parametrize(("login", "status"), [("admin", 200), ("manager", 403), ("reader", 403)])
async def test_wordpress_own_settings_are_for_administrators(
    stranger: httpx.AsyncClient, shop: PracticeShop, login: str, status: int
) -> None:
    await sign_in(stranger, shop, login)
    for place in ("options-general.php", "plugins.php", "users.php"):
        assert (await stranger.get(f"/wp-admin/{place}")).status_code == status


@pytest.mark.parametrize("place", ["/wp-admin/", "/wp-admin/index.php", "/wp-admin/profile.php"])
@pytest.mark.parametrize("login", ["admin", "manager", "reader"])
async def test_who_manages_nothing_is_led_from_the_admin_pages_to_their_account(
    stranger: httpx.AsyncClient, shop: PracticeShop, login: str, place: str
) -> None:
    await sign_in(stranger, shop, login)
    answer = await stranger.get(place)
    led = (answer.status_code, answer.headers.get("location"))
    assert led == ((302, "/my-account/") if login == "reader" else (200, None))


async def test_the_account_is_known_by_its_classes(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    asked = (await stranger.get("/my-account/")).text
    assert "woocommerce-account" in asked
    assert "logged-in" not in asked
    await sign_in(stranger, shop, "reader")
    assert "woocommerce-account woocommerce-page logged-in" in (await stranger.get("/my-account/")).text


async def test_without_woocommerce_there_is_no_account_and_nobody_is_led_there() -> None:
    shop = PracticeShop(woocommerce=False)
    async with visited(shop) as visitor:
        await sign_in(visitor, shop, "reader")
        assert (await visitor.get("/wp-admin/profile.php")).status_code == 200
        assert (await visitor.get("/my-account/")).status_code == 404
