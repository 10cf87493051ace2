"""How much longer the agent takes than the Playwright script that a good engineer would write for the same place.

    .venv/bin/python tests/benchmarks/setup_vs_script.py [--on woocommerce|wordpress] [--rounds 10] [--latency-ms 200]

Both use the same browser flags and the same kind of egress proxy, and alternate in one process, where each has its browser
running: the one that AUTOPILOT_CHROMIUM names, otherwise the one that people have. The script opens its page, as scripts do; the
agent finds one ready, as it does in a server that serves. What the ratio were if the script found one ready as well is said beside
it. The script (by_hand.py) goes the shortest way to the key and asks the API whether it works. The agent does that, too, and every check, picture and audit row of a
run; its time is from the customer's click on Start, on a page that has had the shop looked at when its address was typed, until
everything is recorded. On `woocommerce` it is the practice shop, made slower by
the latency of each page; on `wordpress` the real WordPress of Debian's packages, as it is. It exits with 1 if the ratio of medians is
above the limit.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.async_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from core.browser.egress import EgressProxy
from core.browser.launching import introduce
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from scripts.real.wordpress import RealWordPress
from tests.benchmarks import by_hand
from tests.browser import browser_like_ours
from tests.contract.place import Place
from tests.contract.running import Run, new_customer, running
from tests.real.sites import PACKAGES

HIGHEST_RATIO = {"woocommerce": 1.5, "wordpress": 1.3}  # what all the checks, pictures and records may cost

Script = Callable[[Page, Place, str], Awaitable[None]]


@dataclass(frozen=True)
class Contest:
    """A place, and what is run there."""

    service: str
    place: Place
    script: Script


@contextmanager
def contest(service: str, latency: float) -> Iterator[Contest]:
    """The practice shop, or a real WordPress that was just installed."""
    if service == "woocommerce":
        shop = PracticeShop(latency_seconds=latency)
        with serve_in_thread(shop) as address:
            place = Place(address, "admin", shop.password_of("admin"), lambda: [key.description for key in shop.keys])
            yield Contest(service, place, by_hand.woocommerce)
        return
    with tempfile.TemporaryDirectory() as folder:
        wordpress = RealWordPress(Path(folder), packages=PACKAGES)
        try:
            site = wordpress.start()
            place = Place(site.url, "admin", site.password_of("admin"), lambda: site.application_passwords("admin"))
            yield Contest(service, place, by_hand.wordpress)
        finally:
            wordpress.stop()


async def script(contest: Contest, browser: Browser) -> tuple[float, float]:
    """The script in a context and behind a proxy of its own; seconds in all, and until its page was open."""
    started = time.perf_counter()
    origin = Origin.of(contest.place.store_url)
    egress = await EgressProxy.opened(
        frozenset({origin}), AddressGuard(SystemResolver(), frozenset({origin.host_port}))
    )
    context = await browser.new_context(proxy={"server": egress.server}, service_workers="block")
    page = await context.new_page()
    await introduce(page, egress)
    opened = time.perf_counter() - started
    await contest.script(page, contest.place, egress.url)
    await context.close()
    egress.gate.shut(because="done")
    return time.perf_counter() - started, opened


async def agent(run: Run) -> float:
    """The same by the agent, for a customer of its own; seconds from the click on Start until everything is recorded."""
    run = replace(run, visitor=await new_customer(run.services))
    origin = await run.services.operations.check_shop(run.visitor, run.setup.service, run.place.store_url)
    await run.services.operations.versions(run.visitor, run.setup.service, origin)  # as the page does
    await run.agree(run.setup)
    started = time.perf_counter()
    ended = await run.ended(await run.start(run.setup))
    taken = time.perf_counter() - started
    assert ended.result is not None, ended.failure
    assert all(step.picture_id for step in ended.steps if step.state == "done" and step.action != "code")
    return taken


@asynccontextmanager
async def meeting(service: str, latency: float) -> AsyncIterator[tuple[Browser, Contest, Run]]:
    """The script's browser, where both are run, and the product; each running."""
    async with browser_like_ours() as browser:
        with contest(service, latency) as held, tempfile.TemporaryDirectory() as folder:
            async with running(Path(folder), service, held.place, doubting=False) as run:
                yield browser, held, run


async def main(service: str, rounds: int, latency: float) -> float:
    """Alternate, and print the ratio of medians."""
    times: dict[str, list[float]] = {"agent": [], "script": [], "opening": []}
    async with meeting(service, latency) as (browser, held, run):
        for number in range(rounds + 1):
            for name in ("script", "agent") if number % 2 else ("agent", "script"):
                await run.autopilot.browsers.prepare()  # what the run before has left to do is done by then
                taken = await _measured(name, run, held, browser)
                for what, seconds in taken.items() if number else ():  # the first round warms both up
                    times[what].append(seconds)
    return told(times, service, latency)


async def _measured(name: str, run: Run, contest: Contest, browser: Browser) -> dict[str, float]:
    if name == "agent":
        return {"agent": await agent(run)}
    whole, opening = await script(contest, browser)
    return {"script": whole, "opening": opening}


def told(times: dict[str, list[float]], service: str, latency: float) -> float:
    """Print the figures; the ratio of medians."""
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    for name, measured in times.items():
        spread = f"from {min(measured):.2f} to {max(measured):.2f}, {len(measured)} rounds"
        print(f"{name:7} median {medians[name]:.2f} s   ({spread})")  # noqa: T201
    ratio = medians["agent"] / medians["script"]
    beside_a_ready_page = medians["agent"] / (medians["script"] - medians["opening"])
    where = f"a shop latency of {latency * 1000:.0f} ms" if service == "woocommerce" else "the real WordPress"
    print(f"ratio of medians {ratio:.2f} at {where}; load {os.getloadavg()[0]:.1f}")  # noqa: T201
    print(f"{beside_a_ready_page:.2f} if the script found its page ready, too")  # noqa: T201
    return ratio


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", choices=sorted(HIGHEST_RATIO), default="woocommerce")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--latency-ms", type=int, default=200)
    given = parser.parse_args()
    ratio = asyncio.run(main(given.on, given.rounds, given.latency_ms / 1000))
    sys.exit(ratio > HIGHEST_RATIO[given.on])
