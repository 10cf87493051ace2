"""Two companies in one database."""

import pytest

from core.database.session import Database
from tests.core.database.rows import Company, company


@pytest.fixture
async def ours(database: Database) -> Company:
    return await company(database, "ours")


@pytest.fixture
async def theirs(database: Database) -> Company:
    return await company(database, "theirs")
