"""Whatever goes wrong at the model's service ends in a bounded number of requests and one sentence, never in a guess."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.browser.page import RunStopped
from core.integrations.pretix import words as pretix
from core.integrations.woocommerce import words as woocommerce
from core.integrations.wordpress import words as wordpress
from core.planner.planner import Decision, Undecided
from core.planner.troubles import SENTENCES
from tests.fakes.claude import KEY, Asking, asking
from tests.fakes.messages_api import (
    USAGE,
    Saying,
    answer,
    breaks_off,
    closes,
    floods,
    hangs,
    message,
    messages_api,
    raw,
    status,
    text,
    trickles,
)

SOON = {"retry-after": "0"}
USE = json.dumps({"answer": {"do": "use", "ref": "e2"}})
WHOLE = json.dumps({"content": [text(USE)], "stop_reason": "end_turn", "usage": USAGE}).encode()
HTML = raw(b"<html>Please sign in to the network</html>", headers={"content-type": "text/html"})
NO = "The model gave no answer."
OTHER = f"{NO} What answers there is not the model's service."

FAILURES: dict[str, tuple[list[Saying], int, str]] = {
    "bad request": ([status(400)], 1, f"{NO} Its service does not accept the question."),
    "bad key": ([status(401)], 1, f"{NO} Its service does not accept the key."),
    "no credit": ([status(402)], 1, f"{NO} Its account has no credit."),
    "not allowed": ([status(403)], 1, f"{NO} Its key may not be used for this."),
    "no such model": ([status(404)], 1, f"{NO} Its service does not know the model."),
    "too large": ([status(413)], 1, f"{NO} Its service finds the question too large."),
    "another refusal": ([status(418)], 1, f"{NO} Its service said 418."),
    "too many, always": ([status(429, SOON)] * 3, 3, f"{NO} Its service gets too many questions."),
    "too many, for long": (
        [status(429, {"retry-after": "120"})],
        1,
        f"{NO} Its service gets too many questions. It asks to wait for 120 seconds.",
    ),
    "spend limit": (
        [status(429, SOON, error_code="enforced_spend_limit_reached")],
        1,
        f"{NO} Its account has reached its spend limit.",
    ),
    "broken, always": ([status(500, SOON)] * 3, 3, f"{NO} Its service said 500."),
    "broken for good": ([status(500, {"x-should-retry": "false"})], 1, f"{NO} Its service said 500."),
    "overloaded": ([status(529, SOON)] * 3, 3, f"{NO} Its service is overloaded."),
    "a gateway's page": ([raw(b"<html>502</html>", 502, SOON)] * 3, 3, f"{NO} Its service said 502."),
    "an error without a body": ([raw(b"", 503, SOON)] * 3, 3, f"{NO} Its service said 503."),
    "an error too deep to read": ([raw(b"[" * 100_000, 400)], 1, f"{NO} Its service does not accept the question."),
    "malformed": ([raw(b'{"id": "msg_1", ')], 1, OTHER),
    "another page": ([HTML], 1, OTHER),
    "not a message": ([raw(b'{"hello": "there"}')], 1, OTHER),
    "a list": ([raw(b"[]")], 1, OTHER),
    "too deep": ([raw(b"[" * 100_000)], 1, OTHER),
    "not even text": ([raw(bytes(range(256)))], 1, OTHER),
    "nothing counted": ([message(text(USE), usage=None)], 1, OTHER),
    "counted below nothing": ([message(text(USE), usage={"input_tokens": -9, "output_tokens": 1})], 1, OTHER),
    "compressed": ([raw(gzip.compress(WHOLE), headers={"content-encoding": "gzip"})], 1, OTHER),
    "a flood": ([floods], 1, OTHER),
    "cut": ([breaks_off] * 3, 3, f"{NO} Its service broke off."),
    "closed": ([closes] * 3, 3, f"{NO} Its service broke off."),
    "refusal": ([message(stop_reason="refusal")], 1, f"{NO} It refuses to answer about this page."),
    "too long": ([message(text(USE), stop_reason="max_tokens")], 1, f"{NO} Its answer is not whole."),
    "unknown end": ([message(text(USE), stop_reason="tired")], 1, f"{NO} Its answer is not whole."),
    "no end": ([message(text(USE), stop_reason=None)], 1, f"{NO} Its answer is not whole."),
    "empty": ([message()] * 2, 2, "The model's answer can't be used. It is empty."),
    "only thinking": (
        [message({"type": "thinking", "thinking": USE, "signature": "x"})] * 2,
        2,
        "The model's answer can't be used. It is empty.",
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.planner.messages.PAUSES", (0.01, 0.01))


@pytest.fixture
async def claude() -> AsyncIterator[Asking]:
    async with asking() as prepared:
        yield prepared


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_is_told_in_one_sentence_and_tried_only_as_often_as_may_help(
    failure: str, claude: Asking
) -> None:
    sayings, requests, sentence = FAILURES[failure]
    claude.api.says(*sayings, *[answer(do="use", ref="e2")] * 3)
    begun = time.monotonic()
    assert await claude.decide() == (Undecided(sentence))
    assert len(claude.api.requests) == requests
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "first", [status(500, SOON), status(529, SOON), status(429, SOON), status(429, {"retry-after": "soon"}), closes]
)
async def test_what_passes_by_itself_is_asked_again(first: Saying, claude: Asking) -> None:
    claude.api.says(first, answer(do="use", ref="e2"))
    assert isinstance(await claude.decide(), Decision)
    assert len(claude.api.requests) == 2


async def test_the_service_s_own_pause_is_kept_if_it_is_short(claude: Asking) -> None:
    claude.api.says(status(429, {"retry-after": "0.4"}), answer(do="use", ref="e2"))
    begun = time.monotonic()
    assert isinstance(await claude.decide(), Decision)
    assert time.monotonic() - begun >= 0.4


async def test_a_message_needs_no_more_than_what_is_read_of_it(claude: Asking) -> None:
    claude.api.says(raw(WHOLE))
    assert isinstance(await claude.decide(), Decision)


async def test_thinking_and_parts_of_unknown_types_are_passed_over(claude: Asking) -> None:
    parts: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "Hm.", "signature": "x"},
        {"type": "hologram", "text": "nonsense", "depth": 3},
        text(USE[:9]),
        text(USE[9:]),
    ]
    claude.api.says(message(*parts))
    assert isinstance(await claude.decide(), Decision)


@pytest.mark.parametrize("saying", [hangs, trickles])
async def test_an_answer_that_does_not_end_is_not_waited_for(saying: Saying, claude: Asking) -> None:
    claude.timeout = 0.5
    claude.api.says(saying)
    begun = time.monotonic()
    assert await claude.decide() == Undecided(f"{NO} It did not answer within 0.5 seconds.")
    assert len(claude.api.requests) == 1
    assert time.monotonic() - begun < 3


async def test_tries_and_their_pauses_have_one_time_together(claude: Asking) -> None:
    claude.timeout = 0.5
    claude.api.says(*[status(529, {"retry-after": "3"})] * 3)
    begun = time.monotonic()
    assert await claude.decide() == Undecided(f"{NO} It did not answer within 0.5 seconds.")
    assert time.monotonic() - begun < 3


async def test_a_service_that_is_not_there_is_said_to_be(claude: Asking, unused_tcp_port: int) -> None:
    claude.url = f"http://127.0.0.1:{unused_tcp_port}"
    assert await claude.decide() == Undecided(f"{NO} Its service can't be reached.")


async def test_a_redirect_is_not_followed(claude: Asking) -> None:
    async with messages_api() as other:
        claude.api.says(raw(b"", 307, {"location": f"{other.url}/v1/messages"}))
        assert await claude.decide() == Undecided(f"{NO} Its service said 307.")
        assert (len(claude.api.requests), other.requests) == (1, [])


async def test_a_run_that_is_cancelled_does_not_wait_for_the_answer(claude: Asking) -> None:
    claude.api.says(hangs)
    async with asyncio.TaskGroup() as group:
        deciding = group.create_task(claude.decide())
        await claude.api.asked()
        begun = time.monotonic()
        deciding.cancel()
        await asyncio.wait({deciding})
        assert deciding.cancelled()
        assert time.monotonic() - begun < 1


async def test_a_run_that_is_stopped_stays_stopped(claude: Asking) -> None:
    claude.page.stop(because="consent was withdrawn")
    with pytest.raises(RunStopped):
        await claude.decide()
    assert claude.api.requests == []


async def test_the_key_is_in_no_sentence_and_no_log(
    claude: Asking, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(0)
    echo = json.dumps({"type": "error", "error": {"type": KEY, "message": KEY, "details": {"error_code": KEY}}})
    claude.api.says(raw(echo.encode(), 401))
    told = await claude.decide()
    assert KEY not in f"{told!r} {told}"
    assert KEY not in caplog.text
    assert "Where is the step done now" not in caplog.text


def test_no_failure_of_the_model_sounds_like_one_of_a_service() -> None:
    sentences = [*SENTENCES.values(), *(because for _, _, because in FAILURES.values())]
    troubles = (*woocommerce.TROUBLES, *wordpress.TROUBLES, *pretix.TROUBLES)
    words = {trouble.words.casefold() for trouble in troubles if trouble.words}
    assert [(one, word) for one in sentences for word in words if word in one.casefold()] == []
