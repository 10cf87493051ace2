"""The strip has the pictures in the order of their steps, and each leads to its own, whichever came first."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from nicegui import ElementFilter, ui
from nicegui.testing.user_interaction import UserInteraction
from sqlalchemy import update
from sqlmodel import col

from core.database.session import CustomerSession
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, StepRow
from tests.fakes.clock import MovedClock
from tests.pages.simulation import Person, simulated

INTENTS = ("Open the form", "Name the key", "Generate the key")


@pytest.fixture
async def owner(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Person]:
    async with simulated(tmp_path, sqlite_template, clock) as person:
        yield person


def _begin(person: Person, session: CustomerSession) -> UUID:
    """A run whose second step has no picture yet, while the third has."""
    who = person.stage.visitor
    row = OperationRow(
        customer_id=who.customer_id,
        requested_by=who.user_id,
        service="woocommerce",
        operation="api_key_generation",
        store_origin="https://tea.example",
        permissions=[],
        status=OperationStatus.IN_PROGRESS,
        created_at=person.services.clock.now(),
    )
    session.add(row)
    session.flush()
    for position, intent in enumerate(INTENTS, 1):
        told: dict[str, Any] = {"intent": intent, "action": "click", "state": StepState.DONE}
        picture = None if position == 2 else uuid4()
        ours: dict[str, Any] = {"customer_id": who.customer_id, "operation_id": row.id, "position": position}
        session.add(StepRow(**ours, **told, picture_id=picture))
    return row.id


def _set_picture(operation_id: UUID, person: Person, picture: UUID | None, note: str, session: CustomerSession) -> None:
    second = (col(StepRow.operation_id) == operation_id, col(StepRow.position) == 2)
    session.execute(update(StepRow).where(*second).values(picture_id=picture, note=note))
    person.services.progress.publish(session, person.stage.visitor.customer_id, operation_id)


def thumbs(person: Person) -> list[ui.element]:
    """In the order in which they stand."""
    with person.user:
        (strip,) = (one for one in ElementFilter(kind=ui.element) if "strip" in one.classes)
        return list(strip.default_slot.children)


def told(thumb: ui.element) -> str:
    return str(next(one.props["alt"] for one in thumb.descendants() if one.tag == "img"))


async def test_a_picture_that_comes_late_stands_where_its_step_does(owner: Person) -> None:
    change = partial(owner.services.database.run, owner.stage.visitor.customer_id)
    operation_id = await change(partial(_begin, owner))
    await owner.open(f"/operations/{operation_id}")
    await owner.sees(INTENTS[2])
    assert [told(one) for one in thumbs(owner)] == [INTENTS[0], INTENTS[2]]

    await change(partial(_set_picture, operation_id, owner, uuid4(), "its picture came late"))
    await owner.sees("its picture came late")
    assert [told(one) for one in thumbs(owner)] == list(INTENTS)
    for place, intent in enumerate(INTENTS, 1):
        UserInteraction(owner.user, {thumbs(owner)[place - 1]}, intent).trigger("click")
        await owner.sees(f"{place} of 3 · {intent}")


async def test_a_step_that_is_done_again_has_no_picture_until_then(owner: Person) -> None:
    change = partial(owner.services.database.run, owner.stage.visitor.customer_id)
    operation_id = await change(partial(_begin, owner))
    await change(partial(_set_picture, operation_id, owner, uuid4(), "done"))
    await owner.open(f"/operations/{operation_id}")
    await owner.sees("done")
    assert [told(one) for one in thumbs(owner)] == list(INTENTS)

    await change(partial(_set_picture, operation_id, owner, None, "done again"))
    await owner.sees("done again")
    assert [told(one) for one in thumbs(owner)] == [INTENTS[0], INTENTS[2]]
    UserInteraction(owner.user, {thumbs(owner)[1]}, INTENTS[2]).trigger("click")
    await owner.sees(f"2 of 2 · {INTENTS[2]}")
