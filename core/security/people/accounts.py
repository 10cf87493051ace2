"""Which accounts let anybody in: those that are not disabled, and those of the demo in the demo alone."""

from dataclasses import dataclass, replace
from uuid import UUID

from core.database.roles import Role
from core.database.tables import User
from core.security.people.visitor import Scope, Visitor


@dataclass(frozen=True)
class Accounts:
    """The rule by which a row of `users` becomes somebody who may come in."""

    is_demo: bool = False

    def visitor_from(
        self, user: User | None, *, scopes: frozenset[Scope] | None = None, session_id: UUID | None = None
    ) -> Visitor | None:
        """Who this is, or nobody: a disabled account, or one of the demo anywhere else."""
        if user is None or user.disabled_at is not None or (user.demo_only and not self.is_demo):
            return None
        return replace(person(user), scopes=scopes, session_id=session_id)

    def needs_second_factor(self, visitor: Visitor) -> bool:
        """Whether the password alone opens nothing: for staff, but in the demo, whose data are made up."""
        return visitor.is_staff and not self.is_demo


def person(user: User) -> Visitor:
    """Who a row is, whether or not they may come in."""
    return Visitor(user.customer_id, user.id, user.email, Role(user.role))
