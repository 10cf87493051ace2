"""How the browser is started: quiet, in a sandbox where it can be, without our environment, known to its proxy."""

import asyncio
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

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

# The driver would say on our terminal that a look without waiting has a timeout below nothing.
QUIET_DRIVER = {"NODE_NO_WARNINGS": "1"}

# What the browser and its driver may know of our environment. Keys and passwords of the process are not among it.
OWNER_ONLY = 0o700
PASSED_ON = ("PATH", "HOME", "LANG", "PLAYWRIGHT_BROWSERS_PATH", "SYSTEMROOT", "LOCALAPPDATA")

# Chromium's socket stands in a folder below TMPDIR; the address of a socket has at most 107 bytes on Linux, 103 on macOS.
LONGEST_FOLDER = 103 - len("/org.chromium.Chromium.XXXXXX/SingletonSocket")

INTRODUCED_WITHIN = 10.0  # seconds; takes 40 ms


def may_sandbox() -> bool:
    """Whether Chromium's sandbox can be had: it refuses to run as root."""
    return sys.platform != "linux" or os.geteuid() != 0


@dataclass(frozen=True)
class Quarters:
    """Where browser and driver put what they need while they run: our folder, and one with a short path for sockets."""

    folder: Path
    sockets: Path

    @classmethod
    def at(cls, folder: Path) -> Self:
        """The quarters that belong to a folder; always the same ones, so that what was left behind is found again."""
        inside = folder.absolute() / "sockets"
        if len(os.fsencode(inside)) <= LONGEST_FOLDER:
            return cls(folder.absolute(), inside)
        name = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:12]
        return cls(folder.absolute(), Path(tempfile.gettempdir()) / f"autopilot-{name}")

    def prepare(self) -> None:
        """Make them empty, and ours alone. Raises OSError if somebody else has put something in their place."""
        self.remove()
        self.folder.mkdir(mode=OWNER_ONLY, parents=True)
        self.sockets.mkdir(mode=OWNER_ONLY)

    def remove(self) -> None:
        """Remove them and all that is left in them."""
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, temporary: Path) -> dict[str, str | float | bool]:
        """The environment of browser or driver: what it needs, and a folder of ours for what it leaves lying about."""
        kept: dict[str, str | float | bool] = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return kept | {"TMPDIR": str(temporary)}

    @contextmanager
    def driver_environment(self) -> Iterator[None]:
        """While the driver is started, the process's environment is the plain one: Playwright copies it and takes no other."""
        before = dict(os.environ)
        plain = {name: str(value) for name, value in self.environment(self.folder).items()} | QUIET_DRIVER
        os.environ.clear()
        os.environ.update(plain)
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
        answer.add_done_callback(answered)

    def answered(answer: asyncio.Future[Any]) -> None:
        """Whoever waits for the introduction sees whether it was of use; a page that has closed answers nothing, and need not."""
        answers.discard(answer)
        if not answer.cancelled():
            answer.exception()

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
