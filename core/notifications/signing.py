"""How a webhook is signed, so that its receiver knows that it is from us: the open scheme of standardwebhooks.com.

    webhook-id          the same at every try
    webhook-timestamp   seconds since 1970, of this try
    webhook-signature   v1,base64(HMAC-SHA256(key, id.timestamp.body))

The secret is `whsec_` and the key in base64. It is in the vault, under a name that no shop can have.
"""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from datetime import datetime
from uuid import UUID

from core.security.origin import Origin
from core.security.people.seeds import SERVICE as OURSELVES
from core.security.secret import Secret
from core.security.vault.vault import SecretRef

PREFIX = "whsec_"
KEY_BYTES = 32  # the scheme asks for 24 to 64
HERE = Origin("https", "webhooks.invalid", 443)  # no shop's, and none can have it: RFC 2606, 2


def new_secret() -> Secret:
    """A secret that nobody guesses."""
    return Secret(PREFIX + b64encode(os.urandom(KEY_BYTES)).decode())


def secret_ref(webhook_id: UUID) -> SecretRef:
    """Under which name the vault has the secret of a webhook."""
    return SecretRef(OURSELVES, HERE, f"webhook:{webhook_id}")


def signed(message_id: UUID, body: bytes, secret: Secret, at: datetime) -> dict[str, str]:
    """The headers that say from whom this is."""
    moment = str(int(at.timestamp()))
    key = b64decode(secret.reveal().removeprefix(PREFIX))
    proof = hmac.new(key, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{b64encode(proof).decode()}",
    }
