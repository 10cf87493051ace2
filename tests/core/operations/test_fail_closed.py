"""No audit entry, no deed: where the chain takes no entry, nothing is done, nothing is given out, and nothing is stored.

The database refuses the entry itself, and what is done is looked for in every table, at the page and in the vault.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from core.agents.here import StepTools
from core.agents.policy import Policy
from core.agents.slots import Slots
from core.agents.step import StepRunner
from core.agents.task import StepOutcome
from core.database.failures import AWAY
from core.database.states import OperationStatus
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.planner.recorded import RecordedPlanner
from core.security.origin import Origin
from core.security.people.people import People
from core.security.people.sessions import Sessions
from core.security.people.tokens import Tokens
from core.security.secret import Secret
from core.workflows.step import ActionKind
from tests.core.agents.learnt import css, learnt
from tests.core.operations.house import SHOP, House
from tests.core.operations.refusing import audit_refused
from tests.core.operations.runs import worker_of
from tests.core.operations.test_step_log import PAGE, RECORDED, SIGN_IN, log_of
from tests.fakes.agents import FakeAgents
from tests.fakes.integration import OPERATION, SERVICE
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.postgres import as_owner

PASSWORD = "a long enough one"


def everything(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the tries to sign in: one that was made is counted, whatever comes of it."""
    with as_owner(house.database).connect() as connection:
        return {
            name: sorted(tuple(map(str, row)) for row in connection.execute(text(f'SELECT * FROM "{name}"')))
            for name in inspect(connection).get_table_names()
            if name != "sign_in_tries"
        }


@dataclass
class Prepared:
    """A house in which each deed would succeed, were it recorded."""

    house: House
    people: People
    sessions: Sessions
    tokens: Tokens

    async def sign_in(self) -> None:
        """As the sign-in page does it."""
        await self.sessions.begin(await self.people.check_password("owner@tea.example", PASSWORD))

    async def add_user(self) -> None:
        await self.people.add_user(self.house.visitor.customer_id, "new@tea.example", PASSWORD)

    async def add_token(self) -> None:
        await self.tokens.add(self.house.visitor, "new", timedelta(days=1))

    async def revoke_token(self) -> None:
        (token, *_) = await self.tokens.list(self.house.visitor)
        await self.tokens.revoke(self.house.visitor, token.id)

    async def grant(self) -> None:
        await self.house.consents.grant(self.house.visitor, ConsentRequest(SERVICE, OPERATION, SHOP, ()))

    async def revoke(self) -> None:
        (given, *_) = await self.house.consents.list(self.house.visitor)
        await self.house.consents.revoke(self.house.visitor, given.id, because="I changed my mind")

    async def store_a_secret(self) -> None:
        await self.house.sign_in()

    async def delete_a_secret(self) -> None:
        (stored, *_) = await self.house.credentials.list(self.house.visitor)
        await self.house.credentials.delete(self.house.visitor, stored.id, because="a test")

    async def ask(self) -> None:
        wanted = NewOperation(SERVICE, OPERATION, "https://coffee.example", ())
        await self.house.operations.initiate(self.house.visitor, wanted)

    async def cancel(self) -> None:
        (asked, *_) = await self.house.operations.history(self.house.visitor)
        await self.house.operations.cancel(self.house.visitor, asked.id, because="not today")


DEEDS: dict[str, Callable[[Prepared], Awaitable[None]]] = {
    "signing in": Prepared.sign_in,
    "adding a person": Prepared.add_user,
    "adding a token": Prepared.add_token,
    "revoking a token": Prepared.revoke_token,
    "consenting": Prepared.grant,
    "revoking consent": Prepared.revoke,
    "storing a secret": Prepared.store_a_secret,
    "deleting a secret": Prepared.delete_a_secret,
    "asking for an operation": Prepared.ask,
    "stopping one": Prepared.cancel,
}


@pytest.fixture
async def prepared(home: House) -> Prepared:
    made = Prepared(
        home,
        People(home.database, home.clock),
        Sessions(home.database, home.clock),
        Tokens(home.database, home.clock, People(home.database, home.clock)),
    )
    await made.people.add_user(home.visitor.customer_id, "owner@tea.example", PASSWORD)
    await made.tokens.add(home.visitor, "old", timedelta(days=1))
    await home.pending()
    return made


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_deed_that_can_not_be_recorded_is_not_done(prepared: Prepared, deed: str) -> None:
    before = everything(prepared.house)
    with audit_refused(prepared.house.database), pytest.raises(DatabaseError, match=r"no.audit.today"):
        await DEEDS[deed](prepared)
    assert everything(prepared.house) == before
    await DEEDS[deed](prepared)  # so that it was the entry alone that was missing
    assert everything(prepared.house) != before


async def test_no_secret_is_given_out_whose_use_can_not_be_recorded(home: House) -> None:
    secrets = home.secrets_of(await home.claimed())
    before, given = everything(home), []
    with audit_refused(home.database), pytest.raises(DatabaseError, match=r"no.audit.today"):
        given.append(await secrets.use("admin_password", purpose="a test"))
    assert (given, everything(home)) == ([], before)
    assert isinstance(await secrets.use("admin_password", purpose="a test"), Secret)


async def test_a_click_whose_intent_can_not_be_recorded_is_not_made(home: House) -> None:
    """With the runner of steps, the log and the database of a real run; the page alone is a fake."""
    log, shop = await log_of(home, await home.claimed()), Origin.of(SHOP)
    await log.plan([SIGN_IN])
    page = FakePage(shop, Screen("/settings", "Settings", elements=[FakeElement((css("#keys"),))]))
    page.go("/settings")
    tools = StepTools(page, RecordedPlanner(timedelta(0)), log, Policy(shop), css(".error"))
    click, before = learnt("Open the keys", ActionKind.CLICK, "#keys"), everything(home)
    with audit_refused(home.database), pytest.raises(DatabaseError, match=r"no.audit.today"):
        await StepRunner(tools, Slots({})).take(1, click)
    assert (page.done, everything(home)) == ([], before)
    await StepRunner(tools, Slots({})).take(1, click)
    assert len(page.done) == 1


async def test_after_an_outcome_that_could_not_be_recorded_there_is_no_next_deed(home: House) -> None:
    log = await log_of(home, await home.claimed())
    await log.plan([SIGN_IN, SIGN_IN])
    await log.intend(1, SIGN_IN, RECORDED, PAGE)
    recording = asyncio.get_running_loop().create_task(log.record_outcomes())
    with audit_refused(home.database):
        log.conclude(1, StepOutcome(True))
        with pytest.raises(DatabaseError, match=r"no.audit.today"):
            await log.settled()
    with pytest.raises(DatabaseError, match=r"no.audit.today"):
        await log.intend(2, SIGN_IN, RECORDED, PAGE)
    recording.cancel()
    with suppress(asyncio.CancelledError):
        await recording


async def test_a_run_that_can_not_be_recorded_does_not_begin(home: House) -> None:
    """What looks as if the database were away is raised, and tried again; all else is told, and keeps no other waiting."""
    asked, agents = await home.pending(), FakeAgents()
    before = everything(home)
    with audit_refused(home.database), suppress(*AWAY):
        assert not await worker_of(home, agents).run(home.visitor.customer_id, asked.id)
    assert (agents.happened, everything(home)) == ([], before)


async def test_an_intent_without_an_outcome_is_recorded_as_unknown_and_never_as_done(home: House) -> None:
    """As after kill -9 in the middle of a click."""
    lease = await home.claimed()
    log = await log_of(home, lease)
    await log.plan([SIGN_IN])
    await log.intend(1, SIGN_IN, RECORDED, PAGE)
    home.clock.move(timedelta(minutes=1))
    agents = FakeAgents()
    await worker_of(home, agents).run(home.visitor.customer_id, lease.operation_id)
    told = [entry for entry in await home.entries() if entry.operation_id == lease.operation_id]
    actions = [entry.action for entry in told]
    assert actions[actions.index("step_intended") :][:3] == ["step_intended", "operation_resumed", "step_unknown"]
    assert "step_concluded" not in actions
    unknown = next(entry.detail for entry in told if entry.action == "step_unknown")
    assert unknown is not None
    assert (unknown["step"], unknown["intent"]) == (1, "Sign in")
    assert (await home.row(lease.operation_id)).status == OperationStatus.COMPLETED
