"""A live secret is taken out of a text in every form that encodings give it."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus, unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.browser.redaction import COVER, Redactor

PASSWORD = 'cörrect <horse> & "battery"/+1'

FORMS = {
    "raw": PASSWORD,
    "percent": quote(PASSWORD),
    "percent, all": quote(PASSWORD, safe=""),
    "form": urlencode({"pwd": PASSWORD}),
    "form value": quote_plus(PASSWORD),
    "html": html.escape(PASSWORD),
    "html text": html.escape(PASSWORD, quote=False),
    "json": json.dumps({"password": PASSWORD}),
    "json, as it is": json.dumps(PASSWORD, ensure_ascii=False),
    "hex": PASSWORD.encode().hex(),
    "upper hex": PASSWORD.encode().hex().upper(),
    "base64": base64.b64encode(PASSWORD.encode()).decode(),
    "base64url": base64.urlsafe_b64encode(PASSWORD.encode()).decode().rstrip("="),
    "percent, every letter": "".join(f"%{byte:02X}" for byte in PASSWORD.encode()),
    "in capitals": PASSWORD.upper(),
    "spelt out": " ".join(PASSWORD),
    "dotted": ".".join(PASSWORD),
    "dashed": " - ".join(PASSWORD),
    "backwards": PASSWORD[::-1],
    "spelt backwards": " ".join(PASSWORD[::-1]),
    "basic": base64.b64encode(f"admin:{PASSWORD}".encode()).decode(),
    "basic, another length": base64.b64encode(f"olivia:{PASSWORD}\n".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_taken_out(form: str) -> None:
    redactor = Redactor()
    redactor.learn(PASSWORD)
    text = redactor.redact(f"before {FORMS[form]} after")
    assert COVER in text
    assert "before " in text
    assert " after" in text
    plain = re.sub(r"[\W_]", "", unquote(text)).casefold()
    for part in (
        "battery",
        "yrettab",
        "horse",
        "esroh",
        quote("cörrect"),
        base64.b64encode(PASSWORD.encode()).decode()[:12],
    ):
        assert part not in text
        assert part.casefold() not in plain


def test_several_secrets_are_taken_out_and_the_longer_one_whole() -> None:
    redactor = Redactor()
    redactor.learn("swordfish")
    redactor.learn("swordfish-two")
    assert redactor.redact("swordfish-two swordfish") == f"{COVER} {COVER}"


@pytest.mark.parametrize("form", ["in capitals", "spelt out", "dotted", "dashed", "backwards", "spelt backwards"])
def test_pictures_cover_it_in_these_forms_too(form: str) -> None:
    redactor = Redactor()
    redactor.learn(PASSWORD)
    shown = "".join(f"before {FORMS[form]} after".split())
    ((start, end),) = redactor.spans(shown, without_spaces=True)
    assert (shown[:start], shown[end:].lstrip('1+/"')) == ("before", "after")


@pytest.mark.parametrize("value", ["!" * 40 + "a", "a!" * 30, "ck_" + "!-_" * 40 + "a", "a" * 4096])
def test_no_value_makes_it_slow(value: str) -> None:
    redactor = Redactor()
    redactor.learn(value)
    text = ("!" * 60 + "ba-" * 60) * 50
    assert redactor.redact(text) == text.replace(value, COVER)


def test_ordinary_words_are_left_alone() -> None:
    redactor = Redactor()
    for word in ("live", "user", "tide", "sales"):
        redactor.learn(word, as_a_word=True)
    assert (
        redactor.redact("deliver, evil; Search results; edit; Wholesale")
        == "deliver, evil; Search results; edit; Wholesale"
    )
    assert redactor.redact("live: user=tide, sales") == f"{COVER}: {COVER}={COVER}, {COVER}"


def test_what_a_person_answered_is_covered_where_words_are_looked_at_without_spaces() -> None:
    redactor = Redactor()
    redactor.learn("491 823", as_a_word=True)
    assert redactor.redact("Code 491 823 sent") == f"Code {COVER} sent"
    assert redactor.spans("Code491823sent", without_spaces=True) == [(4, 10)]


def test_an_answer_that_turns_out_to_be_a_secret_is_one_from_then_on() -> None:
    redactor = Redactor()
    redactor.learn("hunter2secret", as_a_word=True)
    redactor.learn("hunter2secret")
    redactor.learn("hunter2secret", as_a_word=True)
    assert redactor.redact("pw=xhunter2secretx H U N T E R 2 S E C R E T") == f"pw=x{COVER}x {COVER}"


def test_what_is_too_short_to_be_a_secret_leaves_the_text_alone() -> None:
    redactor = Redactor()
    redactor.learn("the")
    assert redactor.redact("the theme") == "the theme"
    assert repr(redactor) == "Redactor(0 secrets)"


def test_its_own_words_hold_no_secret() -> None:
    redactor = Redactor()
    redactor.learn("swordfish")
    assert "swordfish" not in f"{redactor!r} {redactor}"


def test_it_says_where_a_secret_stands_in_a_text_without_spaces() -> None:
    redactor = Redactor()
    redactor.learn("abcd EFGH ijkl")
    assert redactor.spans("x:abcdEFGHijkl;abcdEFGHijkl") == [(2, 14), (15, 27)]


@given(secret=st.text(min_size=8, max_size=40).filter(lambda text: len(text.strip()) >= 8), around=st.text(max_size=20))
def test_no_secret_survives_in_any_form(secret: str, around: str) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    raw = f"{around}{secret}{around}".encode("utf-8", "surrogatepass")
    for text in (
        f"{around}{secret}{around}",
        quote(secret),
        quote_plus(secret),
        raw.hex(),
        base64.b64encode(raw).decode(),
    ):
        cleaned = redactor.redact(text)
        assert secret not in cleaned
        assert COVER in cleaned
