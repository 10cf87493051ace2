"""The one way to the model's service: no proxy, no redirect, no header but ours, and no answer without end."""

from collections.abc import AsyncIterator

import httpx2

from core.security.secret import Secret

LARGEST_ANSWER = 1024 * 1024  # bytes; the longest answer, of 4,096 tokens, has about 20 kB
API_VERSION = "2026-10-21"  # what our requests and the reading of their answers were written for
HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",  # a small compressed answer could unfold without end
    "anthropic-version": API_VERSION,
    "content-type": "application/json",
    "user-agent": "omniops-autopilot",
}


class TooLarge(httpx2.HTTPError):
    """An answer that is larger than any message."""


class WayOut(httpx2.AsyncBaseTransport):
    """Sends our own headers alone: those of the SDK tell about this machine, and the environment can add to them."""

    def __init__(self, key: Secret) -> None:
        self._key = key
        self._transport = httpx2.AsyncHTTPTransport(trust_env=False, retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send what is asked, and cap the answer."""
        sent = httpx2.Request(
            request.method,
            request.url,
            headers=HEADERS | {"authorization": f"Bearer {self._key.reveal()}"},
            content=await request.aread(),
            extensions=request.extensions,
        )
        response = await self._transport.handle_async_request(sent)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise TooLarge("the answer is compressed")
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Capped(response.stream)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


class _Capped(httpx2.AsyncByteStream):
    """The bytes of an answer, up to the largest."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST_ANSWER:
                raise TooLarge("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
