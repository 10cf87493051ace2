"""Who calls the REST API: OAuth 1.0a with one leg over http, Basic over https, as WooCommerce has it."""

import base64
import binascii
import hmac
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature as signing

from app.practice_shop.shop import KeyRecord, PracticeShop

TOLERANCE = 15 * 60  # seconds a timestamp may be off
REMEMBERED_NONCES = 10_000
METHODS = {
    "HMAC-SHA1": signing.sign_hmac_sha1_with_client,
    "HMAC-SHA256": signing.sign_hmac_sha256_with_client,
}


class ApiRefusal(Exception):
    """A call that is not answered, in WooCommerce's words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class ApiCall:
    """What a signature is made of."""

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
        self._nonces: deque[tuple[str, str]] = deque(maxlen=REMEMBERED_NONCES)

    def caller(self, call: ApiCall) -> KeyRecord | None:
        """The key of who calls, or None for nobody. Raises ApiRefusal."""
        if call.secure and call.authorization.startswith("Basic "):
            return self._basic(call.authorization.removeprefix("Basic "))
        parameters = _parameters(call)
        if "oauth_consumer_key" in parameters:
            return self._signed(call, parameters)
        return None

    def _basic(self, encoded: str) -> KeyRecord:
        try:
            consumer_key, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            consumer_key = secret = ""
        key = self._known(consumer_key)
        if not hmac.compare_digest(key.consumer_secret, secret):
            raise ApiRefusal(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
        return key

    def _signed(self, call: ApiCall, parameters: dict[str, str]) -> KeyRecord:
        key = self._known(parameters["oauth_consumer_key"])
        sign = METHODS.get(parameters.get("oauth_signature_method", ""))
        if sign is None:
            raise ApiRefusal(
                401,
                "woocommerce_rest_authentication_error",
                "Invalid signature - signature method is invalid.",
            )
        unsigned = [(name, value) for name, value in parameters.items() if name not in {"oauth_signature", "realm"}]
        normalized = signing.normalize_parameters(unsigned)  # type: ignore[arg-type]  # it takes pairs, and says a dict
        base = signing.signature_base_string(call.method, signing.base_string_uri(call.url), normalized)  # type: ignore[arg-type]  # any method
        expected = str(sign(base, Signer(key.consumer_secret)))  # type: ignore[no-untyped-call]  # as it is published
        if not hmac.compare_digest(expected, parameters.get("oauth_signature", "")):
            raise ApiRefusal(
                401,
                "woocommerce_rest_authentication_error",
                "Invalid signature - provided signature does not match.",
            )
        self._refuse_replay(key, parameters)
        return key

    def _refuse_replay(self, key: KeyRecord, parameters: dict[str, str]) -> None:
        stamp, nonce = parameters.get("oauth_timestamp", ""), parameters.get("oauth_nonce", "")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE:
            raise ApiRefusal(401, "woocommerce_rest_authentication_error", "Invalid timestamp.")
        if (key.truncated, nonce) in self._nonces:
            raise ApiRefusal(
                401, "woocommerce_rest_authentication_error", "Invalid nonce - nonce has already been used."
            )
        self._nonces.append((key.truncated, nonce))

    def _known(self, consumer_key: str) -> KeyRecord:
        key = self._shop.key_of(consumer_key)
        if key is None:
            raise ApiRefusal(401, "woocommerce_rest_authentication_error", "Consumer key is invalid.")
        return key


def _parameters(call: ApiCall) -> dict[str, str]:
    """All that is signed: the query, and the fields of an OAuth header."""
    parameters = dict(parse_qsl(call.query, keep_blank_values=True))
    if call.authorization.startswith("OAuth "):
        for part in call.authorization.removeprefix("OAuth ").split(","):
            name, _, value = part.strip().partition("=")
            parameters[unquote(name)] = unquote(value.strip('"'))
    return parameters
