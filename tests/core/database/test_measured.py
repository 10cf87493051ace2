"""Every transaction is timed, and what the database fails is counted."""

from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.database.session import CustomerSession, Database
from core.errors import Refused
from tests.core.database.rows import company
from tests.fakes.measures import Remembered


async def test_reads_writes_and_failures_are_told_apart(sqlite_template: Path, tmp_path: Path) -> None:
    measures = Remembered()
    database = Database(f"sqlite:///{copy(sqlite_template, tmp_path / 'measured.db')}", measures)
    of = await company(database, "tea")

    def refuses(session: CustomerSession) -> None:
        raise Refused(because="no")

    def breaks(session: CustomerSession) -> None:
        session.execute(text("SELECT * FROM nothing_of_that_name"))

    await database.read(of.id, lambda session: None)
    with pytest.raises(Refused):
        await database.run(of.id, refuses)
    with pytest.raises(OperationalError):
        await database.read_across_customers(breaks, because="the test")
    assert measures.calls == [("write", False), ("read", False), ("write", False), ("read", True)]
    assert all(seconds > 0 for seconds in measures.seconds)
    database.close()
