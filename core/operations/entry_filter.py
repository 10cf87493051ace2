"""Which entries of an audit trail somebody wants to see, and by whom an entry is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col

from core.database.tables import AuditRow

PERSON = "user:"  # how the id of somebody who acts begins
AGENT = "agent"


class By(StrEnum):
    """Who an entry is by: somebody of the company, of staff, the agent, or the product itself and its terminal."""

    PERSON = "person"
    STAFF = "staff"
    AGENT = "agent"
    SYSTEM = "system"

    @classmethod
    def of(cls, actor: str, people: Collection[str]) -> "By":
        """By whom it is; `people` are the actors that are people of the company."""
        if actor in people:
            return cls.PERSON
        if actor.startswith(PERSON):
            return cls.STAFF
        return cls.AGENT if actor == AGENT else cls.SYSTEM


@dataclass(frozen=True)
class EntryFilter:
    """What an entry has to be, to be shown; what is not given filters nothing out. `until` is not in it any more."""

    operation_id: UUID | None = None
    action: str = ""
    by: By | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, people: Collection[str]) -> tuple[ColumnElement[bool], ...]:
        """As SQL. Moments are compared as they are written: in UTC and all of one length."""
        found: list[ColumnElement[bool]] = []
        if self.operation_id is not None:
            found.append(col(AuditRow.operation_id) == self.operation_id)
        if self.action:
            found.append(col(AuditRow.action) == self.action)
        if self.by is not None:
            found.extend(_by(self.by, people))
        if self.since is not None:
            found.append(col(AuditRow.at) >= _written(self.since))
        if self.until is not None:
            found.append(col(AuditRow.at) < _written(self.until))
        return tuple(found)


def _by(who: By, people: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    actor = col(AuditRow.actor)
    match who:
        case By.PERSON:
            return (actor.in_(people),)
        case By.STAFF:
            return actor.startswith(PERSON, autoescape=True), actor.not_in(people)
        case By.AGENT:
            return (actor == AGENT,)
        case By.SYSTEM:
            return ~actor.startswith(PERSON, autoescape=True), actor != AGENT


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
