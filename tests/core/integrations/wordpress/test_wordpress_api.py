"""WordPress's API, asked as one user: who that is, what may be done, and what else a site may answer."""

import json
from base64 import b64encode
from typing import Any

import pytest

from core.agents.keys import Key
from core.integrations.calling import ShopApiRefused, ShopApiUnreachable
from core.integrations.wordpress.agent import can
from core.integrations.wordpress.api import SiteUser, WordPressApi
from core.integrations.wordpress.key import APPLICATION_PASSWORD, APPLICATION_USER, KEY
from core.security.secret import Secret
from tests.core.integrations.conftest import WayOut
from tests.fakes.raw_web import RawWeb, Saying, listening, says

PASSWORD = "abcd EFGH 1234 ijkl MNOP 5678"
EDITOR = {
    "username": "edda",
    "roles": ["editor"],
    "capabilities": {"edit_posts": True, "level_7": 1, "delete_users": False},
}


def told(user: dict[str, Any]) -> Saying:
    return says(json.dumps(user).encode())


async def api(web: RawWeb, way_out: WayOut) -> WordPressApi:
    return WordPressApi(web.origin, Secret("edda"), Secret(PASSWORD), await way_out(web.origin))


async def test_it_says_who_signs_in_and_what_may_be_done(way_out: WayOut) -> None:
    async with listening(told(EDITOR)) as web:
        user = await (await api(web, way_out)).me()
    assert user == SiteUser("edda", ("editor",), frozenset({"edit_posts", "level_7"}))
    line, *headers = web.heads[0].split("\r\n")
    assert line == "GET /wp-json/wp/v2/users/me?context=edit HTTP/1.1"
    basic = b64encode(f"edda:{PASSWORD}".encode()).decode()
    assert f"authorization: Basic {basic}" in [header.replace("Auth", "auth") for header in headers]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"<h1>Hello</h1>", b'{"username": "edda"}', b'{"username":"e","roles":[],"capabilities":[]}'],
    ids=range(6),
)
async def test_what_is_no_user_is_told_as_such(way_out: WayOut, body: bytes) -> None:
    async with listening(says(body)) as web:
        with pytest.raises(ShopApiRefused, match="something other than a user"):
            await (await api(web, way_out)).me()


async def test_a_refusal_is_told_in_the_sites_words(way_out: WayOut) -> None:
    refusal = says(b'{"code": "rest_not_logged_in", "message": "You are not currently logged in."}', "401 Unauthorized")
    async with listening(refusal) as web:
        with pytest.raises(ShopApiRefused) as refused:
            await (await api(web, way_out)).me()
        assert await (await api(web, way_out)).is_refused()
    assert refused.value.because == "It said 401: You are not currently logged in."
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "429 Slowly", "500 Oops", "302 Found"])
@pytest.mark.parametrize("body", [b"<h1>Blocked</h1>", b"{}", b""], ids=["a page", "no code", "nothing"])
async def test_what_stands_in_front_of_a_site_refuses_no_password(way_out: WayOut, status: str, body: bytes) -> None:
    async with listening(says(body, status)) as web:
        with pytest.raises(ShopApiRefused):
            await (await api(web, way_out)).is_refused()


async def test_a_password_that_lets_in_is_not_refused(way_out: WayOut) -> None:
    async with listening(told(EDITOR)) as web:
        assert not await (await api(web, way_out)).is_refused()


async def test_who_does_not_answer_refuses_nothing(way_out: WayOut) -> None:
    async with listening(says(b"")) as web:
        gone = await api(web, way_out)
    with pytest.raises(ShopApiUnreachable):
        await gone.is_refused()


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ({"manage_options", "read", "x"}, "change settings, read what members may read (of 3 rights in all)"),
        (
            {"manage_options", "create_users", "install_plugins", "edit_others_posts", "publish_posts"},
            "change settings, add users, install plugins, edit everybody's posts (of 5 rights in all)",
        ),
        (set[str](), "nothing (of 0 rights in all)"),
    ],
)
def test_what_a_user_can_is_told_the_widest_first(rights: set[str], words: str) -> None:
    assert can(SiteUser("edda", (), frozenset(rights))) == words


def key(password: str) -> Key:
    return {APPLICATION_PASSWORD: Secret(password), APPLICATION_USER: Secret("edda")}


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        (PASSWORD, True),
        (PASSWORD.replace(" ", ""), True),
        (PASSWORD[:-1], False),
        ("••••", False),
        (f"{PASSWORD} x", False),
    ],
)
def test_a_password_has_the_look_of_one(password: str, fits: bool) -> None:
    assert KEY.fits(key(password)) is fits


def test_of_a_password_its_end_is_shown() -> None:
    assert (KEY.hint(key(PASSWORD)), KEY.masked(key(PASSWORD))) == ("5678", "…5678")
