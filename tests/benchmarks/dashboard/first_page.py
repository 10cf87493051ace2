"""The first page of a browser that was never here, beside an empty page of NiceGUI's, in turn."""

from collections import defaultdict

from playwright.async_api import BrowserContext, Page

from tests.benchmarks.dashboard.empty_page import EMPTY
from tests.benchmarks.dashboard.figures import begin, middle, tell, word
from tests.benchmarks.dashboard.stand import Dashboard, dashboard, empty_page, signed_in
from tests.browser import browser_like_ours

LOADS = 9
GOAL = 2.0  # times the empty page
HEADING = "h1, [role=heading]"


async def measure() -> None:
    """Say how long each takes until it can be used."""
    begin("first page, with an empty cache")
    with dashboard() as served, empty_page() as empty:
        operation = served.ask("operation", steps=12, pictures=8, done=6)["operation"]
        pages = {
            "an empty page": (empty, f"text={EMPTY}"),
            "/sign-in": (f"{served.address}/sign-in", HEADING),
            "/": (f"{served.address}/", HEADING),
            "/operations/{id}": (f"{served.address}/operations/{operation}", HEADING),
        }
        took: dict[str, list[float]] = defaultdict(list)
        weighs: dict[str, tuple[int, int]] = {}
        for turn in range(LOADS + 1):
            for name, (address, shows) in pages.items():
                seconds, weighs[name] = await _load(served, address, shows, is_known=name != "/sign-in")
                took[name] += [seconds] if turn else []  # the first of each warms up the servers
    empty_took = middle(took["an empty page"])
    for name, all_took in took.items():
        each, (requests, size) = middle(all_took), weighs[name]
        ratio = each / empty_took
        goal = "" if name == "an empty page" else f"   ratio {ratio:.2f}, goal <= {GOAL:.0f} {word(well=ratio <= GOAL)}"
        tell(f"{name:17} median {1000 * each:5.0f} ms   {requests:3} requests, {size / 1024:5.0f} KiB{goal}")


async def _load(served: Dashboard, address: str, shows: str, *, is_known: bool) -> tuple[float, tuple[int, int]]:
    """Load it in a browser of its own; seconds until it can be used, and how many requests of how many bytes."""
    async with browser_like_ours() as browser:
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="UTC")
        if is_known:
            await signed_in(context, served.cookie)
        page, weight = await context.new_page(), await _weighed(context)
        return await _used(page, address, shows), weight.told


class Weight:
    """What comes over the line, as the browser's own record has it."""

    def __init__(self) -> None:
        self.requests, self.size = 0, 0

    @property
    def told(self) -> tuple[int, int]:
        """Requests and bytes."""
        return self.requests, self.size

    def add(self, size: float) -> None:
        """One that has come."""
        self.requests += 1
        self.size += int(size)


async def _weighed(context: BrowserContext) -> Weight:
    weight = Weight()
    line = await context.new_cdp_session(context.pages[0])
    await line.send("Network.enable")
    line.on("Network.loadingFinished", lambda told: weight.add(told["encodedDataLength"]))
    return weight


async def _used(page: Page, address: str, shows: str) -> float:
    """Seconds from asking until its words are there and its connection is open, by the browser's own clock."""
    await page.goto(address, wait_until="commit")
    await page.wait_for_function("window.did_handshake === true")
    await page.locator(shows).first.wait_for()
    return float(await page.evaluate("performance.now()")) / 1000
