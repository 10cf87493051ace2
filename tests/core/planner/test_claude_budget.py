"""What a question may cost is checked before it is asked, what it has cost is paid; prices come from dated data."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from core.planner.claude import tokens_of
from core.planner.connection import BadConnection, ClaudeSettings
from core.planner.models import UnknownModel, Usage
from core.planner.planner import Decision, Undecided
from core.planner.spending import Limits, Purse, Spent
from core.security.secret import Secret
from tests.fakes.claude import KEY, MODELS, Asking, asking
from tests.fakes.messages_api import answer, breaks_off, hangs, status

USE = answer(do="use", ref="e2")
SONNET = MODELS.named("claude-sonnet-5-5")
ONE = Spent(calls=1, tokens=1500 + 60 + 2000, millionths=1500 * 2 + 60 * 10 + 200)  # the usage of the fake


@pytest.fixture
async def claude() -> AsyncIterator[Asking]:
    async with asking() as prepared:
        yield prepared


async def test_an_answer_is_paid_by_what_was_counted(claude: Asking) -> None:
    purse = Purse()
    claude.api.says(USE)
    await claude.decide(purse=purse)
    assert purse.spent == ONE


async def test_an_answer_that_can_not_be_used_is_paid_as_well(claude: Asking) -> None:
    purse = Purse()
    claude.api.says(answer(do="use", ref="e99"), USE)
    assert isinstance(await claude.decide(purse=purse), Decision)
    assert purse.spent == ONE + ONE


async def test_a_try_that_was_refused_costs_a_call_and_no_tokens(claude: Asking) -> None:
    purse = Purse()
    claude.api.says(status(529, {"retry-after": "0"}), USE)
    await claude.decide(purse=purse)
    assert purse.spent == ONE + Spent(calls=1)


async def test_a_service_that_is_not_there_costs_no_tokens(claude: Asking, unused_tcp_port: int) -> None:
    purse = Purse()
    claude.url = f"http://127.0.0.1:{unused_tcp_port}"
    await claude.decide(purse=purse)
    assert purse.spent == Spent(calls=3)


async def test_what_nobody_counted_is_paid_as_the_most_it_can_have_cost(claude: Asking) -> None:
    purse = Purse()
    claude.timeout = 0.3
    claude.api.says(hangs)
    await claude.decide(purse=purse)
    assert purse.spent.calls == 1
    assert purse.spent.tokens > 4096
    assert purse.spent.millionths > 40_960


async def test_a_question_that_was_cancelled_is_paid(claude: Asking) -> None:
    purse = Purse()
    claude.api.says(hangs)
    async with asyncio.TaskGroup() as group:
        deciding = group.create_task(claude.decide(purse=purse))
        await claude.api.asked()
        deciding.cancel()
    assert purse.spent.calls == 1
    assert purse.spent.tokens > 4096


async def test_an_answer_that_broke_off_is_paid(claude: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.planner.messages.PAUSES", (0.01, 0.01))
    purse = Purse(Limits(millionths=10**9, tokens=10**9))
    claude.api.says(*[breaks_off] * 3)
    await claude.decide(purse=purse)
    assert purse.spent.calls == 3
    assert purse.spent.tokens > 3 * 4096


@pytest.mark.parametrize(
    ("limits", "unit"),
    [(Limits(calls=0), "0 questions"), (Limits(tokens=4000), "4,000 tokens"), (Limits(millionths=9), "9 millionths")],
)
async def test_what_could_be_too_much_is_not_asked(limits: Limits, unit: str, claude: Asking) -> None:
    purse = Purse(limits)
    told = await claude.decide(purse=purse)
    assert isinstance(told, Undecided)
    assert f"A run has {unit}" in told.because
    assert (claude.api.requests, purse.spent) == ([], Spent())


async def test_tries_stop_when_the_purse_is_empty(claude: Asking) -> None:
    claude.api.says(*[status(529, {"retry-after": "0"})] * 3)
    told = await claude.decide(purse=Purse(Limits(calls=2)))
    assert isinstance(told, Undecided)
    assert "A run has 2 questions" in told.because
    assert len(claude.api.requests) == 2


def test_a_picture_costs_what_the_service_says_and_letters_are_estimated_high() -> None:
    assert tokens_of("", 1280, 800) - tokens_of("", 0, 0) == 1334
    assert tokens_of("x" * 1000, 0, 0) - tokens_of("", 0, 0) == 400


def test_every_price_is_there_and_cost_is_rounded_up() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", MODELS.date)
    assert MODELS.source.startswith("https://platform.claude.com/")
    for model in MODELS.every:
        assert 0 < model.cache_read < model.input < model.cache_write < model.output
    assert MODELS.named("claude-haiku-5-5").cost(Usage(1, 1)) == Spent(1, 2, 1)
    assert SONNET.cost(Usage(1_000_000, 100_000, 1_000_000, 1_000_000)).millionths == 2_000_000 + 1_000_000 + 2_600_000


def test_no_call_costs_more_than_was_estimated() -> None:
    most = SONNET.at_most(5000, 4096)
    for usage in (Usage(5000, 4096), Usage(1000, 4096, 0, 4000), Usage(0, 4096, 5000)):
        cost = SONNET.cost(usage)
        assert cost.tokens <= most.tokens
        assert cost.millionths <= most.millionths


def test_a_model_without_a_price_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(UnknownModel) as refused:
        MODELS.named("claude-2")
    assert "“claude-2” is not one of: claude-haiku-5-5, claude-sonnet-5-5," in refused.value.sentence


def test_the_default_has_a_price() -> None:
    assert MODELS.named(None).id == MODELS.named("").id == "claude-sonnet-5-5"


def test_costs_are_told_for_each_model() -> None:
    told = MODELS.costs(Usage(2400, 500, 2000))
    assert "claude-sonnet-5-5    $0.0100" in told
    assert "Prices of 2026-10-24" in told


@pytest.mark.parametrize("key", ["", "sk canary", "sk-canary\n", "sk-canäry", "sk-canary\x00"])
def test_a_key_that_is_none_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadConnection) as refused:
        ClaudeSettings(Secret(key), SONNET)
    assert "canary" not in f"{refused.value!r} {refused.value}"


@pytest.mark.parametrize(
    "address",
    ["http://gateway.example", "gateway.example", "ftp://127.0.0.1", "https://", "https://me:pw@gateway.example", ""],
)
def test_the_key_is_sent_nowhere_in_the_clear(address: str) -> None:
    with pytest.raises(BadConnection, match="https://"):
        ClaudeSettings(Secret(KEY), SONNET, address)


def test_no_key_is_shown() -> None:
    assert KEY not in repr(ClaudeSettings(Secret(KEY), SONNET))
