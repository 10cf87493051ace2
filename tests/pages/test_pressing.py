"""What a button asks stays asked, whatever is drawn anew meanwhile where it stood."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui import ElementFilter, ui
from nicegui.testing.user_interaction import UserInteraction

from core.database.states import RESYNC
from core.operations.consents import ConsentRequest
from pages.parts.confirm import confirmed
from pages.parts.redrawn import redrawn
from pages.parts.words import button
from tests.fakes.clock import MovedClock
from tests.pages.simulation import Person, simulated
from tests.pages.test_behaviour import connect


@pytest.fixture
async def owner(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Person]:
    async with simulated(tmp_path, sqlite_template, clock) as person:
        yield person


async def test_a_question_outlives_the_list_its_button_stood_in(owner: Person) -> None:
    who, services = owner.stage.visitor, owner.services
    await connect(owner)
    (asked,) = await services.operations.history(who)
    await services.operations.cancel(who, asked.id, because="it is connected")
    await services.consents.grant(who, ConsentRequest("woocommerce", RESYNC, owner.stage.store_url))

    await owner.open("/shops")
    owner.press("Forget")
    await owner.sees("are deleted here, for good.")
    owner.press("Switch on")
    await owner.sees("Switch off")
    with owner.user:
        (yes,) = ElementFilter(content="Forget", local_scope=False).within(kind=ui.dialog).exclude(content="?")
    assert yes.parent_slot is not None
    UserInteraction(owner.user, {yes.parent_slot.parent}, "Forget").click()
    await owner.sees("No shop is connected", "is forgotten here.")


class Part:
    """A part that asks before it draws."""

    def __init__(self) -> None:
        self.left = 3
        self.was_drawn = asyncio.Event()

    @redrawn
    async def draw(self) -> None:
        """One line."""
        await asyncio.sleep(0)
        ui.label("drawn once")
        self.left -= 1
        if not self.left:
            self.was_drawn.set()


async def test_what_two_ask_to_be_drawn_anew_at_once_is_drawn_once(owner: Person) -> None:
    await owner.open("/shops")
    part = Part()
    with owner.user:
        await part.draw()
        part.draw.refresh()
        part.draw.refresh()
    async with asyncio.timeout(5):
        await part.was_drawn.wait()
    assert len(owner.user.find(content="drawn once").elements) == 1


async def test_of_two_answers_pressed_at_once_the_first_stands(owner: Person) -> None:
    await owner.open("/shops")
    heard: list[object] = []

    async def ask() -> None:
        heard.append(await confirmed("Really?", "It goes.", "Do it", "Keep it"))

    with owner.user:
        button("Ask", ask)
    owner.press("Ask")
    await owner.sees("Really?")
    owner.press("Do it")
    owner.press("Keep it")
    await owner.sees_nothing_of("Really?")
    assert heard == [True]
