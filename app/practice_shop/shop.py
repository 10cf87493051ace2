"""The state of one practice shop: its sessions, nonces, keys, products and faults. Nothing of it outlives the process."""

import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.practice_shop.faults import Fault
from app.practice_shop.keyring import KeyRecord, KeyRing, NewKey
from app.practice_shop.obstacles import HalfWay, random_letters
from app.practice_shop.people import PRACTICE_PASSWORDS, PRACTICE_SEED, Person
from core.clock import Clock, SystemClock

CATALOGUE = Path(__file__).resolve().parents[2] / "data" / "practice_catalogue.json"
REMEMBERED_REQUESTS = 1000  # enough for a test to count in, and no leak in a demo that runs for days
WORDPRESS, WOOCOMMERCE = "7.0.4", "11.0.1"  # the versions whose behaviour this shop has
SLOW_BY = 1.5  # seconds the fault `slow` adds to an admin page


class PracticeShop:
    """One shop. `latency_seconds` is how long it takes for every answer; both times may be changed while it serves."""

    def __init__(
        self,
        faults: Iterable[Fault] = (),
        latency_seconds: float = 0.0,
        *,
        woocommerce: bool = True,
        wordpress: bool = True,
        passwords: dict[str, str] | None = None,
        totp_seed: str = PRACTICE_SEED,
    ) -> None:
        self.faults = set(faults)
        self.latency_seconds = latency_seconds
        self.slow_by_seconds = SLOW_BY
        self.woocommerce = woocommerce
        self.wordpress = wordpress
        self.clock: Clock = SystemClock()
        self.products: list[dict[str, Any]] = json.loads(CATALOGUE.read_text("utf-8"))
        self.store_address = {"street": "12 Harbour Lane", "city": "Practice", "postcode": "TE4 7PT"}
        self.requests: deque[str] = deque(maxlen=REMEMBERED_REQUESTS)
        self.fault_log: deque[Fault] = deque(maxlen=REMEMBERED_REQUESTS)
        self.totp_seed = totp_seed
        self._passwords = passwords or PRACTICE_PASSWORDS
        self._begin()

    def _begin(self) -> None:
        """With nobody signed in, and nothing made yet."""
        self.keyring = KeyRing()
        self.last_code = 0  # the step of the newest one-time code that was taken
        self.captcha_answer = random_letters()
        self.half_way: dict[str, HalfWay] = {}
        self._sessions: dict[str, Person] = {}
        self._nonce_key = secrets.token_bytes(32)
        self._forms_expired = False

    def reset(self) -> None:
        """Be as at first: without faults, without keys, and with nobody signed in."""
        self.faults = set()
        self.requests.clear()
        self.fault_log.clear()
        self._begin()

    @property
    def keys(self) -> tuple[KeyRecord, ...]:
        """The keys there are, in the order they were made; no secret is in them."""
        return self.keyring.all()

    def switch(self, faults: Iterable[Fault]) -> None:
        """Have these faults, and no others, from now on; what happens only once can happen once again."""
        self.faults = set(faults)
        self._forms_expired = False

    def has(self, fault: Fault) -> bool:
        """Whether a fault is switched on."""
        return fault in self.faults

    def strikes(self, fault: Fault) -> bool:
        """Whether a fault is switched on, and so strikes now: that is noted in `fault_log`."""
        if self.has(fault):
            self.fault_log.append(fault)
        return self.has(fault)

    def password_of(self, login: str) -> str:
        """The made-up password of one of the shop's people."""
        return self._passwords[login]

    def sign_in(self, person: Person, password: str) -> str | None:
        """A session's token, or None for a wrong password."""
        return self.begin_session(person) if self.password_is_right(person, password) else None

    def password_is_right(self, person: Person, password: str) -> bool:
        """Whether this is their password, and the shop takes it."""
        right = hmac.compare_digest(self._passwords[person.login].encode(), password.encode())
        return not self.strikes(Fault.WRONG_PASSWORD) and right

    def begin_session(self, person: Person) -> str:
        """The token of a new session."""
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
        """Whether a form's or link's token is one of this shop's."""
        return hmac.compare_digest(self.nonce(person, action).encode(), nonce.encode())

    def let_forms_expire(self) -> None:
        """Under the fault `expired_nonce`, all forms open now grow too old; once, so that one opened later is good."""
        if not self._forms_expired and self.strikes(Fault.EXPIRED_NONCE):
            self._forms_expired = True
            self._nonce_key = secrets.token_bytes(32)

    def make_key(self, description: str, login: str, permission: str) -> NewKey:
        """A new key pair."""
        return self.keyring.make(description, login, permission, self.clock.now())

    def revoke_key(self, key_id: int) -> bool:
        """Whether there was such a key."""
        return self.keyring.revoke(key_id)
