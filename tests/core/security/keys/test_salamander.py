"""One ciphertext that opens under two keys is no envelope of ours, though AES-GCM takes it."""

import os
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.security.keys import envelope
from core.security.keys.envelope import COMMITMENT, NONCE, SALT, VERSION, CannotOpen, place, unseal
from tests.core.security.keys.salamander import opens_under_both

WHERE = place("rec", "customer", "admin_password", 1)


@pytest.fixture
def data_keys() -> tuple[bytes, bytes]:
    return os.urandom(32), os.urandom(32)


def test_bare_gcm_opens_it_under_both(data_keys: tuple[bytes, bytes]) -> None:
    nonce = os.urandom(NONCE)
    sealed = opens_under_both(*data_keys, nonce, WHERE)
    first, second = (AESGCM(key).decrypt(nonce, sealed, WHERE) for key in data_keys)
    assert first != second


def test_our_envelope_opens_under_the_one_key_it_commits_to(data_keys: tuple[bytes, bytes]) -> None:
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    derived = [envelope._derive(key, salt, WHERE) for key in data_keys]
    sealed = opens_under_both(derived[0][0], derived[1][0], nonce, WHERE)
    for mine, other, (_, commitment) in zip(data_keys, reversed(data_keys), derived, strict=True):
        text = b64encode(VERSION + salt + nonce + commitment + sealed).decode()
        assert unseal(mine, text, WHERE)
        with pytest.raises(CannotOpen):
            unseal(other, text, WHERE)
    text = b64encode(VERSION + salt + nonce + bytes(COMMITMENT) + sealed).decode()
    for key in data_keys:
        with pytest.raises(CannotOpen):
            unseal(key, text, WHERE)


def test_every_single_bit_counts(data_keys: tuple[bytes, bytes]) -> None:
    raw = envelope.seal_bytes(data_keys[0], b"hunter2", WHERE, 100)
    for bit in range(8 * len(raw)):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            envelope.unseal_bytes(data_keys[0], bytes(changed), WHERE)
