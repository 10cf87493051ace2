"""The API keys of one shop: what can be read of them, and apart from that what proves them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True)
class KeyRecord:
    """A key as the shop's list tells it: of the consumer key the last seven characters, of the secret nothing."""

    id: int
    description: str
    login: str
    permission: str
    truncated: str
    created: datetime
    last_access: datetime | None = None


@dataclass(frozen=True)
class NewKey:
    """A key pair, shown this once."""

    record: KeyRecord
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)


class KeyRing:
    """Makes, changes, finds and revokes keys. A consumer key is kept as a hash; its secret stays, to check signatures."""

    def __init__(self) -> None:
        self._records: dict[int, KeyRecord] = {}
        self._secrets: dict[int, str] = {}
        self._ids: dict[str, int] = {}
        self._made = 0

    def all(self) -> tuple[KeyRecord, ...]:
        """The keys there are, in the order they were made."""
        return tuple(self._records.values())

    def make(self, description: str, login: str, permission: str, at: datetime) -> NewKey:
        """A new key pair."""
        consumer_key, consumer_secret = f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}"
        self._made += 1
        record = KeyRecord(self._made, description, login, permission, consumer_key[-7:], at)
        self._records[record.id] = record
        self._secrets[record.id] = consumer_secret
        self._ids[_hashed(consumer_key)] = record.id
        return NewKey(record, consumer_key, consumer_secret)

    def change(self, key_id: int, description: str, login: str, permission: str) -> KeyRecord | None:
        """The changed key, if there is one of that id."""
        if key_id not in self._records:
            return None
        changed = replace(self._records[key_id], description=description, login=login, permission=permission)
        self._records[key_id] = changed
        return changed

    def used(self, key: KeyRecord, at: datetime) -> None:
        """Note when a key last opened the API."""
        self._records[key.id] = replace(self._records[key.id], last_access=at)

    def revoke(self, key_id: int) -> bool:
        """Whether there was such a key."""
        self._secrets.pop(key_id, None)
        self._ids = {digest: number for digest, number in self._ids.items() if number != key_id}
        return self._records.pop(key_id, None) is not None

    def numbered(self, key_id: int) -> KeyRecord | None:
        """The key of that id."""
        return self._records.get(key_id)

    def of(self, consumer_key: str) -> KeyRecord | None:
        """The key that belongs to a consumer key."""
        key_id = self._ids.get(_hashed(consumer_key))
        return None if key_id is None else self._records[key_id]

    def secret_of(self, key: KeyRecord) -> str:
        """What signs for a key."""
        return self._secrets[key.id]

    def secret_fits(self, key: KeyRecord, secret: str) -> bool:
        """Whether this is the secret of a key."""
        return hmac.compare_digest(self.secret_of(key).encode(), secret.encode())


def _hashed(consumer_key: str) -> str:
    return hashlib.sha256(consumer_key.encode()).hexdigest()
