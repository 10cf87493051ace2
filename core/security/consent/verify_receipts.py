"""Checks receipts of consents by themselves: Python 3.11 or newer and the package `cryptography`, and nothing of ours.

    python verify_receipts.py [FILE…] [--public-key FILE]

Without files, every receipt of the folder. Each has to be signed (Ed25519, base64) by the key that it names, over its first
line, a newline, and the value of “receipt” as JSON with sorted keys and no spaces, in UTF-8.

The key beside the receipts proves nothing by itself: give the one that you know (`autopilot audit public-key`).
Exit code 0: all are as they were signed. 1: one is not. 2: it can't be checked.
"""

import argparse
import json
import re
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

FIRST_LINE = "autopilot/consent-receipt/v1"
HERE = Path(__file__).resolve().parent


def main() -> int:
    """Check what the command line names, and say what came of it."""
    parser = argparse.ArgumentParser(description="Checks receipts of consents.")
    parser.add_argument("files", nargs="*", type=Path, help="receipts; without any, all beside this program")
    parser.add_argument("--public-key", type=Path, default=HERE / "public-key.pem", help="the key you know")
    asked = parser.parse_args()
    try:
        keys = keys_in(asked.public_key.read_bytes())
        files = asked.files or sorted(HERE.glob("*.json"))
        changed = [file.name for file in files if not is_as_signed(file, keys)]
    except (OSError, ValueError) as error:
        sys.stdout.write(f"CANNOT CHECK: {type(error).__name__}: {error}\n")
        return 2
    for name in changed:
        sys.stdout.write(f"BROKEN: {name} is not as this key has signed it\n")
    if not changed:
        sys.stdout.write(f"OK: {len(files)} receipts; keys {', '.join(keys)}\n")
    return 1 if changed else 0


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


def is_as_signed(file: Path, keys: dict[str, Ed25519PublicKey]) -> bool:
    """Whether the key that a receipt names has signed it, and is one of these."""
    try:
        told = json.loads(file.read_text("utf-8"))
        canonical = json.dumps(told["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        signature = b64decode(told["signature"]["value"], validate=True)
        keys[told["signature"]["keyId"]].verify(signature, f"{FIRST_LINE}\n{canonical}".encode())
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
