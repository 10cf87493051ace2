"""Another key signs from now on: who knew the one before finds it, and what that one has signed stays ours."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.security.keys.signing import BadSigningKey, SigningKey, by_id
from core.security.keys.signing_file import SigningKeyFile
from core.security.keys.succession import Succession, with_those_around, with_those_before
from tests.fakes.keys import FixedSigningKey

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIRST, SECOND, THIRD, EVIL = (FixedSigningKey(word).signing_key() for word in ("one", "two", "three", "evil"))
ONE, TWO = Succession.signed(FIRST, SECOND, NOW), Succession.signed(SECOND, THIRD, NOW)


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeyFile:
    made = SigningKeyFile(tmp_path / "signing.key")
    made.make()
    return made


def test_it_goes_through_a_line_and_back() -> None:
    assert Succession.in_line(ONE.line) == ONE
    assert ONE.text.splitlines()[0] == "omniops-autopilot/signing-key/v1"


def test_a_line_that_not_both_keys_have_signed_vouches_for_nothing() -> None:
    by_one = Succession.signed(FIRST, EVIL, NOW)
    told = json.loads(ONE.line)
    for forged in (
        replace(by_one, by_before=EVIL.sign(by_one.text)),
        replace(ONE, after=EVIL.public),
        replace(ONE, at="2020-01-01"),
    ):
        assert Succession.in_line(forged.line) is None
    for changed in ({"before": ""}, {"after": told["before"]}, {"text": told["text"] + "x"}, {"text": 1}):
        assert Succession.in_line(json.dumps(told | changed)) is None
    for rubbish in ("", "{", "[]", "7", "null", b"\xff", "[" * 100_000):
        assert Succession.in_line(rubbish) is None


def test_one_knows_the_keys_before_and_whoever_verifies_those_after_too() -> None:
    every = (TWO, ONE)
    assert with_those_before(THIRD.public, every).keys() == by_id([FIRST.public, SECOND.public, THIRD.public]).keys()
    assert with_those_before(SECOND.public, every).keys() == by_id([FIRST.public, SECOND.public]).keys()
    assert with_those_around(by_id([FIRST.public]), every).keys() == with_those_before(THIRD.public, every).keys()
    assert with_those_around(by_id([EVIL.public]), every).keys() == {EVIL.public.id}


def test_the_new_key_signs_and_the_old_one_is_known_and_gone(keys: SigningKeyFile, tmp_path: Path) -> None:
    first = keys.signing_key()
    done = keys.rotate(NOW)
    assert keys.signing_key().public == done.after != first.public
    keys.rotate(NOW)
    assert list(keys.known()) == [keys.signing_key().public.id, done.after.id, first.public.id]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["signing.key", "signing.key.former"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    assert not any(first.seed() in path.read_bytes() for path in tmp_path.iterdir())


def test_what_was_interrupted_is_ended_by_the_next_try(keys: SigningKeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keys.signing_key().public

    def crash(*names: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            keys.rotate(NOW)
    assert list(keys.known()) == [first.id]
    done = keys.rotate(NOW)
    assert list(keys.known()) == [done.after.id, first.id]


def test_a_key_comes_back_from_a_back_up_with_those_before_it(keys: SigningKeyFile, tmp_path: Path) -> None:
    keys.signing_key()
    keys.rotate(NOW)
    seed, lines = keys.signing_key().seed(), tuple(one.line for one in keys.successions())
    other = SigningKeyFile(tmp_path / "elsewhere" / "signing.key")
    assert other.restore(seed, lines)
    assert not other.restore(seed, lines)
    assert other.known() == keys.known()
    assert len(other.successions()) == 1
    with pytest.raises(BadSigningKey, match="holds another"):
        other.restore(SigningKey.of(os.urandom(32)).seed(), ())
