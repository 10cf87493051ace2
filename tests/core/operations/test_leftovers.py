"""What earlier operations left at a shop is known by what is said of it; the key in use is never among it."""

from uuid import UUID

from core.agents.leftovers import is_gone, leftovers
from core.database.session import CustomerSession
from core.database.tables import ConnectionRow
from core.operations.rows import operation_of
from tests.core.operations.house import OTHER_SHOP, SHOP, House
from tests.fakes.integration import SERVICE, what_is_left


async def over(home: House, shop: str = SHOP, left: str | None = None) -> UUID:
    """An operation that has ended, of which this is said to be left."""
    asked = await home.pending(shop)
    await home.operations.cancel(home.visitor, asked.id, because="not today")
    await home.put(asked.id, left_behind=left)
    return asked.id


async def found(home: House, operation_id: UUID) -> tuple[UUID, ...]:
    def look(session: CustomerSession) -> tuple[UUID, ...]:
        return leftovers(session, operation_of(session, operation_id), what_is_left)

    made: tuple[UUID, ...] = await home.run(look)
    return made


async def test_it_is_found_at_the_same_shop_by_whichever_operation_says_so_and_said_no_more(home: House) -> None:
    first, nothing = await over(home), await over(home)
    await home.put(first, left_behind=what_is_left(first))
    both = await over(home, left=f"{what_is_left(first)} {what_is_left(nothing)}")
    elsewhere = await over(home, OTHER_SHOP)
    await home.put(elsewhere, left_behind=what_is_left(elsewhere))
    asked = (await home.pending()).id
    assert await found(home, asked) == (first,)
    await home.run(lambda session: is_gone(session, asked, first, what_is_left))
    assert await found(home, asked) == ()
    assert (await home.row(first)).left_behind is None
    assert (await home.row(both)).left_behind == what_is_left(nothing)
    assert (await home.row(elsewhere)).left_behind == what_is_left(elsewhere)


async def test_the_key_in_use_is_none_whatever_is_said_of_it(home: House) -> None:
    connected = await over(home)
    await home.put(connected, left_behind=what_is_left(connected))
    asked = (await home.pending()).id
    assert await found(home, asked) == (connected,)
    row = ConnectionRow(
        customer_id=home.visitor.customer_id,
        operation_id=connected,
        service=SERVICE,
        store_origin=SHOP,
        key_hint="abc1234",
        key_permission="read",
        created_at=home.clock.now(),
    )
    await home.run(lambda session: session.add(row))
    assert await found(home, asked) == ()
