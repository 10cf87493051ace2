"""From the commit of a step's end until it stands in a real browser, with one watcher and with fifty."""

import asyncio
from collections import defaultdict
from typing import Any

from playwright.async_api import Page

from tests.benchmarks.dashboard.figures import above, begin, middle, tell, word
from tests.benchmarks.dashboard.stand import Dashboard, browser_at, dashboard
from tests.benchmarks.dashboard.watchers import Crowd

WATCHERS = (1, 50)
STEPS, EVERY = 120, 0.25  # a setup's own steps come no faster, but for a few
WARM_UP = 12
LINES = 12  # steps of a usual setup
GOAL = 150.0  # milliseconds

# The moment in which a line of the timeline has become one that is done, by the clock of the whole machine.
NOTE = """() => {
  window.seen = [];
  const lines = document.querySelector("ol.steps");
  new MutationObserver(changes => {
    const now = performance.timeOrigin + performance.now();
    for (const change of changes) {
      const line = change.target;
      if (line.parentElement === lines && line.classList.contains("done") && !/\\bdone\\b/.test(change.oldValue))
        window.seen.push([[...lines.children].indexOf(line) + 1, now]);
    }
  }).observe(lines, {subtree: true, attributes: true, attributeFilter: ["class"], attributeOldValue: true});
}"""


async def measure() -> None:
    """Say how long it takes."""
    begin("step finished -> on screen")
    for number in WATCHERS:
        with dashboard() as served:
            await _with_watchers(served, number)


async def _with_watchers(served: Dashboard, number: int) -> None:
    path = f"/operations/{served.ask('operation', steps=LINES, pictures=8, done=0)['operation']}"
    async with browser_at(served.cookie) as context:
        page = await context.new_page()
        await page.goto(f"{served.address}{path}")
        await page.wait_for_function("window.did_handshake === true")
        await page.locator("ol.steps li").nth(LINES - 1).wait_for()
        others = Crowd(served, path)
        await others.grow_to(number - 1)
        await _asked(served, "steps", number=WARM_UP, every=EVERY)
        await page.evaluate(NOTE)
        before = served.ask("state")
        done = await _asked(served, "steps", number=STEPS, every=EVERY)
        after = served.ask("state")
        await _tell(
            page, number, done, {name: after[name] - before[name] for name in ("cpu", "statements", "messages")}
        )
        await others.go()


async def _asked(served: Dashboard, question: str, **given: Any) -> dict[str, Any]:
    """Ask, while the watchers of this process go on."""
    return await asyncio.to_thread(lambda: served.ask(question, **given))


async def _tell(page: Page, number: int, done: dict[str, Any], used: dict[str, float]) -> None:
    await page.wait_for_function(
        "window.seen.length && performance.timeOrigin + performance.now() > window.seen.at(-1)[1] + 500"
    )
    seen: dict[int, list[float]] = defaultdict(list)
    for position, moment in await page.evaluate("window.seen"):
        seen[position].append(moment)
    took = _matched(done["steps"], seen)
    p50, p95 = middle(took), above(took, 95)
    tell(
        f"{number:3} watchers: p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   slowest {max(took):6.1f} ms   {len(took)} of {STEPS} seen"
        f"   goal p95 <= {GOAL:.0f} ms {word(well=p95 <= GOAL)}"
    )
    tell(
        f"     the server, a step: {1000 * used['cpu'] / STEPS:.0f} ms of a processor, "
        f"{used['statements'] / STEPS:.0f} statements, {used['messages'] / STEPS:.0f} messages"
        f"; a step every {1000 * done['seconds'] / STEPS:.0f} ms"
    )


def _matched(steps: list[tuple[int, float]], seen: dict[int, list[float]]) -> list[float]:
    """Milliseconds for each step: the first time that its line was done after its commit, and before the next one's."""
    took = []
    for index, (position, committed_at) in enumerate(steps):
        next_one = next((at for where, at in steps[index + 1 :] if where == position), float("inf"))
        found = [at for at in seen[position] if committed_at * 1000 - 1 <= at < next_one * 1000]
        took += [found[0] - committed_at * 1000] if found else []
    return took
