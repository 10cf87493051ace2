"""Fingerprints are kept in a file that says the same in the same bytes, and hold slots where a run's values stood."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings import FINGERPRINTS
from core.browser.page import Box
from core.browser.snapshot import ElementSeen
from core.planner.fingerprints import FORMAT, BadFingerprints, Fingerprint, Fingerprints

FIELD = Fingerprint("textbox", "Beschreibung", "text", words=("key", "description"), near=("Schlüssel",), nth=0, of=4)
LIST = Fingerprint("combobox", "Permissions", form="text select submit", nth=1, of=2, options=("Read", "Write"))
KNOWN = Fingerprints({("revoke", 2): (LIST,), ("make", 10): (FIELD, LIST), ("make", 9): (FIELD,)})
LOOKS = st.builds(
    Fingerprint,
    role=st.text(min_size=1),
    name=st.text(),
    near=st.lists(st.text()).map(tuple),
    nth=st.integers(0),
    of=st.integers(1),
)


def kept(text: str, folder: Path) -> Fingerprints:
    file = folder / "fingerprints.json"
    file.write_text(text, "utf-8")
    return Fingerprints.from_file(file)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    read = kept(KNOWN.to_text(), tmp_path)
    assert read.of_step("make", 10) == (FIELD, LIST)
    assert read.of_step("make", 9) == (FIELD,)
    assert read.of_step("revoke", 2) == (LIST,)
    assert read.to_text() == KNOWN.to_text()


@given(st.lists(LOOKS, max_size=3))
def test_whatever_was_met_is_read_as_it_was(tmp_path_factory: pytest.TempPathFactory, looks: list[Fingerprint]) -> None:
    written = Fingerprints({("make", 1): tuple(looks)}).to_text()
    assert kept(written, tmp_path_factory.getbasetemp()).of_step("make", 1) == tuple(looks)


def test_steps_are_sorted_whatever_order_they_were_met_in() -> None:
    other_way_round = Fingerprints({("make", 9): (FIELD,), ("make", 10): (FIELD, LIST), ("revoke", 2): (LIST,)})
    assert other_way_round.to_text() == KNOWN.to_text()
    steps = json.loads(KNOWN.to_text())["steps"]
    assert [(one["workflow"], one["order"]) for one in steps] == [("make", 9), ("make", 10), ("revoke", 2)]


def test_the_file_that_is_kept_is_as_it_would_be_written() -> None:
    assert Fingerprints.from_file(FINGERPRINTS).to_text() == FINGERPRINTS.read_text("utf-8")


def test_a_step_that_no_test_has_met_has_no_looks() -> None:
    assert KNOWN.of_step("make", 1) == ()
    assert KNOWN.of_step("another", 9) == ()


def test_newer_looks_take_the_place_of_those_of_the_same_step() -> None:
    newer = KNOWN.updated(Fingerprints({("make", 10): (LIST,)}))
    assert newer.of_step("make", 10) == (LIST,)
    assert newer.of_step("make", 9) == (FIELD,)
    assert KNOWN.of_step("make", 10) == (FIELD, LIST)


def test_a_file_of_another_format_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(BadFingerprints) as refused:
        kept(KNOWN.to_text().replace(f'"format": {FORMAT}', '"format": 99'), tmp_path)
    assert refused.value.sentence == (
        f"The fingerprints can't be read. fingerprints.json has format 99, and {FORMAT} is read here."
    )


def damaged(looks: object, **more: object) -> str:
    return json.dumps({"format": FORMAT, "steps": [{"workflow": "make", "order": 1, "looks": looks} | more]})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "5",
        "{}",
        json.dumps({"format": FORMAT}),
        json.dumps({"format": FORMAT, "steps": [{}]}),
        damaged(None),
        damaged(["a button"]),
        damaged([{"name": "Save"}]),
        damaged([{"role": "button", "colour": "red"}]),
        damaged([], order=[1]),
    ],
)
def test_a_damaged_file_is_not_read(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadFingerprints, match=r"fingerprints.json is damaged\."):
        kept(text, tmp_path)


def test_a_file_of_other_letters_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "fingerprints.json"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFingerprints, match="is damaged"):
        Fingerprints.from_file(file)


def test_where_there_is_no_file_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadFingerprints, match=r"can't be read.*nothing\.json: No such file or directory\.$"):
        Fingerprints.from_file(tmp_path / "nothing.json")


def test_only_what_lasts_is_kept_of_an_element() -> None:
    seen = ElementSeen(
        "button", "Save", "submit", near=("Keys",), box=Box(1, 2, 3, 4), in_view=False, enabled=False, ref="e7"
    )
    assert Fingerprint.of_element(seen) == Fingerprint("button", "Save", "submit", near=("Keys",))


def test_values_of_one_run_are_taken_out_and_those_of_another_put_in() -> None:
    values = {"key_description": "Till", "username": "jo"}
    met = Fingerprint("link", "Revoke Till", text="Revoke Till", near=("Till of jo", "All keys"))
    slotted = met.with_slots(values)
    assert (slotted.name, slotted.text) == ("Revoke {{key_description}}", "Revoke {{key_description}}")
    assert slotted.near == ("{{key_description}} of {{username}}", "All keys")
    assert slotted.with_values(values) == met
    assert slotted.with_values({"key_description": "Web", "username": "al"}).near == ("Web of al", "All keys")


def test_a_slot_without_a_value_changes_nothing() -> None:
    met = Fingerprint("link", "Revoke", near=("a row",))
    assert met.with_slots({"key_description": ""}) == met
    assert met.with_values({}) == met


def test_dates_and_counts_around_an_element_are_left_out() -> None:
    met = Fingerprint("link", "Page 2", near=("Made 2026-07-01 by jo", "…a1b2c3"))
    assert met.with_slots({}).near == ("Made  by jo", "")
    assert met.with_slots({}).name == "Page 2"
