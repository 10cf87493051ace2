"""What may fail in a database: for one customer in a round over all of them, or because it is away for a while."""

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from core.errors import CoreError

# What a round tells of and goes on after. The last two: a row holds what none should.
FAILURES = (CoreError, SQLAlchemyError, OSError, ValueError, TypeError)

# It does not answer, is being restarted, has no room, let go of who was silent for too long, or only reads for a moment, as after a
# fail-over: what is tried again later may work, and is nobody's bug.
AWAY = (OperationalError, InterfaceError, InternalError, NoConnection)


def told(error: Exception) -> str:
    """A failure in words; of the database's, its kind alone, for its words may hold what was written."""
    if isinstance(error, CoreError):
        return error.sentence
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
