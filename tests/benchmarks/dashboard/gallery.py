"""The page of an operation with sixty pictures: what of them it fetches, and how long until those in view are drawn."""

from playwright.async_api import Page

from tests.benchmarks.dashboard.figures import begin, middle, tell, word
from tests.benchmarks.dashboard.stand import browser_at, dashboard

PICTURES, LOADS = 60, 7

# The images in view that are not drawn yet; none is what is waited for.
ALL_DRAWN = """() => {
  const strip = document.querySelector(".strip");
  const images = [...document.querySelectorAll(".pictures img[src*='/pictures/']")].filter(one => {
    const box = one.getBoundingClientRect(), held = strip.getBoundingClientRect();
    return box.width && box.right > held.left && box.left < held.right && box.top < innerHeight;
  });
  return images.length > 1 && images.every(one => one.complete && one.naturalWidth);
}"""


async def measure() -> None:
    """Say what it fetches."""
    begin(f"an operation with {PICTURES} pictures")
    with dashboard() as served:
        made = served.ask("operation", steps=PICTURES, pictures=PICTURES, done=PICTURES)
        served.ask("stop")
        times, fetched = [], {"thumb": (0, 0), "full": (0, 0)}
        for _ in range(LOADS):
            async with browser_at(served.cookie) as context:
                page = await context.new_page()
                sizes: dict[str, list[int]] = {"thumb": [], "full": []}
                times.append(await _look(page, f"{served.address}/operations/{made['operation']}", sizes))
                fetched = {size: (len(bytes_of), sum(bytes_of)) for size, bytes_of in sizes.items()}
    (thumbs, small), (large, big) = fetched["thumb"], fetched["full"]
    tell(f"until those in view are drawn: median {1000 * middle(times):.0f} ms, slowest {1000 * max(times):.0f} ms")
    tell(
        f"fetched: {thumbs} thumbnails, {small / 1024:.0f} KiB; {large} large, {big / 1024:.0f} KiB"
        f"   goal: thumbnails only, but for the large one: {word(well=large == 1 and thumbs <= PICTURES)}"
    )


async def _look(page: Page, address: str, sizes: dict[str, list[int]]) -> float:
    """Open it; seconds until the pictures in view are drawn."""
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    asked: dict[str, str] = {}
    line.on("Network.requestWillBeSent", lambda told: asked.__setitem__(told["requestId"], told["request"]["url"]))

    def come(told: dict[str, float | str]) -> None:
        url = asked.get(str(told["requestId"]), "")
        if "/pictures/" in url:
            sizes[url.rpartition("/")[2]].append(int(told["encodedDataLength"]))

    line.on("Network.loadingFinished", come)
    await page.goto(address, wait_until="commit")
    await page.wait_for_function(ALL_DRAWN)
    drawn = float(await page.evaluate("performance.now()")) / 1000
    await page.wait_for_load_state("networkidle")
    return drawn
