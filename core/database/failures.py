"""What may fail in a database: for one customer in a round over all of them, or because it is away for a while."""

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from core.errors import CoreError

# What a round tells of and goes on after. The last two: a row holds what none should.
FAILURES = (CoreError, SQLAlchemyError, OSError, ValueError, TypeError)

# It does not answer, is being restarted, or has no room: what is tried again later may work, and nobody's bug.
AWAY = (OperationalError, InterfaceError)


def told(error: Exception) -> str:
    """A failure in words; of the database's, its kind alone, for its words may hold what was written."""
    if isinstance(error, CoreError):
        return error.sentence
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
