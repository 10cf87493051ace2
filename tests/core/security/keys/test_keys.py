"""The master key is random, its owner's alone, and the same for everyone who begins at once."""

import base64
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.security.keys.key_providers import (
    BadKey,
    KeyFile,
    KeyFromText,
    KeyOpenToOthers,
    checked,
    key_id,
    wrapping_key,
)

RANDOM = bytes(range(0, 256, 8))[::-1][7:] + os.urandom(25)


def test_it_is_made_once_for_its_owner_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "master.key"
    key = KeyFile(path).master_key()
    assert KeyFile(path).master_key() == key == path.read_bytes()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]


def test_two_files_hold_two_keys(tmp_path: Path) -> None:
    assert KeyFile(tmp_path / "one").master_key() != KeyFile(tmp_path / "two").master_key()


def test_who_begins_at_once_gets_the_same_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    together = threading.Barrier(8)

    def begin() -> None:
        together.wait()
        keys.append(KeyFile(tmp_path / "master.key").master_key())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_what_a_crash_left_beside_it_is_in_nobodys_way(tmp_path: Path) -> None:
    """In a container every process has the same number, so a name made of it is taken after a crash."""
    (tmp_path / f".master.key.{os.getpid()}").write_bytes(b"half a k")
    assert len(KeyFile(tmp_path / "master.key").master_key()) == 32


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
def test_a_file_that_others_could_read_or_change_is_refused_with_what_mends_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    key = KeyFile(path).master_key()
    path.chmod(mode)
    with pytest.raises(KeyOpenToOthers, match=f"chmod 600 {path}"):
        KeyFile(path).master_key()
    path.chmod(0o400)
    assert KeyFile(path).master_key() == key


def a_link(path: Path) -> None:
    KeyFile(path.with_name("real.key")).master_key()
    path.symlink_to("real.key")


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to("nothing")


def a_folder(path: Path) -> None:
    path.mkdir(mode=0o700)


def a_pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


def a_short_one(path: Path) -> None:
    path.touch(0o600)
    path.write_bytes(os.urandom(31))


def a_long_one(path: Path) -> None:
    path.touch(0o600)
    path.write_bytes(os.urandom(33))


@pytest.mark.parametrize("put", [a_link, a_link_to_nothing, a_folder, a_pipe, a_short_one, a_long_one])
def test_anything_else_in_its_place_is_refused_and_left_as_it_is(tmp_path: Path, put: Callable[[Path], None]) -> None:
    path = tmp_path / "master.key"
    put(path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadKey):
        KeyFile(path).master_key()
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_somebody_elses_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    KeyFile(path).master_key()
    os.chown(path, 65534, 65534)
    with pytest.raises(BadKey, match="somebody else"):
        KeyFile(path).master_key()


@pytest.mark.parametrize("place", ["/proc/no/master.key", "/dev/null/master.key"])
def test_a_place_where_nothing_can_be_made_is_named(place: str) -> None:
    with pytest.raises(BadKey, match=r"master\.key can't be"):
        KeyFile(Path(place)).master_key()


@pytest.mark.parametrize(
    "weak",
    [
        b"", os.urandom(16), os.urandom(31), os.urandom(33), bytes(32), b"\xff" * 32, bytes(range(32)),
        bytes(range(0, 256, 8)), bytes(range(32))[::-1], b"0123456789abcdef0123456789ABCDEF",
        b"correct horse battery staple!!!!", os.urandom(8) * 4,
    ],
)  # fmt: skip
def test_a_key_that_nobody_drew_by_lot_is_refused(weak: bytes) -> None:
    with pytest.raises(BadKey):
        checked(weak)
    with pytest.raises(BadKey) as refused:
        KeyFromText(base64.b64encode(weak).decode()).master_key()
    assert not weak or base64.b64encode(weak).decode() not in f"{refused.value} {refused.value!r}"


def test_random_keys_are_taken() -> None:
    assert all(checked(key) == key for key in (os.urandom(32) for _ in range(200)))
    assert KeyFromText(base64.b64encode(RANDOM[:32]).decode()).master_key() == RANDOM[:32]


@pytest.mark.parametrize(
    "text", ["no base64!", "a", "AAA", "\u00e9" * 44, base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode()]
)
def test_text_that_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadKey) as refused:
        KeyFromText(text).master_key()
    assert (refused.value.because, refused.value.__cause__) == ("ENCRYPTION_KEY is not base64.", None)


def test_what_is_told_of_a_key_says_nothing_of_it() -> None:
    master = os.urandom(32)
    assert len(bytes.fromhex(key_id(master))) == 8
    assert key_id(master) != key_id(os.urandom(32))
    assert key_id(master) not in master.hex()
    assert wrapping_key(master) not in {master, wrapping_key(os.urandom(32))}
