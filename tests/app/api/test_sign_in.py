"""Signing in and out."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security.origin import local
from core.security.people.sessions import COOKIE
from tests.app.api.calling import API, PASSWORD, Caller


def form(call: Caller, **more: str) -> dict[str, str]:
    return {"email": call.stage.visitor.email, "password": PASSWORD} | more


async def test_signing_in_sets_a_cookie_that_no_script_reads(call: Caller) -> None:
    answer = await call.anonymous.post("/auth/sign-in", data=form(call, next="/products?q=tea"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/products?q=tea")
    parts = {part.strip().partition("=")[0].lower() for part in answer.headers["set-cookie"].split(";")}
    assert parts == {COOKIE.lower(), "secure", "httponly", "samesite", "path", "max-age"}
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert "Path=/" in answer.headers["set-cookie"]
    assert (await call.anonymous.get(f"{API}/history", headers=cookie_of(answer))).status_code == 200


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    """What a browser sends back: Chromium takes a cookie for TLS from this machine, too; httpx keeps it for itself."""
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}


async def test_over_tls_the_cookie_stays_there(call: Caller) -> None:
    answer = await call.over_tls().post("/auth/sign-in", data=form(call))
    assert "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "wrong", [{"password": "not the one"}, {"email": "no@x.example"}, {"password": "x" * 5000}, {"email": ""}]
)
async def test_a_wrong_sign_in_says_so_and_keeps_where_to(call: Caller, wrong: dict[str, str]) -> None:
    answer = await call.anonymous.post("/auth/sign-in", data=form(call, next="/audit") | wrong)
    to = urlsplit(answer.headers["location"])
    assert (answer.status_code, to.path) == (303, "/sign-in")
    assert parse_qs(to.query) == {"error": ["wrong_sign_in"], "next": ["/audit"]}
    assert "set-cookie" not in answer.headers


async def test_too_many_wrong_ones_have_to_wait(call: Caller) -> None:
    errors = []
    for _ in range(6):
        answer = await call.anonymous.post("/auth/sign-in", data=form(call, password="not the one"))
        errors += parse_qs(urlsplit(answer.headers["location"]).query)["error"]
    assert errors == ["wrong_sign_in"] * 5 + ["too_many_tries"]


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "x"]
)
async def test_signing_in_leads_nowhere_else(call: Caller, to: str) -> None:
    answer = await call.anonymous.post("/auth/sign-in", data=form(call, next=to))
    assert answer.headers["location"] == "/"
    wrong = await call.anonymous.post(
        "/auth/sign-in", data=form(call, next=to, password="x"), headers={"Sec-Fetch-Site": "none"}
    )
    assert parse_qs(urlsplit(wrong.headers["location"]).query)["next"] == ["/"]


@given(st.text(alphabet="/\\\t\n\r .:@?#%ae\u2028\u3000"))
def test_a_local_address_has_no_host(address: str) -> None:
    """As browsers read it (WHATWG URL): tabs and line breaks dropped, backslashes are slashes."""
    read = "".join(c for c in local(address) if c not in "\t\n\r").replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")


async def test_signing_out_ends_the_session_and_not_only_the_cookie(call: Caller) -> None:
    cookie = await call.cookie()
    answer = await call.anonymous.post("/auth/sign-out", headers=cookie | {"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert (await call.anonymous.get(f"{API}/history", headers=cookie)).status_code == 401


async def test_no_link_signs_anybody_out(call: Caller) -> None:
    cookie = await call.cookie()
    assert (await call.anonymous.get("/auth/sign-out", headers=cookie)).status_code == 405
    assert (await call.anonymous.get(f"{API}/history", headers=cookie)).status_code == 200


async def test_signing_in_anew_ends_the_session_before(call: Caller) -> None:
    before = await call.cookie()
    answer = await call.anonymous.post(
        "/auth/sign-in", data=form(call), headers=before | {"Sec-Fetch-Site": "same-origin"}
    )
    assert cookie_of(answer) != before
    call.anonymous.cookies.clear()
    assert (await call.anonymous.get(f"{API}/history", headers=before)).status_code == 401
