"""A connected shop is forgotten as a whole: products, connection and stored keys; the record of it stays."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import ConnectionRow, ProductRow
from core.errors import NotFound
from core.operations.connections import ConnectionDesk, StillBeingSetUp
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction
from core.security.origin import Origin
from core.security.secret import Secret
from core.security.vault.vault import SecretRef
from tests.core.operations.house import OTHER_SHOP, SHOP, House, house, on_the_way_to
from tests.fakes.clock import MovedClock
from tests.fakes.integration import SERVICE, WIDER, what_is_left

KEYS = ("consumer_key", "consumer_secret")
PRODUCTS = 3
S = OperationStatus


def desk_of(home: House) -> ConnectionDesk:
    return ConnectionDesk(home.database, home.vault, home.integrations, home.clock)


async def connected(
    home: House, shop: str = SHOP, key_hint: str = "1234567", superseded: tuple[UUID, ...] = ()
) -> UUID:
    """A shop that a setup, which is over, has connected; the setup's id."""
    operation = await home.pending(shop)
    for status in on_the_way_to(S.COMPLETED):
        await home.put(operation.id, status=status)

    def add(session: CustomerSession) -> None:
        now, customer_id = home.clock.now(), home.visitor.customer_id
        row = ConnectionRow(
            customer_id=customer_id,
            operation_id=operation.id,
            service=SERVICE,
            store_origin=shop,
            key_hint=key_hint,
            key_permission="read_write",
            superseded=[str(one) for one in superseded],
            created_at=now,
            product_count=PRODUCTS,
        )
        session.add(row)
        session.flush()
        for number in range(PRODUCTS):
            name = f"Tea {number}"
            session.add(
                ProductRow(customer_id=customer_id, connection_id=row.id, remote_id=number, name=name, synced_at=now)
            )
        for field in KEYS:
            ref = SecretRef(SERVICE, Origin.of(shop), field)
            home.vault.store(session, customer_id, ref, Secret("canary"), at=now, actor="agent")

    await home.run(add)
    return operation.id


async def kept(home: House) -> tuple[set[str], set[str], int]:
    """The shops that are connected, those with something in the vault, and the number of products."""

    def look(session: CustomerSession) -> tuple[set[str], int]:
        shops = {row.store_origin for row in session.exec(select(ConnectionRow))}
        return shops, len(session.exec(select(ProductRow)).all())

    shops, products = await home.run(look)
    return shops, await home.signed_in_at(), products


async def test_a_connected_shop_is_told_with_the_keys_that_stay_there(home: House) -> None:
    before = uuid4()
    operation_id = await connected(home, superseded=(before,))
    await connected(home, OTHER_SHOP, key_hint="")  # whose first key was never proven
    (told,) = await desk_of(home).list(home.visitor)
    assert (told.store_url, told.title, told.key_hint, told.product_count) == (SHOP, "WooCommerce", "1234567", PRODUCTS)
    assert told.stays == (what_is_left(operation_id), what_is_left(before))


async def test_forgetting_takes_products_connection_and_keys_of_this_shop_alone(home: House) -> None:
    operation_id = await connected(home)
    await connected(home, OTHER_SHOP)
    desk = desk_of(home)
    this = next(one for one in await desk.list(home.visitor) if one.store_url == SHOP)
    stays = await desk.forget(home.visitor, this.id, because="not needed any more")
    assert stays == (what_is_left(operation_id),)
    assert await kept(home) == ({OTHER_SHOP}, {OTHER_SHOP}, PRODUCTS)
    assert [one.store_url for one in await desk.list(home.visitor)] == [OTHER_SHOP]
    entry = (await home.entries())[-1]
    assert (entry.action, entry.actor) == (AuditAction.CONNECTION_FORGOTTEN, home.visitor.actor)
    assert entry.detail == {"shop": SHOP, "key": "1234567", "products": PRODUCTS, "because": "not needed any more"}
    assert await home.row(operation_id)


async def test_what_can_not_be_recorded_is_not_forgotten(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await connected(home)
    (this,) = await desk_of(home).list(home.visitor)
    before, record = await kept(home), audit_log.record

    def fail(session: CustomerSession, customer_id: UUID, event: Any, **named: Any) -> int:
        if event.action is AuditAction.CONNECTION_FORGOTTEN:
            raise RuntimeError("the chain is broken")
        return record(session, customer_id, event, **named)

    monkeypatch.setattr(audit_log, "record", fail)
    with pytest.raises(RuntimeError):
        await desk_of(home).forget(home.visitor, this.id, because="a test")
    assert await kept(home) == before


@pytest.mark.parametrize("status", [S.AWAITING_CONSENT, S.PENDING, S.IN_PROGRESS, S.AWAITING_INPUT])
async def test_a_shop_is_not_forgotten_while_it_is_being_set_up(cottage: House, status: OperationStatus) -> None:
    await connected(cottage)
    await connected(cottage, OTHER_SHOP)
    asked = await cottage.ask(OTHER_SHOP, permissions=(WIDER,))
    moves = () if status is S.AWAITING_CONSENT else (S.PENDING, *on_the_way_to(status))
    for step in moves:
        await cottage.put(asked.id, status=step)
    found = {one.store_url: one.id for one in await desk_of(cottage).list(cottage.visitor)}
    with pytest.raises(StillBeingSetUp, match="Stop it"):
        await desk_of(cottage).forget(cottage.visitor, found[OTHER_SHOP], because="a test")
    assert (await kept(cottage))[0] == {SHOP, OTHER_SHOP}
    await desk_of(cottage).forget(cottage.visitor, found[SHOP], because="a test")
    assert (await kept(cottage))[0] == {OTHER_SHOP}


async def test_another_customers_shop_is_not_there(home: House, database: Database, clock: MovedClock) -> None:
    await connected(home)
    stranger = await house(database, clock)
    (this,) = await desk_of(home).list(home.visitor)
    assert await desk_of(stranger).list(stranger.visitor) == ()
    for connection_id in (this.id, uuid4()):
        with pytest.raises(NotFound):
            await desk_of(stranger).forget(stranger.visitor, connection_id, because="mine?")
    assert (await kept(home))[2] == PRODUCTS
