"""What the database itself refuses: changed audit entries, moves that do not exist, reused answers, rows of the deleted.

On SQLite that is rows of another customer, too; on PostgreSQL row_security.py keeps them apart.
The guards are put up anew at the end of every upgrade, because rebuilding a SQLite table drops its triggers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from core.database.engines import EVERY_CUSTOMER
from core.database.narrowing import tables_of_customers
from core.database.states import MOVES

AUDIT = "autonomous_operations_audit"
HEADS = "audit_chain_heads"
CHECKPOINTS = "audit_checkpoints"
OPERATIONS = "autonomous_operations"
APPROVALS = "owner_approvals"
CONSENTS = "autonomous_consent"
QUESTIONS = "operation_questions"

# An entry may lose its detail and its salt together, and nothing else; one that says what was erased keeps its own.
ERASED = "NEW.detail IS NULL AND NEW.salt IS NULL AND OLD.action NOT IN ('details_erased', 'pictures_deleted')"
UNCHANGED = ("customer_id", "seq", "at", "actor", "action", "operation_id", "detail_digest", "previous", "hash")
SAME = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in UNCHANGED)
# What was asked stays as it was asked; an answer, once given, as it was given.
ASKED = ("id", "operation_id", "position", "kind", "words", "action_sha256", "page_url", "expires_at")
AS_ASKED = " AND ".join(
    [f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in ASKED]
    + ["CAST(NEW.options AS TEXT) IS NOT DISTINCT FROM CAST(OLD.options AS TEXT)"]  # JSON, compared as it is written
    + ["(NEW.picture_id IS NULL OR NEW.picture_id IS NOT DISTINCT FROM OLD.picture_id)"]  # its picture may be deleted
)
# Of a question that has ended nothing changes any more but that its picture is deleted.
ITS_END = ("customer_id", "created_at", "ended_at", "ending", "chosen", "answered_by")
PICTURE_GOES = " AND ".join(
    ["NEW.picture_id IS NULL", *(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in ITS_END)]
)
# What was agreed to stays as it was agreed to, with the words it was agreed in; JSON, too, as it is written.
AGREED = [
    "customer_id",
    "id",
    "user_id",
    "purpose",
    "service",
    "operation",
    "store_origin",
    "text_id",
    "text_version",
    "text_sha256",
    "language",
    "shown_at",
    "surface",
    "method",
    "session_sha256",
    "ip_prefix",
    "receipt_id",
    "supersedes",
    "audit_seq",
    "audit_hash",
    "granted_at",
    "expires_at",
]
AS_AGREED = " AND ".join(
    [f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in AGREED]
    + [f"CAST(NEW.{one} AS TEXT) IS NOT DISTINCT FROM CAST(OLD.{one} AS TEXT)" for one in ("permissions", "terms")]
)
AS_ANSWERED = "NEW.answered_by IS NOT DISTINCT FROM OLD.answered_by AND NEW.chosen IS NOT DISTINCT FROM OLD.chosen"
MOVE = " OR ".join(
    ["OLD.status = NEW.status"]
    + [f"(OLD.status = '{old}' AND NEW.status = '{new}')" for old, news in MOVES.items() for new in sorted(news)]
)


@dataclass(frozen=True)
class Guard:
    """A trigger: on what, when, and the sentence it refuses with."""

    name: str
    event: str
    table: str
    refused_if: str
    refusal: str
    each: str = "ROW"

    def for_sqlite(self) -> str:
        """The whole trigger; SQLite 3.38 and older know IS, but not IS NOT DISTINCT FROM."""
        condition = self.refused_if.replace("IS NOT DISTINCT FROM", "IS")
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"
        )

    def for_postgresql(self) -> tuple[str, str]:
        """The function, and the trigger that calls it."""
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.body}$$",
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH {self.each} EXECUTE FUNCTION {self.name}()",
        )

    @property
    def body(self) -> str:
        """What PostgreSQL's function does."""
        return f"BEGIN IF {self.refused_if} THEN RAISE EXCEPTION '{self.refusal}'; END IF; RETURN NEW; END"


BOTH = (
    Guard("audit_keeps_entries", "DELETE", AUDIT, "true", "an audit entry is never deleted"),
    Guard("audit_changes_nothing", "UPDATE", AUDIT, f"NOT ({ERASED} AND {SAME})", "an audit entry is never changed"),
    Guard("checkpoints_stay", "DELETE", CHECKPOINTS, "true", "a checkpoint is never deleted"),
    Guard("checkpoints_stay_as_signed", "UPDATE", CHECKPOINTS, "true", "a checkpoint is never changed"),
    Guard(
        "operations_move_as_allowed",
        "UPDATE OF status",
        OPERATIONS,
        f"NOT ({MOVE})",
        "there is no such move between states",
    ),
    Guard("approvals_end_once", "UPDATE", APPROVALS, "OLD.ended_at IS NOT NULL", "an approval that has ended stays so"),
    Guard("consents_stay_as_given", "UPDATE", CONSENTS, f"NOT ({AS_AGREED})", "a consent stays as it was given"),
    Guard("consents_end_once", "UPDATE", CONSENTS, "OLD.ended_at IS NOT NULL", "a consent that has ended stays so"),
    Guard(
        "questions_end_once",
        "UPDATE",
        QUESTIONS,
        f"OLD.ended_at IS NOT NULL AND NOT ({PICTURE_GOES})",
        "a question that has ended stays so",
    ),
    Guard("questions_stay_as_asked", "UPDATE", QUESTIONS, f"NOT ({AS_ASKED})", "a question stays as it was asked"),
    Guard(
        "questions_are_answered_once",
        "UPDATE",
        QUESTIONS,
        f"OLD.answered_by IS NOT NULL AND NOT ({AS_ANSWERED})",
        "a question is answered once",
    ),
)
# INSERT OR REPLACE deletes an entry without asking the trigger on DELETE, unless a pragma of the connection says so.
SQLITE = (
    *BOTH,
    Guard(
        "audit_replaces_nothing",
        "INSERT",
        AUDIT,
        f"EXISTS (SELECT 1 FROM {AUDIT} WHERE customer_id = NEW.customer_id AND seq = NEW.seq)",  # noqa: S608  only our own names
        "an audit entry is never replaced",
    ),
    Guard(
        "checkpoints_replace_nothing",
        "INSERT",
        CHECKPOINTS,
        f"EXISTS (SELECT 1 FROM {CHECKPOINTS} WHERE customer_id = NEW.customer_id AND number = NEW.number)",  # noqa: S608  only our own names
        "a checkpoint is never replaced",
    ),
    # A table of SQLite gets no CHECK without being written anew, and its columns take anything.
    *(
        Guard(name, "INSERT", table, f"typeof(NEW.{column}) <> 'integer' OR NEW.{column} < 1", refusal)
        for name, table, column, refusal in (
            ("audit_counts_from_one", AUDIT, "seq", "an audit entry counts from 1"),
            ("checkpoints_count_from_one", CHECKPOINTS, "number", "a checkpoint counts from 1"),
            ("checkpoints_are_over_entries", CHECKPOINTS, "seq", "a checkpoint is over an entry from 1 on"),
        )
    ),
)
POSTGRESQL = (
    *BOTH,
    Guard("audit_keeps_table", "TRUNCATE", AUDIT, "true", "an audit entry is never deleted", each="STATEMENT"),
    Guard("checkpoints_keep_table", "TRUNCATE", CHECKPOINTS, "true", "a checkpoint is never deleted", each="STATEMENT"),
)

# As PostgreSQL writes a trigger, pretty: as Guard.for_postgresql does.
STANDING = """
SELECT tgname::text, relname::text, pg_get_triggerdef(pg_trigger.oid, true), prosrc
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
"""


def guards_of_the_deleted() -> tuple[Guard, ...]:
    """A customer who was deleted has no rows any more but their chain's, and is given none."""
    return tuple(
        Guard(
            f"{table}_of_nobody_deleted",
            "INSERT",
            table,
            "EXISTS (SELECT 1 FROM customers WHERE id = NEW.customer_id AND deleted_at IS NOT NULL)",
            "this customer was deleted",
        )
        for table in tables_of_customers()
        if table not in {AUDIT, HEADS, CHECKPOINTS}
    )


def tenant_guards() -> tuple[Guard, ...]:
    """SQLite has no policies: it asks each row written whether it is of whom the transaction acts for (engines.py)."""
    columns = {"customers": "id"} | dict.fromkeys(tables_of_customers(), "customer_id")
    return tuple(
        Guard(
            f"{table}_of_one_customer_{event.lower()}",
            event,
            table,
            f"app_customer() IS NOT '{EVERY_CUSTOMER}' AND ({' OR '.join(_not_own(column, event))})",
            "this row belongs to another customer",
        )
        for table, column in columns.items()
        for event in ("INSERT", "UPDATE", "DELETE")
    )


def _not_own(column: str, event: str) -> Iterator[str]:
    if event != "INSERT":
        yield f"OLD.{column} IS NOT app_customer()"
    if event != "DELETE":
        yield f"NEW.{column} IS NOT app_customer()"


def ensure_guards(connection: Connection) -> None:
    """Put the guards up; doing it twice changes nothing."""
    take_guards_down(connection)
    if connection.dialect.name == "sqlite":
        for guard in (*_of_sqlite(), *tenant_guards()):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}")
            connection.exec_driver_sql(guard.for_sqlite())
        return
    for guard in _of_postgresql():
        for statement in guard.for_postgresql():
            connection.exec_driver_sql(statement)


def take_guards_down(connection: Connection) -> None:
    """Until `ensure_guards`, in the same transaction: a revision may have to change what nobody else may.

    SQLite drops them where it rebuilds a table; whatever stands in the way of a revision there is to go as well.
    """
    if connection.dialect.name == "sqlite":
        for guard in _of_sqlite():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}")
        return
    names = {guard.name for guard in _of_postgresql()}
    for name, table, _, _ in connection.exec_driver_sql(STANDING).all():
        if name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")


def missing_guards(connection: Connection) -> tuple[str, ...]:
    """The names of the guards that are not there, or not as they should be: on what, when, how and with which function."""
    if connection.dialect.name == "sqlite":
        standing = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = {tuple(row) for row in standing}
        return tuple(one.name for one in (*_of_sqlite(), *tenant_guards()) if (one.name, one.for_sqlite()) not in found)
    enabled = connection.exec_driver_sql(f"{STANDING} AND tgenabled = 'O' AND pronamespace = relnamespace")
    found = {tuple(row) for row in enabled}
    wanted = ((one.name, one.table, one.for_postgresql()[1], one.body) for one in _of_postgresql())
    return tuple(one[0] for one in wanted if one not in found)


def _of_sqlite() -> tuple[Guard, ...]:
    return (*SQLITE, *guards_of_the_deleted())


def _of_postgresql() -> tuple[Guard, ...]:
    return (*POSTGRESQL, *guards_of_the_deleted())
