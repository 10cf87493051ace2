"""Foreign text is made plain, and read as people read it, however its letters are written."""

import pytest

from core.planner.plain import plain, readings

UNUSUAL = {
    "capitals": "DELETE",
    "wide letters": "ｄｅｌｅｔｅ",  # noqa: RUF001  that is the point
    "unseen in between": "de\u200blete",
    "soft hyphens": "de\u00adle\u00adte",
    "accents": "délèté",
    "Cyrillic": "dеlеtе",  # noqa: RUF001  that is the point
    "Greek": "dεlετε",
    "digits": "d3l3te",
    "spelt out": "d e l e t e",
    "dotted": "d.e.l.e.t.e",
    "in parts": "de-lete",
    "turned round": "\u202eeteled",
    "a capital inside": "nowDelete",
    "small capitals": "ᴅᴇʟᴇᴛᴇ",
}


@pytest.mark.parametrize("way", UNUSUAL)
def test_a_word_is_read_however_it_is_written(way: str) -> None:
    assert "delete" in readings(UNUSUAL[way])


@pytest.mark.parametrize("text", ["Save the key", "REST API", "47 products", "", "Ключи"])
def test_an_ordinary_text_is_among_its_readings(text: str) -> None:
    assert readings(text).split("\n")[0] == text


def test_plain_text_is_one_line_without_what_cannot_be_seen() -> None:
    assert plain("a\u200b b\u2800\n\tc\u202e\U000e0041\ufe0f") == "a b c"
    assert plain("") == ""


@pytest.mark.parametrize(("most", "short"), [(5, "abcd…"), (6, "abcdef"), (None, "abcdef")])
def test_it_is_no_longer_than_it_may_be(most: int | None, short: str) -> None:
    assert plain("abcdef", most) == short
