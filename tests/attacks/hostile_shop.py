"""The attacker's shop: has a page for each way out, opens them all, and waits until each was heard of."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from core.browser.egress import EgressProxy
from core.browser.http_head import Head
from tests.attacks.channels import BY_CALLS, BY_LEAVING, BY_SCRIPT, BY_WORKERS, Channel, Ear, Place
from tests.attacks.channels_of_markup import BY_ELEMENTS, BY_FORMS, BY_FRAMES, BY_LINKS, BY_REPORTS
from tests.attacks.listener import HOST, Heard, Listener
from tests.fakes.web import Answer, Web

CHANNELS = (
    *BY_SCRIPT,
    *BY_WORKERS,
    *BY_CALLS,
    *BY_LINKS,
    *BY_ELEMENTS,
    *BY_FRAMES,
    *BY_FORMS,
    *BY_REPORTS,
    *BY_LEAVING,
)
TCP = frozenset(channel.name for channel in CHANNELS if channel.ear is Ear.TCP)
UDP = frozenset(channel.name for channel in CHANNELS if channel.ear is Ear.UDP)

OpenPage = Callable[[str], Awaitable[object]]
LONGEST = 20.0  # seconds until a channel that was not heard of is given up; all together take one or two


class WatchedProxy(EgressProxy):
    """A way out like any other, which notes the channels that were tried on it."""

    def __init__(self) -> None:
        super().__init__()
        self.tried = Heard()
        self.listener = Listener()

    async def _answer(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tried.note(self._channel(*head.request_line))
        await super()._answer(head, reader, writer)

    def _channel(self, method: str, target: str, _: str) -> str:
        """Which channel this request is of; empty for one of the shop's own."""
        if method == "CONNECT":
            return next((name for name, port in self.listener.ears.items() if target == f"{HOST}:{port}"), "")
        parts = urlsplit(target)
        if parts.port == self.listener.origin.port:
            return parts.path.removeprefix("/")
        return parts.path.removeprefix("/tried/") if parts.path.startswith("/tried/") else ""


class HostileShop:
    """Pages of a shop that lead to a listener."""

    def __init__(self, web: Web, listener: Listener) -> None:
        self._web, self._listener = web, listener
        stays = "".join(self._serve(channel) for channel in CHANNELS)
        web.pages["/together"] = Answer(f"<!doctype html><body>{stays}")
        web.pages["/end"] = Answer("The end.")
        asking = f"fetch('{listener.origin}/service-worker',{{mode:'no-cors'}})"
        web.pages["/service-worker"] = Answer(asking, content_type="text/javascript")

    async def try_all(self, open_page: OpenPage, noted: Heard, expected: frozenset[str]) -> None:
        """Open every page, and give each the time until what is expected of it was noted."""
        alone = {channel.name for channel in CHANNELS if channel.place is Place.ALONE}
        await open_page(f"{self._web.origin}/together")
        await noted.until(expected - alone, LONGEST)
        for name in alone:
            await open_page(f"{self._web.origin}/page/{name}")
            await noted.until(expected & {name}, LONGEST)

    def _serve(self, channel: Channel) -> str:
        """Serve what a channel needs; gives what stands of it on the page of all."""
        away = (("Location", f"{self._listener.origin}/{channel.name}"),)
        self._web.pages[f"/302/{channel.name}"] = Answer(status=302, headers=away)
        self._web.pages[f"/307/{channel.name}"] = Answer(status=307, headers=away)
        headers = tuple((name, self._filled(value, channel)) for name, value in channel.headers)
        page = self._filled(channel.page, channel)
        self._web.pages[f"/page/{channel.name}"] = Answer(f"<!doctype html>{page}", headers=headers)
        if channel.place is Place.TOGETHER:
            return f"<div>{page}</div>"
        return f"<iframe src=/page/{channel.name}></iframe>" if channel.place is Place.FRAME else ""

    def _filled(self, text: str, channel: Channel) -> str:
        """A text of a channel, with its addresses."""
        words = {
            "AWAY": f"{self._listener.origin}/{channel.name}",
            "EAR": f"{HOST}:{self._listener.ears.get(channel.name, 0)}",
            "REDIRECTED": f"/302/{channel.name}",
            "RESENT": f"/307/{channel.name}",
            "TRIED": f"/tried/{channel.name}",
        }
        for word, address in words.items():
            text = text.replace(word, address)
        return text
