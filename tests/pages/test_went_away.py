"""A page that goes while it asks something leaves no error, and is no answer: a consent that nobody refused is not recorded as refused."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from nicegui import ElementFilter, background_tasks, ui
from nicegui.testing.user_interaction import UserInteraction
from sqlalchemy import func
from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import AuditRow
from core.security.audit.audit_log import AuditAction
from tests.fakes.clock import MovedClock
from tests.pages.simulation import Person, simulated
from tests.pages.test_behaviour import ask, connect

ALLOW = "Allow for 30 days"
SWITCH = "Switch on: Check the connection every hour"


@pytest.fixture
async def owner(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Person]:
    async with simulated(tmp_path, sqlite_template, clock, is_demo=True) as person:
        yield person


async def of_the_form(owner: Person) -> None:
    await owner.open("/set-up?service=woocommerce&operation=api_key_generation")
    owner.type("Shop address", owner.stage.store_url)
    await owner.sees("Set up WooCommerce")
    owner.type("User name", "admin")
    owner.type("Password", "practice")
    owner.press("Set up WooCommerce", "submit.prevent")


async def of_the_demo(owner: Person) -> None:
    await owner.open("/demo")
    owner.press("Run it")


async def of_a_switch(owner: Person) -> None:
    if not await owner.services.connections.list(owner.stage.visitor):
        await connect(owner)
    await owner.open("/shops")
    with owner.user:
        every = [one for one in ElementFilter(kind=ui.element) if one.props.get("aria-label") == SWITCH]
    UserInteraction(owner.user, set(every), SWITCH).click()


async def of_what_waits(owner: Person) -> None:
    overview = await owner.services.overview.look(owner.stage.visitor)
    waiting = overview.waiting[0] if overview.waiting else await ask(owner)
    await owner.open(f"/operations/{waiting.id}")
    owner.type("User name", "admin")
    owner.type("Password", "practice")
    owner.press("Read what it will do")


async def refusals(owner: Person) -> int:
    def count(session: CustomerSession) -> int:
        refused = col(AuditRow.action) == AuditAction.CONSENT_REFUSED.value
        return session.exec(select(func.count()).select_from(AuditRow).where(refused)).one()

    return await owner.services.database.read(owner.stage.visitor.customer_id, count)


async def go_away(owner: Person) -> None:
    """The tab is closed, or loaded anew: NiceGUI forgets the page. Whatever it was at is done afterwards."""
    client = owner.user.client
    assert client
    asking = [task for task in background_tasks.running_tasks if "_await_in_context" in repr(task)]
    assert asking
    client.delete()
    for task in asking:
        await task


@pytest.mark.parametrize("asked", [of_the_form, of_the_demo, of_a_switch, of_what_waits])
async def test_a_consent_that_went_away_is_not_refused_and_one_that_was_closed_is(
    asked: Callable[[Person], Awaitable[None]], owner: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await asked(owner)
    await owner.sees(ALLOW)
    await go_away(owner)
    assert await refusals(owner) == 0

    await asked(owner)
    await owner.sees(ALLOW)
    with owner.user:
        (dialog,) = (one for one in ElementFilter(kind=ui.dialog) if one.value)
        dialog.close()
    async with asyncio.timeout(10):
        while await refusals(owner) == 0:
            pass
    assert await refusals(owner) == 1
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
