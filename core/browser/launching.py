"""How the browser is started: quiet, in a sandbox where it can be, without our environment, known to its proxy."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from core.browser.egress import INTRODUCTION, EgressProxy
from core.errors import Unavailable

# Never `--disable-features` of our own: the last one wins, and drops Playwright's list.
QUIET_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # UDP would pass by the egress proxy
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)

# What the browser and its driver may know of our environment. Keys and passwords of the process are not among it.
PASSED_ON = ("PATH", "HOME", "LANG", "PLAYWRIGHT_BROWSERS_PATH", "SYSTEMROOT", "LOCALAPPDATA")

INTRODUCED_WITHIN = 10.0  # seconds; takes 40 ms


def may_sandbox() -> bool:
    """Whether Chromium's sandbox can be had: it refuses to run as root."""
    return sys.platform != "linux" or os.geteuid() != 0


def plain_environment(folder: Path) -> dict[str, str | float | bool]:
    """The environment of browser and driver: what they need, and a folder of ours for what they leave lying about."""
    kept: dict[str, str | float | bool] = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {"TMPDIR": str(folder)}


@contextmanager
def driver_environment(folder: Path) -> Iterator[None]:
    """While the driver is started, the process's environment is the plain one: Playwright copies it and takes no other."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({name: str(value) for name, value in plain_environment(folder).items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def introduce(page: Page, proxy: EgressProxy) -> None:
    """Give the browser the proxy's credentials, once; it keeps them for this context.

    Playwright's own way to do this intercepts every request of the run and switches the cache off, which makes pages
    load three to five times slower (measured).
    """
    session = await page.context.new_cdp_session(page)
    answers: set[asyncio.Future[Any]] = set()

    def send(method: str, **parameters: Any) -> None:
        answer = asyncio.ensure_future(session.send(method, parameters))
        answers.add(answer)
        answer.add_done_callback(answers.discard)

    def give_credentials(event: dict[str, Any]) -> None:
        credentials = {"response": "ProvideCredentials", "username": proxy.username, "password": proxy.password}
        send("Fetch.continueWithAuth", requestId=event["requestId"], authChallengeResponse=credentials)

    session.on("Fetch.authRequired", give_credentials)
    session.on("Fetch.requestPaused", lambda event: send("Fetch.continueRequest", requestId=event["requestId"]))
    await session.send("Fetch.enable", {"handleAuthRequests": True, "patterns": [{"urlPattern": f"{INTRODUCTION}/*"}]})
    asking = "address => fetch(address).then(answer => answer.status, () => 0)"
    try:
        async with asyncio.timeout(INTRODUCED_WITHIN):
            status = await page.evaluate(asking, f"{INTRODUCTION}/")
    except TimeoutError:
        status = 0
    await session.detach()
    if status != 200:
        raise Unavailable(because="The browser did not get to know its proxy.")
