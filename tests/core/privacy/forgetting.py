"""A house whose customer asks for their data, or to be forgotten."""

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from core.browser.page import Picture
from core.database.session import Database
from core.privacy.deletion import Deletions, DeletionTools
from core.privacy.desk import PrivacyDesk, Proof
from core.privacy.export import Exports
from core.privacy.ledger import LedgerFile
from core.security.people.people import People
from core.security.people.visitor import Scope, Visitor
from core.security.secret import Secret
from core.security.vault.customer_keys import CustomerKeys
from tests.core.database.full import fill
from tests.core.operations.house import House, house
from tests.fakes.clock import MovedClock
from tests.fakes.screenshots import MemoryScreenshotStore
from tests.postgres import as_owner

BY_TOKEN = Proof(Secret(""))
PICTURE = Picture(b"a picture of the tea shop", b"small", 2, 1, (), "https://tea.example/")


@dataclass
class Forgetting:
    """The house, what exports and deletes there, and where the ledger is."""

    house: House
    pictures: MemoryScreenshotStore
    desk: PrivacyDesk
    deletions: Deletions
    ledger: Path

    @property
    def visitor(self) -> Visitor:
        """The owner, with a token that was made for this."""
        return replace(self.house.visitor, scopes=frozenset({Scope.PRIVACY}))

    @property
    def database(self) -> Database:
        return self.house.database


async def forgetting(database: Database, clock: MovedClock, folder: Path) -> Forgetting:
    """A customer with an operation that waits, a picture, and a row in every table."""
    ours, pictures, ledger = await house(database, clock), MemoryScreenshotStore(), folder / "ledger" / "deleted.jsonl"
    await ours.pending()
    await database.run_across_customers(
        lambda session: fill(session, ours.visitor.customer_id, clock.now()), because="the test fills every table"
    )
    await pictures.save(ours.visitor.customer_id, PICTURE)
    tools = DeletionTools(
        database, CustomerKeys(ours.vault), ours.checkpoints, pictures, ours.queue, LedgerFile(ledger), clock
    )
    deletions = Deletions(tools)
    people = People(database, clock)
    desk = PrivacyDesk(
        database, people, Exports(database, ours.trail, ours.receipts, pictures, clock), deletions, clock
    )
    return Forgetting(ours, pictures, desk, deletions, ledger)


def rows_of(database: Database, customer_id: UUID) -> dict[str, int]:
    """How many rows each table has of a customer, past all sessions; tables without any are left out."""
    with as_owner(database).connect() as connection:
        if database.is_sqlite:
            listed = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE c.name = 'customer_id' AND m.type = 'table'"
        else:
            listed = "SELECT table_name FROM information_schema.columns WHERE column_name = 'customer_id' AND table_schema = 'public'"
        whose = customer_id.hex if database.is_sqlite else str(customer_id)
        counted = {
            table: connection.execute(
                text(f"SELECT count(*) FROM {table} WHERE customer_id = :whose"), {"whose": whose}
            )
            for table in connection.execute(text(listed)).scalars().all()
        }
        return {table: number for table, found in counted.items() if (number := found.scalar_one())}
