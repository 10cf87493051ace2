"""What is past its time goes by itself, because the scheduler says so; and the next rounds find nothing to do."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap import Autopilot, build
from core.browser.sessions import Browsers
from core.operations.retention import DETAILS_KEPT, PastRetention, Retention
from core.security.audit.chain_watch import ChainWatch
from core.security.people.people import Visitor
from tests.app.running import free_port, settings
from tests.core.privacy.forgetting import PICTURE
from tests.fakes.clock import MovedClock

ROUNDS, LONGEST = 3, 60  # how many are watched, and for how many seconds at most


class Rounds:
    """What each round has deleted, one after the other."""

    def __init__(self) -> None:
        self.done: list[tuple[PastRetention, ...]] = []
        self._more = asyncio.Condition()

    async def note(self, deleted: tuple[PastRetention, ...]) -> None:
        """One is over."""
        async with self._more:
            self.done.append(deleted)
            self._more.notify_all()

    async def until(self, number: int) -> None:
        """Return once so many are over."""
        async with asyncio.timeout(LONGEST), self._more:
            await self._more.wait_for(lambda: len(self.done) >= number)


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """The rounds of the scheduler: they follow one another without a pause, and no browser is needed."""
    told, purge = Rounds(), Retention.purge

    async def noted(retention: Retention) -> tuple[PastRetention, ...]:
        deleted = await purge(retention)
        await told.note(deleted)
        return deleted

    async def no_browser(browsers: Browsers) -> None:
        """Nothing is opened here."""

    monkeypatch.setattr(Retention, "purge", noted)
    monkeypatch.setattr(Browsers, "prepare", no_browser)
    monkeypatch.setattr(bootstrap, "HOUSEKEEPING_EVERY", 0.05)
    monkeypatch.setattr(bootstrap, "HOUSEKEEPING_FIRST_AFTER", 0)
    return told


async def test_the_scheduler_deletes_what_is_past_its_time_once(
    tmp_path: Path, clock: MovedClock, rounds: Rounds
) -> None:
    autopilot = build(settings(tmp_path, free_port()), clock)
    owner = await a_year_ago(autopilot, clock)
    pictures = autopilot.settings.data_dir / "pictures" / owner.customer_id.hex
    assert len(os.listdir(pictures)) == 2
    async with autopilot.running() as services:
        await rounds.until(1)
        after_the_first = await services.trail.read(owner, limit=500)
        await rounds.until(ROUNDS)
        first, *later = rounds.done
        assert [(one.customer_id, one.pictures) for one in first] == [(owner.customer_id, 1)]
        assert first[0].details > 0
        assert later == [()] * len(later)
        assert os.listdir(pictures.parent) == []
        assert await services.trail.read(owner, limit=500) == after_the_first
        assert {one.action for one in after_the_first} >= {"pictures_deleted", "details_erased"}
        assert (await services.trail.verify(owner)).intact


async def test_the_scheduler_verifies_every_chain(
    tmp_path: Path, clock: MovedClock, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    autopilot, over, verify = build(settings(tmp_path, free_port()), clock), asyncio.Event(), ChainWatch.verify_due

    async def noted(chains: ChainWatch) -> None:
        await verify(chains)
        over.set()

    monkeypatch.setattr(ChainWatch, "verify_due", noted)
    await a_year_ago(autopilot, clock)
    assert (await autopilot.services.chains.standing()).word == "unverified"
    async with autopilot.running() as services, asyncio.timeout(LONGEST):
        await over.wait()
        assert (await services.chains.standing()).word == "intact"


async def a_year_ago(autopilot: Autopilot, clock: MovedClock) -> Visitor:
    """The owner of a company that has a picture and entries from then."""
    await autopilot.open()
    people, pictures = autopilot.services.people, autopilot.services.pictures
    owner = await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", "a long enough one")
    await pictures.save(owner.customer_id, PICTURE)
    folder, then = autopilot.settings.data_dir / "pictures" / owner.customer_id.hex, clock.now().timestamp()
    for name in os.listdir(folder):
        os.utime(folder / name, (then, then))
    clock.move(DETAILS_KEPT + timedelta(days=1))
    return owner
