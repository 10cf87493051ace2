"""What people are, and how far a browser of theirs is signed in: words that the database knows, too."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is: the first two in a customer's company, the others at OmniOps itself."""

    OWNER = "owner"
    MEMBER = "member"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMIN = "admin"

    @property
    def is_staff(self) -> bool:
        """Whether they work for OmniOps."""
        return self in STAFF

    @property
    def words(self) -> str:
        """What it is called on a page."""
        return WORDS[self]


STAFF = frozenset({Role.OPERATOR, Role.AUDITOR, Role.ADMIN})
WORDS = {
    Role.OWNER: "owner",
    Role.MEMBER: "member",
    Role.OPERATOR: "operator, staff",
    Role.AUDITOR: "auditor, staff",
    Role.ADMIN: "admin, staff",
}


class SignedIn(StrEnum):
    """How far a session has come: the password alone opens nothing where a second factor is asked for."""

    WHOLLY = "wholly"
    NEEDS_CODE = "needs_code"
    NEEDS_ENROLMENT = "needs_enrolment"
