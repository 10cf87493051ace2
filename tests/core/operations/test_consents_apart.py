"""Each purpose is a consent of its own: given, refused and withdrawn by itself, and each allows just what it says."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from core.database.session import Database
from core.database.states import ConsentEnding, OperationStatus
from core.operations.allowance import check_allowed
from core.operations.consents import ConsentRequest
from core.operations.model_permission import ModelPermission
from core.operations.service import NewOperation, OperationService
from core.operations.step_log import StepLogTools
from core.operations.wordings import PurposeNotOffered
from core.planner.spending import ModelNotAllowed
from core.security.audit.audit_log import AuditAction
from core.security.consent.agreement import Circumstances, Purpose, Recipient, Surface
from core.security.consent.consent import ConsentMissing
from tests.core.operations.house import OTHER_SHOP, SECRETS, SHOP, House, house
from tests.fakes.clock import MovedClock
from tests.fakes.integration import APPROVED, NEEDED, OPERATION, PASSWORD, SERVICE, WIDER
from tests.fakes.screenshots import MemoryScreenshotStore

S = OperationStatus
BY_DIALOG = Circumstances(Surface.DIALOG, "consent-allow", None, "a" * 64, "192.0.2.77")


async def agree(house: House, *permissions: str, refused: tuple[Purpose, ...] = ()) -> None:
    await house.consents.agree(house.visitor, ConsentRequest(SERVICE, OPERATION, SHOP, permissions), BY_DIALOG, refused)


async def purposes(house: House) -> list[str]:
    return sorted(one.purpose for one in await house.consents.list(house.visitor) if one.in_force)


ANTHROPIC = Recipient("Anthropic", "USA")


def permission(house: House, lease: object, recipient: Recipient | None = ANTHROPIC) -> ModelPermission:
    tools = StepLogTools(house.database, MemoryScreenshotStore(), house.progress, house.clock)
    return ModelPermission(tools, lease, recipient)  # type: ignore[arg-type]  # a lease


async def test_what_is_named_is_given_and_nothing_else(cottage: House) -> None:
    await agree(cottage, *NEEDED)
    assert await purposes(cottage) == ["act"]
    await agree(cottage, "keep_pictures")
    assert await purposes(cottage) == ["act", "keep_pictures"]
    await agree(cottage, *NEEDED, "ask_model")
    assert await purposes(cottage) == ["act", "ask_model", "keep_pictures"]


async def test_to_send_a_sign_in_is_to_agree_that_it_is_kept(cottage: House) -> None:
    await cottage.sign_in()
    given = await cottage.given(Purpose.STORE_SIGN_IN)
    assert (given.service, given.store_url, given.operation, given.in_force) == (SERVICE, SHOP, "any", True)


async def test_what_is_not_asked_for_can_not_be_given(cottage: House) -> None:
    request = ConsentRequest(SERVICE, APPROVED, SHOP, ("store_sign_in",))
    with pytest.raises(PurposeNotOffered):
        await cottage.consents.grant(cottage.visitor, request)
    boxes = cottage.consents.sheet(ConsentRequest(SERVICE, APPROVED, SHOP)).boxes
    assert boxes == ()
    asked = [box.purpose for box in cottage.consents.sheet(ConsentRequest(SERVICE, OPERATION, SHOP)).boxes]
    assert asked == [Purpose.STORE_SIGN_IN, Purpose.ASK_MODEL, Purpose.KEEP_PICTURES]


async def test_a_no_is_recorded_and_ends_what_was_allowed_before(cottage: House) -> None:
    await agree(cottage, *NEEDED, "ask_model")
    await agree(cottage, *NEEDED, refused=(Purpose.ASK_MODEL, Purpose.KEEP_PICTURES))
    assert await purposes(cottage) == ["act"]
    assert (await cottage.actions()).count(AuditAction.CONSENT_REFUSED) == 2
    await cottage.consents.refuse(cottage.visitor, ConsentRequest(SERVICE, OPERATION, SHOP), BY_DIALOG)
    assert (await cottage.actions())[-1] == AuditAction.CONSENT_REFUSED
    assert await purposes(cottage) == ["act"]  # not to agree anew takes nothing back


async def test_a_newer_consent_takes_the_place_of_what_it_covers_and_what_runs_goes_on_under_it(home: House) -> None:
    lease = await home.claimed()
    old = await home.given()
    await agree(home, *NEEDED, WIDER)
    new = await home.given()
    row = await home.row(lease.operation_id)
    assert (row.consent_id, row.status) == (new.id, S.IN_PROGRESS)
    ended = next(one for one in await home.consents.list(home.visitor) if one.id == old.id)
    assert (ended.ended_as, ended.in_force) == (ConsentEnding.SUPERSEDED, False)
    await home.run(lambda session: check_allowed(session, row, home.clock.now()))
    await home.consents.revoke(home.visitor, new.id, because="enough")
    assert (await home.row(lease.operation_id)).status == S.CANCELLED


async def test_a_narrower_consent_narrows_and_what_needs_more_is_stopped_and_asks_again(home: House) -> None:
    await home.sign_in()
    wide = await home.allow(permissions=(*NEEDED, WIDER))
    lease = await home.claim((await home.ask(permissions=(WIDER,))).id)
    await agree(home, *NEEDED)
    ended = next(one for one in await home.consents.list(home.visitor) if one.id == wide.id)
    assert (ended.ended_as, await purposes(home)) == (ConsentEnding.SUPERSEDED, ["act"])
    row = await home.row(lease.operation_id)
    assert (row.status, row.failure_sentence) == (
        S.CANCELLED,
        "Consent was withdrawn: less is allowed now than it needs",
    )
    assert [stopped for stopped, _ in home.queue.stopped] == [lease.operation_id]
    again = await home.ask(permissions=(WIDER,))
    assert again.status is S.AWAITING_CONSENT
    assert await home.operations.missing(home.visitor, again.id) == {WIDER}


async def test_what_a_narrower_consent_covers_goes_on_under_it_and_another_shop_is_another_matter(
    cottage: House,
) -> None:
    await cottage.allow(permissions=(*NEEDED, WIDER))
    await cottage.allow(OTHER_SHOP, permissions=(*NEEDED, WIDER))
    await cottage.sign_in()
    lease = await cottage.claim((await cottage.ask()).id)
    elsewhere = await cottage.ask(OTHER_SHOP, permissions=(WIDER,))
    await agree(cottage, *NEEDED)
    row = await cottage.row(lease.operation_id)
    assert (row.status, row.consent_id) == (S.IN_PROGRESS, (await cottage.given()).id)
    assert (await cottage.row(elsewhere.id)).status == S.PENDING


async def test_a_use_of_the_sign_in_needs_the_consent_to_act_and_the_one_to_keep_it(home: House) -> None:
    await home.sign_in()
    home.clock.move(timedelta(days=1))
    await home.allow()
    secrets = home.secrets_of(await home.claim((await home.ask()).id))
    assert (await secrets.use(PASSWORD, "sign in")).reveal() == SECRETS[PASSWORD]
    kept = await home.given(Purpose.STORE_SIGN_IN)
    home.clock.move(kept.expires_at - home.clock.now())
    assert (await home.given()).in_force
    with pytest.raises(ConsentMissing, match="sign-in is kept"):
        await secrets.use(PASSWORD, "sign in")


async def test_withdrawing_the_consent_to_keep_it_deletes_the_sign_in_and_stops_what_runs(home: House) -> None:
    lease = await home.claimed()
    kept = await home.given(Purpose.STORE_SIGN_IN)
    await home.consents.revoke(home.visitor, kept.id, because="enough")
    assert await home.signed_in_at() == set()
    assert (await home.row(lease.operation_id)).status == S.CANCELLED
    assert [stopped for stopped, _ in home.queue.stopped] == [lease.operation_id]
    assert (await home.given()).in_force


async def test_credentials_that_are_kept_can_not_be_used_until_somebody_consents_anew(cottage: House) -> None:
    await cottage.pending()
    given = await cottage.given()
    await cottage.consents.revoke(cottage.visitor, given.id, because="for now", keep_credentials=True)
    assert await cottage.signed_in_at() == {SHOP}
    operation = await cottage.ask()
    assert operation.status is S.AWAITING_CONSENT
    await agree(cottage, *NEEDED)
    lease = await cottage.claim(operation.id)
    assert (await cottage.secrets_of(lease).use(PASSWORD, "sign in")).reveal() == SECRETS[PASSWORD]


async def test_the_model_is_asked_only_where_that_is_allowed_and_a_no_is_told_once(home: House) -> None:
    lease = await home.claimed()
    may = permission(home, lease)
    for _ in range(2):
        with pytest.raises(ModelNotAllowed):
            await may()
    assert (await home.actions()).count(AuditAction.MODEL_NOT_ASKED) == 1
    await agree(home, "ask_model")
    await may()
    await home.consents.revoke(home.visitor, (await home.given(Purpose.ASK_MODEL)).id, because="enough")
    with pytest.raises(ModelNotAllowed):
        await may()
    assert (await home.row(lease.operation_id)).status == S.IN_PROGRESS  # it goes on without


@pytest.mark.parametrize("other", [None, Recipient("Anthropic", "Ireland"), Recipient("Anthropic, by way of x", "USA")])
async def test_a_consent_that_names_one_recipient_allows_no_other(cottage: House, other: Recipient | None) -> None:
    lease = await cottage.claimed()
    await agree(cottage, "ask_model")
    with pytest.raises(ModelNotAllowed):
        await permission(cottage, lease, other)()
    await permission(cottage, lease)()


async def test_a_run_that_nobody_has_asked_for_permission_asks_no_model(cottage: House) -> None:
    with pytest.raises(ModelNotAllowed):
        await (await cottage.claimed()).purse.may_ask()


def in_other_words(house: House, version: str) -> OperationService:
    """The same desk, after the text was replaced."""
    known = house.operations
    known._text_version = version
    return known


async def test_new_words_are_agreed_to_anew_and_what_runs_goes_on(home: House) -> None:
    lease = await home.claimed()
    row = await home.row(lease.operation_id)
    operations = in_other_words(home, "3.0")
    await home.run(lambda session: check_allowed(session, row, home.clock.now()))
    await home.put(row.id, status=S.FAILED)
    again = await operations.initiate(home.visitor, NewOperation(SERVICE, OPERATION, SHOP))
    assert again.status is S.AWAITING_CONSENT
    assert await operations.missing(home.visitor, again.id) == NEEDED
    assert await operations.text_has_changed(home.visitor, again.id)


async def test_a_mere_word_changes_nothing(cottage: House) -> None:
    await cottage.allow()
    asked = await in_other_words(cottage, "2.7").initiate(cottage.visitor, NewOperation(SERVICE, OPERATION, SHOP))
    assert asked.status is S.PENDING


@pytest.mark.parametrize("kind", ["sqlite_database", "postgres_database"])
async def test_two_who_agree_at_once_leave_one_consent_in_force(
    kind: str, request: pytest.FixtureRequest, clock: MovedClock
) -> None:
    database: Database = request.getfixturevalue(kind)
    home = await house(database, clock)
    await asyncio.gather(*(agree(home, *NEEDED) for _ in range(4)))
    assert await purposes(home) == ["act"]
    given = await home.given()
    await asyncio.gather(agree(home, *NEEDED), home.consents.revoke(home.visitor, given.id, because="enough"))
    ends = [one.ended_as for one in await home.consents.list(home.visitor) if one.id == given.id]
    assert ends[0] in {ConsentEnding.WITHDRAWN, ConsentEnding.SUPERSEDED}
    assert await purposes(home) == ["act"]
    assert len([one for one in await home.entries() if one.action == AuditAction.CONSENT_GRANTED]) == 5


async def test_what_is_recorded_tells_all(cottage: House) -> None:
    await agree(cottage, *NEEDED, "ask_model")
    told = await cottage.receipts.receipt(cottage.visitor, (await cottage.given(Purpose.ASK_MODEL)).id)
    receipt = told["receipt"]
    assert receipt["recipients"] == [{"name": "Anthropic", "country": "USA"}]
    assert "Anthropic (USA)" in receipt["shown"][0]
    assert (receipt["event"]["ipPrefix"], receipt["event"]["method"]) == ("192.0.2.0/24", "consent-allow")
    assert {
        "piiTypes",
        "retention",
        "controller",
        "storageLocation",
        "jurisdiction",
        "withdrawalMethod",
    } <= receipt.keys()
    entry = next(one for one in await cottage.entries() if one.seq == receipt["proof"]["seq"])
    assert (entry.action, entry.hash) == (AuditAction.CONSENT_GRANTED, receipt["proof"]["hash"])
    cottage.clock.move(timedelta(days=31))
    later = await cottage.receipts.receipt(cottage.visitor, (await cottage.given(Purpose.ASK_MODEL)).id)
    assert later["receipt"]["state"]["now"] == "expired"
    run = partial(cottage.receipts.verify, later)
    assert (await run())["consentTo"] == "ask_model"
