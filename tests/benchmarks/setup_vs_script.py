"""How much longer the agent takes than the Playwright script that a good engineer would write for the same shop.

    .venv/bin/python tests/benchmarks/setup_vs_script.py [--rounds 10] [--latency-ms 200]

Both use the same browser flags and the same kind of egress proxy, and alternate in one process. The script opens the key form by
its address, signs in where the shop sends it, waits for the result and lists the products. The agent does that, too, and every
check, picture and audit row of a run; its time is from the moment it is queued until everything is recorded. It exits with 1 if the
ratio of medians is above the limit.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.practice_shop.shop import PracticeShop
from core.browser.egress import EgressProxy
from core.browser.find_browser import find_browser
from core.browser.launching import QUIET_FLAGS, introduce, may_sandbox
from core.integrations.woocommerce.api import WooCommerceApi
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from core.security.secret import Secret
from tests.app.running import Stage, stage

HIGHEST_RATIO = 1.5  # what all the checks, pictures and records may cost
FORM = "/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys&create-key=1"


class Script:
    """The script."""

    def __init__(self, play: Stage, browser: Browser) -> None:
        self._play = play
        self._browser = browser

    async def timed(self) -> float:
        """Run it; in seconds."""
        started = time.perf_counter()
        await self.run()
        return time.perf_counter() - started

    async def run(self) -> None:
        """Sign in, make a key, list the products."""
        origin = Origin.of(self._play.store_url)
        guard = AddressGuard(SystemResolver(), frozenset({origin.host_port}))
        egress = await EgressProxy.opened(frozenset({origin}), guard)
        context = await self._browser.new_context(proxy={"server": egress.server}, service_workers="block")
        page = await context.new_page()
        await introduce(page, egress)
        await page.goto(f"{origin}{FORM}")
        await page.get_by_label("Username or Email Address").fill("admin")
        await page.get_by_label("Password", exact=True).fill(self._play.shop.password_of("admin"))
        await page.get_by_role("button", name="Log In").click()
        await page.get_by_label("Description").fill("Script")
        await page.locator("#key_permissions").select_option("read")
        await page.get_by_role("button", name="Generate API key").click()
        await expect(page.locator(".wc-api-message.updated")).to_be_visible()
        key = await page.locator("#key_consumer_key").input_value()
        secret = await page.locator("#key_consumer_secret").input_value()
        products = await WooCommerceApi(
            origin, {"consumer_key": Secret(key), "consumer_secret": Secret(secret)}, egress.url
        ).page(1, 100)
        assert len(products.products) == 47
        await context.close()
        egress.gate.shut(because="done")


async def agent(play: Stage) -> float:
    """The same by the agent; seconds from when it is queued until everything is recorded."""
    asked = await play.begin()
    started = time.perf_counter()
    ended = await play.ended(asked)
    taken = time.perf_counter() - started
    assert ended.result is not None, ended.failure
    assert all(step.picture_id for step in ended.steps if step.state == "done" and step.action != "code")
    return taken


async def main(rounds: int, latency: float) -> float:
    """Alternate, and print the ratio of medians."""
    folder = Path(tempfile.mkdtemp())
    times: dict[str, list[float]] = {"agent": [], "script": []}
    async with async_playwright() as playwright:
        found = find_browser(Path(playwright.chromium.executable_path))
        browser = await playwright.chromium.launch(
            executable_path=found.executable,
            channel=found.channel,
            args=list(QUIET_FLAGS),
            chromium_sandbox=may_sandbox(),
        )
        for number in range(rounds + 1):
            for name in ("script", "agent") if number % 2 else ("agent", "script"):
                async with stage(folder / f"{number}-{name}", PracticeShop(latency_seconds=latency)) as play:
                    await play.autopilot.browsers.version()
                    taken = await agent(play) if name == "agent" else await Script(play, browser).timed()
                    if number:  # the first round warms both up
                        times[name].append(taken)
        await browser.close()
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    for name, measured in times.items():
        spread = f"from {min(measured):.2f} to {max(measured):.2f}, {rounds} rounds"
        print(f"{name:7} median {medians[name]:.2f} s   ({spread})")  # noqa: T201
    ratio = medians["agent"] / medians["script"]
    print(f"ratio of medians {ratio:.2f} at a shop latency of {latency * 1000:.0f} ms; load {os.getloadavg()[0]:.1f}")  # noqa: T201
    return ratio


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--latency-ms", type=int, default=200)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.rounds, given.latency_ms / 1000)) > HIGHEST_RATIO)
