"""What only this process and its machine know of how the service is: browser, model, disk, pictures and rounds."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from app.looks import NO_MODEL, ProcessLooks, disks_of, of_rounds
from app.scheduler import EmbeddedQueue, RoundEnded
from app.settings import Settings
from core.health import Finding, State
from core.planner.heard import ModelHeard
from tests.app.running import settings

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = "sk-a-key-of-the-test"


@dataclass
class AtHand:
    """A process's own things, as a test wants them."""

    settings: Settings
    is_found: bool | None = True
    version: str | None = "156.0.1"
    works: bool = True
    heard: ModelHeard = field(default_factory=lambda: ModelHeard(lambda: AT))

    async def look(self) -> dict[str, Finding]:
        browsers = SimpleNamespace(is_found=self.is_found, running_version=self.version, contexts_open=1)
        looks = ProcessLooks(self.settings, cast(Any, browsers), self.heard, EmbeddedQueue(), self.works)
        return {one.name: one for one in await looks()}


def with_model(folder: Path) -> Settings:
    return settings(folder, 1).model_copy(update={"anthropic_api_key": SecretStr(KEY)})


async def test_the_browser_that_runs_is_named_with_its_version(tmp_path: Path) -> None:
    assert "Chromium 156.0.1" in (await AtHand(settings(tmp_path, 1)).look())["Browser"].found
    assert (await AtHand(settings(tmp_path, 1), version=None).look())["Browser"].state is State.WELL


async def test_a_browser_that_was_not_found_is_told_with_what_mends_it(tmp_path: Path) -> None:
    missing = (await AtHand(settings(tmp_path, 1), is_found=False).look())["Browser"]
    assert missing.state is State.BROKEN
    assert missing.mend
    asks_others = (await AtHand(settings(tmp_path, 1), is_found=None, works=False).look())["Browser"]
    assert asks_others.found == "This process opens none; workers have theirs."


async def test_without_a_model_all_is_well(tmp_path: Path) -> None:
    none = (await AtHand(settings(tmp_path, 1)).look())["Model"]
    assert (none.found, none.state) == (NO_MODEL, State.WELL)


async def test_a_model_is_told_with_its_last_answer_and_trouble_and_never_with_its_key(tmp_path: Path) -> None:
    at_hand = AtHand(with_model(tmp_path))
    asked = [(await at_hand.look())["Model"]]
    at_hand.heard.answered()
    at_hand.heard.now = lambda: AT.replace(minute=5)
    asked.append((await at_hand.look())["Model"])
    at_hand.heard.now = lambda: AT.replace(hour=10)
    at_hand.heard.failed("It was busy.")
    at_hand.heard.now = lambda: AT.replace(hour=13)
    asked.append((await at_hand.look())["Model"])
    assert [one.state for one in asked] == [State.WELL, State.WELL, State.LOOK]
    assert ["not asked yet" in asked[0].found, "last answer 5 min ago" in asked[1].found] == [True, True]
    assert "Last trouble 3 h ago: It was busy." in asked[2].found
    assert not [one for one in asked if KEY in one.found]
    at_hand.heard.now = lambda: AT.replace(hour=11)
    at_hand.heard.answered()
    assert (await at_hand.look())["Model"].state is State.WELL


def test_the_room_of_the_data_folder_is_told_and_one_that_is_gone_is_broken(tmp_path: Path) -> None:
    here = settings(tmp_path, 1)
    here.data_dir.mkdir(parents=True, exist_ok=True)
    (room,) = disks_of(here)
    assert room.name == "Disk, data folder"
    assert " free of " in room.found
    (gone, *_) = disks_of(here.model_copy(update={"data_dir": tmp_path / "nowhere"}))
    assert gone.state is State.BROKEN


def test_a_round_that_failed_is_to_be_looked_at() -> None:
    assert of_rounds({}, AT).found == "This process does none."
    ended = RoundEnded(AT, was_well=True, period=timedelta(minutes=1))
    later = AT + timedelta(seconds=12)
    well = of_rounds({"checkpoints": ended, "retention": None}, later)
    assert (well.state, well.found) == (State.WELL, "checkpoints 12 s ago, retention not yet.")
    failed = of_rounds({"checkpoints": replace(ended, was_well=False), "retention": ended}, later)
    assert (failed.state, failed.found) == (State.LOOK, "checkpoints failed 12 s ago, retention 12 s ago.")
    assert "comes again by itself" in failed.mend


@pytest.mark.parametrize(
    ("period", "age", "state", "found"),
    [
        (timedelta(seconds=3), timedelta(minutes=4), State.WELL, "consents 4 min ago."),
        (timedelta(seconds=3), timedelta(days=3), State.LOOK, "consents 3 days ago, due every 3 s."),
        (timedelta(hours=1), timedelta(hours=3), State.WELL, "consents 3 h ago."),
        (timedelta(hours=1), timedelta(hours=3, minutes=6), State.LOOK, "consents 3 h ago, due every 60 min."),
    ],
)
def test_a_round_that_has_not_come_for_three_periods_is_to_be_looked_at_and_its_age_is_told(
    period: timedelta, age: timedelta, state: State, found: str
) -> None:
    told = of_rounds({"consents": RoundEnded(AT, was_well=True, period=period)}, AT + age)
    assert (told.state, told.found) == (state, found)
    assert bool(told.mend) is (state is State.LOOK)
