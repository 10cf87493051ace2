"""Sealing and opening a secret against bare AES-256-GCM with a key at hand."""

import os
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.security.keys.envelope import place, seal, unseal
from tests.benchmarks.versus import Contest

TIMES = 2_000
PASSWORD = b"correct horse battery staple"


def vault_contests() -> Iterator[Contest]:
    """With a key of its own for each record, a commitment to it, and base64 around it."""
    key, nonce = os.urandom(32), os.urandom(12)
    where = place("rec", "key", "customer", "woocommerce", "https://tea.example", "admin_password", "record", 1)
    bare = AESGCM(key)
    envelope, sealed = seal(key, PASSWORD, where), bare.encrypt(nonce, PASSWORD, where)
    yield Contest(
        "vault: seal / AES-256-GCM encrypt with a fresh nonce",
        lambda: seal(key, PASSWORD, where),
        lambda: bare.encrypt(os.urandom(12), PASSWORD, where),
        times=TIMES,
    )
    yield Contest(
        "vault: open / AES-256-GCM decrypt",
        lambda: unseal(key, envelope, where),
        lambda: bare.decrypt(nonce, sealed, where),
        times=TIMES,
    )
