"""What a customer's data key sealed is counted, has an end, and is gone with it."""

from datetime import timedelta
from functools import partial

import pytest

from core.database.session import CustomerNotSet, Database, OtherCustomersRow
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.keys.envelope import LARGEST, TooLarge
from core.security.secret import Secret
from core.security.vault.vault import ROTATE_AFTER, CredentialExpired, LimitedSecret, NoCredential
from tests.core.security.vault.strongroom import PASSWORD, USERNAME, Strongroom
from tests.fakes.clock import MovedClock


@pytest.fixture
async def room(database: Database, clock: MovedClock) -> Strongroom:
    room = Strongroom(database, clock)
    await room.open()
    return room


async def test_with_the_keys_everything_is_shredded_and_the_chain_says_so(room: Strongroom) -> None:
    tea, keys = await room.customer(), room.customer_keys
    await room.put(tea, "hunter22")
    await room.run(tea, keys.make_next, tea, at=room.clock.now(), actor="user:1")
    await room.put(tea, "admin", USERNAME)
    ids = tuple(one.id for one in await room.data_keys(tea))
    words = {"at": room.clock.now(), "actor": "user:1", "because": "they asked for it"}
    assert await room.run(tea, keys.destroy, tea, **words) == ids
    assert len(ids) == 2
    assert (await room.rows(tea), await room.data_keys(tea)) == ([], [])
    with pytest.raises(NoCredential):
        await room.use(tea)
    assert (await room.actions(tea))[-3:] == [
        AuditAction.SECRET_DELETED, AuditAction.SECRET_DELETED, AuditAction.DATA_KEYS_DESTROYED,
    ]  # fmt: skip
    assert (await room.check()).is_well
    assert await room.run(tea, keys.destroy, tea, **words) == ()
    await room.put(tea, "they came back")
    assert await room.use(tea) == "they came back"


async def test_what_is_too_large_is_refused_in_a_sentence(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "x" * LARGEST)
    assert await room.use(tea) == "x" * LARGEST
    with pytest.raises(TooLarge, match="65,536 bytes"):
        await room.put(tea, "x" * (LARGEST + 1))


async def test_without_an_entry_there_is_no_value_and_no_count(
    room: Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea, told = await room.customer(), []
    await room.put(tea, "hunter22")

    class DiskFull(OSError):
        pass

    def fails(*words: object, **more: object) -> int:
        told.append(words)
        raise DiskFull

    with monkeypatch.context() as patch:
        patch.setattr(audit_log, "record", fails)
        with pytest.raises(DiskFull):
            await room.use(tea)
        with pytest.raises(DiskFull):
            await room.put(tea, "never stored")
        with pytest.raises(DiskFull):
            await room.forget(tea)
    (row,) = await room.rows(tea)
    assert (row.use_count, row.last_used_at, row.version, len(told)) == (0, None, 1, 3)
    assert await room.actions(tea) == [AuditAction.SECRET_STORED]
    assert await room.use(tea) == "hunter22"


async def test_the_entry_of_a_use_is_there_before_the_value_is_given(
    room: Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    order: list[str] = []
    record = audit_log.record

    def recorded(session: object, customer_id: object, event: AuditEvent, **more: object) -> int:
        order.append(event.action)
        return record(session, customer_id, event, **more)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(audit_log, "record", recorded)
    order.append(await room.use(tea))
    assert order == [AuditAction.SECRET_USED, "hunter22"]


async def test_an_end_is_kept_to_and_can_be_taken_away_by_storing_anew(room: Strongroom) -> None:
    tea = await room.customer()
    until = room.clock.now() + timedelta(days=7)
    await room.put(tea, LimitedSecret(Secret("hunter22"), until))
    assert await room.use(tea) == "hunter22"
    (told,) = await room.run(tea, room.vault.stored)
    assert told.expires_at == until
    room.clock.move(timedelta(days=7))
    with pytest.raises(CredentialExpired):
        await room.use(tea)
    await room.put(tea, "hunter23")
    assert await room.use(tea) == "hunter23"


async def test_every_secret_is_due_ninety_days_after_it_was_stored(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    (told,) = await room.run(tea, room.vault.stored)
    assert told.rotate_by == room.clock.now() + ROTATE_AFTER == room.clock.now() + timedelta(days=90)
    assert not told.is_overdue(room.clock.now() + timedelta(days=89))
    assert told.is_overdue(room.clock.now() + timedelta(days=90))
    room.clock.move(timedelta(days=90))
    await room.own.rotate(tea)  # to seal it anew changes nothing at the shop
    (told,) = await room.run(tea, room.vault.stored)
    assert told.is_overdue(room.clock.now())
    await room.put(tea, "hunter23")
    (told,) = await room.run(tea, room.vault.stored)
    assert not told.is_overdue(room.clock.now())


async def test_a_customers_own_session_reaches_no_others_keys(room: Strongroom) -> None:
    tea, coffee = await room.customer("Tea"), await room.customer("Coffee")
    await room.put(coffee, "hunter33", PASSWORD)
    words = {"at": room.clock.now(), "actor": "user:1", "because": "a test"}
    with pytest.raises(OtherCustomersRow):
        await room.run(tea, room.customer_keys.destroy, coffee, **words)
    assert await room.use(coffee) == "hunter33"


async def test_no_vault_is_emptied_or_listed_across_customers(room: Strongroom) -> None:
    """Where every customer's rows are seen, one's secrets would be taken for another's."""
    tea, coffee = await room.customer("Tea"), await room.customer("Coffee")
    await room.put(tea, "hunter22", PASSWORD)
    await room.put(coffee, "hunter33", PASSWORD)
    destroy = partial(
        room.customer_keys.destroy, customer_id=tea, at=room.clock.now(), actor="user:1", because="a test"
    )
    delete = partial(room.vault.delete, ref=PASSWORD, at=room.clock.now(), actor="user:1", because="a test")
    across = room.database.run_across_customers
    with pytest.raises(OtherCustomersRow):
        await across(destroy, because="the test tries")
    for use_case in (room.vault.stored, delete):
        with pytest.raises(CustomerNotSet):
            await across(use_case, because="the test tries")
    assert (await room.use(tea), await room.use(coffee)) == ("hunter22", "hunter33")
