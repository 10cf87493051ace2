"""A database from before master keys had a life comes along with all that is sealed in it."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import Uuid, bindparam, text

from core.database.columns import UtcDateTime
from core.database.session import Database
from core.database.upgrade import configuration
from core.security.keys.data_keys import wrap
from core.security.keys.envelope import place, seal
from core.security.keys.key_providers import key_id, wrapping_key
from tests.core.security.vault.strongroom import PASSWORD, Strongroom
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedKey
from tests.postgres import as_owner, as_product, upgrade_by_owner

EARLIER, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
MASTER = FixedKey().master_key()
CUSTOMER, FIRST, SECOND, RECORD = (uuid4() for _ in range(4))


@pytest.fixture
def before(empty_url: str) -> Iterator[Database]:
    """As version 0003 left it: two data keys of one customer, made at once, and a secret under the second."""
    with closing(Database(as_product(empty_url))) as database:
        config = configuration()
        with as_owner(database).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0003")
        with as_owner(database).begin() as connection:
            for table, row in rows():
                names = ", ".join(row)
                statement = text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})")
                kinds = [bindparam(name, type_=kind) for name, value in row.items() if (kind := kind_of(value))]
                connection.execute(statement.bindparams(*kinds), row)
        yield database


def kind_of(value: object) -> Any:
    return Uuid() if isinstance(value, UUID) else UtcDateTime() if isinstance(value, datetime) else None


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    master_id, data_key = key_id(MASTER), os.urandom(32)
    yield "customers", {"id": CUSTOMER, "name": "Tea", "created_at": EARLIER}
    yield "audit_chain_heads", {"customer_id": CUSTOMER, "seq": 0, "hash": "0" * 64}
    canary = seal(wrapping_key(MASTER), b"canary", place("canary", master_id))
    yield "vault_master", {"key_id": master_id, "canary": canary, "created_at": EARLIER}
    for its_id, made in ((SECOND, LATER), (FIRST, EARLIER)):
        wrapped = wrap(MASTER, data_key, place("dek", str(CUSTOMER), str(its_id), master_id))
        yield (
            "vault_keys",
            {"customer_id": CUSTOMER, "id": its_id, "master_key_id": master_id, "wrapped": wrapped, "created_at": made},
        )
    where = ("rec", str(SECOND), str(CUSTOMER), PASSWORD.service, str(PASSWORD.origin), PASSWORD.field, str(RECORD), 7)
    yield (
        "autonomous_credentials",
        {
            "customer_id": CUSTOMER, "id": RECORD, "vault_key_id": SECOND, "service": PASSWORD.service,
            "store_origin": str(PASSWORD.origin), "field": PASSWORD.field, "version": 7, "use_count": 0,
            "envelope": seal(data_key, b"hunter22", place(*where)), "created_at": EARLIER,
        },
    )  # fmt: skip


async def test_what_was_sealed_before_opens_and_its_keys_can_be_changed(before: Database, clock: MovedClock) -> None:
    upgrade_by_owner(before)
    room = Strongroom(before, clock)
    assert not await room.open()
    (master,) = await room.master.status()
    assert (master.state, master.wraps, master.wrapped_now) == ("primary", 2, 2)
    assert [(one.generation, one.id) for one in await room.data_keys(CUSTOMER)] == [(1, FIRST), (2, SECOND)]
    report = await room.check()
    assert (report.is_well, report.opened, report.unproven) == (True, 1, 1)
    assert await room.use(CUSTOMER) == "hunter22"
    for step in (room.master.begin, room.master.promote, room.master.rewrap, room.master.retire, room.master.destroy):
        await step()
    await room.own.rotate(CUSTOMER)
    assert await room.use(CUSTOMER) == "hunter22"
    assert (await room.check()).unproven == 0
