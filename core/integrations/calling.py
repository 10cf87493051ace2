"""One request to a service's API, through the run's own way out; what goes wrong there is told in sentences."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Literal

import httpx

from core.errors import CoreError
from core.integrations.reading import plain_text
from core.security.certificates import trusted
from core.security.secret import Secret

ANSWERS_WITHIN = 30.0  # seconds until it begins to answer, or goes on
ENDS_WITHIN = 60.0  # seconds until an answer is whole
LARGEST_ANSWER = 20 * 1024 * 1024  # bytes; a hundred products are about one mebibyte
NOBODY_ANSWERS = frozenset({httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT})
LONGEST_NUMBER = 10  # digits; more seconds than that nobody waits
REFUSALS = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})


class ShopApiRefused(CoreError):
    """The service's API refused this."""

    code: ClassVar[str] = "api_refused"


class ShopApiBusy(ShopApiRefused):
    """The service's API can't answer this just now."""

    code: ClassVar[str] = "api_busy"
    retry: ClassVar[bool] = True

    def __init__(self, because: str, retry_after: float | None = None) -> None:
        super().__init__(because)
        self.retry_after = retry_after


class ShopApiUnreachable(CoreError):
    """The service's API did not answer."""

    code: ClassVar[str] = "api_unreachable"
    retry: ClassVar[bool] = True


class BadCertificate(ShopApiUnreachable):
    """Nobody vouches for its certificate."""

    code: ClassVar[str] = "bad_certificate"
    retry: ClassVar[bool] = False


@dataclass(frozen=True)
class Answer:
    """What was answered, whole."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def redirects_to(self) -> str | None:
        """The address it sends us to instead, if it does."""
        return self.headers.get("location") if 300 <= self.status < 400 else None

    def json(self) -> Any:
        """What the content says. Raises ValueError if it is no JSON."""
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


Method = Literal["GET", "POST", "PUT"]
Sign = Callable[[str, Method], tuple[str, dict[str, str]]]  # address and method to signed address and headers


async def fetch(
    url: str, proxy_url: str, sign: Sign = lambda url, method: (url, {}), *, method: Method = "GET"
) -> Answer:
    """One request through this proxy, without redirects. Raises ShopApiUnreachable, or ShopApiRefused if too large."""
    signed_url, headers = sign(url, method)
    try:
        async with (
            asyncio.timeout(ENDS_WITHIN),
            httpx.AsyncClient(proxy=proxy_url, trust_env=False, timeout=ANSWERS_WITHIN, verify=trusted()) as client,
            client.stream(method, signed_url, headers=headers) as answer,
        ):
            content = await _whole(answer)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise BadCertificate(because="It is wrong, or has expired; a browser would warn, too.") from None
        raise ShopApiUnreachable(because=f"It broke off: {type(error).__name__}.") from None
    if answer.status_code in NOBODY_ANSWERS:
        raise ShopApiUnreachable(because=f"It said {answer.status_code}.")
    return Answer(answer.status_code, answer.headers, content)


async def _whole(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise ShopApiRefused(because="Its answer was too large.")
    return bytes(content)


def error_code(answer: Answer) -> str:
    """The code of an error as WordPress and its plugins tell it; empty if it is none of theirs."""
    try:
        said = answer.json()
    except ValueError:
        return ""
    return str(said.get("code", "")) if isinstance(said, dict) else ""


def reason(answer: Answer) -> str:
    """Why something was refused, in the service's own words: in `message`, or in `detail`."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    told = (said.get("message") or said.get("detail")) if isinstance(said, dict) else ""
    return f"It said {answer.status}: {plain_text(told)[:200] or 'no reason'}"


def refusal(answer: Answer) -> ShopApiRefused:
    """The error that an answer stands for: one that may pass if the service is busy, or has met an error of its own."""
    if answer.status == httpx.codes.TOO_MANY_REQUESTS or answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return ShopApiBusy(reason(answer), asked_to_wait(answer.headers))
    return ShopApiRefused(because=reason(answer))


def asked_to_wait(headers: httpx.Headers) -> float | None:
    """The seconds of a Retry-After, which is a number or a moment (RFC 9110, 10.2.3); None if it says none that can be read."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal() and len(said) < LONGEST_NUMBER:
        return float(said)
    try:
        then, now = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):  # no moment, or one without its place in the world
        return None


def basic(username: str, password: Secret) -> str:
    """The value of an Authorization header; RFC 7617."""
    return "Basic " + b64encode(f"{username}:{password.reveal()}".encode()).decode()
