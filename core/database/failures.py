"""What may fail for one customer in a round over all of them: it is told of, and the round goes on."""

from sqlalchemy.exc import SQLAlchemyError

from core.errors import CoreError

FAILURES = (CoreError, SQLAlchemyError, OSError, ValueError, TypeError)  # the last two: a row holds what none should


def told(error: Exception) -> str:
    """A failure in words; of the database's, its kind alone, for its words may hold what was written."""
    if isinstance(error, CoreError):
        return error.sentence
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
