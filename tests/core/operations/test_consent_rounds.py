"""Consents lapse by themselves, and pictures that nobody allows to keep are deleted, once, with an entry that says so."""

from datetime import timedelta
from uuid import UUID

import pytest

from core.browser.page import Picture
from core.database.states import ConsentEnding, OperationStatus, StepState
from core.database.tables import StepRow
from core.operations.consent_rounds import SHOWN_FOR, ConsentRounds, purge_pictures_without_consent
from core.operations.consents import ConsentRequest
from core.security.audit.audit_log import AuditAction
from core.security.consent.agreement import Purpose
from tests.core.operations.house import SHOP, House
from tests.fakes.integration import OPERATION, SERVICE
from tests.fakes.screenshots import MemoryScreenshotStore

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
