"""Changes a row only if it still stands as it should: a conditional update, and the row count is looked at."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Update
from sqlalchemy.engine import CursorResult

from core.database.session import CustomerSession


def changed_one(session: CustomerSession, update: Update, values: Mapping[str, Any]) -> bool:
    """Whether exactly one row stood like this, and now has these values; so have the objects that the session holds."""
    changed = session.execute(update.values(**values), execution_options={"synchronize_session": "fetch"})
    return isinstance(changed, CursorResult) and changed.rowcount == 1
