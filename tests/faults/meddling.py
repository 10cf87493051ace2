"""What tests do to workers that share a database, and to the database."""

import time

import psycopg

from core.database.session import Database
from core.operations.views import OperationView
from core.security.people.people import Visitor
from tests.app.watching import until
from tests.faults.several import Several, WorkerProcess
from tests.postgres import owned


async def who_has(house: Several, visitor: Visitor, operation: OperationView, at: int) -> WorkerProcess:
    """The worker that runs an operation, once it has come to this step."""
    await until(house.services, visitor, operation.id, lambda view: view.current_step >= at)
    owner = (await house.row(visitor, operation.id)).lease_owner or ""
    return next(one for one in house.workers if owner.endswith(f"-{one.process.pid}"))


def cut_off(database: Database, seconds: float) -> None:
    """Let nobody into a database for so long, and throw out who is in it; at least once."""
    url = owned(database).url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    name = database.url.database
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            ends = time.monotonic() + seconds
            while True:
                owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
                if time.monotonic() >= ends:
                    return
                time.sleep(0.2)
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
