"""What the database itself refuses: changed audit entries, and moves between states that do not exist.

The guards are put up anew at the end of every upgrade, because rebuilding a SQLite table drops its triggers.
"""

from sqlalchemy import Connection

from core.database.states import MOVES

AUDIT = "autonomous_operations_audit"
OPERATIONS = "autonomous_operations"

# An entry may lose its detail and its salt together, and nothing else.
ERASED = "NEW.detail IS NULL AND NEW.salt IS NULL"
UNCHANGED = ("customer_id", "seq", "at", "actor", "action", "operation_id", "detail_digest", "previous", "hash")


def ensure_guards(connection: Connection) -> None:
    """Put the guards up; doing it twice changes nothing."""
    statements = _sqlite() if connection.dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement)


def _allowed_moves() -> str:
    moves = [f"(OLD.status = '{old}' AND NEW.status = '{new}')" for old, news in MOVES.items() for new in sorted(news)]
    return " OR ".join(["OLD.status = NEW.status", *moves])


def _sqlite() -> list[str]:
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in UNCHANGED)
    triggers = {
        "audit_keeps_entries": (f"BEFORE DELETE ON {AUDIT}", "1", "an audit entry is never deleted"),
        "audit_changes_nothing": (
            f"BEFORE UPDATE ON {AUDIT}",
            f"NOT ({ERASED} AND {same})",
            "an audit entry is never changed",
        ),
        # INSERT OR REPLACE would delete an entry without asking the trigger above.
        "audit_replaces_nothing": (
            f"BEFORE INSERT ON {AUDIT}",
            f"EXISTS (SELECT 1 FROM {AUDIT} WHERE customer_id = NEW.customer_id AND seq = NEW.seq)",  # noqa: S608  only our own names
            "an audit entry is never replaced",
        ),
        "operations_move_as_allowed": (
            f"BEFORE UPDATE OF status ON {OPERATIONS}",
            f"NOT ({_allowed_moves()})",
            "there is no such move between states",
        ),
    }
    statements = []
    for name, (event, condition, refusal) in triggers.items():
        statements.append(f"DROP TRIGGER IF EXISTS {name}")
        statements.append(f"CREATE TRIGGER {name} {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END")
    return statements


def _postgresql() -> list[str]:
    same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in UNCHANGED)
    return [
        _function("audit_keeps_entries", "true", "an audit entry is never deleted"),
        _function("audit_changes_nothing", f"NOT ({ERASED} AND {same})", "an audit entry is never changed"),
        _function("operations_move_as_allowed", f"NOT ({_allowed_moves()})", "there is no such move between states"),
        *_trigger("audit_keeps_entries", f"BEFORE DELETE ON {AUDIT} FOR EACH ROW"),
        *_trigger("audit_keeps_table", f"BEFORE TRUNCATE ON {AUDIT} FOR EACH STATEMENT", runs="audit_keeps_entries"),
        *_trigger("audit_changes_nothing", f"BEFORE UPDATE ON {AUDIT} FOR EACH ROW"),
        *_trigger("operations_move_as_allowed", f"BEFORE UPDATE OF status ON {OPERATIONS} FOR EACH ROW"),
    ]


def _function(name: str, condition: str, refusal: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {condition} THEN RAISE EXCEPTION '{refusal}'; END IF; RETURN NEW; END $$"
    )


def _trigger(name: str, event: str, runs: str | None = None) -> tuple[str, str]:
    table = AUDIT if AUDIT in event else OPERATIONS
    return (
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION {runs or name}()",
    )
