"""An owner's approval: its address holds a secret that is good for one answer, to one question, for a short while."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from core.agents.approval import SentKey
from core.agents.minting import KEY_KEPT
from core.agents.task import MADE
from core.database.session import CustomerSession, Database
from core.database.states import ApprovalEnding, OperationStatus
from core.database.tables import OwnerApprovalRow
from core.errors import NotFound
from core.operations.approvals import MOST_RECORDED, VALID_FOR, ApprovalRefused, NothingToApprove
from core.operations.consents import ConsentRequest
from core.operations.return_address import NOWHERE, NotOffered, ReturnAddress
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.security.audit.audit_log import AuditAction
from core.security.consent.consent import ConsentMissing
from core.security.origin import Origin
from core.security.people.sessions import digest
from core.security.secret import Secret
from tests.core.operations.house import OTHER_SHOP, SHOP, House, house
from tests.fakes.clock import MovedClock
from tests.fakes.integration import APPROVED, NEEDED, OPERATION, SERVICE, WIDER
from tests.postgres import as_owner

S = OperationStatus
KEY = {"consumer_key": f"ck_{secrets.token_hex(20)}", "consumer_secret": f"cs_{secrets.token_hex(20)}"}


async def allowed(house: House, permissions: tuple[str, ...] = ()) -> UUID:
    """Consent to it; the consent's id."""
    request = ConsentRequest(SERVICE, APPROVED, SHOP, permissions)
    return (await house.consents.grant(house.visitor, request)).id


async def asked(house: House, permissions: tuple[str, ...] = ()) -> OperationView:
    """Ask for it."""
    return await house.operations.initiate(house.visitor, NewOperation(SERVICE, APPROVED, SHOP, permissions))


async def waiting(house: House, permissions: tuple[str, ...] = ()) -> UUID:
    """An operation that is consented to and waits for its owner."""
    await allowed(house, permissions)
    return (await asked(house, permissions)).id


async def begun(house: House, operation_id: UUID) -> Secret:
    """Ask for the address; the state in it."""
    url = (await house.approvals.begin(house.visitor, operation_id)).url
    return Secret(parse_qs(urlsplit(url).query)["user_id"][0])


def sent(state: Secret, permission: str = "read", **changed: str) -> SentKey:
    """What the shop sends."""
    key = {name: Secret(value) for name, value in (KEY | changed).items()}
    return SentKey(SERVICE, state, permission, key)


async def approvals(house: House) -> list[OwnerApprovalRow]:
    """Every approval that was asked for, the oldest first."""
    every = select(OwnerApprovalRow).order_by(OwnerApprovalRow.created_at)  # type: ignore[arg-type]  # a column, once mapped
    return await house.database.read(house.visitor.customer_id, lambda session: list(session.exec(every)))


async def stored(house: House) -> set[str]:
    """The names of what is in the vault."""
    return {one.field for one in await house.credentials.list(house.visitor)}


async def nothing_was_taken(house: House, operation_id: UUID, status: OperationStatus = S.AWAITING_INPUT) -> None:
    """No key is kept, nobody is woken, and the operation stands where it stood."""
    row = await house.row(operation_id)
    assert (row.status, row.checkpoint, await stored(house), house.queue.woken) == (status, {}, set(), [])


async def test_with_consent_it_waits_for_its_owner_and_nobody_is_woken(home: House) -> None:
    await allowed(home)
    view = await asked(home)
    assert (view.status, home.queue.woken) == (S.AWAITING_INPUT, [])


async def test_granting_a_waiting_one_lets_it_wait_for_its_owner(home: House) -> None:
    operation_id = (await asked(home)).id
    await home.consents.grant_for(home.visitor, operation_id)
    assert ((await home.row(operation_id)).status, home.queue.woken) == (S.AWAITING_INPUT, [])


async def test_the_address_is_the_shops_and_says_who_asks_and_how_far(home: House) -> None:
    operation_id = await waiting(home)
    approval = await home.approvals.begin(home.visitor, operation_id)
    url = urlsplit(approval.url)
    query = {name: value for name, (value,) in parse_qs(url.query, strict_parsing=True).items()}
    state = query.pop("user_id")
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{SHOP}/wc-auth/v1/authorize"
    assert query == {
        "app_name": f"OmniOps · op {operation_id.hex[:8]}",
        "scope": "read",
        "return_url": f"https://autopilot.example/operations/{operation_id}",
        "callback_url": "https://autopilot.example/api/autonomous/callbacks/woocommerce",
    }
    assert approval.expires_at == home.clock.now() + VALID_FOR
    [row] = await approvals(home)
    assert (row.state_sha256, row.store_origin, row.scope) == (digest(state), SHOP, "read")
    assert len(state) >= 43  # 32 bytes
    assert state not in repr((row, approval, await home.entries()))


async def test_a_wider_consent_asks_for_a_wider_key(cottage: House) -> None:
    approval = await cottage.approvals.begin(cottage.visitor, await waiting(cottage, (*NEEDED, WIDER)))
    assert parse_qs(urlsplit(approval.url).query)["scope"] == ["read_write"]


async def test_a_key_that_is_sent_is_sealed_and_the_operation_goes_on(home: House) -> None:
    operation_id = await waiting(home)
    state = await begun(home, operation_id)
    await home.approvals.take(sent(state))
    row = await home.row(operation_id)
    assert (row.status, row.checkpoint) == (S.PENDING, {"done": [KEY_KEPT, MADE]})
    assert home.queue.woken == [operation_id]
    assert home.told[-1] == operation_id
    assert [one.ending for one in await approvals(home)] == [ApprovalEnding.GIVEN]
    assert await stored(home) == {"new_consumer_key", "new_consumer_secret"}
    lease = await home.claim(operation_id)
    secret = await home.secrets_of(lease).use("new_consumer_secret", purpose="a test")
    assert secret == Secret(KEY["consumer_secret"])
    assert (await home.actions())[-5:-1] == [
        AuditAction.APPROVAL_ASKED,
        AuditAction.SECRET_STORED,
        AuditAction.SECRET_STORED,
        AuditAction.APPROVAL_GIVEN,
    ]
    told = repr(await home.entries())
    assert not [one for one in (*KEY.values(), state.reveal(), digest(state.reveal())) if one in told]


async def test_an_answer_is_good_once(home: House) -> None:
    operation_id = await waiting(home)
    answer = sent(await begun(home, operation_id))
    await home.approvals.take(answer)
    entries = len(await home.entries())
    with pytest.raises(ApprovalRefused):
        await home.approvals.take(answer)
    assert home.queue.woken == [operation_id]
    refused = (await home.entries())[entries:]
    assert [(one.action, one.operation_id) for one in refused] == [(AuditAction.APPROVAL_REFUSED, operation_id)]
    assert refused[0].detail == {"shop": SHOP, "scope": "read", "because": "the address was given before"}


async def test_of_many_answers_at_once_one_is_taken(home: House) -> None:
    operation_id = await waiting(home)
    answer = sent(await begun(home, operation_id))
    came = await asyncio.gather(*(home.approvals.take(answer) for _ in range(6)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in came) == ["ApprovalRefused"] * 5 + ["NoneType"]
    assert home.queue.woken == [operation_id]
    assert (await home.actions()).count(AuditAction.SECRET_STORED) == 2


async def test_a_newer_address_voids_the_one_before(home: House) -> None:
    operation_id = await waiting(home)
    older, newer = await begun(home, operation_id), await begun(home, operation_id)
    with pytest.raises(ApprovalRefused):
        await home.approvals.take(sent(older))
    await nothing_was_taken(home, operation_id)
    await home.approvals.take(sent(newer))
    assert {one.ending for one in await approvals(home)} == {ApprovalEnding.REPLACED, ApprovalEnding.GIVEN}


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        ({"permission": "read_write"}, "the key can do something else than was asked for"),
        ({"permission": "write"}, "the key can do something else than was asked for"),
        ({"permission": ""}, "the key can do something else than was asked for"),
        ({"consumer_key": "ck_short"}, "what was sent is no WooCommerce key"),
        ({"consumer_secret": "cs_" + "g" * 40}, "what was sent is no WooCommerce key"),
        ({"consumer_secret": KEY["consumer_key"]}, "what was sent is no WooCommerce key"),
    ],
    ids=str,
)
async def test_a_key_that_is_not_what_was_asked_for_is_not_taken(
    cottage: House, answer: dict[str, str], because: str
) -> None:
    operation_id = await waiting(cottage)
    state = await begun(cottage, operation_id)
    with pytest.raises(ApprovalRefused) as refused:
        await cottage.approvals.take(sent(state, **answer))
    await nothing_was_taken(cottage, operation_id)
    assert because not in refused.value.sentence
    assert ((await cottage.entries())[-1].detail or {})["because"] == because
    with pytest.raises(ApprovalRefused):  # and the right one comes too late: the state is used up
        await cottage.approvals.take(sent(state))
    await nothing_was_taken(cottage, operation_id)


async def test_an_answer_for_another_service_is_not_taken(cottage: House) -> None:
    operation_id = await waiting(cottage)
    with pytest.raises(ApprovalRefused):
        await cottage.approvals.take(replace(sent(await begun(cottage, operation_id)), service="wordpress"))
    await nothing_was_taken(cottage, operation_id)


async def test_an_answer_that_comes_too_late_is_not_taken(cottage: House) -> None:
    operation_id = await waiting(cottage)
    state = await begun(cottage, operation_id)
    cottage.clock.move(VALID_FOR)
    with pytest.raises(ApprovalRefused):
        await cottage.approvals.take(sent(state))
    await nothing_was_taken(cottage, operation_id)
    await cottage.approvals.take(sent(await begun(cottage, operation_id)))  # a fresh address is good


async def test_just_in_time_is_in_time(cottage: House) -> None:
    operation_id = await waiting(cottage)
    state = await begun(cottage, operation_id)
    cottage.clock.move(VALID_FOR - timedelta(seconds=1))
    await cottage.approvals.take(sent(state))


async def test_after_the_consent_was_withdrawn_or_the_operation_stopped_nothing_is_taken(home: House) -> None:
    consent = await allowed(home)
    withdrawn = (await asked(home)).id
    answer = sent(await begun(home, withdrawn))
    await home.consents.revoke(home.visitor, consent, because="enough")
    with pytest.raises(ApprovalRefused):
        await home.approvals.take(answer)
    await nothing_was_taken(home, withdrawn, S.CANCELLED)

    stopped = await waiting(home)
    answer = sent(await begun(home, stopped))
    await home.operations.cancel(home.visitor, stopped, because="not today")
    with pytest.raises(ApprovalRefused):
        await home.approvals.take(answer)
    await nothing_was_taken(home, stopped, S.CANCELLED)
    assert (await home.row(stopped)).left_behind is None


async def test_a_consent_that_ran_out_lets_nothing_begin_and_nothing_in(cottage: House) -> None:
    cottage_consent = await allowed(cottage)
    operation_id = (await asked(cottage)).id
    cottage.clock.move(timedelta(days=30) - VALID_FOR / 2)
    state = await begun(cottage, operation_id)
    cottage.clock.move(VALID_FOR / 2)
    with pytest.raises(ApprovalRefused):
        await cottage.approvals.take(sent(state))
    await nothing_was_taken(cottage, operation_id)
    with pytest.raises(ConsentMissing):
        await cottage.approvals.begin(cottage.visitor, operation_id)
    assert (await cottage.row(operation_id)).consent_id == cottage_consent


@pytest.mark.parametrize("state", ["", "x", "0" * 64, secrets.token_urlsafe(32)])
async def test_a_made_up_state_is_refused_in_the_same_words_and_leaves_no_trace(cottage: House, state: str) -> None:
    operation_id = await waiting(cottage)
    used = await begun(cottage, operation_id)
    cottage.clock.move(VALID_FOR)
    with pytest.raises(ApprovalRefused) as known:
        await cottage.approvals.take(sent(used))
    entries = len(await cottage.entries())
    with pytest.raises(ApprovalRefused) as unknown:
        await cottage.approvals.take(sent(Secret(state)))
    assert unknown.value.sentence == known.value.sentence
    assert len(await cottage.entries()) == entries


async def test_the_digest_of_a_state_is_no_state(cottage: House) -> None:
    operation_id = await waiting(cottage)
    state = await begun(cottage, operation_id)
    with pytest.raises(ApprovalRefused):
        await cottage.approvals.take(sent(Secret(digest(state.reveal()))))
    await nothing_was_taken(cottage, operation_id)


async def test_an_old_state_does_not_fill_the_audit_chain(cottage: House) -> None:
    operation_id = await waiting(cottage)
    answer = sent(await begun(cottage, operation_id), permission="write")
    for _ in range(MOST_RECORDED + 3):
        with pytest.raises(ApprovalRefused):
            await cottage.approvals.take(answer)
    assert (await cottage.actions()).count(AuditAction.APPROVAL_REFUSED) == MOST_RECORDED


async def test_whoever_says_no_voids_the_address(home: House) -> None:
    operation_id = await waiting(home)
    state = await begun(home, operation_id)
    assert await home.approvals.decline(home.visitor, operation_id, state) is True
    assert await home.approvals.decline(home.visitor, operation_id, state) is False
    with pytest.raises(ApprovalRefused):
        await home.approvals.take(sent(state))
    await nothing_was_taken(home, operation_id)
    assert (await home.actions())[-2:] == [AuditAction.APPROVAL_DECLINED, AuditAction.APPROVAL_REFUSED]


async def test_a_no_with_a_made_up_state_changes_nothing(cottage: House) -> None:
    operation_id = await waiting(cottage)
    state = await begun(cottage, operation_id)
    assert await cottage.approvals.decline(cottage.visitor, operation_id, Secret("made up")) is False
    await cottage.approvals.take(sent(state))
    assert await cottage.approvals.decline(cottage.visitor, operation_id, state) is False


async def test_a_no_to_one_operation_is_none_to_another(cottage: House) -> None:
    operation_id = await waiting(cottage)
    elsewhere = NewOperation(SERVICE, APPROVED, OTHER_SHOP)
    await cottage.consents.grant(cottage.visitor, ConsentRequest(SERVICE, APPROVED, OTHER_SHOP))
    other = await cottage.operations.initiate(cottage.visitor, elsewhere)
    state = await begun(cottage, operation_id)
    assert await cottage.approvals.decline(cottage.visitor, other.id, state) is False
    await cottage.approvals.take(sent(state))


async def test_what_is_another_customers_is_not_there(home: House, database: Database, clock: MovedClock) -> None:
    neighbour = await house(database, clock)
    operation_id = await waiting(home)
    state = await begun(home, operation_id)
    for call in (
        neighbour.approvals.begin(neighbour.visitor, operation_id),
        neighbour.approvals.decline(neighbour.visitor, operation_id, state),
    ):
        with pytest.raises(NotFound):
            await call
    theirs = await waiting(neighbour)
    assert await neighbour.approvals.decline(neighbour.visitor, theirs, state) is False
    await home.approvals.take(sent(state))
    assert (await stored(home), await stored(neighbour)) == ({"new_consumer_key", "new_consumer_secret"}, set())
    await nothing_was_taken(neighbour, theirs)


async def test_only_what_waits_for_its_owner_can_be_approved(cottage: House) -> None:
    with pytest.raises(NotFound):
        await cottage.approvals.begin(cottage.visitor, uuid4())
    operation_id = (await asked(cottage)).id
    with pytest.raises(NothingToApprove, match="needs your consent"):
        await cottage.approvals.begin(cottage.visitor, operation_id)
    await cottage.operations.cancel(cottage.visitor, operation_id, because="enough")
    await cottage.allow()
    ordinary = await cottage.ask()
    with pytest.raises(NothingToApprove, match="waiting to start"):
        await cottage.approvals.begin(cottage.visitor, ordinary.id)
    await cottage.put(ordinary.id, status=S.IN_PROGRESS.value)
    await cottage.put(ordinary.id, status=S.AWAITING_INPUT.value)
    with pytest.raises(NothingToApprove):
        await cottage.approvals.begin(cottage.visitor, ordinary.id)


async def test_if_the_queue_fails_nothing_is_taken_and_the_address_stays_good(home: House) -> None:
    operation_id = await waiting(home)
    answer = sent(await begun(home, operation_id))
    home.queue.broken = True
    with pytest.raises(RuntimeError):
        await home.approvals.take(answer)
    await nothing_was_taken(home, operation_id)
    home.queue.broken = False
    await home.approvals.take(answer)
    assert home.queue.woken == [operation_id]


async def test_a_stopped_one_says_what_may_be_left_and_forgets_the_key(home: House) -> None:
    operation_id = await waiting(home)
    await home.approvals.take(sent(await begun(home, operation_id)))
    view = await home.operations.cancel(home.visitor, operation_id, because="not today")
    assert view.failure
    assert view.failure.left_behind == f"The key of {operation_id.hex[:8]} may still be there."
    assert await stored(home) == set()


async def test_the_database_itself_uses_an_approval_once(home: House) -> None:
    operation_id = await waiting(home)
    await home.approvals.take(sent(await begun(home, operation_id)))
    for change in ("ended_at = NULL", "ending = 'declined'", "state_sha256 = 'x'", "scope = 'write'"):
        with pytest.raises(DatabaseError, match="has ended stays so"), as_owner(home.database).begin() as connection:
            connection.execute(text(f"UPDATE owner_approvals SET {change}"))


async def test_the_database_itself_keeps_one_address_open(home: House) -> None:
    operation_id = await waiting(home)
    await begun(home, operation_id)

    def another(session: CustomerSession) -> None:
        row = session.exec(select(OwnerApprovalRow)).one()
        values = row.model_dump() | {"id": uuid4(), "state_sha256": "x"}
        session.add(OwnerApprovalRow(**values))

    with pytest.raises(DatabaseError):
        await home.run(another)


async def test_the_consent_to_it_is_told_in_words_of_its_own(cottage: House) -> None:
    ours, usual = (
        cottage.consents.sheet(ConsentRequest(SERVICE, operation, SHOP)) for operation in (APPROVED, OPERATION)
    )
    assert (ours.intro, ours.kept) == ("No password is asked for.", ("The key.",))
    assert "opens a browser" in usual.intro
    assert ours.sha256 != usual.sha256


async def test_the_words_before_the_consent_are_a_part_of_what_is_hashed(cottage: House) -> None:
    one = cottage.integrations.get(SERVICE, APPROVED)
    before = cottage.consents.sheet(ConsentRequest(SERVICE, APPROVED, SHOP)).sha256
    cottage.integrations._known[SERVICE, APPROVED] = replace(one, intro="Something else.")
    assert cottage.consents.sheet(ConsentRequest(SERVICE, APPROVED, SHOP)).sha256 != before


@pytest.mark.parametrize(
    ("ours", "shop", "offered"),
    [
        (ReturnAddress("https://autopilot.example"), "https://tea.example", True),
        (ReturnAddress("http://autopilot.example"), "https://tea.example", False),
        (ReturnAddress("http://127.0.0.1:8080", frozenset({"127.0.0.1:8081"})), "http://127.0.0.1:8081", True),
        (ReturnAddress("http://127.0.0.1:8080", frozenset({"127.0.0.1:8081"})), "https://tea.example", False),
        (ReturnAddress("http://127.0.0.1:8080", frozenset({"127.0.0.1:8081"})), "http://127.0.0.1:8082", False),
        (NOWHERE, "https://tea.example", False),
        (ReturnAddress.of("nowhere at all", frozenset({"tea.example:443"})), "https://tea.example", False),
        (ReturnAddress.of("autopilot.example/", frozenset()), "https://tea.example", True),
        (ReturnAddress.of("http://autopilot.lan:8080", frozenset({"shop.lan:443"})), "https://shop.lan", False),
        (ReturnAddress.of("http://127.0.0.1:8080", frozenset({"shop.lan:443"})), "https://shop.lan", False),
        (ReturnAddress.of("http://autopilot.lan", frozenset({"127.0.0.1:81"})), "http://127.0.0.1:81", False),
        (ReturnAddress.of("http://localhost:8080", frozenset({"[::1]:81"})), "http://[::1]:81", True),
    ],
)
def test_a_key_is_sent_over_https_or_in_a_practice(ours: ReturnAddress, shop: str, offered: bool) -> None:
    assert (ours.objection(Origin.of(shop)) == "") is offered


async def test_where_no_shop_can_answer_it_is_not_begun(cottage: House) -> None:
    cottage.operations._ours = NOWHERE
    with pytest.raises(NotOffered, match="over https alone"):
        await asked(cottage)
    assert (await cottage.operations.history(cottage.visitor), cottage.probe.asked) == ((), [])
    assert (await cottage.ask()).status is S.AWAITING_CONSENT


def test_nothing_secret_shows_in_what_is_passed_around() -> None:
    shown = repr(sent(Secret("a state")))
    assert not [one for one in ("a state", *KEY.values()) if one in shown]
