"""Pictures in memory have an end that no shop sets: so many bytes, whatever is in them, and each for a while."""

import pytest

from core.integrations import kept_pictures
from core.integrations.kept_pictures import MOST_BYTES, ONE_ENTRY, KeptPictures
from core.integrations.small_pictures import LARGEST_DRAWING, SmallPicture

LARGE = SmallPicture(b" " * LARGEST_DRAWING, "image/svg+xml")


def test_the_largest_drawings_take_no_more_than_that() -> None:
    kept = KeptPictures()
    for number in range(2 * MOST_BYTES // LARGEST_DRAWING):
        kept.keep(f"https://tea.example/{number}", LARGE)
        assert sum(one.size for one in kept._kept.values()) == kept.size <= MOST_BYTES
    assert kept.size > MOST_BYTES - LARGEST_DRAWING - ONE_ENTRY - 100


def test_that_there_is_none_takes_room_too() -> None:
    kept = KeptPictures()
    for number in range(2 * MOST_BYTES // ONE_ENTRY):
        kept.keep(str(number), None)
    assert len(kept._kept) < MOST_BYTES / ONE_ENTRY


def test_those_longest_not_asked_for_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pictures, "MOST_BYTES", 3 * (LARGEST_DRAWING + ONE_ENTRY + 10))
    kept = KeptPictures()
    for name in "abc":
        kept.keep(name, LARGE)
    assert kept.of("a")
    kept.keep("d", LARGE)
    assert [name for name in "abcd" if kept.of(name)] == ["a", "c", "d"]


def test_what_is_kept_anew_counts_once() -> None:
    kept = KeptPictures()
    for _ in range(3):
        kept.keep("a", LARGE)
    assert kept.size == ONE_ENTRY + 1 + LARGEST_DRAWING


def test_what_has_had_its_time_is_not_known_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptPictures()
    monkeypatch.setattr(kept_pictures, "KEPT_FOR", 0.0)
    kept.keep("a", LARGE)
    kept.keep("b", None)
    assert kept.of("a") is None
    assert kept.of("b")
    assert kept.size == ONE_ENTRY + 1
