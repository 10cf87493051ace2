"""Checks an exported audit trail by itself: Python 3.11 or newer and the package `cryptography`, and nothing of ours.

    python verify_export.py [FOLDER] [--public-key FILE] [--checkpoints FILE]

1. Every checkpoint follows the one before it, and is signed by the key; or by one before or after it, if that both keys
   have signed that one follows the other (keys.jsonl).
2. Every entry has the next number, carries the hash of the one before it, and has the hash that its fields give:
   SHA-256("autopilot/audit/v1", previous, customer, seq, at, actor, action, operation, detail digest), each field
   after its length as four bytes, the most significant first.
3. Every detail has its digest: HMAC-SHA256(salt, the detail as JSON with sorted keys and no spaces, in UTF-8). One that
   is null was erased: an entry after it has to name it.
4. Every entry that was signed for has the hash that was signed, and none of them is missing.

Exit code 0: all of it is so. 1: something is not, and the first such entry is named. 2: it can't be checked.
"""

import argparse
import hmac
import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

FIRST = "0" * 64
NOT_PROVEN = (
    "Nothing is proven about the end: whoever made the files may have left out the last entries with their checkpoints. "
    "Give the checkpoints that you kept, with --checkpoints."
)
ORIGIN = "omniops-autopilot/audit/v1"
KEYS_ORIGIN = "omniops-autopilot/signing-key/v1"
KEPT = ("details_erased", "pictures_deleted")  # entries that say what is gone; their own details never are
COLUMNS = {"seq", "at", "actor", "action", "operation", "detail", "salt", "detail_digest", "previous", "hash"}
FIELDS = ("previous", "customer", "seq", "at", "actor", "action", "operation", "detail_digest")


class Broken(Exception):
    """Something is not as it was written."""


def main() -> int:
    """Check what the command line names, and say what came of it."""
    parser = argparse.ArgumentParser(description="Checks an exported audit trail.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--public-key", type=Path, help="the key you know, in place of the one in the folder")
    parser.add_argument("--checkpoints", type=Path, help="checkpoints that you kept, beside those in the folder")
    asked = parser.parse_args()
    try:
        told = check(asked.folder, asked.public_key or asked.folder / "public-key.pem", asked.checkpoints)
    except Broken as fault:
        sys.stdout.write(f"BROKEN: {fault}\n")
        return 1
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stdout.write(f"CANNOT CHECK: {type(error).__name__}: {error}\n")
        return 2
    sys.stdout.write(f"OK: {told}\n")
    if asked.checkpoints is None:
        sys.stdout.write(f"{NOT_PROVEN}\n")
    return 0


def check(folder: Path, key_file: Path, kept: Path | None) -> str:
    """What there is, in a sentence. Raises Broken."""
    customer = str(json.loads((folder / "manifest.json").read_text("utf-8"))["customer"])
    keys = with_those_around(keys_in(key_file.read_bytes()), folder / "keys.jsonl")
    signed, newest = signed_in(folder / "checkpoints.jsonl", customer, keys, whole=True)
    if kept is not None:
        signed |= signed_in(kept, customer, keys, whole=False)[0]
    erased = tuple(erasures_in(folder / "audit.jsonl"))
    previous, seq, without_detail = FIRST, 0, 0
    for number, entry in enumerate(entries_in(folder / "audit.jsonl"), start=1):
        if fault := fault_of(entry, customer, number, previous, erased):
            raise Broken(f"entry {number}: {fault}")
        previous, seq = entry["hash"], number
        without_detail += entry["detail"] is None
        if signed.pop(seq, previous) != previous:
            raise Broken(f"entry {seq}: it, or an entry before it, is not what was signed for")
    if signed:
        raise Broken(f"entry {seq + 1}: it is missing; entry {max(signed)} was signed for, and the end was cut off")
    if not seq:
        raise Broken("there is no entry; an export has one at least, which tells of it")
    return (
        f"{seq} entries, {without_detail} of them with an erased detail; the last checkpoint is over entry {newest}, "
        f"and {seq - newest} after it are not signed for; keys {', '.join(keys)}"
    )


def keys_in(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """The keys in a PEM file, by the first 16 digits of their SHA-256."""
    found = {}
    for block in re.findall(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", pem, re.DOTALL):
        key = load_pem_public_key(block)
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("this is no Ed25519 key")  # noqa: TRY004  the file's fault, not the caller's
        found[sha256(key.public_bytes_raw()).hexdigest()[:16]] = key
    if not found:
        raise ValueError("there is no public key in the file")
    return found


def with_those_around(keys: dict[str, Ed25519PublicKey], file: Path) -> dict[str, Ed25519PublicKey]:
    """These keys, and those that followed them or were followed by them, as both have signed."""
    pairs = list(successions_in(file)) if file.exists() else []
    found = dict(keys)
    while new := [one for pair in pairs if found.keys() & pair.keys() for one in pair.items() if one[0] not in found]:
        found.update(new)
    return found


def successions_in(file: Path) -> Iterator[dict[str, Ed25519PublicKey]]:
    """The two keys of every line, by their ids. Raises Broken for one that not both have signed."""
    for number, line in enumerate(lines_of(file), start=1):
        try:
            told = json.loads(line)
            origin, before, after, _at, _end = told["text"].split("\n")
            both = [Ed25519PublicKey.from_public_bytes(b64decode(one, validate=True)) for one in (before, after)]
            for key, name in zip(both, ("before", "after"), strict=True):
                key.verify(b64decode(told[name], validate=True), told["text"].encode())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidSignature):
            raise Broken(f"line {number} of the keys: not both keys have signed it") from None
        if origin != KEYS_ORIGIN:
            raise Broken(f"line {number} of the keys: it holds none")
        yield {sha256(key.public_bytes_raw()).hexdigest()[:16]: key for key in both}


def signed_in(
    file: Path, customer: str, keys: dict[str, Ed25519PublicKey], *, whole: bool
) -> tuple[dict[int, str], int]:
    """The hash that was signed for, by the number of its entry, and the newest number; of a `whole` file none is missing."""
    signed: dict[int, str] = {}
    follows, last = FIRST, 0
    for number, line in enumerate(lines_of(file), start=1):
        try:
            told = json.loads(line)
            origin, stream, seq, entry_hash, _at, previous, _end = told["text"].split("\n")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Broken(f"checkpoint {number}: its line holds none") from None
        if stream != customer and not whole:
            continue
        if origin != ORIGIN or stream != customer:
            raise Broken(f"checkpoint {number}: it is not one of this customer")
        if not is_signed(keys, told):
            raise Broken(f"checkpoint {number}: it is not signed by this key")
        if whole and (previous != follows or int(seq) <= last):
            raise Broken(f"checkpoint {number}: it does not follow the one before it")
        follows, last = sha256(told["text"].encode()).hexdigest(), int(seq)
        signed[last] = entry_hash
    return signed, last


def is_signed(keys: dict[str, Ed25519PublicKey], told: dict[str, str]) -> bool:
    """Whether the key that a checkpoint names has signed it, and is one of these."""
    try:
        keys[told["key"]].verify(b64decode(told["signature"], validate=True), told["text"].encode())
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def entries_in(file: Path) -> Iterator[dict[str, Any]]:
    """The entries, one after the other."""
    for number, line in enumerate(lines_of(file), start=1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            raise Broken(f"entry {number}: its line is no JSON") from None
        if not isinstance(entry, dict) or entry.keys() != COLUMNS:
            raise Broken(f"entry {number}: its line is no entry")
        yield entry


def erasures_in(file: Path) -> Iterator[tuple[int, int, int]]:
    """The entries that say what was erased: their own number, and the first and last that they name."""
    for entry in entries_in(file):
        told: dict[str, Any] = entry["detail"] if isinstance(entry["detail"], dict) else {}
        first, last = told.get("first", ""), told.get("last", "")
        if entry["action"] == "details_erased" and all(isinstance(one, int) for one in (entry["seq"], first, last)):
            yield entry["seq"], first, last


def fault_of(
    entry: dict[str, Any], customer: str, number: int, previous: str, erased: tuple[tuple[int, int, int], ...]
) -> str:
    """What is wrong with an entry by itself, or nothing."""
    if entry["seq"] != number:
        return "it is missing"
    if entry["previous"] != previous:
        return "it does not follow the entry before it"
    if not is_hashed(entry, customer):
        return "it was changed"
    if entry["detail"] is None and entry["salt"] is None:
        named = any(first <= number <= last < at for at, first, last in erased)
        kept = entry["action"] in KEPT or not named
        return "its detail was removed without an erasure record" if kept else ""
    return "" if has_its_digest(entry) else "its detail was changed"


def is_hashed(entry: dict[str, Any], customer: str) -> bool:
    """Whether an entry has the hash that its fields give."""
    try:
        return bool(entry["hash"] == hash_of(entry, customer))
    except (ValueError, OverflowError):  # half a character, or more than four bytes can count
        return False


def hash_of(entry: dict[str, Any], customer: str) -> str:
    """The hash that the fields of an entry give."""
    whole = b"autopilot/audit/v1"
    for name in FIELDS:
        raw = str({**entry, "customer": customer}[name] or "").encode()
        whole += len(raw).to_bytes(4, "big") + raw
    return sha256(whole).hexdigest()


def has_its_digest(entry: dict[str, Any]) -> bool:
    """Whether a detail is the one that was hashed with this salt."""
    try:
        canonical = json.dumps(entry["detail"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hmac.digest(bytes.fromhex(entry["salt"]), canonical.encode(), "sha256")
    except (ValueError, TypeError, RecursionError):
        return False
    return bool(digest.hex() == entry["detail_digest"])


def lines_of(file: Path) -> Iterator[str]:
    """The lines of a file; it may be larger than the memory. Raises Broken for one that is no text."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError:
                raise Broken(f"line {number} of {file.name}: it is no text") from None


if __name__ == "__main__":
    sys.exit(main())
