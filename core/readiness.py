"""Whether this process can serve people now: what it needs is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy.exc import SQLAlchemyError

from core.database.session import CustomerSession, Database
from core.database.upgrade import newest_revision, revision_of
from core.errors import Unavailable
from core.one_at_a_time import OneAtATime

ANSWERS_WITHIN = 3  # seconds; who watches waits for five, also for a machine that is busy


class NotReady(Unavailable):
    """This process is not ready."""

    code: ClassVar[str] = "not_ready"


@dataclass
class Readiness:
    """Looks at what this process needs. `has_browser` says None before anybody has looked for one."""

    database: Database
    has_browser: Callable[[], bool | None]

    def __post_init__(self) -> None:
        self._fits = OneAtATime(self._revision_fits)

    async def check(self) -> None:
        """Return if all is there. Raises NotReady with every reason, and no word of what failed."""
        wanting = [*self._wanting_here(), *await self._wanting_of_the_database()]
        if wanting:
            raise NotReady(because=" ".join(wanting))

    def _wanting_here(self) -> list[str]:
        return ["There is no browser to work with."] if self.has_browser() is False else []

    async def _wanting_of_the_database(self) -> list[str]:
        try:
            fits = await self._fits.answer(ANSWERS_WITHIN)
        except (SQLAlchemyError, TimeoutError):
            return ["The database does not answer."]
        return [] if fits else ["The database is not of this version."]

    async def _revision_fits(self) -> bool:
        return await self.database.read_across_customers(
            is_of_this_version, because="whether the database is of this version"
        )


def is_of_this_version(session: CustomerSession) -> bool:
    """Whether the tables are those that this version works with."""
    return revision_of(session.connection()) == newest_revision()
