"""What was refused stands in the audit, and nobody can fill it with that."""

from datetime import timedelta

import pytest

from core.database.session import Database
from core.security.audit import audit_log
from core.security.people.refusals import TOLD_EACH_HOUR, Refusals
from core.security.people.visitor import Visitor
from tests.core.operations.house import visitor
from tests.fakes.clock import MovedClock


@pytest.fixture
async def owner(database: Database, clock: MovedClock) -> Visitor:
    return await visitor(database, clock)


async def entries(database: Database, of: Visitor) -> list[object]:
    return [(one.action, one.actor, one.detail) for one in await database.read(of.customer_id, audit_log.read)]


async def test_a_refusal_is_told_with_who_and_what(database: Database, clock: MovedClock, owner: Visitor) -> None:
    await Refusals(database, clock).note(owner, "not_allowed", "manage staff and customers")
    detail = {"code": "not_allowed", "wanted": "manage staff and customers"}
    assert await entries(database, owner) == [("access_refused", owner.actor, detail)]


async def test_nobody_fills_a_chain_with_them(database: Database, clock: MovedClock, owner: Visitor) -> None:
    refusals = Refusals(database, clock)
    for _ in range(TOLD_EACH_HOUR + 30):
        await refusals.note(owner, "not_allowed", "x")
    assert len(await entries(database, owner)) == TOLD_EACH_HOUR
    clock.move(timedelta(hours=1))
    await refusals.note(owner, "not_allowed", "x")
    assert len(await entries(database, owner)) == TOLD_EACH_HOUR + 1
