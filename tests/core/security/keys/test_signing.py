"""A signature is good for one text and one key, and the key's secret half is shown nowhere."""

from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.security.keys.signing import BadSigningKey, SigningKey, by_id, is_signed, public_keys
from core.security.keys.signing_file import SigningKeyFile
from tests.fakes.keys import FixedSigningKey

TEXT = "omniops-autopilot/something/v1\nwords\n"


def test_a_signature_is_ed25519s_own() -> None:
    """RFC 8032, 7.1, test 2."""
    key = SigningKey.of(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signed = b64decode(key.sign("r")).hex()
    assert signed[:64] == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    assert signed[64:] == "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    assert key.public.has_signed("r", key.sign("r"))


def test_neither_another_text_nor_another_key_nor_a_changed_signature_fits() -> None:
    ours, theirs = FixedSigningKey().signing_key(), FixedSigningKey("theirs").signing_key()
    signature = ours.sign(TEXT)
    assert ours.public.has_signed(TEXT, signature)
    assert not ours.public.has_signed(TEXT + " ", signature)
    assert not theirs.public.has_signed(TEXT, signature)
    for changed in ("", "no base64!", signature[:-4], "A" + signature[1:], signature + "AAAA"):
        assert not ours.public.has_signed(TEXT, changed)
    keys = by_id([ours.public])
    assert is_signed(keys, ours.public.id, TEXT, signature)
    assert not is_signed(keys, theirs.public.id, TEXT, theirs.sign(TEXT))


def test_the_public_half_goes_through_a_file_and_back() -> None:
    ours, theirs = FixedSigningKey().signing_key().public, FixedSigningKey("theirs").signing_key().public
    assert public_keys(f"words before\n{ours.pem()}{theirs.pem()}") == {ours.id: ours, theirs.id: theirs}


def test_what_is_no_key_of_this_kind_is_refused() -> None:
    of_another_kind = generate_private_key(SECP256R1()).public_key()
    pem = of_another_kind.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    ours = FixedSigningKey().signing_key().public.pem()
    for text in ("", "no key", pem, ours + pem, ours.replace("MCow", "AAAA")):
        with pytest.raises(BadSigningKey):
            public_keys(text)


@pytest.mark.parametrize("seed", [b"", bytes(32), b"a" * 32, bytes(range(32)), bytes(31)])
def test_a_seed_that_can_not_be_random_is_refused(seed: bytes) -> None:
    with pytest.raises(BadSigningKey):
        SigningKey.of(seed)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = SigningKeyFile(tmp_path / "signing.key")
    file.make()
    (tmp_path / "signing.key").chmod(0o644)
    with pytest.raises(BadSigningKey, match="chmod 600"):
        file.signing_key()


def test_the_key_shows_nothing_of_its_seed() -> None:
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = SigningKey.of(seed)
    assert repr(key) == f"<SigningKey {key.public.id}>"
    assert seed.hex() not in f"{key!r} {key} {key.public!r}"
