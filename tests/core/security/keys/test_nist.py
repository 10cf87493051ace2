"""What we build on gives the answers of NIST and of RFC 5869, and so does what we build of it."""

import hmac
import os
from base64 import b64encode
from hashlib import sha256, sha512

import cryptography
import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.security.keys import data_keys, envelope
from core.security.keys.envelope import COMMITMENT, SALT, VERSION, CannotOpen
from tests.core.security.keys.nist import gcm, hkdf

SEALED, OPENED = gcm("gcmEncryptExtIV256.rsp"), gcm("gcmDecrypt256.rsp")
NO_SALT, NO_COMMITMENT = bytes(SALT), bytes(COMMITMENT)


def test_the_vectors_are_those_of_the_library_we_use() -> None:
    assert cryptography_vectors.__version__ == cryptography.__version__
    assert (len(SEALED), len(OPENED), sum(case.plaintext is None for case in OPENED), len(hkdf())) == (375, 375, 191, 3)


def test_the_primitive_seals_as_nist_does() -> None:
    for case in SEALED:
        assert case.plaintext is not None
        assert AESGCM(case.key).encrypt(case.nonce, case.plaintext, case.aad) == case.ciphertext


def test_the_primitive_opens_what_nist_opens_and_nothing_else() -> None:
    for case in OPENED:
        if case.plaintext is not None:
            assert AESGCM(case.key).decrypt(case.nonce, case.ciphertext, case.aad) == case.plaintext
            continue
        with pytest.raises(InvalidTag):
            AESGCM(case.key).decrypt(case.nonce, case.ciphertext, case.aad)


def test_our_envelope_is_nists_ciphertext_behind_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    for case in SEALED:
        assert case.plaintext is not None
        lots = iter((NO_SALT, case.nonce))
        monkeypatch.setattr(os, "urandom", lambda length, lots=lots: next(lots))
        monkeypatch.setattr(envelope, "_derive", lambda *_, key=case.key: (key, NO_COMMITMENT))
        sealed = envelope.seal_bytes(b"", case.plaintext, case.aad, 1000)
        assert sealed == VERSION + NO_SALT + case.nonce + NO_COMMITMENT + case.ciphertext


def test_our_envelope_opens_what_nist_opens_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for case in OPENED:
        monkeypatch.setattr(envelope, "_derive", lambda *_, key=case.key: (key, NO_COMMITMENT))
        text = b64encode(VERSION + NO_SALT + case.nonce + NO_COMMITMENT + case.ciphertext).decode()
        if case.plaintext is not None:
            assert envelope.unseal(b"", text, case.aad) == case.plaintext
            continue
        with pytest.raises(CannotOpen):
            envelope.unseal(b"", text, case.aad)


def test_a_wrapped_data_key_opens_as_nist_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_keys, "wrapping_key", lambda master: master)
    for case in OPENED:
        wrapped = b64encode(case.nonce + case.ciphertext).decode()
        if case.plaintext is not None:
            assert data_keys.unwrap(case.key, wrapped, case.aad) == case.plaintext
            continue
        with pytest.raises(CannotOpen):
            data_keys.unwrap(case.key, wrapped, case.aad)


def rfc_5869(hash_name: str, key_material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF as the RFC writes it down, of the standard library alone."""
    blank = bytes(hmac.new(b"", b"", hash_name).digest_size)
    extracted = hmac.digest(salt or blank, key_material, hash_name)
    derived, block = b"", b""
    while len(derived) < length:
        block = hmac.digest(extracted, block + info + bytes([len(derived) // len(blank) + 1]), hash_name)
        derived += block
    return derived[:length]


def test_keys_are_derived_as_the_rfc_says() -> None:
    for case in hkdf():
        primitive = HKDF(SHA256(), length=case.length, salt=case.salt or None, info=case.info)
        assert primitive.derive(case.key_material) == case.derived
        assert rfc_5869("sha256", case.key_material, case.salt, case.info, case.length) == case.derived


def test_our_record_key_and_its_commitment_are_derived_as_the_head_of_the_module_says() -> None:
    data_key, salt, where = sha256(b"key").digest(), sha256(b"salt").digest(), b"where"
    derived = rfc_5869("sha512", data_key, salt, b"autopilot/rec/v1" + sha512(where).digest(), 64)
    assert envelope._derive(data_key, salt, where) == (derived[:32], derived[32:])
