"""Keys are changed while everything goes on: at no step is a secret lost, and no step is done out of turn."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import Update, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from core.database.session import CustomerSession, Database
from core.database.states import MasterState
from core.database.tables import VaultKey, VaultMaster
from core.security.audit.audit_log import AuditAction
from core.security.keys.data_keys import MOST_WRAPS, WornOut
from core.security.keys.key_providers import key_id
from core.security.keys.key_ring import UnknownKey
from core.security.keys.master_keys import NotItsTurn, NoVault, StillNeeded, WrongMasterKey, changed
from core.security.vault.rollback import RolledBack
from core.security.vault.rotation import Rewrapped
from tests.core.security.vault.strongroom import PASSWORD, USERNAME, Strongroom
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedKey

A = AuditAction


@pytest.fixture
async def room(database: Database, clock: MovedClock) -> Strongroom:
    room = Strongroom(database, clock)
    assert await room.open()
    return room


async def states(room: Strongroom) -> list[str]:
    """Where the life of each master key stands, the oldest first."""
    return [one.state for one in await room.master.status()]


async def test_the_first_start_takes_the_key_and_the_next_ones_find_it(room: Strongroom) -> None:
    assert not await room.open()
    assert not await room.again().open()
    assert await states(room) == ["primary"]


async def test_two_that_start_at_once_agree(database: Database, clock: MovedClock) -> None:
    rooms = [Strongroom(database, clock) for _ in range(4)]
    await asyncio.gather(*(room.open() for room in rooms))
    assert await states(rooms[0]) == ["primary"]


async def test_a_change_of_the_master_key_stops_nobody(room: Strongroom) -> None:
    """Two processes: at every step either one stores and uses."""
    other = room.again()
    tea, coffee = await room.customer("Tea"), await room.customer("Coffee")
    await room.put(tea, "first")
    await other.open()

    async def everybody_works(value: str) -> None:
        await room.put(tea, value)
        assert await other.use(tea) == value
        await other.put(coffee, value)
        assert await room.use(coffee) == value

    await everybody_works("before")
    old = key_id(room.keys.master_key())
    new = await room.master.begin()
    assert await states(room) == ["primary", "coming"]
    await everybody_works("begun")
    assert await room.master.promote() == new
    assert await states(room) == ["old", "primary"]
    await everybody_works("promoted")
    assert await room.master.rewrap() == Rewrapped(keys=2, customers=2)
    await everybody_works("wrapped anew")
    assert await room.master.retire() == old
    await everybody_works("retired")
    assert await room.master.destroy() == (old,)
    await everybody_works("destroyed")
    assert set(room.keys.known()) == {new}
    assert await states(room) == ["destroyed", "primary"]
    assert {one.master_key_id for one in await room.data_keys(tea)} == {new}
    assert not await room.again().open()
    assert (await room.check()).faults == ()


async def test_a_customer_is_told_in_their_own_chain_that_their_key_was_wrapped_anew(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    for step in (room.master.begin, room.master.promote, room.master.rewrap):
        await step()
    assert await room.actions(tea) == [A.SECRET_STORED, A.DATA_KEY_REWRAPPED]
    assert await room.master.rewrap() == Rewrapped(keys=0, customers=0)
    assert len(await room.actions(tea)) == 2


async def test_what_is_new_is_wrapped_by_the_promoted_key(room: Strongroom) -> None:
    await room.master.begin()
    new = await room.master.promote()
    tea = await room.customer()
    await room.put(tea, "hunter22")
    assert [one.master_key_id for one in await room.data_keys(tea)] == [new]


async def test_no_step_is_done_out_of_turn(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    master = room.master
    for step in (master.promote, master.retire, master.destroy):
        with pytest.raises(NotItsTurn):
            await step()
    await master.begin()
    for step in (master.begin, master.retire, master.destroy):
        with pytest.raises(NotItsTurn):
            await step()
    await master.promote()
    for step in (master.begin, master.promote, master.destroy):
        with pytest.raises(NotItsTurn):
            await step()
    with pytest.raises(StillNeeded, match="1 data keys are wrapped by it"):
        await master.retire()
    assert await states(room) == ["old", "primary"]
    await master.rewrap()
    await master.retire()
    with pytest.raises(NotItsTurn):
        await master.retire()
    await master.begin()  # the next change may begin before the old key is destroyed
    assert await room.use(tea) == "hunter22"


async def test_a_begin_that_was_interrupted_takes_the_key_it_made(room: Strongroom) -> None:
    made = room.keys.make_another()  # and then the process died
    assert await room.master.begin() == key_id(made)
    assert len(room.keys.keys) == 2


async def test_rewrapping_goes_on_where_it_was_interrupted(room: Strongroom, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = [await room.customer(f"Shop {number}") for number in range(4)]
    for customer in customers:
        await room.put(customer, "hunter22")
    await room.master.begin()
    new = await room.master.promote()
    rewrap, left = room.vault.data_keys.rewrap, [1, 2]

    def dies(session: CustomerSession, row: VaultKey) -> str:
        left.pop()
        return rewrap(session, row)

    with monkeypatch.context() as patch:
        patch.setattr(room.vault.data_keys, "rewrap", dies)
        with pytest.raises(IndexError):
            await room.master.rewrap()
    wrapped = [(await room.data_keys(customer))[0].master_key_id == new for customer in customers]
    assert wrapped.count(True) == 2
    with pytest.raises(StillNeeded, match="2 data keys"):
        await room.master.retire()
    assert [await room.again().use(customer) for customer in customers] == ["hunter22"] * 4
    assert await room.master.rewrap() == Rewrapped(keys=2, customers=2)


async def test_two_that_rewrap_at_once_wrap_each_key_once(room: Strongroom) -> None:
    customers = [await room.customer(f"Shop {number}") for number in range(4)]
    for customer in customers:
        await room.put(customer, "hunter22")
    await room.master.begin()
    await room.master.promote()
    done = await asyncio.gather(room.master.rewrap(), room.again().master.rewrap())
    assert sum(one.keys for one in done) == 4
    assert [(await room.actions(one)).count(A.DATA_KEY_REWRAPPED) for one in customers] == [1] * 4
    assert [await room.use(one) for one in customers] == ["hunter22"] * 4


async def test_a_destroy_that_was_interrupted_is_done_again(room: Strongroom) -> None:
    for step in (room.master.begin, room.master.promote, room.master.rewrap, room.master.retire):
        await step()
    old, new = (one.key_id for one in await room.master.status())
    room.keys.destroy(old, new)  # and then the process died
    await room.again().open()
    assert await room.again().master.destroy() == (old,)
    assert await states(room) == ["destroyed", "primary"]


async def test_a_key_that_is_not_known_is_looked_for_once_more_and_then_refused(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    elsewhere = Strongroom(room.database, room.clock, FixedKey())  # another machine, with files of its own
    await elsewhere.open()
    room.keys.make_another()
    for step in (room.master.begin, room.master.promote, room.master.rewrap):
        await step()
    with pytest.raises(UnknownKey, match="Bring its file here"):
        await elsewhere.use(tea)
    with pytest.raises(UnknownKey):
        await elsewhere.put(await room.customer("Coffee"), "hunter22")
    with pytest.raises(WrongMasterKey, match="Expected"):
        await elsewhere.again().open()
    elsewhere.keys.keys = room.keys.keys
    assert await elsewhere.use(tea) == "hunter22"


async def test_a_machine_without_the_coming_key_starts_and_is_warned(
    room: Strongroom, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = Strongroom(room.database, room.clock, FixedKey())
    new = await room.master.begin()
    await elsewhere.open()
    assert f"coming key {new} is not here" in caplog.text
    with pytest.raises(UnknownKey):
        await elsewhere.master.promote()
    assert await states(room) == ["primary", "coming"]


async def test_a_retired_key_opens_nothing_though_it_is_here(room: Strongroom) -> None:
    """As when somebody puts a data key back that it wrapped."""
    tea = await room.customer()
    await room.put(tea, "hunter22")
    (before,) = await room.data_keys(tea)
    for step in (room.master.begin, room.master.promote, room.master.rewrap, room.master.retire):
        await step()

    def put_back(session: CustomerSession) -> None:
        row = session.exec(select(VaultKey)).one()
        row.master_key_id, row.wrapped = before.master_key_id, before.wrapped
        session.add(row)

    await room.run(tea, put_back)
    with pytest.raises(UnknownKey, match="not in use"):
        await room.use(tea)
    with pytest.raises(StillNeeded):
        await room.master.destroy()
    assert next(one.because for one in (await room.check()).faults).startswith("does not open")


async def test_another_key_than_the_databases_is_refused_and_none_is_made(room: Strongroom) -> None:
    class NothingHere(FixedKey):
        def known(self) -> dict[str, bytes]:
            return {}

        def master_key(self) -> bytes:
            raise AssertionError("a key was made for a database that has one")

    expected, got = key_id(room.keys.master_key()), key_id(FixedKey("another").master_key())
    with pytest.raises(WrongMasterKey) as refused:
        await Strongroom(room.database, room.clock, FixedKey("another")).open()
    assert str(refused.value).startswith(
        f"The master key does not match this database. Expected {expected}, got {got}."
    )
    with pytest.raises(WrongMasterKey, match="got none"):
        await Strongroom(room.database, room.clock, NothingHere()).open()


async def test_a_changed_canary_is_refused(room: Strongroom) -> None:
    await room.master.begin()

    def change(session: CustomerSession) -> None:
        first, second = session.exec(select(VaultMaster)).all()
        first.canary, second.canary = second.canary, first.canary
        session.add(first)
        session.add(second)

    await room.database.run_across_customers(change, because="somebody tampers")
    with pytest.raises(WrongMasterKey, match="canary"):
        await room.again().open()


async def test_a_database_whose_keys_are_not_recorded_is_refused(
    room: Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.vault.masters, "_all", lambda session: [])
    with pytest.raises(NoVault):
        await room.check()
    await room.put(await room.customer(), "hunter22")
    with pytest.raises(WrongMasterKey, match="not recorded"):
        await room.open()


async def test_the_database_keeps_two_from_being_primary(room: Strongroom) -> None:
    await room.master.begin()

    def promote_both(session: CustomerSession) -> None:
        for row in session.exec(select(VaultMaster)):
            row.state = MasterState.PRIMARY.value
            session.add(row)

    with pytest.raises(IntegrityError):
        await room.database.run_across_customers(promote_both, because="a bug")


async def wrapped_so_often(room: Strongroom, wraps: int) -> None:
    def wear(session: CustomerSession) -> None:
        row = session.exec(select(VaultMaster)).one()
        row.wraps = wraps
        session.add(row)

    await room.database.run_across_customers(wear, because="years pass")


async def test_wraps_are_counted_warned_of_and_refused_at_the_limit(
    room: Strongroom, caplog: pytest.LogCaptureFixture
) -> None:
    await room.put(await room.customer("One"), "hunter22")
    assert [one.wraps for one in await room.master.status()] == [1]
    await wrapped_so_often(room, 2**20 - 2)
    await room.put(await room.customer("Two"), "hunter22")
    assert "change it soon" not in caplog.text
    await room.put(await room.customer("Three"), "hunter22")
    assert f"wrapped {2**20} keys; change it soon" in caplog.text
    await wrapped_so_often(room, MOST_WRAPS - 1)
    four = await room.customer("Four")
    await room.put(four, "hunter22")
    with pytest.raises(WornOut):
        await room.put(await room.customer("Five"), "hunter22")
    await room.put(four, "hunter23")  # what needs no wrap goes on
    for step in (room.master.begin, room.master.promote):
        await step()
    await room.put(await room.customer("Five, again"), "hunter22")


async def test_a_key_promoted_in_between_is_the_one_that_wraps(
    room: Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row that was read as the primary is not it any more: what is written then looks again."""
    moved: list[str] = []

    def another_is_promoted_first(session: CustomerSession, statement: Update) -> int:
        if not moved:
            moved.append(room.vault.masters.begin(session, at=room.clock.now()))
            room.vault.masters.promote(session, at=room.clock.now())
        return changed(session, statement)

    monkeypatch.setattr("core.security.keys.data_keys.changed", another_is_promoted_first)
    tea = await room.customer()
    make = partial(room.vault.data_keys.make, customer_id=tea, at=room.clock.now())
    await room.database.run_across_customers(make, because="no customer may promote, and this test does so in between")
    assert [one.master_key_id for one in await room.data_keys(tea)] == moved


async def test_a_data_key_that_somebody_wrapped_meanwhile_stays_as_they_wrapped_it(
    room: Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    await room.master.begin()
    new = await room.master.promote()
    keys, count_wrap = room.vault.data_keys, room.vault.data_keys.count_wrap

    def wrapped_in_between(session: CustomerSession) -> str:
        theirs = update(VaultKey).values(master_key_id=new, wrapped="theirs")
        session.execute(theirs, execution_options={"synchronize_session": False})
        return count_wrap(session)

    monkeypatch.setattr(keys, "count_wrap", wrapped_in_between)
    assert await room.run(tea, lambda session: keys.rewrap(session, session.exec(select(VaultKey)).one())) == ""
    assert [one.wrapped for one in await room.data_keys(tea)] == ["theirs"]


async def test_a_customers_own_key_is_changed_and_every_secret_with_it(room: Strongroom) -> None:
    tea = await room.customer()
    await room.put(tea, "hunter22")
    await room.put(tea, "admin", USERNAME)
    (before,) = await room.data_keys(tea)
    envelopes = {row.envelope for row in await room.rows(tea)}
    assert await room.own.rotate(tea, actor="user:1") == 2
    (after,) = await room.data_keys(tea)
    assert (after.id != before.id, after.generation) == (True, 2)
    rows = await room.rows(tea)
    assert {(row.vault_key_id, row.version, row.use_count) for row in rows} == {(after.id, 2, 0)}
    assert not envelopes & {row.envelope for row in rows}
    assert (await room.use(tea), await room.use(tea, USERNAME)) == ("hunter22", "admin")
    told = await room.actions(tea)
    assert told[2:6] == [A.DATA_KEY_MADE, A.SECRET_RESEALED, A.SECRET_RESEALED, A.DATA_KEYS_DESTROYED]
    assert (await room.check()).faults == ()


async def test_a_change_of_a_customers_key_that_was_interrupted_goes_on(room: Strongroom) -> None:
    """Between the new key and its use, and between one hundred and the next."""
    tea = await room.customer()
    await room.put(tea, "hunter22")
    await room.put(tea, "admin", USERNAME)
    await room.run(tea, room.customer_keys.make_next, tea, at=room.clock.now(), actor="user:1")
    assert await room.use(tea) == "hunter22"
    await room.put(tea, "hunter23")  # what is stored meanwhile is under the new key at once
    first, second = await room.data_keys(tea)
    assert {row.field: row.vault_key_id for row in await room.rows(tea)} == {
        "admin_password": second.id,
        "admin_username": first.id,
    }
    assert await room.own.go_on(tea) == 1
    assert await room.own.go_on(tea) == 0
    assert [one.id for one in await room.data_keys(tea)] == [second.id]
    assert (await room.use(tea), await room.use(tea, USERNAME)) == ("hunter23", "admin")


async def test_more_secrets_than_one_transaction_takes_are_all_sealed_anew(
    room: Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.security.vault.customer_keys.AT_ONCE", 1)
    tea = await room.customer()
    await room.put(tea, "hunter22")
    await room.put(tea, "admin", USERNAME)
    assert await room.own.rotate(tea) == 2


async def test_a_secret_stored_while_the_key_is_changed_is_not_lost(room: Strongroom) -> None:
    tea = await room.customer()
    for value in range(8):
        await room.put(tea, f"hunter{value}")
        await asyncio.gather(room.own.rotate(tea), room.put(tea, f"newer {value}"))
        assert await room.use(tea) == f"newer {value}"
    assert (await room.check()).faults == ()


async def test_writers_at_once_give_each_version_once(room: Strongroom) -> None:
    tea = await room.customer()
    await asyncio.gather(*(room.put(tea, f"hunter{number}") for number in range(8)))
    (row,) = await room.rows(tea)
    assert row.version == 8
    await asyncio.gather(*(room.use(tea) for _ in range(8)))
    (row,) = await room.rows(tea)
    assert row.use_count == 8
    assert (await room.check()).faults == ()
    assert len(await room.data_keys(tea)) == 1


async def test_changing_the_key_makes_no_old_secret_new(room: Strongroom) -> None:
    """What was put back from yesterday would get a version and an entry of its own, and pass for the newest."""
    tea = await room.customer()
    await room.put(tea, "yesterday's")
    (before,) = await room.rows(tea)
    await room.put(tea, "today's")
    await room.put_back(tea, before)
    with pytest.raises(RolledBack, match=r"row v1, audit says v2"):
        await room.own.rotate(tea)
    with pytest.raises(RolledBack):
        await room.use(tea)
    await room.put(tea, "given anew")
    assert await room.own.go_on(tea) == 0
    assert await room.use(tea) == "given anew"
    assert [row.version for row in await room.rows(tea)] == [3]  # a version is never given twice


async def test_another_customers_keys_are_left_alone(room: Strongroom) -> None:
    tea, coffee = await room.customer("Tea"), await room.customer("Coffee")
    await room.put(tea, "hunter22")
    await room.put(coffee, "hunter33", PASSWORD)
    before = await room.data_keys(coffee)
    await room.own.rotate(tea)
    assert [one.id for one in await room.data_keys(coffee)] == [one.id for one in before]
    destroy = partial(room.customer_keys.destroy, at=room.clock.now(), actor="user:1", because="a test")
    await room.run(tea, destroy, tea)
    assert await room.use(coffee) == "hunter33"
