"""What a try does to the product in one process: kill it, kill what it needs, fill its disk, make the shop or the model unwell."""

import asyncio
import itertools
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import replace
from math import gcd
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from app.practice_shop.faults import Fault
from core.operations.retrying import MOST_TRIES
from core.security.consent.agreement import Purpose
from tests.fakes.messages_api import Saying, messages_api
from tests.faults.embedded import OVER_WITHIN, Life, play
from tests.faults.fault_case import Tried, Try
from tests.faults.unwell import Trouble

STEPS = 13  # intents of a whole run
GOLDEN = 0.618
NORMALLY = 4.0  # seconds from when a process is up until its run is over
ROOM = 48  # MiB of a disk that will be full; a run's database and pictures take 3
STAYS_FULL = 4.0  # seconds until somebody makes room


T = TypeVar("T")


def chosen(choices: Sequence[T], number: int) -> T:
    """One of these by the number of the try: few tries come far about, and as many as there are choices come to each."""
    strides = (one for one in range(1, len(choices) + 1) if gcd(one, len(choices)) == 1)
    stride = min(strides, key=lambda one: abs(one - len(choices) * GOLDEN))
    return choices[number * stride % len(choices)]


def killed(*points: str, troubles: Callable[[], Sequence[Trouble]] = tuple, tries: int = MOST_TRIES) -> Try:
    """Kill it at one of these points, by the number of the try; `a and then b` kills it there, and in its recovery here."""

    async def attempt(folder: Path, number: int) -> Tried:
        async with play(folder, troubles=troubles(), tries=tries) as made:
            ways = chosen(points, number).split(" and then ")
            missed = [f"it never came to {point}" for point in ways if not await made.killed_at(point)]
            return with_more(await made.finish(), missed)

    return attempt


def killed_at_random(times: int) -> Try:
    """Kill it so often at moments that the number of the try is the seed of, from its very start on."""

    async def attempt(folder: Path, number: int) -> Tried:
        chance = random.Random(number)  # noqa: S311  repeatable, not secret
        async with play(folder) as made:
            for _ in range(times):
                life = await made.begin()
                with suppress(TimeoutError):
                    async with asyncio.timeout(OVER_WITHIN):
                        await life.until("up")
                with suppress(TimeoutError):
                    async with asyncio.timeout(chance.uniform(0, NORMALLY)):
                        await life.until("nothing that it says")
                life.kill()
                await life.ended()
            return await made.finish()

    return attempt


def bereft_of(*killed_in_turn: str, at_steps: Sequence[int]) -> Try:
    """Kill, at one of these steps, the process whose command holds these words: the browser, its driver, or a page's own.

    With several words, what has begun anew loses the next one at the same step.
    """

    async def attempt(folder: Path, number: int) -> Tried:
        async with play(folder, latency_seconds=0.1) as made:
            life, at, wrong = await made.begin(), chosen(at_steps, number), list[str]()
            for words in killed_in_turn:
                await life.another("intent", at)
                if not life.kill_below(words):
                    wrong.append(f"there was no {words} to kill")
            return with_more(await made.over(life), wrong)

    return attempt


def clicked(*lines: str, killed_after: bool = False) -> Try:
    """Say this at a step that is the number of the try, as a customer does who clicks; it may be killed right after."""

    async def attempt(folder: Path, number: int) -> Tried:
        async with play(folder, latency_seconds=0.1) as made:
            life = await made.begin()
            await life.another("intent", chosen(range(1, STEPS + 1), number))
            for line in lines:
                await life.told(line)
            if killed_after:
                await life.another("done")
                life.kill()
                await life.ended()
            return await (made.finish() if killed_after else made.over(life))

    return attempt


def unwell(*troubles: Trouble, tries: int = MOST_TRIES) -> Try:
    """Have the shop be unwell in one of these ways, by the number of the try."""

    async def attempt(folder: Path, number: int) -> Tried:
        async with play(folder, troubles=[replace(chosen(troubles, number))], tries=tries) as made:
            return await made.finish()

    return attempt


def model_is_unwell(*sayings: Saying) -> Try:
    """Have a shop in which only the model would know the way, and a model that says this; a person says no at last."""

    async def attempt(folder: Path, number: int) -> Tried:
        async with AsyncExitStack() as opened:
            api = await opened.enter_async_context(messages_api())
            api.says(*sayings)
            reached = {
                "anthropic_api_key": SecretStr("sk-made-up"),
                "anthropic_base_url": api.url,
                "model_timeout": 3.0,
            }
            asked = play(folder, [Fault.MOVED_MENU], apart=[Purpose.ASK_MODEL.value], changed=reached)
            made = await opened.enter_async_context(asked)
            life = await made.begin()
            async with asyncio.timeout(OVER_WITHIN):
                if await life.until("asks"):
                    await life.told("decline")
            tried = await made.over(life)
            return with_more(tried, [] if api.requests else ["the model was never asked"])

    return attempt


def out_of_room(*where: str) -> Try:
    """Fill, at a step that is the number of the try, the disk with the `pictures`, or with the `database`; make room again later.

    With both, the other is filled at the step after that.
    """

    async def attempt(folder: Path, number: int) -> Tried:
        places = {"pictures": folder / "pictures", "database": folder / "data"}
        with ExitStack() as mounted:
            disks = [mounted.enter_context(small_disk(places[one])) for one in where]
            changed = {"screenshots": str(places["pictures"]), "work_dir": folder / "work"}
            async with play(folder, changed=changed) as made:
                life, wrong = await made.begin(), list[str]()
                step = chosen(range(1, STEPS + 1), number)
                for full in disks:
                    if not await life.another("intent", step):
                        wrong.append(f"it was over before {full.parent.name} was full")
                    await asyncio.to_thread(fill, full)
                    await _with_little_patience(life)
                    full.unlink()
                    step = 1
                return with_more(await made.over(life), wrong)

    return attempt


async def _with_little_patience(life: Life) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(STAYS_FULL):
            await life.until("over")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own mounted at a folder; the file that fills it."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}m,mode=700", "tmpfs", folder], check=True)
    try:
        yield folder / "filler"
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(file: Path) -> None:
    """Write until there is no room for one byte more."""
    with suppress(OSError), file.open("ab", buffering=0) as filler:
        for size in (2**20, 2**12, 1):
            with suppress(OSError):
                for _ in itertools.count():
                    filler.write(b"x" * size)


def why_no_small_disk() -> str:
    """Why no disk can be mounted here; nothing if one can."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return "only root can mount a small disk"
    probe = Path(tempfile.gettempdir()) / f"autopilot-small-{os.getpid()}"
    try:
        with small_disk(probe):
            return ""
    except subprocess.CalledProcessError:
        return "no disk can be mounted in this container"
    finally:
        probe.rmdir()


def with_more(tried: Tried, wrong: Sequence[str]) -> Tried:
    """What came of a try, and what went wrong besides."""
    return replace(tried, wrong=(*tried.wrong, *wrong))
