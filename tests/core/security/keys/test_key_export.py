"""An exported key file opens with its passphrase alone, and a changed one not at all."""

import json
import os
import re
from typing import Any

import pytest

from core.security.keys import key_export
from core.security.keys.key_export import USUAL, BadExport, Cost, SigningBackup, WeakPassphrase, exported, imported
from core.security.keys.key_providers import key_id
from core.security.secret import Secret

CHEAP = Cost(passes=1, kib=64, lanes=1)
SIGNING = SigningBackup(os.urandom(32), ("one line", "another"))
PASSPHRASE = Secret("correct horse battery staple")


@pytest.fixture
def keys() -> dict[str, bytes]:
    return {key_id(key): key for key in (os.urandom(32) for _ in range(3))}


@pytest.fixture
def file(keys: dict[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(exported(keys, list(keys)[1], PASSPHRASE, CHEAP, SIGNING)))


def test_the_keys_come_back_the_primary_first(keys: dict[str, bytes]) -> None:
    primary = list(keys)[1]
    text = exported(keys, primary, PASSPHRASE, CHEAP)
    found = imported(text, PASSPHRASE).keys
    assert found[0] == keys[primary]
    assert sorted(found) == sorted(keys.values())
    assert not any(key.hex() in text for key in keys.values())
    assert PASSPHRASE.reveal() not in text


def test_the_key_that_signs_comes_back_and_is_told_apart_from_the_others(keys: dict[str, bytes]) -> None:
    text = exported(keys, next(iter(keys)), PASSPHRASE, CHEAP, SIGNING)
    found = imported(text, PASSPHRASE)
    assert (found.signing, sorted(found.keys)) == (SIGNING, sorted(keys.values()))
    assert imported(exported(keys, next(iter(keys)), PASSPHRASE, CHEAP), PASSPHRASE).signing is None
    for shown in (text, repr(found), repr(SIGNING)):
        assert SIGNING.seed.hex() not in shown
        assert repr(SIGNING.seed) not in shown


def test_a_usual_one_costs_what_the_head_of_the_module_says(keys: dict[str, bytes]) -> None:
    told = json.loads(exported(keys, next(iter(keys)), PASSPHRASE))
    assert (told["passes"], told["kib"], told["lanes"]) == (USUAL.passes, USUAL.kib, USUAL.lanes) == (3, 262_144, 4)
    assert "Argon2id(passphrase, salt, 3 passes, 256 MiB, 4 lanes, 32 bytes)" in (key_export.__doc__ or "")


@pytest.mark.parametrize("wrong", ["", "correct horse battery stapl", "correct horse battery staple ", "\u00e9" * 20])
def test_another_passphrase_opens_nothing(file: dict[str, Any], wrong: str) -> None:
    with pytest.raises(BadExport, match="wrong, or the file was changed"):
        imported(json.dumps(file), Secret(wrong))


@pytest.mark.parametrize("short", ["", "eleven-char"])
def test_a_short_passphrase_is_refused(keys: dict[str, bytes], short: str) -> None:
    with pytest.raises(WeakPassphrase, match="at least 12 characters"):
        exported(keys, next(iter(keys)), Secret(short), CHEAP)


@pytest.mark.parametrize("name", ["salt", "keys", "passes", "kib", "lanes", "signing", "former", "sealed"])
def test_nothing_in_the_file_can_be_changed(file: dict[str, Any], name: str) -> None:
    before = file[name]
    if isinstance(before, int):
        file[name] = before + 1
    elif isinstance(before, list):
        file[name] = before[::-1]
    else:
        file[name] = before[:-4] + ("AAA=" if before[-4:] != "AAA=" else "BBB=")
    with pytest.raises(BadExport):
        imported(json.dumps(file), PASSPHRASE)
    del file[name]
    with pytest.raises(BadExport):
        imported(json.dumps(file), PASSPHRASE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kib", 2**31), ("kib", 0), ("kib", -1), ("kib", "64"), ("kib", None), ("passes", 10**9), ("passes", 0),
        ("lanes", 10**6), ("lanes", 0), ("salt", ""), ("salt", "!"), ("salt", 7), ("keys", None), ("keys", [1]),
        ("sealed", None), ("sealed", ""), ("sealed", 7), ("format", "autopilot-keys/1"), ("format", "autopilot-keys/3"), ("signing", None), ("former", []), ("format", None),
    ],
)  # fmt: skip
def test_a_made_up_file_costs_nothing_and_breaks_nothing(file: dict[str, Any], name: str, value: object) -> None:
    with pytest.raises(BadExport):
        imported(json.dumps(file | {name: value}), PASSPHRASE)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", '"x"', "{}", "[" * 100_000, "\0"])
def test_what_is_no_such_file_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadExport, match=re.escape("`autopilot vault export-key`")):
        imported(text, PASSPHRASE)
