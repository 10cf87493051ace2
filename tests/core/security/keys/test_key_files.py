"""Several keys at once: files beside the first, each as well kept; or two variables, which are not ours to change."""

import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from core.security.keys.key_providers import (
    BadKey,
    KeyFile,
    KeyFromText,
    KeyNotOurs,
    KeyOpenToOthers,
    NoSuchKey,
    checked,
    key_id,
)
from core.security.keys.key_ring import KeyRing, UnknownKey


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_to_look_makes_nothing(tmp_path: Path) -> None:
    assert KeyFile(tmp_path / "no" / "master.key").known() == {}
    assert names(tmp_path) == set()


def test_a_further_key_stands_beside_the_first_for_its_owner_alone(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    first, second = file.master_key(), file.make_another()
    assert file.known() == {key_id(first): first, key_id(second): second}
    aside = tmp_path / f"master.key.{key_id(second)}"
    assert names(tmp_path) == {"master.key", aside.name}
    assert (aside.stat().st_mode & 0o777, aside.read_bytes()) == (0o600, second)
    assert file.master_key() == first


def test_what_is_no_key_beside_it_is_left_alone(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    key = file.master_key()
    for name in ("master.key.refused", "master.key.bak", "master.key.0123", "other.key"):
        (tmp_path / name).write_bytes(b"something")
    assert file.known() == {key_id(key): key}


def test_a_further_key_is_as_closely_looked_at_as_the_first(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    file.master_key()
    aside = tmp_path / f"master.key.{key_id(file.make_another())}"
    aside.chmod(0o640)
    with pytest.raises(KeyOpenToOthers):
        file.known()
    aside.chmod(0o600)
    aside.write_bytes(os.urandom(32))
    with pytest.raises(BadKey, match="another key than its name says"):
        file.known()
    aside.unlink()
    aside.symlink_to("master.key")
    with pytest.raises(BadKey, match="link"):
        file.known()


def test_the_destroyed_first_gives_its_place_to_its_successor(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    first, second = file.master_key(), file.make_another()
    file.destroy(key_id(first), key_id(second))
    assert file.known() == {key_id(second): second}
    assert names(tmp_path) == {"master.key"}
    file.destroy(key_id(first), key_id(second))  # done again, it changes nothing
    assert file.master_key() == second


def test_a_destroyed_further_one_is_gone(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    first, second = file.master_key(), file.make_another()
    file.destroy(key_id(second), key_id(first))
    assert names(tmp_path) == {"master.key"}
    assert file.master_key() == first


def test_the_last_key_is_not_destroyed(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    key = file.master_key()
    with pytest.raises(NoSuchKey):
        file.destroy(key_id(key), key_id(os.urandom(32)))
    assert file.master_key() == key


def test_given_keys_are_neither_made_nor_destroyed_here() -> None:
    first, second = os.urandom(32), os.urandom(32)
    alone, both = KeyFromText(as_text(first)), KeyFromText(as_text(first), as_text(second))
    assert set(alone.known()) == {key_id(first)}
    assert both.known() == {key_id(first): first, key_id(second): second}
    with pytest.raises(KeyNotOurs, match="ENCRYPTION_KEY_NEXT"):
        alone.make_another()
    with pytest.raises(KeyNotOurs, match="the new key as ENCRYPTION_KEY"):
        both.destroy(key_id(first), key_id(second))
    with pytest.raises(NoSuchKey):
        alone.destroy(key_id(second), key_id(os.urandom(32)))
    KeyFromText(as_text(second)).destroy(key_id(first), key_id(second))


def test_a_bad_second_key_is_named_without_repeating_it() -> None:
    with pytest.raises(BadKey, match="ENCRYPTION_KEY_NEXT is not base64") as refused:
        KeyFromText(as_text(os.urandom(32)), "canary!").known()
    assert "canary" not in f"{refused.value!r}"


def as_text(key: bytes) -> str:
    return b64encode(key).decode()


@pytest.mark.parametrize("word", ["", "password", "secret", "changeme", "test"])
def test_a_key_made_of_a_word_is_refused(word: str) -> None:
    with pytest.raises(BadKey, match="others know it"):
        checked(sha256(word.encode()).digest())


def test_a_key_of_twice_the_same_half_is_refused() -> None:
    with pytest.raises(BadKey, match="not random"):
        checked(bytes.fromhex("feffe9928665731c6d6a8f9467308308") * 2)  # of the GCM specification's test cases
    with pytest.raises(BadKey, match="not random"):
        checked((half := os.urandom(16)) + half)


class Counted(KeyFile):
    reads = 0

    def known(self) -> dict[str, bytes]:
        self.reads += 1
        return super().known()


def test_a_ring_reads_its_keys_once_and_anew_for_one_it_does_not_know(tmp_path: Path) -> None:
    file = Counted(tmp_path / "master.key")
    first, ring = file.master_key(), KeyRing(file)
    assert [ring.key(key_id(first)) for _ in range(3)] == [first] * 3
    assert file.reads == 1
    second = KeyFile(tmp_path / "master.key").make_another()  # by another process
    assert ring.key(key_id(second)) == second
    assert file.reads == 2
    with pytest.raises(UnknownKey):
        ring.key(key_id(os.urandom(32)))
    assert file.reads == 3


def test_a_ring_takes_no_key_that_others_could_read(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    ring = KeyRing(file)
    key = file.master_key()
    (tmp_path / "master.key").chmod(0o644)
    with pytest.raises(KeyOpenToOthers):
        ring.key(key_id(key))
