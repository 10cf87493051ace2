"""What stands between the right password and the admin pages, one after the other, and only if it is switched on."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise

import httpx
import pytest

from app.practice_shop.faults import Fault
from app.practice_shop.obstacles import MOST_ON_THE_WAY
from app.practice_shop.shop import PracticeShop
from core.security.one_time_codes import OneTimeCodes
from core.security.secret import Secret
from tests.app.practice_shop.visiting import FORM, send_sign_in
from tests.fakes.clock import MovedClock

DASHBOARD = "/wp-admin/"


async def with_password(visitor: httpx.AsyncClient, shop: PracticeShop, *faults: Fault, to: str = "") -> httpx.Response:
    """What the right password leads to."""
    shop.switch(faults)
    return await send_sign_in(visitor, "admin", shop.password_of("admin"), to)


async def go_on(visitor: httpx.AsyncClient, page: httpx.Response, **sent: str) -> httpx.Response:
    """Send the form of a page."""
    found = re.search(r'name="half" value="([^"]+)"', page.text)
    assert found
    return await visitor.post("/wp-login.php", data={"half": unescape(found[1]), **sent})


def code_of(shop: PracticeShop, late: timedelta = timedelta(0)) -> str:
    """What an authenticator app shows."""
    return OneTimeCodes.of(Secret(shop.totp_seed)).at(shop.clock.now() + late).reveal()


async def is_in(visitor: httpx.AsyncClient) -> bool:
    return (await visitor.get(DASHBOARD)).status_code == 200


async def test_the_second_step_asks_for_a_code_before_anybody_is_in(
    stranger: httpx.AsyncClient, shop: PracticeShop
) -> None:
    asked = await with_password(stranger, shop, Fault.TWO_FACTOR, to=FORM)
    assert asked.status_code == 200
    assert 'autocomplete="one-time-code"' in asked.text
    assert '<label for="authcode">Authentication code</label>' in asked.text
    assert not await is_in(stranger)
    code = code_of(shop)
    passed = await go_on(stranger, asked, authcode=f"{code[:3]} {code[3:]}")
    assert (passed.status_code, passed.headers["location"]) == (302, FORM)
    assert await is_in(stranger)
    assert list(shop.fault_log) == [Fault.TWO_FACTOR]


@pytest.mark.parametrize("late", [timedelta(minutes=-5), timedelta(minutes=5)])
async def test_a_code_of_another_time_is_refused_and_may_be_given_anew(
    stranger: httpx.AsyncClient, shop: PracticeShop, late: timedelta
) -> None:
    asked = await with_password(stranger, shop, Fault.TWO_FACTOR)
    again = await go_on(stranger, asked, authcode=code_of(shop, late))
    assert "Invalid verification code." in again.text
    assert not await is_in(stranger)
    assert (await go_on(stranger, again, authcode=code_of(shop))).status_code == 302


@pytest.mark.parametrize("before", [timedelta(0), timedelta(seconds=30)])
async def test_a_code_is_taken_once_and_none_that_is_older(
    stranger: httpx.AsyncClient, shop: PracticeShop, clock: MovedClock, before: timedelta
) -> None:
    shop.clock = clock
    first = await with_password(stranger, shop, Fault.TWO_FACTOR)
    assert (await go_on(stranger, first, authcode=code_of(shop, before))).status_code == 302
    again = await with_password(stranger, shop, Fault.TWO_FACTOR)
    again = await go_on(stranger, again, authcode=code_of(shop))
    assert "Invalid verification code." in again.text
    clock.move(before + timedelta(seconds=30))
    assert (await go_on(stranger, again, authcode=code_of(shop))).status_code == 302


async def test_a_captcha_shows_letters_that_only_its_picture_has(
    stranger: httpx.AsyncClient, shop: PracticeShop
) -> None:
    asked = await with_password(stranger, shop, Fault.CAPTCHA)
    first = shop.captcha_answer
    assert first not in asked.text
    picture = re.search(r'src="(/captcha/[^"]+\.svg)"', asked.text)
    assert picture
    drawn = (await stranger.get(picture[1])).text
    places = [drawn.index(f">{letter}<") for letter in dict.fromkeys(first)]
    assert all(one < other for one, other in pairwise(places))
    again = await go_on(stranger, asked, letters="nope")
    assert "Those are not the letters" in again.text
    assert shop.captcha_answer != first
    assert (await go_on(stranger, again, letters=shop.captcha_answer.lower())).status_code == 302
    assert (await stranger.get(picture[1])).status_code == 404


@pytest.mark.parametrize("account", ["admin", "manager"])
async def test_one_of_two_accounts_is_chosen(stranger: httpx.AsyncClient, shop: PracticeShop, account: str) -> None:
    asked = await with_password(stranger, shop, Fault.CHOOSE_ACCOUNT)
    assert [word for word in ("Continue as admin", "Continue as manager") if word not in asked.text] == []
    assert (await go_on(stranger, asked, account=account)).headers["location"] == DASHBOARD
    assert f"Howdy, {account}" in (await stranger.get(DASHBOARD)).text


async def test_nobody_goes_on_as_somebody_else(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    asked = await with_password(stranger, shop, Fault.CHOOSE_ACCOUNT)
    assert "Choose one of your accounts." in (await go_on(stranger, asked, account="reader")).text
    assert not await is_in(stranger)


async def test_they_come_one_after_the_other(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    asked = await with_password(
        stranger, shop, Fault.CHOOSE_ACCOUNT, Fault.TWO_FACTOR, Fault.CAPTCHA, Fault.INTERSTITIAL
    )
    asked = await go_on(stranger, asked, letters=shop.captcha_answer)
    asked = await go_on(stranger, asked, authcode=code_of(shop))
    passed = await go_on(stranger, asked, account="admin")
    assert "confirm_admin_email" in passed.headers["location"]


async def test_a_form_is_good_for_one_answer_and_a_made_up_one_for_none(
    stranger: httpx.AsyncClient, shop: PracticeShop
) -> None:
    asked = await with_password(stranger, shop, Fault.TWO_FACTOR)
    await go_on(stranger, asked, authcode="000000")
    for answer in (
        await go_on(stranger, asked, authcode=code_of(shop)),
        await stranger.post("/wp-login.php", data={"half": "x"}),
    ):
        assert answer.headers["location"] == "/wp-login.php"
    assert not await is_in(stranger)


async def test_who_never_goes_on_is_forgotten(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    first = await with_password(stranger, shop, Fault.TWO_FACTOR)
    for _ in range(MOST_ON_THE_WAY):
        await with_password(stranger, shop, Fault.TWO_FACTOR)
    assert len(shop.half_way) == MOST_ON_THE_WAY
    assert (await go_on(stranger, first, authcode=code_of(shop))).headers["location"] == "/wp-login.php"


async def test_in_german_they_ask_in_german(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    asked = await with_password(stranger, shop, Fault.TWO_FACTOR, Fault.GERMAN)
    assert [word for word in ("Authentifizierungscode", "Bestätigen") if word not in asked.text] == []
    assert "Authentication code" not in asked.text
