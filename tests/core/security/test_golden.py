"""What an earlier version sealed opens for good: these were written once, and every later version has to open them."""

import json
import os
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.security.data_keys import unwrap, wrap
from core.security.envelope import CannotOpen, place, seal, unseal, unseal_bytes
from core.security.key_export import imported
from core.security.keys import BadKey, checked, key_id, wrapping_key
from core.security.secret import Secret

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("golden_envelopes.json").read_text("utf-8"))
MASTER, DATA_KEY = bytes.fromhex(GOLDEN["master"]), bytes.fromhex(GOLDEN["dataKey"])


def test_keys_are_called_and_used_as_they_were() -> None:
    assert (key_id(MASTER), wrapping_key(MASTER).hex()) == (GOLDEN["masterId"], GOLDEN["wrappingKey"])


@pytest.mark.parametrize("one", GOLDEN["envelopes"], ids=lambda one: f"version {one['place'][-1]}")
def test_an_envelope_opens(one: dict[str, Any]) -> None:
    assert unseal(DATA_KEY, one["envelope"], place(*one["place"])).decode() == one["plaintext"]


def test_the_canary_opens() -> None:
    one = GOLDEN["canary"]
    assert unseal(wrapping_key(MASTER), one["envelope"], place(*one["place"])) == one["plaintext"].encode()


def test_a_wrapped_data_key_opens() -> None:
    one = GOLDEN["wrappedDataKey"]
    assert unwrap(MASTER, one["wrapped"], place(*one["place"])) == DATA_KEY


def test_other_content_of_a_customer_opens() -> None:
    one = GOLDEN["content"]
    mark, raw = bytes.fromhex(one["sealed"])[:17], bytes.fromhex(one["sealed"])[17:]
    assert mark.hex() == "02" + GOLDEN["keyId"].replace("-", "")
    assert unseal_bytes(DATA_KEY, raw, place(*one["place"])).hex() == one["plaintext"]


def test_an_exported_key_file_opens() -> None:
    one = GOLDEN["export"]
    assert [key.hex() for key in imported(one["file"], Secret(one["passphrase"]))] == one["keys"]


def test_what_is_sealed_now_looks_as_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same lots drawn it is the same to the byte, so an earlier version opens what a later one sealed."""
    one, wrapped = GOLDEN["envelopes"][0], GOLDEN["wrappedDataKey"]
    raw, nonce = b64decode(one["envelope"]), b64decode(wrapped["wrapped"])[:12]
    lots: Iterator[bytes] = iter((raw[1:33], raw[33:45], nonce))
    monkeypatch.setattr(os, "urandom", lambda length: next(lots))
    assert seal(DATA_KEY, one["plaintext"].encode(), place(*one["place"])) == one["envelope"]
    assert wrap(MASTER, DATA_KEY, place(*wrapped["place"])) == wrapped["wrapped"]


@pytest.mark.parametrize("part", range(8))
def test_each_part_of_a_place_binds(part: int) -> None:
    """The kind, the data key, the customer, the service, the shop, the field, the record and the version: each alone."""
    one = GOLDEN["envelopes"][0]
    elsewhere: list[str | int] = list(one["place"])
    before = elsewhere[part]
    elsewhere[part] = before + 1 if isinstance(before, int) else f"{before[:-1]}~"
    with pytest.raises(CannotOpen):
        unseal(DATA_KEY, one["envelope"], place(*elsewhere))


@pytest.mark.parametrize("part", range(4))
def test_each_part_of_a_data_keys_place_binds(part: int) -> None:
    """The kind, the customer, the data key and the master key."""
    one = GOLDEN["wrappedDataKey"]
    elsewhere = list(one["place"])
    elsewhere[part] += "~"
    with pytest.raises(CannotOpen):
        unwrap(MASTER, one["wrapped"], place(*elsewhere))


def test_a_key_that_stands_in_print_is_no_key() -> None:
    with pytest.raises(BadKey, match="others know it"):
        checked(MASTER)
