"""Webhooks as owners have them: added with a secret that is shown once, called and signed, tried out, and removed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from core.database.roles import Role
from core.errors import NotFound
from core.notifications.calling_out import BadWebhook
from core.notifications.delivery import LEASE, Delivery, DeliveryTools
from core.notifications.desk import MOST_WEBHOOKS, NothingChosen, NotificationDesk, TooManyWebhooks
from core.security.audit.audit_log import AuditAction
from core.security.people.authorize import NotAllowed
from core.security.people.people import People, WrongSignIn
from core.security.people.visitor import Scope
from tests.core.notifications.receiver import Receiver
from tests.core.notifications.telling import EVERYTHING, REFUSED, SITE, E, Telling, telling
from tests.core.operations.house import SHOP, House, house
from tests.fakes.integration import OPERATION, SERVICE


async def test_it_is_told_what_happened_signed_and_nothing_else(home: House, listening: Receiver) -> None:
    told = telling(home, listening)
    added = await told.hook(listening)
    operation_id = await told.ended()
    await told.rounds.round()
    (call,) = listening.calls
    assert call.path == "/hook?to=us"
    assert call.is_signed_with(added.secret.reveal())
    assert not call.is_signed_with("whsec_AAAA")
    assert call.headers["webhook-timestamp"] == str(int(home.clock.now().timestamp()))
    assert call.headers["content-type"] == "application/json"
    assert call.told == {
        "type": "operation.finished",
        "timestamp": "2026-11-23T09:00:00.000Z",
        "data": {
            "operationId": str(operation_id),
            "service": SERVICE,
            "operation": OPERATION,
            "storeUrl": SHOP,
            "status": "completed",
            "sentence": "47 products synced.",
            "link": f"{SITE}/operations/{operation_id}",
        },
    }
    (row,) = await told.outbox()
    assert (row.sent_at, str(row.id)) == (home.clock.now(), call.id)
    (shown,) = await told.desk.webhooks(home.visitor)
    assert (shown.last_at, shown.last_failure, shown.undelivered.number) == (home.clock.now(), None, 0)
    await told.rounds.round()
    assert len(listening.calls) == 1


async def test_its_secret_is_sealed_and_told_once(home: House, listening: Receiver) -> None:
    told = telling(home, listening)
    added = await told.hook(listening)
    secret = added.secret.reveal()
    assert secret.startswith("whsec_")
    for shown in (added, await told.desk.webhooks(home.visitor), await told.outbox(), await home.entries()):
        assert secret not in str(shown)
    assert await home.credentials.list(home.visitor) == ()


async def test_who_adds_and_removes_is_on_record_and_of_the_address_only_where_it_is(
    home: House, listening: Receiver
) -> None:
    told = telling(home, listening)
    added = await told.hook(listening, [E.FAILED])
    await told.ended(REFUSED)
    await told.rounds.round()
    await told.desk.remove_webhook(home.visitor, added.webhook.id)
    entries = [one for one in await home.entries() if one.action.startswith("webhook")]
    assert [one.action for one in entries] == [AuditAction.WEBHOOK_ADDED, AuditAction.WEBHOOK_REMOVED]
    detail = {"webhook": str(added.webhook.id), "at": f"http://{listening.host_port}", "events": "failed"}
    assert [one.detail for one in entries] == [detail, detail]
    assert {one.actor for one in entries} == {home.visitor.actor}
    assert [one.action for one in await home.entries()].count(AuditAction.SECRET_DELETED) >= 1
    assert "secret_used" not in {one.action for one in await home.entries()}


async def test_what_is_on_its_way_to_a_webhook_that_is_removed_goes_with_it(
    cottage: House, listening: Receiver
) -> None:
    told = telling(cottage, listening)
    added = await told.hook(listening)
    await told.ended()
    await told.desk.remove_webhook(cottage.visitor, added.webhook.id)
    await told.rounds.round()
    assert (listening.calls, await told.outbox(), await told.desk.webhooks(cottage.visitor)) == ([], [], ())
    with pytest.raises(NotFound):
        await told.desk.remove_webhook(cottage.visitor, added.webhook.id)


@pytest.mark.parametrize(("statuses", "failure"), [([], None), ([500], "It said 500."), ([410], "It said 410.")])
async def test_a_test_is_called_at_once_and_its_outcome_told_once(
    cottage: House, listening: Receiver, statuses: list[int], failure: str | None
) -> None:
    told = telling(cottage, listening)
    added = await told.hook(listening, [E.FAILED])
    listening.statuses = statuses
    shown = await told.desk.test_webhook(cottage.visitor, added.webhook.id)
    assert (shown.last_at, shown.last_failure, shown.undelivered.number) == (cottage.clock.now(), failure, 0)
    (call,) = listening.calls
    assert call.is_signed_with(added.secret.reveal())
    assert call.told["type"] == "webhook.test"
    assert call.told["data"].keys() == {"sentence", "link"}
    cottage.clock.move(timedelta(days=1))
    await told.rounds.round()
    assert len(listening.calls) == 1
    assert AuditAction.NOTIFICATION_FAILED not in await cottage.actions()


class Meanwhile(Delivery):
    """Delivers, after what happens meanwhile."""

    def __init__(self, tools: DeliveryTools, happens: Callable[[], Awaitable[None]]) -> None:
        super().__init__(tools)
        self._happens = happens

    async def deliver(self, customer_id: UUID, notification_id: UUID, *, at_once: bool = False) -> None:
        await self._happens()
        await super().deliver(customer_id, notification_id, at_once=at_once)


def desk_with(told: Telling, happens: Callable[[], Awaitable[None]]) -> NotificationDesk:
    """A desk beside which this happens once a test is asked for."""
    return NotificationDesk(told.tools, Meanwhile(told.tools, happens), People(told.house.database, told.house.clock))


async def test_no_round_takes_a_test_from_who_looks_at_what_comes_of_it(home: House, listening: Receiver) -> None:
    told, calls = telling(home, listening), []
    added = await told.hook(listening)

    async def round_comes() -> None:
        await told.rounds.round()
        calls.append(len(listening.calls))

    listening.statuses = [500]
    shown = await desk_with(told, round_comes).test_webhook(home.visitor, added.webhook.id)
    assert (calls, len(listening.calls), shown.last_failure) == ([0], 1, "It said 500.")


async def test_a_test_of_a_webhook_that_is_removed_meanwhile_says_that_there_is_none(
    cottage: House, listening: Receiver
) -> None:
    told = telling(cottage, listening)
    added = await told.hook(listening)
    removal = partial(told.desk.remove_webhook, cottage.visitor, added.webhook.id)
    with pytest.raises(NotFound):
        await desk_with(told, removal).test_webhook(cottage.visitor, added.webhook.id)
    assert listening.calls == []


async def test_there_are_no_more_than_there_may_be(home: House, listening: Receiver) -> None:
    told = telling(home, listening)
    every = (told.hook(listening) for _ in range(MOST_WEBHOOKS + 2))
    made = await asyncio.gather(*every, return_exceptions=True)
    assert [type(one) for one in made].count(TooManyWebhooks) == 2
    assert len(await told.desk.webhooks(home.visitor)) == MOST_WEBHOOKS


async def test_an_open_browser_adds_none(cottage: House, listening: Receiver) -> None:
    """It would outlast the session: whoever adds one in a browser shows that it is they."""
    told = telling(cottage, listening)
    in_browser = replace(cottage.visitor, session_id=uuid4())
    with pytest.raises(WrongSignIn):
        await told.desk.add_webhook(in_browser, listening.url, EVERYTHING)
    assert await told.desk.webhooks(cottage.visitor) == ()


async def test_none_is_added_that_would_be_told_nothing(cottage: House, listening: Receiver) -> None:
    told = telling(cottage, listening)
    for events in ([], [E.TEST]):
        with pytest.raises(NothingChosen):
            await told.hook(listening, events)


@pytest.mark.parametrize("role", [one for one in Role if one not in {Role.OWNER, Role.ADMIN}])
async def test_only_owners_see_and_manage_them(cottage: House, listening: Receiver, role: Role) -> None:
    told = telling(cottage, listening)
    added, somebody = await told.hook(listening), replace(cottage.visitor, role=role)
    for refused in (
        told.desk.webhooks(somebody),
        told.desk.add_webhook(somebody, listening.url, EVERYTHING),
        told.desk.remove_webhook(somebody, added.webhook.id),
        told.desk.test_webhook(somebody, added.webhook.id),
    ):
        with pytest.raises(NotAllowed):
            await refused


async def test_a_token_needs_the_scope_for_it(cottage: House, listening: Receiver) -> None:
    told = telling(cottage, listening)
    without = replace(cottage.visitor, scopes=frozenset(Scope) - {Scope.CREDENTIALS})
    with pytest.raises(NotAllowed):
        await told.desk.add_webhook(without, listening.url, EVERYTHING)
    await told.desk.add_webhook(replace(without, scopes=frozenset({Scope.CREDENTIALS})), listening.url, EVERYTHING)


async def test_another_companys_is_not_there(home: House, listening: Receiver) -> None:
    told, theirs = telling(home, listening), telling(await house(home.database, home.clock), listening)
    added = await told.hook(listening)
    for refused in (
        theirs.desk.remove_webhook(theirs.house.visitor, added.webhook.id),
        theirs.desk.test_webhook(theirs.house.visitor, added.webhook.id),
    ):
        with pytest.raises(NotFound):
            await refused
    assert await theirs.desk.webhooks(theirs.house.visitor) == ()
    assert listening.calls == []


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        ("", "empty"),
        ("ftp://x.example/", "https://"),
        ("https://user:pw@x.example/", "password out"),
        ("https://x.example/#part", "#"),
        ("https://x.example/a\nb", "belong in no address"),
        ("https://x.example/ü", "belong in no address"),
        (f"https://x.example/{'x' * 500}", "longer than 500"),
    ],
)
async def test_what_is_no_address_is_refused_with_a_reason(cottage: House, typed: str, because: str) -> None:
    with pytest.raises(BadWebhook, match=because):
        await telling(cottage).desk.add_webhook(cottage.visitor, typed, EVERYTHING)


async def test_a_key_that_was_destroyed_is_told_and_nothing_is_sent_unsigned(
    cottage: House, listening: Receiver
) -> None:
    told = telling(cottage, listening)
    await told.hook(listening)
    await told.ended()
    (stored,) = await cottage.database.read(cottage.visitor.customer_id, cottage.vault.stored)
    await cottage.run(
        lambda session: cottage.vault.delete_by_id(
            session, stored.id, at=cottage.clock.now(), actor="x", because="a test takes it away"
        )
    )
    await told.rounds.round()
    assert listening.calls == []
    (row,) = await told.outbox()
    assert row.tries == 1
    assert "is not stored" in (row.last_failure or "")
    assert row.next_at < cottage.clock.now() + LEASE
