"""What is measured on: the dashboard in a process of its own, and a real browser whose person is signed in."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.async_api import BrowserContext

from core.security.people.sessions import COOKIE
from tests.app.running import free_port
from tests.browser import browser_like_ours
from tests.pages.served import ROOT, environment

READY_WITHIN = 60.0  # seconds; a busy machine takes a while to load it all


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard: where it is, as whom to look, and its process."""

    address: str
    cookie: str
    process: "subprocess.Popen[str]"

    def ask(self, question: str, **given: Any) -> dict[str, Any]:
        """Ask the process; see dashboard_process.py."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"ask": question, **given}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def dashboard() -> Iterator[Dashboard]:
    """One with an empty database, until the context is left."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        named = "tests.benchmarks.dashboard.dashboard_process"
        with _process(named, folder, str(port)) as process:
            assert process.stdout
            told = json.loads(process.stdout.readline())
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/healthz")
            yield Dashboard(address, told["cookie"], process)


@contextmanager
def empty_page() -> Iterator[str]:
    """The address of an empty page of NiceGUI's."""
    port = free_port()
    with _process("tests.benchmarks.dashboard.empty_page", str(port)):
        address = f"http://127.0.0.1:{port}/"
        _wait_for(address)
        yield address


@asynccontextmanager
async def browser_at(cookie: str) -> AsyncIterator[BrowserContext]:
    """A browser with an empty cache, whose person is signed in."""
    async with browser_like_ours() as browser:
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="UTC")
        await signed_in(context, cookie)
        yield context


async def signed_in(context: BrowserContext, cookie: str) -> None:
    """Give a browser the cookie of a session."""
    await context.add_cookies(
        [{"name": COOKIE, "value": cookie, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}]
    )


@contextmanager
def _process(module: str, *given: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", module, *given]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str) -> None:
    give_up = time.monotonic() + READY_WITHIN
    with httpx.Client() as client:
        while time.monotonic() < give_up:
            with suppress(httpx.TransportError):
                if client.get(address).is_success:
                    return
    raise AssertionError(f"nothing serves {address}")
