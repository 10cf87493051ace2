"""Row-level security against a plain WHERE: the same statements on the same million rows, in a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.engine import make_url

from core.database.session import Database
from core.database.upgrade import upgrade
from tests.benchmarks.versus import Contest
from tests.postgres import as_product, binaries, postgres_server

ROWS, CUSTOMERS = 1_000_000, 10
FILL = """
INSERT INTO autonomous_operations_audit (customer_id, seq, at, actor, action, detail, salt, detail_digest, previous, hash)
SELECT %(customer)s, seq, '2026-11-30T09:00:00.000000+00:00', 'agent', 'step_concluded', '{"step": 1, "outcome": "done"}',
       repeat('a', 64), repeat('b', 64), md5(seq::text), md5((seq + 1)::text)
FROM generate_series(1, %(rows)s) AS seq
"""
TABLE = "autonomous_operations_audit"
QUESTIONS = {
    "the last 50 entries": "SELECT * FROM {table} {where} ORDER BY seq DESC LIMIT 50",
    "one entry by its key": "SELECT * FROM {table} {where} {and_} seq = 50000",
    "counting 1,000 entries": "SELECT count(*) FROM {table} {where} {and_} seq BETWEEN 4001 AND 5000",
    "counting all 100,000 entries": "SELECT count(*) FROM {table} {where}",
    "adding up 10,000 entries": "SELECT sum(length(detail::text)) FROM {table} {where} {and_} seq <= 10000",
}


def rows_contests() -> Iterator[Contest]:
    """By the index, as all our statements go; each in a transaction of its own, as in production."""
    folder = binaries()
    if folder is None:
        raise SystemExit("There is no PostgreSQL here.")
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server(folder))
        url = stack.enter_context(server.database())
        with closing(Database(url)) as owner:
            upgrade(owner, login=make_url(as_product(url)))
        customers = [uuid4() for _ in range(CUSTOMERS)]
        _fill(url, customers)
        connection = stack.enter_context(_connection(url))
        for name, question in QUESTIONS.items():
            yield _contest(name, question, connection, customers[3])


def _contest(name: str, question: str, connection: psycopg.Connection, customer: UUID) -> Contest:
    """Both by one connection: two are two processes of the server, of which one may have the better processor."""
    secured = question.format(table=TABLE, where="", and_="WHERE")
    written = question.format(table=TABLE, where=f"WHERE customer_id = '{customer}'", and_="AND")
    begin = f"SELECT set_config('role', 'app_rw', true), set_config('app.customer_id', '{customer}', true)"
    # Who owns the table and is a superuser is held by no policy; it is told something, too, so that both send as much.
    plainly = "SELECT set_config('role', 'owner', true), set_config('app.customer_id', '', true)"
    return Contest(
        f"row-level security / plain WHERE: {name}",
        partial(_ask, connection, begin, secured),
        partial(_ask, connection, plainly, written),
        times=20,
        highest=1.1,
    )


def _ask(connection: psycopg.Connection, begin: str, question: str) -> object:
    with connection.transaction():
        connection.execute(begin)
        return connection.execute(question).fetchall()


def _fill(url: str, customers: list[UUID]) -> None:
    with _connection(url) as owner:
        for number, customer in enumerate(customers):
            owner.execute(
                "INSERT INTO customers (id, name, created_at) VALUES (%s, %s, now())", (customer, f"customer {number}")
            )
            owner.execute(FILL, {"customer": customer, "rows": ROWS // CUSTOMERS})
        owner.commit()
        owner.autocommit = True
        owner.execute(f"VACUUM (ANALYZE) {TABLE}")


def _connection(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
