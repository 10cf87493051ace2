"""Every chain is verified once a day; one that is broken is told of loudly, and remembered until it is whole again."""

import logging
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.database.session import CustomerSession, Database
from core.security.audit import audit_log
from core.security.audit.chain_watch import LATE_AFTER, VERIFIED_EVERY, ChainWatch
from core.security.audit.verification import Evidence, Verification
from tests.core.security.audit.anchoring import CHAIN, Anchored, anchored
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner


@pytest.fixture
async def ours(database: Database, clock: MovedClock, tmp_path: Path) -> Anchored:
    place = await anchored(database, clock, tmp_path)
    await place.anchor(3)
    return place


@pytest.fixture
async def theirs(ours: Anchored, tmp_path: Path) -> Anchored:
    place = await anchored(ours.database, ours.clock, tmp_path, "Coffee Shop")
    await place.anchor(3)
    return place


def watch(place: Anchored) -> ChainWatch:
    return ChainWatch(place.database, place.checkpoints, place.clock)


async def test_whole_chains_are_told_once_they_were_verified(ours: Anchored, theirs: Anchored) -> None:
    look = watch(ours)
    assert (await look.standing()).word == "unverified"
    await look.verify_due()
    standing = await look.standing()
    assert (standing.word, standing.chains, standing.oldest) == ("intact", 2, ours.clock.now())


async def test_a_broken_chain_is_an_alert_and_the_others_are_verified_all_the_same(
    ours: Anchored, theirs: Anchored, caplog: pytest.LogCaptureFixture
) -> None:
    ours.attack(f"UPDATE {CHAIN} SET actor = 'x' WHERE seq = 2 AND customer_id = :us")
    look = watch(ours)
    await look.verify_due()
    standing = await look.standing()
    assert (standing.word, standing.broken, standing.never_verified) == ("broken", 1, 0)
    (alert,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert alert.getMessage() == (
        f"ALERT: the audit chain of customer {ours.customer_id} is broken at entry 2: it was changed"
    )
    ours.attack(f"UPDATE {CHAIN} SET actor = 'agent' WHERE seq = 2 AND customer_id = :us")
    ours.clock.move(VERIFIED_EVERY)
    await look.verify_due()
    assert (await look.standing()).word == "intact"


async def test_within_a_day_nothing_is_verified_again(ours: Anchored) -> None:
    look = watch(ours)
    await look.verify_due()
    first = ours.clock.now()
    ours.clock.move(VERIFIED_EVERY - timedelta(seconds=1))
    await look.verify_due()
    assert (await look.standing()).oldest == first
    ours.clock.move(timedelta(seconds=1))
    await look.verify_due()
    assert (await look.standing()).oldest == ours.clock.now()


async def test_a_copy_outside_that_is_gone_is_no_quiet_matter(ours: Anchored) -> None:
    ours.file.write_text("")
    look = watch(ours)
    await look.verify_due()
    assert (await look.standing()).word == "broken"


CUT_OUT = (
    f"DELETE FROM {CHAIN} WHERE customer_id = :us",
    "DELETE FROM audit_checkpoints WHERE customer_id = :us",
    "DELETE FROM audit_chain_heads WHERE customer_id = :us",
    "DELETE FROM customers WHERE id = :us",
)


@pytest.mark.parametrize(
    "statements", [CUT_OUT, CUT_OUT[2:3], CUT_OUT[:3]], ids=["all", "the head", "all but the name"]
)
async def test_a_customer_who_was_cut_out_is_missed(
    ours: Anchored, theirs: Anchored, caplog: pytest.LogCaptureFixture, statements: tuple[str, ...]
) -> None:
    """The file outside still names them; and who has entries has a head."""
    look = watch(ours)
    await look.verify_due()
    ours.attack(*statements)
    for _ in range(2):
        caplog.clear()
        await look.verify_due()
        standing = await look.standing()
        assert (standing.word, standing.chains, standing.broken) == ("broken", 2, 1)
        (alert,) = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert f"ALERT: the audit chain of customer {ours.customer_id} is broken at entry 1: " in alert.getMessage()


async def test_what_was_found_long_ago_says_nothing_of_today(ours: Anchored) -> None:
    look = watch(ours)
    await look.verify_due()
    ours.clock.move(LATE_AFTER)
    assert (await look.standing()).word == "intact"
    ours.clock.move(timedelta(seconds=1))
    assert (await look.standing()).word == "unverified"


async def test_a_head_that_claims_a_verification_to_come_is_verified(ours: Anchored) -> None:
    """Or it would be left alone until then."""
    ours.attack(f"UPDATE {CHAIN} SET actor = 'x'", "UPDATE audit_chain_heads SET verified_at = '2999-01-01 00:00:00'")
    look = watch(ours)
    await look.verify_due()
    assert (await look.standing()).word == "broken"


async def test_with_the_file_outside_gone_nothing_is_called_intact(
    ours: Anchored, caplog: pytest.LogCaptureFixture
) -> None:
    look = watch(ours)
    await look.verify_due()
    kept = ours.file.read_bytes()
    ours.file.unlink()
    await look.verify_due()
    assert (await look.standing()).word == "unverified"
    (alert,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert alert.getMessage().startswith("ALERT: the audit chains can't be checked: ")
    ours.file.write_bytes(kept)
    await look.verify_due()
    assert (await look.standing()).word == "intact"


async def test_one_that_can_not_be_checked_keeps_no_other_from_it(
    ours: Anchored, theirs: Anchored, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = min(ours.customer_id, theirs.customer_id)
    verify = audit_log.verify

    def unreadable(session: CustomerSession, customer_id: UUID, evidence: Evidence) -> Verification:
        if customer_id == first:
            raise DatabaseError("SELECT", {}, Exception("disk I/O error"))
        return verify(session, customer_id, evidence)

    monkeypatch.setattr(audit_log, "verify", unreadable)
    look = watch(ours)
    await look.verify_due()
    standing = await look.standing()
    assert (standing.word, standing.never_verified) == ("unverified", 1)
    (alert,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert alert.getMessage() == f"ALERT: the audit chain of customer {first} can't be checked: DatabaseError"


async def test_what_was_found_is_kept_where_verification_itself_does_not_look(ours: Anchored) -> None:
    """It is a memory, and no proof: whoever resets it is found at the next verification."""
    ours.attack("UPDATE audit_chain_heads SET verified_at = NULL, broken_because = 'somebody says so'")
    assert (await ours.verified()).intact
    with as_owner(ours.database).connect() as connection:
        assert connection.execute(text("SELECT broken_because FROM audit_chain_heads")).scalar() == "somebody says so"
