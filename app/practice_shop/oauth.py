"""Who calls the REST API: OAuth 1.0a with one leg (RFC 5849), and over https Basic too, as WooCommerce has it."""

import base64
import binascii
import hmac
from collections import deque
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature as signing

from app.practice_shop.keyring import KeyRecord
from app.practice_shop.shop import PracticeShop

TOLERANCE = 15 * 60  # seconds a timestamp may be off, WooCommerce's own window
REMEMBERED_NONCES = 10_000  # far more than fall into that window here
METHODS = {
    "HMAC-SHA1": signing.sign_hmac_sha1_with_client,
    "HMAC-SHA256": signing.sign_hmac_sha256_with_client,
}
NEEDED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
NOT_KNOWN = "woocommerce_rest_authentication_error"


class ApiRefusal(Exception):
    """A call that is not answered, in WooCommerce's words; `data` adds to the status in its body."""

    def __init__(self, status: int, code: str, message: str, data: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.data = {"status": status, **(data or {})}


@dataclass(frozen=True)
class ApiCall:
    """What a signature is made of. `url` has neither query nor fragment."""

    method: str
    url: str
    query: str
    authorization: str
    secure: bool


@dataclass(frozen=True)
class Signer:
    """What oauthlib wants to know of who signs."""

    client_secret: str
    resource_owner_secret: str = ""


class ApiDoor:
    """Knows callers by their keys; a nonce is good once."""

    def __init__(self, shop: PracticeShop) -> None:
        self._shop = shop
        self._nonces: deque[tuple[int, str]] = deque(maxlen=REMEMBERED_NONCES)

    def caller(self, call: ApiCall) -> KeyRecord | None:
        """The key of who calls, or None for nobody. Raises ApiRefusal.

        1. Over https a key and its secret in plain, by Basic or in the query; an unknown key is nobody's.
        2. Else, over either, a signature: all its five parameters, a known key, the right signature, a fresh nonce.
        """
        plain = _plain_pair(call) if call.secure else None
        if plain and (key := self._shop.keyring.of(plain[0])):
            if not self._shop.keyring.secret_fits(key, plain[1]):
                raise ApiRefusal(401, NOT_KNOWN, "Consumer secret is invalid.")
            return key
        parameters = _parameters(call)
        missing = [name for name in NEEDED if not parameters.get(name)]
        if len(missing) == len(NEEDED):
            return None
        if missing:
            words = "Missing OAuth parameter" + ("s" if len(missing) > 1 else "")
            code = "woocommerce_rest_authentication_missing_parameter"
            raise ApiRefusal(401, code, f"{words} {', '.join(missing)}")
        return self._signed(call, parameters)

    def _signed(self, call: ApiCall, parameters: dict[str, str]) -> KeyRecord:
        key = self._shop.keyring.of(parameters["oauth_consumer_key"])
        if key is None:
            raise ApiRefusal(401, NOT_KNOWN, "Consumer key is invalid.")
        sign = METHODS.get(parameters["oauth_signature_method"])
        if sign is None:
            raise ApiRefusal(401, NOT_KNOWN, "Invalid signature - signature method is invalid.")
        unsigned = [(name, value) for name, value in parameters.items() if name != "oauth_signature"]
        normalized = signing.normalize_parameters(unsigned)  # type: ignore[arg-type]  # it takes pairs, and says a dict
        base = signing.signature_base_string(call.method, signing.base_string_uri(call.url), normalized)  # type: ignore[arg-type]  # any method
        expected = str(sign(base, Signer(self._shop.keyring.secret_of(key))))  # type: ignore[no-untyped-call]  # as it is published
        # A plus sign that was not escaped has arrived as a space.
        given = parameters["oauth_signature"].replace(" ", "+")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise ApiRefusal(401, NOT_KNOWN, "Invalid signature - provided signature does not match.")
        self._refuse_replay(key, parameters["oauth_timestamp"], parameters["oauth_nonce"])
        return key

    def _refuse_replay(self, key: KeyRecord, stamp: str, nonce: str) -> None:
        now = self._shop.clock.now().timestamp()
        if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > TOLERANCE:
            raise ApiRefusal(401, NOT_KNOWN, "Invalid timestamp.")
        if (key.id, nonce) in self._nonces:
            raise ApiRefusal(401, NOT_KNOWN, "Invalid nonce - nonce has already been used.")
        self._nonces.append((key.id, nonce))


def _plain_pair(call: ApiCall) -> tuple[str, str] | None:
    """A key and its secret as the query or a Basic header carries them."""
    query = dict(parse_qsl(call.query))
    if query.get("consumer_key") and query.get("consumer_secret"):
        return query["consumer_key"], query["consumer_secret"]
    scheme, _, encoded = call.authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        consumer_key, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return consumer_key, secret


def _parameters(call: ApiCall) -> dict[str, str]:
    """All that is signed: the query, and the fields of an OAuth header but its realm."""
    parameters = dict(parse_qsl(call.query, keep_blank_values=True))
    if call.authorization.startswith("OAuth "):
        for part in call.authorization.removeprefix("OAuth ").split(","):
            name, _, value = part.strip().partition("=")
            if name != "realm":
                parameters[unquote(name)] = unquote(value.strip('"'))
    return parameters
