"""How an operation stands, asked by programs two hundred times a second, beside the lightest question there is.

Each request is sent when it is due, whether or not those before it were answered, and is timed from when it was due: a
server that falls behind does not lower its own figures.
"""

import asyncio
import time

import aiohttp

from tests.benchmarks.dashboard.figures import above, begin, middle, tell
from tests.benchmarks.dashboard.stand import Dashboard, dashboard

RATE, SECONDS = 200, 15
WARM_UP = 2
CONNECTIONS = 100


async def measure() -> None:
    """Say how long an answer takes."""
    begin(f"{RATE} requests a second for {SECONDS} s")
    with dashboard() as served:
        operation = served.ask("operation", steps=12, pictures=8, done=12)["operation"]
        token = served.ask("token")["token"]
        for name, path in (("/healthz", "/healthz"), ("status", f"/api/autonomous/status/{operation}")):
            await _asked(served, path, token, WARM_UP)
            before = served.ask("state")["cpu"]
            took, failed = await _asked(served, path, token, SECONDS)
            used = served.ask("state")["cpu"] - before
            tell(
                f"{name:9} p50 {middle(took):6.1f} ms   p99 {above(took, 99):6.1f} ms   slowest {max(took):6.1f} ms"
                f"   {len(took)} answers, {failed} failed; {1000 * used / len(took):.1f} ms of a processor for each"
            )


async def _asked(served: Dashboard, path: str, token: str, seconds: int) -> tuple[list[float], int]:
    """Milliseconds of every request from the moment it was due, and how many were not answered well."""
    took: list[float] = []
    failed = 0

    async def one(http: aiohttp.ClientSession, due: float) -> None:
        nonlocal failed
        async with http.get(f"{served.address}{path}") as answer:
            await answer.read()
            failed += answer.status != 200
        took.append(1000 * (time.perf_counter() - due))

    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as http, asyncio.TaskGroup() as sent:
        begun = time.perf_counter()
        for index in range(RATE * seconds):
            due = begun + index / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent.create_task(one(http, due))
    return took, failed
