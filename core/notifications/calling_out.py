"""One call of a webhook's address: public, over https, at the one IP address that was looked at, without redirects.

The name is resolved for each call, and the connection is made to what was found: a name that leads elsewhere a moment
later leads nowhere. The certificate is still asked to be that of the name.
"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

import httpx

from core.errors import BadInput, CoreError
from core.security.addresses import AddressGuard, AddressRefused, InsecureAddress, ShopNotFound
from core.security.certificates import trusted
from core.security.origin import BadAddress, Origin

ANSWERS_WITHIN = 10.0  # seconds; whoever has more to do does it after they have answered
LONGEST_URL = 500  # characters
PUBLIC_ONLY = "Only public addresses with a name are called, over https at port 443."


class BadWebhook(BadInput):
    """This address can't be called."""

    code: ClassVar[str] = "bad_webhook"


class NotDelivered(CoreError):
    """It did not arrive."""

    code: ClassVar[str] = "not_delivered"

    def __init__(self, because: str, *, for_good: bool = False) -> None:
        super().__init__(because)
        self.for_good = for_good


@dataclass(frozen=True)
class HookUrl:
    """An address to be called: where it is, and what is asked for there."""

    origin: Origin
    target: str

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"

    @classmethod
    def of(cls, text: str) -> "HookUrl":
        """What was typed. Raises BadWebhook, with what is wrong."""
        typed = text.strip()
        if len(typed) > LONGEST_URL or not (typed.isascii() and typed.isprintable()):
            raise BadWebhook(
                because=f"It is longer than {LONGEST_URL} characters, or has some that belong in no address."
            )
        try:
            origin = Origin.of(typed)
        except BadAddress as error:
            raise BadWebhook(because=error.because) from error
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        if parts.fragment:
            raise BadWebhook(because="Leave out what follows the #.")
        return cls(origin, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


class HookCaller:
    """Calls addresses that it may call."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def check(self, url: HookUrl) -> str:
        """The IP address to connect to. Raises BadWebhook, with why it is not called."""
        try:
            return await self._guard.check(url.origin)
        except (AddressRefused, InsecureAddress) as error:
            raise BadWebhook(because=PUBLIC_ONLY) from error
        except ShopNotFound as error:
            raise BadWebhook(because=f"No server is known as {url.origin.host}.") from error

    async def post(self, url: HookUrl, body: bytes, headers: dict[str, str]) -> None:
        """Send this there; whatever is answered is not read, but for how it went. Raises NotDelivered."""
        try:
            address = await self.check(url)
        except BadWebhook as error:
            raise NotDelivered(because=error.because) from error
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                status = await _status(url, address, body, headers)
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            raise NotDelivered(because=_words(error)) from None
        if not 200 <= status < 300:
            moved = " Redirects are not followed." if 300 <= status < 400 else ""
            raise NotDelivered(because=f"It said {status}.{moved}", for_good=status == httpx.codes.GONE)


async def _status(url: HookUrl, address: str, body: bytes, headers: dict[str, str]) -> int:
    """What it answers with, connected to this one IP address, under its own name."""
    origin = url.origin
    bracketed = f"[{address}]" if ":" in address else address
    pinned = f"{origin.scheme}://{bracketed}:{origin.port}{url.target}"
    sent = {
        "Host": str(origin).partition("://")[2],
        "Content-Type": "application/json",
        "User-Agent": "OmniOps-Autopilot",
        **headers,
    }
    named = {"sni_hostname": origin.host}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=ANSWERS_WITHIN, verify=trusted()) as client,
        client.stream("POST", pinned, content=body, headers=sent, extensions=named) as answer,
    ):
        return answer.status_code


def _words(error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "Nobody vouches for its certificate."
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"It did not answer within {ANSWERS_WITHIN:.0f} seconds."
    return f"It could not be reached: {type(error).__name__}."
