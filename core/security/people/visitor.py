"""Who is asking: a person, of which company, in which role, and by which way they came."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from core.database.roles import Role

SYSTEM = "system"  # who acts where nobody is signed in: at the terminal, or before there is anybody
TERMINAL = UUID(int=0)  # nobody's id: whoever has the machine acts at its terminal


class Scope(StrEnum):
    """What a bearer token is good for; of what its person may do, it is the part that was chosen."""

    READ = "read"
    OPERATE = "operate"
    CONSENT = "consent"
    CREDENTIALS = "credentials"
    AUDIT = "audit"
    PRIVACY = "privacy"
    STAFF = "staff"


@dataclass(frozen=True)
class Visitor:
    """Who is asking, and for which customer.

    `scopes` is None for who is signed in, in a browser or at the terminal: then the role alone decides. How somebody
    came is no part of who they are.
    """

    customer_id: UUID
    user_id: UUID
    email: str
    role: Role = Role.OWNER
    scopes: frozenset[Scope] | None = field(default=None, compare=False)
    session_id: UUID | None = field(default=None, compare=False)

    @property
    def is_staff(self) -> bool:
        """Whether they work for OmniOps."""
        return self.role.is_staff

    @property
    def is_program(self) -> bool:
        """Whether they came by a token, so that nobody looks at what is answered."""
        return self.scopes is not None

    @property
    def actor(self) -> str:
        """The visitor in the audit chain: an id, so that it tells nothing by itself."""
        return SYSTEM if self.user_id == TERMINAL else f"user:{self.user_id}"
