"""The database refuses by itself what no program of ours should ever do, whoever asks it."""

from functools import partial

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from core.database.guards import ensure_guards, guards_of_the_deleted, missing_guards, tenant_guards
from core.database.session import CustomerSession, Database
from core.database.states import MOVES, OperationStatus
from core.database.tables import ConsentRow
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from tests.core.database.rows import NOW, Company
from tests.postgres import as_owner

EVENT = AuditEvent(AuditAction.PRODUCTS_SYNCED, "agent", detail={"products": 47})
CHAIN = "autonomous_operations_audit"


@pytest.fixture
async def recorded(database: Database, ours: Company) -> Company:
    """Our company, with two entries in its chain."""
    for _ in range(2):
        await database.run(ours.id, partial(audit_log.record, customer_id=ours.id, event=EVENT, at=NOW))
    return ours


def entries(database: Database) -> list[tuple[object, ...]]:
    with as_owner(database).connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {CHAIN} ORDER BY seq"))]


def names(connection: Connection) -> set[str]:
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'product_words%'"  # refuse nothing
    )
    if connection.dialect.name == "postgresql":
        listed = (  # the library that wakes workers has its own
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text NOT LIKE 'procrastinate%'"
        )
    return set(connection.execute(text(listed)).scalars())


def test_these_are_the_guards(database: Database) -> None:
    with as_owner(database).connect() as connection:
        alike = {"audit_keeps_entries", "audit_changes_nothing", "operations_move_as_allowed", "approvals_end_once"}
        alike |= {"questions_end_once", "questions_stay_as_asked", "questions_are_answered_once"}
        alike |= {"consents_stay_as_given", "consents_end_once"}
        alike |= {"checkpoints_stay", "checkpoints_stay_as_signed", *(one.name for one in guards_of_the_deleted())}
        own = {"audit_keeps_table", "checkpoints_keep_table"}
        if database.is_sqlite:
            own = {"audit_counts_from_one", "checkpoints_count_from_one", "checkpoints_are_over_entries"}
            own |= {"audit_replaces_nothing", "checkpoints_replace_nothing", *(guard.name for guard in tenant_guards())}
        assert names(connection) == alike | own
        assert missing_guards(connection) == ()


@pytest.mark.parametrize("seq", ["-5", "0"])
async def test_no_entry_and_no_checkpoint_stands_before_the_first(
    recorded: Company, database: Database, seq: str
) -> None:
    """Verification goes from 1 on: what stands before it would be read by people, and looked at by nobody."""
    entry = f"INSERT INTO {CHAIN} SELECT customer_id, {seq}, at, actor, action, operation_id, detail, salt, detail_digest, previous, hash FROM {CHAIN} WHERE seq = 1"
    checkpoint = f"INSERT INTO audit_checkpoints SELECT customer_id, {{}}, hash, at, previous, 'key', 'signature' FROM {CHAIN} WHERE seq = 1"
    for statement in (entry, checkpoint.format(f"{seq}, 1"), checkpoint.format(f"1, {seq}")):
        with (
            as_owner(database).connect() as connection,
            pytest.raises(DatabaseError, match=r"from_one|from 1"),
        ):
            connection.execute(text(statement))


def test_putting_them_up_twice_changes_nothing(database: Database) -> None:
    with as_owner(database).begin() as connection:
        before = names(connection)
        ensure_guards(connection)
        assert names(connection) == before
        assert missing_guards(connection) == ()


def test_a_guard_taken_down_is_missed_and_put_back(database: Database) -> None:
    with as_owner(database).begin() as connection:
        where = "" if database.is_sqlite else f" ON {CHAIN}"
        connection.execute(text(f"DROP TRIGGER audit_keeps_entries{where}"))
        assert missing_guards(connection) == ("audit_keeps_entries",)
        ensure_guards(connection)
        assert missing_guards(connection) == ()


ELSEWHERE = {
    "on another table": ["CREATE TRIGGER {name} BEFORE DELETE ON products {do}"],
    "at another event": [f"CREATE TRIGGER {{name}} BEFORE INSERT ON {CHAIN} {{do}}"],
    "too late": [f"CREATE TRIGGER {{name}} AFTER DELETE ON {CHAIN} {{do}}"],
    "in another schema": [
        "CREATE SCHEMA aside",
        f"CREATE TABLE aside.{CHAIN} (a int)",
        f"CREATE TRIGGER {{name}} BEFORE DELETE ON aside.{CHAIN} {{do}}",
    ],
}


@pytest.mark.parametrize("statements", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_guard_that_stands_elsewhere_is_missed_and_put_right(
    postgres_database: Database, statements: list[str]
) -> None:
    name = "audit_keeps_entries"
    with as_owner(postgres_database).connect() as connection:
        connection.execute(text(f"DROP TRIGGER {name} ON {CHAIN}"))
        for statement in statements:
            connection.execute(text(statement.format(name=name, do=f"FOR EACH ROW EXECUTE FUNCTION {name}()")))
        assert missing_guards(connection) == (name,)
        ensure_guards(connection)
        assert missing_guards(connection) == ()
        connection.rollback()


def test_a_guard_switched_off_is_missed(postgres_database: Database) -> None:
    with as_owner(postgres_database).begin() as connection:
        connection.execute(text(f"ALTER TABLE {CHAIN} DISABLE TRIGGER audit_keeps_table"))
        assert missing_guards(connection) == ("audit_keeps_table",)


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM {CHAIN}",
        f"DELETE FROM {CHAIN} WHERE seq = 2",
        *(f"UPDATE {CHAIN} SET {column} = 'x'" for column in ("actor", "action", "hash", "previous", "detail_digest")),
        f"UPDATE {CHAIN} SET at = '2020-01-01T00:00:00+00:00'",
        f"UPDATE {CHAIN} SET seq = seq + 10",
        f"UPDATE {CHAIN} SET detail = '{{}}'",
        f"UPDATE {CHAIN} SET detail = NULL",
        f"UPDATE {CHAIN} SET salt = NULL",
        f"UPDATE {CHAIN} SET detail = NULL, salt = NULL, actor = 'x'",
    ],
)
async def test_an_entry_is_neither_changed_nor_deleted(database: Database, recorded: Company, statement: str) -> None:
    before = entries(database)
    with pytest.raises(DatabaseError, match="an audit entry is never"), as_owner(database).begin() as connection:
        connection.execute(text(statement))
    assert entries(database) == before


async def test_an_entry_loses_its_detail_only_together_with_its_salt(database: Database, recorded: Company) -> None:
    with as_owner(database).begin() as connection:
        connection.execute(text(f"UPDATE {CHAIN} SET detail = NULL, salt = NULL WHERE seq = 1"))
    with as_owner(database).connect() as connection:
        left = connection.execute(text(f"SELECT detail, salt FROM {CHAIN} WHERE seq = 1")).one()
    assert tuple(left) == (None, None)


async def test_the_table_is_not_emptied_at_once(postgres_database: Database) -> None:
    with pytest.raises(DatabaseError, match="never deleted"), as_owner(postgres_database).begin() as connection:
        connection.execute(text(f"TRUNCATE {CHAIN} CASCADE"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
async def test_insert_or_replace_replaces_no_entry(database: Database, recorded: Company, recursive: str) -> None:
    """Neither on our connections nor on one that forgot the pragma."""
    before = entries(database)
    forged = f"INSERT OR REPLACE INTO {CHAIN} SELECT * FROM {CHAIN} WHERE seq = 2"
    with as_owner(database).connect() as connection:
        connection.execute(text(f"PRAGMA recursive_triggers={recursive}"))
        assert connection.execute(text("PRAGMA recursive_triggers")).scalar() == (recursive == "ON")
        with pytest.raises(DatabaseError, match="audit entry is never"):
            connection.execute(text(forged))
    assert entries(database) == before


@pytest.mark.parametrize("old", OperationStatus)
async def test_an_operation_moves_only_as_the_table_of_moves_says(
    database: Database, ours: Company, old: OperationStatus
) -> None:
    allowed = {new for new in OperationStatus if await moved(database, old, new)}
    assert allowed == MOVES[old] | {old}


async def moved(database: Database, old: OperationStatus, new: OperationStatus) -> bool:
    """Whether the database lets an operation that stands at `old` move on to `new`; undone either way."""
    with as_owner(database).connect() as connection, connection.begin() as transaction:
        place(connection, old)
        try:
            connection.execute(text("UPDATE autonomous_operations SET status = :new"), {"new": new.value})
        except DatabaseError as refusal:
            if "there is no such move" not in str(refusal):
                raise
            return False
        finally:
            transaction.rollback()
    return True


def place(connection: Connection, status: OperationStatus) -> None:
    """Put the operation where no move led it: with the guard down, as it was found."""
    down = "DROP TRIGGER operations_move_as_allowed"
    if connection.dialect.name == "postgresql":
        down += " ON autonomous_operations"
    connection.execute(text(down))
    connection.execute(text("UPDATE autonomous_operations SET status = :status"), {"status": status.value})
    ensure_guards(connection)


CONSENT = "autonomous_consent"


@pytest.fixture
async def agreed(database: Database, ours: Company) -> Company:
    """Our company, which has agreed to something."""

    def agree(session: CustomerSession) -> None:
        session.add(
            ConsentRow(
                customer_id=ours.id,
                user_id=ours.user_id,
                service="woocommerce",
                operation="api_key_generation",
                store_origin="https://tea.example",
                permissions=["read_products"],
                text_version="2.0",
                text_sha256="0" * 64,
                terms={"retention": "30 days"},
                granted_at=NOW,
                expires_at=NOW,
            )
        )

    await database.run(ours.id, agree)
    return ours


@pytest.mark.parametrize(
    "change",
    [
        *(
            f"{column} = 'x'"
            for column in ("purpose", "service", "operation", "store_origin", "text_version", "surface")
        ),
        'permissions = \'["read_products", "update_products"]\'',
        "terms = '{}'",
        "expires_at = '2030-01-01'",
        "audit_seq = 7",
        "ended_at = '2026-12-01', text_sha256 = 'x'",
    ],
)
async def test_a_consent_stays_as_it_was_given(database: Database, agreed: Company, change: str) -> None:
    with pytest.raises(DatabaseError, match="stays as it was given"), as_owner(database).begin() as connection:
        connection.execute(text(f"UPDATE {CONSENT} SET {change}"))


async def test_a_consent_ends_once(database: Database, agreed: Company) -> None:
    with as_owner(database).begin() as connection:
        connection.execute(text(f"UPDATE {CONSENT} SET ended_at = '2026-12-01', ended_as = 'withdrawn'"))
    for change in ("ended_at = NULL", "ended_at = '2027-12-01'", "ended_as = 'expired'", "ended_because = 'x'"):
        with pytest.raises(DatabaseError, match="has ended stays so"), as_owner(database).begin() as connection:
            connection.execute(text(f"UPDATE {CONSENT} SET {change}"))
