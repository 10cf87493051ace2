"""Consent starts what waited for it, and its withdrawal ends what stands on it: each in one transaction."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from core.agents.integration import UnknownPermission, UnknownService
from core.agents.task import MADE
from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.errors import NotFound
from core.operations import lease as leases
from core.operations.consents import ConsentRequest, NothingAwaitsConsent
from core.operations.lease import LeaseLost
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.agreement import BY_PROGRAM
from core.security.people.authorize import NotAllowed
from tests.core.operations.house import OTHER_SHOP, SHOP, House, house, on_the_way_to, until_somebody_waits
from tests.fakes.clock import MovedClock
from tests.fakes.integration import NEEDED, OPERATION, SERVICE, WIDER, what_is_left

S = OperationStatus


def test_the_sheet_shows_every_sentence_and_what_can_be_left_out(cottage: House) -> None:
    sheet = cottage.consents.sheet(ConsentRequest(SERVICE, OPERATION, f"{SHOP}/wp-admin/"))
    assert "tea.example" in sheet.heading
    assert [(line.permission, line.optional) for line in sheet.will] == [
        ("create_api_keys", False),
        ("read_products", False),
        (WIDER, True),
    ]
    assert sheet.will_not == ("Change **orders**.",)
    assert sheet.kept == ("Your password, until this is done.",)


async def test_who_may_not_decide_for_the_company_gives_and_refuses_nothing(cottage: House) -> None:
    operation, request = await cottage.ask(), ConsentRequest(SERVICE, OPERATION, SHOP)
    member = replace(cottage.visitor, role=Role.MEMBER)
    for tried in (
        cottage.consents.agree(member, request, BY_PROGRAM),
        cottage.consents.agree_for(member, operation.id, BY_PROGRAM),
        cottage.consents.refuse(member, request, BY_PROGRAM),
    ):
        with pytest.raises(NotAllowed):
            await tried
    assert await cottage.consents.list(cottage.visitor) == ()
    assert AuditAction.CONSENT_REFUSED not in await cottage.actions()


async def test_what_was_shown_is_what_is_recorded(cottage: House) -> None:
    sheet = cottage.consents.sheet(ConsentRequest(SERVICE, OPERATION, SHOP))
    given = await cottage.allow()
    (recorded,) = await cottage.database.read(
        cottage.visitor.customer_id, lambda session: [entry.detail for entry in audit_log.read(session)]
    )
    assert recorded is not None
    assert (recorded["textVersion"], recorded["textSha256"]) == (sheet.version, sheet.sha256)
    assert given.expires_at - given.granted_at == timedelta(days=sheet.days)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (ConsentRequest("magento", OPERATION, SHOP), UnknownService),
        (ConsentRequest(SERVICE, OPERATION, SHOP, ("delete_orders",)), UnknownPermission),
    ],
)
async def test_nobody_consents_to_what_is_not_offered(
    cottage: House, request_: ConsentRequest, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await cottage.consents.grant(cottage.visitor, request_)
    assert await cottage.consents.list(cottage.visitor) == ()


async def test_consent_queues_what_waited_for_it(home: House) -> None:
    asked = await home.ask()
    given = await home.allow()
    row = await home.row(asked.id)
    assert (row.status, row.consent_id) == (S.PENDING, given.id)
    assert home.queue.woken == [asked.id]
    assert home.told == [asked.id]


async def test_if_queueing_fails_nobody_has_consented_and_nobody_is_woken(home: House) -> None:
    asked = await home.ask()
    before = await home.actions()
    home.queue.broken = True
    with pytest.raises(RuntimeError):
        await home.allow()
    assert (await home.row(asked.id)).status == S.AWAITING_CONSENT
    assert await home.consents.list(home.visitor) == ()
    assert await home.actions() == before
    assert (home.queue.woken, home.told) == ([], [])


async def test_what_needs_more_or_is_elsewhere_or_over_goes_on_waiting(home: House) -> None:
    wider, elsewhere = await home.ask(permissions=(WIDER,)), await home.ask(OTHER_SHOP)
    await home.allow()
    assert home.queue.woken == []
    await home.operations.cancel(home.visitor, wider.id, because="not today")
    await home.allow(permissions=(*NEEDED, WIDER))
    assert home.queue.woken == []
    assert [(await home.row(one.id)).status for one in (wider, elsewhere)] == [S.CANCELLED, S.AWAITING_CONSENT]


async def test_consent_for_one_operation_is_to_just_what_it_asks(cottage: House) -> None:
    asked = await cottage.ask(permissions=(WIDER,))
    given = await cottage.consents.grant_for(cottage.visitor, asked.id)
    assert set(given.permissions) == NEEDED | {WIDER}
    assert (given.store_url, cottage.queue.woken) == (SHOP, [asked.id])
    with pytest.raises(NothingAwaitsConsent, match="waiting to start"):
        await cottage.consents.grant_for(cottage.visitor, asked.id)


async def test_nobody_consents_for_another_customer(home: House, database: Database, clock: MovedClock) -> None:
    asked, stranger = await home.ask(), await house(database, clock)
    with pytest.raises(NotFound):
        await stranger.consents.grant_for(stranger.visitor, asked.id)
    await stranger.allow()
    assert (await home.row(asked.id)).status == S.AWAITING_CONSENT


@pytest.mark.parametrize("status", [S.PENDING, S.IN_PROGRESS, S.AWAITING_INPUT])
async def test_withdrawal_ends_what_stands_on_it_at_once(home: House, status: OperationStatus) -> None:
    asked, elsewhere = await home.pending(), await home.pending(OTHER_SHOP)
    for step in on_the_way_to(status):
        await home.put(asked.id, status=step.value)
    given = (await home.row(asked.id)).consent_id
    assert given is not None

    view = await home.consents.revoke(home.visitor, given, because="I changed my mind")

    row = await home.row(asked.id)
    assert (row.status, row.failure_sentence) == (S.CANCELLED, "Consent was withdrawn: I changed my mind")
    assert (row.finished_at, row.lease_owner, row.left_behind) == (home.clock.now(), None, None)
    assert (view.in_force, view.revoked_at) == (False, home.clock.now())
    assert home.queue.stopped == [(asked.id, "I changed my mind")]
    assert home.told == [asked.id]
    assert await home.signed_in_at() == {OTHER_SHOP}
    assert (await home.row(elsewhere.id)).status == S.PENDING
    assert (await home.actions())[-5:] == [
        AuditAction.CONSENT_REVOKED,
        AuditAction.SECRET_DELETED,
        AuditAction.SECRET_DELETED,
        AuditAction.CONSENT_EXPIRED,  # the one to keep the sign-in: there is none any more
        AuditAction.OPERATION_CANCELLED,
    ]


async def test_after_a_withdrawal_the_worker_writes_nothing_more(home: House) -> None:
    lease = await home.claimed()
    given = await home.given()
    await home.consents.revoke(home.visitor, given.id, because="enough")
    with pytest.raises(LeaseLost):
        await home.run(partial(leases.write, lease=lease, current_step=7))


async def test_a_withdrawal_says_what_a_run_has_left_at_the_shop(cottage: House) -> None:
    lease = await cottage.claimed()
    await cottage.put(lease.operation_id, checkpoint={"done": [MADE]})
    given = await cottage.given()
    await cottage.consents.revoke(cottage.visitor, given.id, because="enough")
    assert (await cottage.row(lease.operation_id)).left_behind == what_is_left(lease.operation_id)


async def test_a_withdrawal_that_fails_changes_nothing_and_stops_nobody(home: House) -> None:
    lease = await home.claimed()
    given, before = await home.given(), await home.actions()
    home.queue.broken = True
    with pytest.raises(RuntimeError):
        await home.consents.revoke(home.visitor, given.id, because="enough")
    assert (await home.row(lease.operation_id)).status == S.IN_PROGRESS
    assert await home.given() == given
    assert await home.actions() == before
    assert await home.signed_in_at() == {SHOP}
    assert home.queue.stopped == []


async def test_a_second_withdrawal_changes_nothing(cottage: House) -> None:
    given = await cottage.allow()
    first = await cottage.consents.revoke(cottage.visitor, given.id, because="enough")
    cottage.clock.move(timedelta(hours=1))
    assert await cottage.consents.revoke(cottage.visitor, given.id, because="again") == first
    assert (await cottage.actions()).count(AuditAction.CONSENT_REVOKED) == 1


async def test_nobody_withdraws_another_customers_consent(home: House, database: Database, clock: MovedClock) -> None:
    given, stranger = await home.allow(), await house(database, clock)
    for consent_id in (given.id, uuid4()):
        with pytest.raises(NotFound, match="no such consent"):
            await stranger.consents.revoke(stranger.visitor, consent_id, because="mine?")
    assert await stranger.consents.list(stranger.visitor) == ()
    assert await home.consents.list(home.visitor) == (given,)


async def test_the_list_says_what_is_still_in_force(cottage: House) -> None:
    old = await cottage.allow()
    cottage.clock.move(old.expires_at - cottage.clock.now())
    new = await cottage.allow(OTHER_SHOP)
    listed = await cottage.consents.list(cottage.visitor)
    assert [(one.id, one.in_force) for one in listed] == [(new.id, True), (old.id, False)]


async def test_a_consent_for_an_ipv6_address_is_in_nobodys_way(cottage: House) -> None:
    given = await cottage.allow("https://[::1]:8443")
    assert given.store_url == "https://[::1]:8443"
    assert (await cottage.pending()).status is S.PENDING


async def test_a_withdrawal_and_a_step_being_recorded_wait_for_each_other_only_once(
    postgres_database: Database, clock: MovedClock
) -> None:
    home = await house(postgres_database, clock)
    lease = await home.claimed()
    given = await home.given()
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def record(session: CustomerSession) -> None:
        leases.write(session, lease, current_step=1)
        loop.call_soon_threadsafe(begun.set)
        until_somebody_waits(home.database)
        event = AuditEvent(AuditAction.STEP_INTENDED, "agent", lease.operation_id)
        audit_log.record(session, lease.customer_id, event, at=clock.now())

    async def revoke() -> None:
        await begun.wait()
        await home.consents.revoke(home.visitor, given.id, because="enough")

    await asyncio.gather(home.run(record), revoke())
    assert (await home.row(lease.operation_id)).status == S.CANCELLED
    assert (await home.actions())[-6:-4] == [AuditAction.STEP_INTENDED, AuditAction.CONSENT_REVOKED]
