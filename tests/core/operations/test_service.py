"""Asking for an operation, watching it, stopping it: each is one transaction, and one shop has one at a time."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.agents.integration import OriginRules, UnknownPermission, UnknownService
from core.agents.task import MADE
from core.database.session import CustomerSession, Database
from core.database.states import OPEN, OperationStatus
from core.database.tables import OperationRow
from core.errors import CoreError, NotFound, Unavailable
from core.operations import lease as leases
from core.operations.lease import Lease
from core.operations.service import AlreadyOver, AlreadyRunning, NewOperation
from core.security.addresses import AddressRefused, ShopNotFound
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction
from core.security.origin import BadAddress
from tests.core.operations.house import OTHER_SHOP, SHOP, House, house, on_the_way_to, until_somebody_waits
from tests.core.operations.runs import worker_of
from tests.fakes.agents import FakeAgents
from tests.fakes.clock import MovedClock
from tests.fakes.integration import NEEDED, OPERATION, SERVICE, WIDER

S = OperationStatus
OVER = tuple(status for status in S if status.is_over)


async def at(house: House, status: OperationStatus, shop: str = SHOP) -> OperationRow:
    """An operation that has come this far."""
    if status is S.AWAITING_CONSENT:
        return await house.row((await house.ask(shop)).id)
    asked = await house.pending(shop)
    for step in on_the_way_to(status):
        await house.put(asked.id, status=step.value)
    return await house.row(asked.id)


async def test_without_consent_it_waits_and_nobody_is_woken(cottage: House) -> None:
    asked = await cottage.ask()
    assert (asked.status, asked.consent_id) == (S.AWAITING_CONSENT, None)
    assert await cottage.operations.missing(cottage.visitor, asked.id) == NEEDED
    assert cottage.queue.woken == []


async def test_with_consent_it_is_queued_and_audited(home: House) -> None:
    given = await home.allow()
    asked = await home.ask()
    assert (asked.status, asked.consent_id) == (S.PENDING, given.id)
    assert await home.operations.missing(home.visitor, asked.id) == frozenset()
    assert home.queue.woken == [asked.id]
    assert await home.actions() == [AuditAction.CONSENT_GRANTED, AuditAction.OPERATION_ASKED]
    entry = (await home.entries())[-1]
    assert (entry.actor, entry.operation_id) == (home.visitor.actor, asked.id)


async def test_if_the_audit_fails_nothing_is_asked_and_nobody_is_woken(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.allow()

    def fail(*given: Any, **named: Any) -> int:
        raise RuntimeError("the chain is broken")

    monkeypatch.setattr(audit_log, "record", fail)
    with pytest.raises(RuntimeError):
        await home.ask()
    assert await home.operations.history(home.visitor) == ()
    assert home.queue.woken == []


@pytest.mark.parametrize("lacking", ["expired", "another shop's", "too narrow", "withdrawn"])
async def test_a_consent_that_does_not_fit_starts_nothing(cottage: House, lacking: str) -> None:
    given = await cottage.allow(OTHER_SHOP if lacking == "another shop's" else SHOP)
    if lacking == "expired":
        cottage.clock.move(timedelta(days=400))
    if lacking == "withdrawn":
        await cottage.consents.revoke(cottage.visitor, given.id, because="enough")
    asked = await cottage.ask(permissions=(WIDER,) if lacking == "too narrow" else ())
    assert asked.status is S.AWAITING_CONSENT
    wanted = frozenset({WIDER}) if lacking == "too narrow" else NEEDED
    assert await cottage.operations.missing(cottage.visitor, asked.id) == wanted
    assert cottage.queue.woken == []


@pytest.mark.parametrize("status", OPEN)
async def test_a_second_start_for_the_same_shop_is_refused(home: House, status: OperationStatus) -> None:
    await at(home, status)
    with pytest.raises(AlreadyRunning, match="Watch it, or stop it"):
        await home.ask(f"{SHOP}/shop/")
    assert len(await home.operations.history(home.visitor)) == 1


@pytest.mark.parametrize("status", OVER)
async def test_a_shop_whose_setup_is_over_can_be_set_up_again(home: House, status: OperationStatus) -> None:
    await at(home, status)
    assert (await home.ask()).status is S.PENDING


async def test_another_shop_or_another_customer_is_in_nobodys_way(
    home: House, database: Database, clock: MovedClock
) -> None:
    neighbour = await house(database, clock)
    assert [(await one.ask(shop)).status for one in (home, neighbour) for shop in (SHOP, OTHER_SHOP)]


async def test_of_many_starts_at_once_one_is_made(home: House) -> None:
    await home.allow()
    asked = await asyncio.gather(*(home.ask() for _ in range(8)), return_exceptions=True)
    made = [one for one in asked if not isinstance(one, BaseException)]
    assert len(made) == 1
    assert [type(one) for one in asked if isinstance(one, BaseException)] == [AlreadyRunning] * 7
    assert home.queue.woken == [made[0].id]
    assert (await home.actions()).count(AuditAction.OPERATION_ASKED) == 1


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (NewOperation("magento", OPERATION, SHOP), UnknownService),
        (NewOperation(SERVICE, "everything", SHOP), UnknownService),
        (NewOperation(SERVICE, OPERATION, SHOP, ("delete_orders",)), UnknownPermission),
        (NewOperation(SERVICE, OPERATION, "https://a@tea.example"), BadAddress),
        (NewOperation(SERVICE, OPERATION, "https://127.0.0.1"), AddressRefused),
        (NewOperation(SERVICE, OPERATION, "https://nowhere.example"), ShopNotFound),
    ],
)
async def test_what_can_not_be_is_refused_before_the_shop_is_asked(
    cottage: House, wanted: NewOperation, error: type[CoreError]
) -> None:
    with pytest.raises(error):
        await cottage.operations.initiate(cottage.visitor, wanted)
    assert (cottage.probe.asked, await cottage.operations.history(cottage.visitor)) == ([], ())


async def test_a_shop_without_the_service_is_told_before_anything_is_kept(cottage: House) -> None:
    cottage.probe.refusal = Unavailable(because="There is no WooCommerce.")
    with pytest.raises(Unavailable, match="There is no WooCommerce"):
        await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    with pytest.raises(Unavailable, match="There is no WooCommerce"):
        await cottage.ask()
    assert await cottage.operations.history(cottage.visitor) == ()


@pytest.mark.parametrize("status", [S.AWAITING_CONSENT, S.PENDING, S.AWAITING_INPUT])
async def test_what_no_worker_has_is_stopped_at_once(home: House, status: OperationStatus) -> None:
    row = await at(home, status)
    view = await home.operations.cancel(home.visitor, row.id, because="not today")
    assert (view.status, view.finished_at) == (S.CANCELLED, home.clock.now())
    assert view.failure is not None
    assert (view.failure.code, view.failure.sentence) == ("stopped", "not today")
    entry = (await home.entries())[-1]
    assert (entry.action, entry.actor, entry.detail) == (
        AuditAction.OPERATION_CANCELLED,
        home.visitor.actor,
        {"because": "not today"},
    )
    assert home.told[-1] == row.id


async def test_what_is_stopped_forgets_the_sign_in(home: House) -> None:
    asked = await home.pending()
    await home.sign_in(OTHER_SHOP)
    await home.operations.cancel(home.visitor, asked.id, because="not today")
    assert await home.signed_in_at() == {OTHER_SHOP}
    assert (await home.row(asked.id)).left_behind is None


async def test_what_was_handed_back_and_has_made_something_is_stopped_by_the_next_worker_who_removes_it(
    home: House,
) -> None:
    asked = await home.pending()
    await home.put(asked.id, checkpoint={"done": [MADE]})
    view = await home.operations.cancel(home.visitor, asked.id, because="not today")
    assert (view.status, view.stopping) == (S.PENDING, True)
    assert await home.signed_in_at() == {SHOP}
    await home.operations.cancel(home.visitor, asked.id, because="once more")
    assert (await home.actions()).count(AuditAction.OPERATION_STOP_ASKED) == 1
    removed = []

    async def remove(lease: Lease) -> str:
        removed.append(lease.operation_id)
        return ""

    await worker_of(home, FakeAgents(clean_up=remove)).run(home.visitor.customer_id, asked.id)
    row = await home.row(asked.id)
    assert (row.status, row.failure_sentence, removed) == (S.CANCELLED, "not today", [asked.id])
    assert await home.signed_in_at() == set()


async def test_what_a_worker_has_is_stopped_by_it(home: House) -> None:
    lease = await home.claimed()
    view = await home.operations.cancel(home.visitor, lease.operation_id, because="not today")
    assert view.status is S.IN_PROGRESS
    assert home.queue.stopped == [(lease.operation_id, "not today")]
    assert (await home.row(lease.operation_id)).stop_asked_because == "not today"
    assert AuditAction.OPERATION_CANCELLED not in await home.actions()


async def test_a_stop_that_is_rolled_back_reaches_no_worker(home: House) -> None:
    lease = await home.claimed()
    home.queue.broken = True
    with pytest.raises(RuntimeError):
        await home.operations.cancel(home.visitor, lease.operation_id, because="not today")
    assert home.queue.stopped == []
    assert (await home.row(lease.operation_id)).stop_asked_because is None


@pytest.mark.parametrize("status", OVER)
async def test_what_is_over_can_not_be_stopped(cottage: House, status: OperationStatus) -> None:
    row = await at(cottage, status)
    before = await cottage.actions()
    with pytest.raises(AlreadyOver, match=status.words.lower()):
        await cottage.operations.cancel(cottage.visitor, row.id, because="too late")
    assert await cottage.actions() == before


async def test_another_customers_operation_is_not_there(home: House, database: Database, clock: MovedClock) -> None:
    lease, stranger = await home.claimed(), await house(database, clock)
    for operation_id in (lease.operation_id, uuid4()):
        with pytest.raises(NotFound, match="no such operation"):
            await stranger.operations.cancel(stranger.visitor, operation_id, because="mine?")
        for look in (stranger.operations.status, stranger.operations.missing):
            with pytest.raises(NotFound, match="no such operation"):
                await look(stranger.visitor, operation_id)
    assert await stranger.operations.history(stranger.visitor) == ()
    assert home.queue.stopped == []


async def test_history_is_the_newest_first_and_no_longer_than_asked(cottage: House) -> None:
    first = await cottage.ask()
    cottage.clock.move(timedelta(minutes=1))
    second = await cottage.ask(OTHER_SHOP)
    assert [view.id for view in await cottage.operations.history(cottage.visitor)] == [second.id, first.id]
    assert [view.id for view in await cottage.operations.history(cottage.visitor, limit=1)] == [second.id]


async def test_a_stop_that_meets_a_claim_reaches_the_worker(postgres_database: Database, clock: MovedClock) -> None:
    home = await house(postgres_database, clock)
    asked = await home.pending()
    claimed, loop = asyncio.Event(), asyncio.get_running_loop()

    def claim(session: CustomerSession) -> None:
        assert leases.claim(session, asked.id, "one", clock.now())
        loop.call_soon_threadsafe(claimed.set)
        until_somebody_waits(home.database)

    async def cancel() -> OperationStatus:
        await claimed.wait()
        return (await home.operations.cancel(home.visitor, asked.id, because="not today")).status

    _, status = await asyncio.gather(home.run(claim), cancel())
    assert status is S.IN_PROGRESS
    assert home.queue.stopped == [(asked.id, "not today")]


@pytest.mark.parametrize("wanted", ["ask", "allow", "sign_in"])
async def test_where_a_service_can_not_live_nothing_is_asked_stored_or_allowed(cottage: House, wanted: str) -> None:
    offered = cottage.integrations.get(SERVICE, OPERATION)
    object.__setattr__(offered, "origins", OriginRules(("*.vendor.example",)))
    with pytest.raises(BadAddress, match=r"It should be at \*\.vendor\.example"):
        await getattr(cottage, wanted)()
    assert cottage.probe.asked == []
    assert await cottage.credentials.list(cottage.visitor) == ()
    assert await cottage.consents.list(cottage.visitor) == ()


async def test_who_watch_the_same_operation_read_it_together_and_each_customer_their_own(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, stranger = await home.ask(), replace(home.visitor, customer_id=uuid4())
    transactions, read = [], home.database.read

    async def counted(customer_id: UUID, use_case: Any) -> Any:
        transactions.append(customer_id)
        return await read(customer_id, use_case)

    monkeypatch.setattr(home.database, "read", counted)
    looks = [home.operations.status(who, asked.id) for who in (*[home.visitor] * 50, stranger)]
    *seen, refused = await asyncio.gather(*looks, return_exceptions=True)
    assert seen == [asked] * 50
    assert isinstance(refused, NotFound)
    assert set(transactions) == {home.visitor.customer_id, stranger.customer_id}
    assert len(transactions) == 2
