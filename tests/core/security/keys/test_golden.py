"""What an earlier version sealed opens for good: these were written once, and every later version has to open them."""

import json
import os
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.database.tables import CredentialRow
from core.security.keys import data_keys
from core.security.keys.data_keys import unwrap, wrap
from core.security.keys.envelope import CannotOpen, place, seal, unseal
from core.security.keys.key_export import imported
from core.security.keys.key_providers import BadKey, checked, key_id, wrapping_key
from core.security.secret import Secret
from core.security.vault import vault

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


def test_an_exported_key_file_opens() -> None:
    one = GOLDEN["export"]
    assert [key.hex() for key in imported(one["file"], Secret(one["passphrase"])).keys] == one["keys"]


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


def test_rows_are_bound_to_just_these_places() -> None:
    """A row's place in today's code is what these were sealed for."""
    customer, key = UUID(GOLDEN["customer"]), UUID(GOLDEN["keyId"])
    assert data_keys._place(customer, key, GOLDEN["masterId"]) == place(*GOLDEN["wrappedDataKey"]["place"])
    for one in GOLDEN["envelopes"]:
        _, _, _, service, origin, field, record, version = one["place"]
        row = CredentialRow(
            customer_id=customer, vault_key_id=key, service=service, store_origin=origin, field=field, id=UUID(record),
            version=version, envelope="", created_at=datetime(2026, 11, 30, tzinfo=UTC),
        )  # fmt: skip
        assert vault._place(row) == place(*one["place"])


def test_a_key_that_stands_in_print_is_no_key() -> None:
    with pytest.raises(BadKey, match="others know it"):
        checked(MASTER)
