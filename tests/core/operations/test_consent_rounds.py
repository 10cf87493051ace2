"""Consents lapse by themselves, and pictures that nobody allows to keep are deleted, once, with an entry that says so."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.browser.page import Picture
from core.browser.screenshots import PicturesOutOfReach, PicturesUnavailable
from core.database.states import ConsentEnding, OperationStatus, StepState
from core.database.tables import QuestionRow, StepRow
from core.operations.consent_rounds import SHOWN_FOR, ConsentRounds, purge_pictures_without_consent
from core.operations.consents import ConsentRequest
from core.security.audit.audit_log import AuditAction
from core.security.consent.agreement import Purpose
from tests.core.operations.asking import every_question
from tests.core.operations.healed import staffed
from tests.core.operations.house import SHOP, House, house, visitor
from tests.fakes.integration import OPERATION, SERVICE
from tests.fakes.screenshots import MemoryScreenshotStore
from tests.postgres import as_owner

PICTURE = Picture(b"webp", b"thumbnail", 1280, 800, (), SHOP)


@pytest.fixture
def rounds(home: House) -> ConsentRounds:
    return ConsentRounds(home.database, MemoryScreenshotStore(), home.clock, "2.0")


async def keep(home: House) -> None:
    await home.consents.grant(home.visitor, ConsentRequest(SERVICE, OPERATION, SHOP, ("keep_pictures",)))


async def over_with_a_picture(home: House, rounds: ConsentRounds) -> UUID:
    """An operation that ends now, with one picture; the picture's id."""
    operation = await home.pending()
    kept = await rounds.pictures.save(home.visitor.customer_id, PICTURE)
    line = StepRow(
        customer_id=home.visitor.customer_id,
        operation_id=operation.id,
        position=1,
        intent="Sign in",
        action="click",
        state=StepState.DONE,
        picture_id=kept.id,
    )
    await home.run(lambda session: session.add(line))
    await home.put(operation.id, status=OperationStatus.FAILED, finished_at=home.clock.now())
    return kept.id


def kept(rounds: ConsentRounds) -> int:
    assert isinstance(rounds.pictures, MemoryScreenshotStore)
    return len(rounds.pictures.files)


async def test_pictures_are_shown_for_an_hour_and_then_deleted_once(home: House, rounds: ConsentRounds) -> None:
    picture = await over_with_a_picture(home, rounds)
    assert await purge_pictures_without_consent(rounds) == 0
    home.clock.move(SHOWN_FOR)
    assert await purge_pictures_without_consent(rounds) == 1
    assert kept(rounds) == 0
    assert [row.picture_id for row in await home.steps()] == [None]
    entry = (await home.entries())[-1]
    assert entry.action == AuditAction.PICTURES_DELETED
    assert entry.detail is not None
    assert (entry.detail["pictures"], entry.detail["ids"]) == (1, picture.hex)
    before = await home.actions()
    assert await purge_pictures_without_consent(rounds) == 0
    assert await home.actions() == before


async def test_what_asked_a_person_and_what_a_healed_step_proposes_show_it_no_more(home: House) -> None:
    place = await staffed(home)
    await place.heal()
    (operation,) = await home.operations.history(home.visitor)
    asked = await place.pictures.save(home.visitor.customer_id, PICTURE)
    row = QuestionRow(
        customer_id=home.visitor.customer_id,
        operation_id=operation.id,
        position=1,
        kind="code",
        words="?",
        picture_id=asked.id,
        created_at=home.clock.now(),
        expires_at=home.clock.now(),
        ended_at=home.clock.now(),
    )
    await home.run(lambda session: session.add(row))
    await home.put(operation.id, status=OperationStatus.FAILED, finished_at=home.clock.now())
    home.clock.move(SHOWN_FOR)
    assert await purge_pictures_without_consent(ConsentRounds(home.database, place.pictures, home.clock, "2.0")) == 2
    assert place.pictures.files == {}
    assert [row.picture_id for row in await every_question(home)] == [None]
    assert [change.has_picture for change in await place.desk.list(place.staff)] == [False]


async def test_a_picture_that_nothing_shows_is_deleted_and_told_once_though_its_file_stays(cottage: House) -> None:
    rounds = ConsentRounds(cottage.database, MemoryScreenshotStore(), cottage.clock, "2.0")
    assert isinstance(rounds.pictures, MemoryScreenshotStore)
    young, old = [await rounds.pictures.save(cottage.visitor.customer_id, PICTURE) for _ in range(2)]
    files = dict(rounds.pictures.files)
    rounds.pictures.kept_at |= {young.id: cottage.clock.now(), old.id: cottage.clock.now() - timedelta(seconds=1)}
    cottage.clock.move(SHOWN_FOR)
    for _ in range(2):
        rounds.pictures.files = dict(files)
        assert await purge_pictures_without_consent(rounds) == 1
        assert [one for _, one in rounds.pictures.files] == [young.id]
    told = [entry.detail for entry in await cottage.entries() if entry.action == AuditAction.PICTURES_DELETED]
    assert [detail["ids"] for detail in told if detail] == [old.id.hex]


async def test_a_picture_that_can_not_be_deleted_is_told_and_keeps_nobody_elses(
    cottage: House, caplog: pytest.LogCaptureFixture
) -> None:
    class Stuck(MemoryScreenshotStore):
        async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
            if customer_id == cottage.visitor.customer_id:
                raise PicturesUnavailable(because="stuck")
            await super().delete(customer_id, pictures)

    rounds = ConsentRounds(cottage.database, Stuck(), cottage.clock, "2.0")
    neighbour = await house(cottage.database, cottage.clock)
    for one in (cottage, neighbour):
        await over_with_a_picture(one, rounds)
    cottage.clock.move(SHOWN_FOR)
    assert await purge_pictures_without_consent(rounds) == 1
    assert [customer for customer, _ in rounds.pictures.files] == [cottage.visitor.customer_id]  # type: ignore[attr-defined]  # it is one of memory
    told = f"{PicturesUnavailable(because='stuck')}"
    assert f"ALERT: pictures of customer {cottage.visitor.customer_id} were not deleted: {told}" in caplog.text


async def test_a_store_that_is_silent_is_waited_for_once_in_a_round(
    cottage: House, caplog: pytest.LogCaptureFixture
) -> None:
    class Silent(MemoryScreenshotStore):
        async def kept_before(self, customer_id: UUID, moment: datetime) -> tuple[UUID, ...]:
            raise PicturesOutOfReach(because="nobody answers")

    await house(cottage.database, cottage.clock)
    rounds = ConsentRounds(cottage.database, Silent(), cottage.clock, "2.0")
    assert len(await rounds.customers()) > 1
    await rounds.round()
    assert caplog.text.count("ALERT: pictures of customer") == 1


async def test_pictures_that_may_be_kept_stay_until_that_is_withdrawn(home: House, rounds: ConsentRounds) -> None:
    await keep(home)
    await over_with_a_picture(home, rounds)
    home.clock.move(timedelta(days=29))
    await rounds.round()
    assert kept(rounds) == 1
    await home.consents.revoke(home.visitor, (await home.given(Purpose.KEEP_PICTURES)).id, because="enough")
    await rounds.round()
    assert kept(rounds) == 0


async def test_a_consent_past_its_day_is_recorded_as_expired_once(home: House, rounds: ConsentRounds) -> None:
    given = await home.allow()
    home.clock.move(given.expires_at - home.clock.now())
    for _ in range(2):
        await rounds.round()
    assert (await home.given()).ended_as is ConsentEnding.EXPIRED
    assert (await home.actions()).count(AuditAction.CONSENT_EXPIRED) == 1


async def test_a_consent_to_words_that_hold_no_more_is_invalidated_but_not_under_a_run(
    home: House, rounds: ConsentRounds
) -> None:
    newer = ConsentRounds(home.database, rounds.pictures, home.clock, "3.0")
    lease = await home.claimed()
    await newer.round()
    assert (await home.given()).in_force
    await home.put(lease.operation_id, status=OperationStatus.FAILED)
    await newer.round()
    assert (await home.given()).ended_as is ConsentEnding.INVALIDATED


async def test_what_fails_for_one_customer_leaves_the_others_their_turn(
    home: House, rounds: ConsentRounds, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of the first can be recorded: their audit trail has lost its head."""
    await over_with_a_picture(home, rounds)
    with as_owner(home.database).begin() as connection:
        connection.execute(text("delete from audit_chain_heads"))
    other = home
    while other.visitor.customer_id <= home.visitor.customer_id:  # their turn comes later
        other = replace(home, visitor=await visitor(home.database, home.clock))
    shown = await over_with_a_picture(other, rounds)
    home.clock.move(timedelta(days=31))
    await rounds.round()
    assert {one.ended_as for one in await other.consents.list(other.visitor)} == {ConsentEnding.EXPIRED}
    assert isinstance(rounds.pictures, MemoryScreenshotStore)
    assert shown not in {picture for _, picture in rounds.pictures.files}
    assert caplog.text.count("ALERT") == 2
