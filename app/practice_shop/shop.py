"""The state of one practice shop: its people, sessions, keys and products. Nothing of it outlives the process."""

import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.practice_shop.faults import Fault

CATALOGUE = Path(__file__).resolve().parents[2] / "data" / "practice_catalogue.json"
REMEMBERED_REQUESTS = 1000

# Obviously made up: this shop sells nothing and holds nobody's data.
PRACTICE_PASSWORDS = {"admin": "practice-tea-4711", "manager": "practice-pot-4711", "reader": "practice-cup-4711"}


@dataclass(frozen=True)
class Person:
    """Somebody who signs in to the shop."""

    id: int
    login: str
    email: str
    role: str

    @property
    def may_manage(self) -> bool:
        """Whether WooCommerce's settings are open to them."""
        return self.role in {"administrator", "shop_manager"}


@dataclass(frozen=True)
class KeyRecord:
    """A key as the shop keeps it: the consumer key hashed, and its last seven characters."""

    id: int
    description: str
    login: str
    permission: str
    consumer_key_sha256: str
    truncated: str
    consumer_secret: str = field(repr=False)


@dataclass(frozen=True)
class NewKey:
    """A key pair, shown this once."""

    record: KeyRecord
    consumer_key: str


PEOPLE = (
    Person(1, "admin", "owner@tea.example", "administrator"),
    Person(2, "manager", "manager@tea.example", "shop_manager"),
    Person(3, "reader", "reader@tea.example", "subscriber"),
)


class PracticeShop:
    """One shop. `latency_seconds` is how long it takes for every answer."""

    def __init__(
        self,
        faults: Iterable[Fault] = (),
        latency_seconds: float = 0.0,
        *,
        woocommerce: bool = True,
        wordpress: bool = True,
        passwords: dict[str, str] | None = None,
    ) -> None:
        self.faults = set(faults)
        self.latency_seconds = latency_seconds
        self.woocommerce = woocommerce
        self.wordpress = wordpress
        self.products: list[dict[str, Any]] = json.loads(CATALOGUE.read_text("utf-8"))
        self.requests: deque[str] = deque(maxlen=REMEMBERED_REQUESTS)
        self._passwords = passwords or PRACTICE_PASSWORDS
        self._sessions: dict[str, Person] = {}
        self._keys: list[KeyRecord] = []
        self._key_count = 0
        self._expired_once = False
        self._nonce_key = secrets.token_bytes(32)

    @property
    def keys(self) -> tuple[KeyRecord, ...]:
        """The keys there are."""
        return tuple(self._keys)

    def switch(self, faults: Iterable[Fault]) -> None:
        """Have these faults, and no others, from now on."""
        self.faults = set(faults)
        self._expired_once = False

    def has(self, fault: Fault) -> bool:
        """Whether a fault is switched on."""
        return fault in self.faults

    def password_of(self, login: str) -> str:
        """The made-up password of one of the shop's people."""
        return self._passwords[login]

    def person_named(self, login: str) -> Person | None:
        """By login or e-mail address."""
        return next((one for one in PEOPLE if login in {one.login, one.email}), None)

    def sign_in(self, person: Person, password: str) -> str | None:
        """A session's token, or None for a wrong password."""
        right = hmac.compare_digest(self._passwords[person.login].encode(), password.encode())
        if not right or self.has(Fault.WRONG_PASSWORD):
            return None
        token = secrets.token_urlsafe(24)
        self._sessions[token] = person
        return token

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(token, None)

    def signed_in(self, token: str | None) -> Person | None:
        """Who has this session."""
        return self._sessions.get(token or "")

    def nonce(self, person: Person, action: str) -> str:
        """A token that a form carries, as WordPress has them: ten characters for one person and one action."""
        text = f"{person.login}|{action}"
        return hmac.new(self._nonce_key, text.encode(), hashlib.sha256).hexdigest()[:10]

    def nonce_is_good(self, person: Person, action: str, nonce: str) -> bool:
        """Whether a form's token is of this shop, and not one of a form that has expired."""
        if self.has(Fault.EXPIRED_NONCE) and not self._expired_once:
            self._expired_once = True
            return False
        return hmac.compare_digest(self.nonce(person, action), nonce)

    def make_key(self, description: str, login: str, permission: str) -> NewKey:
        """A new key pair."""
        consumer_key, consumer_secret = f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}"
        self._key_count += 1
        record = KeyRecord(
            id=self._key_count,
            description=description,
            login=login,
            permission=permission,
            consumer_key_sha256=hashlib.sha256(consumer_key.encode()).hexdigest(),
            truncated=consumer_key[-7:],
            consumer_secret=consumer_secret,
        )
        self._keys.append(record)
        return NewKey(record, consumer_key)

    def change_key(self, key_id: int, description: str, permission: str) -> KeyRecord | None:
        """The changed key, if there is one of that id."""
        for place, record in enumerate(self._keys):
            if record.id == key_id:
                self._keys[place] = replace(record, description=description, permission=permission)
                return self._keys[place]
        return None

    def revoke_key(self, key_id: int) -> bool:
        """Whether there was such a key."""
        before = len(self._keys)
        self._keys = [record for record in self._keys if record.id != key_id]
        return len(self._keys) < before

    def key_of(self, consumer_key: str) -> KeyRecord | None:
        """The key that belongs to a consumer key."""
        digest = hashlib.sha256(consumer_key.encode()).hexdigest()
        return next((record for record in self._keys if record.consumer_key_sha256 == digest), None)
