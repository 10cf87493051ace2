"""A house on a database of each kind, and one on SQLite alone where the database makes no difference; and a receiver."""

from collections.abc import Iterator

import pytest

from core.database.session import Database
from tests.core.notifications.mailbox import Mailbox, mailbox
from tests.core.notifications.receiver import Receiver, receiver
from tests.core.operations.house import House, house
from tests.fakes.clock import MovedClock


@pytest.fixture
async def home(database: Database, clock: MovedClock) -> House:
    return await house(database, clock)


@pytest.fixture
async def cottage(sqlite_database: Database, clock: MovedClock) -> House:
    return await house(sqlite_database, clock)


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made
