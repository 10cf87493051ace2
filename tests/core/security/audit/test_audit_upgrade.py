"""A chain that an earlier version wrote is whole after the upgrade, and is signed for from then on."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import insert, text

from core.database.session import Database
from core.database.tables import AuditRow, Customer
from core.database.upgrade import configuration
from core.security.audit.chain import FIRST
from core.security.audit.checkpoint_file import CheckpointFile
from core.security.audit.checkpoints import Checkpoints
from tests.benchmarks.audit_rate import entry_row
from tests.core.database.rows import NOW
from tests.core.security.audit.anchoring import Anchored
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedSigningKey
from tests.postgres import as_owner, as_product, upgrade_by_owner

BEFORE = "0003"
ENTRIES = 120


@pytest.fixture
def earlier(empty_url: str) -> Iterator[Database]:
    """A database of the version before checkpoints."""
    with closing(Database(as_product(empty_url))) as database:
        config = configuration()
        with as_owner(database).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, BEFORE)
        yield database


async def test_a_filled_chain_survives_the_upgrade(earlier: Database, clock: MovedClock, tmp_path: Path) -> None:
    customer_id, previous = uuid4(), FIRST
    with as_owner(earlier).begin() as connection:
        connection.execute(insert(Customer), {"id": customer_id, "name": "Tea Shop", "created_at": NOW})
        for seq in range(1, ENTRIES + 1):
            row = entry_row(customer_id, seq, previous)
            connection.execute(insert(AuditRow), row)
            previous = row["hash"]
        ours = customer_id.hex if earlier.is_sqlite else str(customer_id)
        connection.execute(
            text(f"INSERT INTO audit_chain_heads (customer_id, seq, hash) VALUES ('{ours}', {ENTRIES}, '{previous}')")
        )
    upgrade_by_owner(earlier)
    outside = CheckpointFile(tmp_path / "outside.jsonl")
    place = Anchored(earlier, clock, Checkpoints(earlier, FixedSigningKey(), outside, clock), customer_id)
    await place.checkpoints.open()
    found = await place.verified()
    assert (found.intact, found.events, found.unanchored) == (True, ENTRIES, ENTRIES)
    await place.checkpoints.keep_due()
    await place.append(1)
    found = await place.verified()
    assert (found.intact, found.unanchored) == (True, 1)
    assert found.checkpoint is not None
    assert found.checkpoint.seq == ENTRIES
