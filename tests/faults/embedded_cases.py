"""The rows of the product in one process, on SQLite."""

from collections.abc import Iterator

from tests.fakes.messages_api import closes, hangs, status
from tests.faults.fault_case import FaultCase
from tests.faults.unwell import Illness, Trouble
from tests.faults.ways_to_fail import (
    STEPS,
    bereft_of,
    clicked,
    killed,
    killed_at_random,
    model_is_unwell,
    out_of_room,
    unwell,
    why_no_small_disk,
)

IN_THE_BROWSER = 9  # of the intents of a whole run
AFTER_GENERATING = "after:deed:7"  # the key is made, and nobody has read it
API = "/wp-json/wc/v3/products"
PAGES = ("GET /wp-login.php", "POST /wp-login.php", "GET /wp-admin/admin.php", "POST /wp-admin/admin-ajax.php")
CALLS = (f"GET {API}", f"PUT {API}")


def each(point: str, last: int, first: int = 1) -> list[str]:
    """A point, at every time it is come to."""
    return [f"{point}:{number}" for number in range(first, last + 1)]


def embedded_cases() -> list[FaultCase]:
    """All rows, in the order of the table."""
    return [*_killed(), *_killed_again(), *_bereft(), *_full(), *_shop(), *_model(), *_stopped()]


def _killed() -> Iterator[FaultCase]:
    yield FaultCase(
        "killed before, in and after its claim", killed("before:claim:1", "after:claiming:1", "after:claim:1")
    )
    yield FaultCase("killed before, in and after its plan", killed("before:plan:1", "after:planning:1", "after:plan:1"))
    yield FaultCase("killed before an intent", killed(*each("before:intent", STEPS)))
    yield FaultCase("killed in the transaction of an intent", killed(*each("after:intending", STEPS)))
    yield FaultCase("killed between intent and deed", killed(*each("after:intent", STEPS)))
    yield FaultCase("killed after a deed", killed(*each("after:deed", IN_THE_BROWSER)))
    yield FaultCase("killed after the key is made, or read", killed(*each("after:deed", IN_THE_BROWSER, 7)))
    yield FaultCase("killed before an outcome", killed(*each("before:outcome", STEPS)))
    yield FaultCase("killed before or after a picture", killed(*each("before:picture", 7), *each("after:picture", 7)))
    yield FaultCase("killed in the transaction of an outcome", killed(*each("after:concluding", STEPS)))
    yield FaultCase("killed after an outcome", killed(*each("after:outcome", STEPS)))
    checkpoints = [
        f"{when}:checkpoint:{name}" for name in ("made", "key_kept", "connected") for when in ("before", "after")
    ]
    yield FaultCase("killed before, in and after a checkpoint", killed(*checkpoints, *each("after:checkpointing", 3)))
    endings = ("before:ending:1", "after:signing:1", "after:ending:1", "after:finish:1")
    yield FaultCase("killed before, in and after its end", killed(*endings))
    yield FaultCase("killed at random", killed_at_random(1))


def _killed_again() -> Iterator[FaultCase]:
    yield FaultCase("killed at random, three times", killed_at_random(3))
    removing = [f"{AFTER_GENERATING} and then {point}" for point in (*each("before:deed", 6), *each("after:deed", 6))]
    yield FaultCase("killed, and again while the key it left is removed", killed(*removing))
    again = [f"{AFTER_GENERATING} and then {point}" for point in each("after:deed", 15, 7)]
    yield FaultCase("killed, and again while its key is made anew", killed(*again))
    cleaning = ["before:clean-up:1", "after:clean-up:1", *each("before:deed", 15, 10), *each("after:deed", 15, 10)]
    yield FaultCase(
        "killed while it cleans up", killed(*cleaning, troubles=lambda: [Trouble(Illness.ERROR_500, f"GET {API}")])
    )


def _bereft() -> Iterator[FaultCase]:
    steps = range(1, IN_THE_BROWSER + 1)
    yield FaultCase(
        "the browser alone is killed", bereft_of("--remote-debugging-pipe --no-startup-window", at_steps=steps)
    )
    yield FaultCase("the driver alone is killed", bereft_of("run-driver", at_steps=steps))
    yield FaultCase("the page's own process is killed", bereft_of("--type=renderer", at_steps=steps))


def _full() -> Iterator[FaultCase]:
    because = why_no_small_disk()
    yield FaultCase("no room for pictures for four seconds", out_of_room("pictures"), skipped=because)
    yield FaultCase("no room for the database for four seconds", out_of_room("database"), skipped=because)


def _shop() -> Iterator[FaultCase]:
    for illness in (Illness.ERROR_500, Illness.TOO_MANY):
        for words, times in (("once", 1), ("three times", 3)):
            places = [Trouble(illness, one, times) for one in (*PAGES, *CALLS)]
            yield FaultCase(f"the shop answers {illness} {words}", unwell(*places))
        places = [Trouble(illness, one) for one in (*PAGES, *CALLS)]
        yield FaultCase(f"the shop answers {illness} from then on", unwell(*places))
    places = [Trouble(Illness.HANGS, one, 1) for one in (*PAGES, *CALLS)]
    yield FaultCase("the shop does not answer once", unwell(*places), at_most=3)
    places = [Trouble(Illness.HANGS, one) for one in (*PAGES, *CALLS)]
    yield FaultCase("the shop does not answer any more", unwell(*places), at_most=3)
    yield FaultCase("the shop makes the key, and its answer is lost", unwell(Trouble(Illness.LOST, PAGES[-1], 1)))


def _model() -> Iterator[FaultCase]:
    yield FaultCase("the model answers 500", model_is_unwell(*[status(500)] * 20), at_most=5)
    yield FaultCase("the model answers 429", model_is_unwell(*[status(429, {"retry-after": "1"})] * 20), at_most=5)
    yield FaultCase("the model breaks off", model_is_unwell(*[closes] * 20), at_most=5)
    yield FaultCase("the model does not answer", model_is_unwell(*[hangs] * 20), at_most=2)


def _stopped() -> Iterator[FaultCase]:
    yield FaultCase("stopped by its owner", clicked("stop"))
    yield FaultCase("stopped by its owner, and killed", clicked("stop", killed_after=True))
    yield FaultCase("consent withdrawn", clicked("revoke"))
    yield FaultCase("stopped, and consent withdrawn while it cleans up", clicked("stop", "revoke"))
    yield FaultCase("consent withdrawn, and killed", clicked("revoke", killed_after=True))
