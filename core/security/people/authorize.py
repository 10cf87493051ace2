"""Who may do what: one table from roles to actions, and one from actions to the scope a token needs for it.

What stands in neither table is refused. Every use case asks here, whichever way it is called: by the REST API, a
page's handler or the terminal.
"""

from enum import StrEnum
from typing import ClassVar

from core.database.roles import Role
from core.errors import Refused
from core.security.people.visitor import Scope, Visitor


class Action(StrEnum):
    """Everything that somebody may or may not do."""

    WATCH = "see operations, products and statistics"
    SEE_CONSENTS = "see what was consented to"
    SEE_CREDENTIALS = "see what is stored, without any value"
    READ_AUDIT = "read the audit trail"
    OPERATE = "ask for an operation, answer it and stop it"
    DECIDE_CONSENT = "give and withdraw consent"
    MANAGE_CREDENTIALS = "store and delete credentials, and forget shops"
    PRIVACY = "take out or delete the company's data"
    MANAGE_TOKENS = "make API tokens"
    MANAGE_PEOPLE = "add and disable people of the company"
    SEE_ALL_CUSTOMERS = "see what staff see"
    DECIDE_CHANGES = "decide on changes of learnt workflows"
    RETRY_FOR_CUSTOMERS = "try a customer's failed operations again"
    MANAGE_STAFF = "manage staff and customers"
    OWN_SIGN_IN = "change how one signs in"
    CHOOSE_EMAILS = "choose what one is told by e-mail"
    MANAGE_WEBHOOKS = "say which addresses are called"


A = Action
SEES = frozenset({A.WATCH, A.SEE_CONSENTS, A.SEE_CREDENTIALS, A.READ_AUDIT})
OWN = frozenset({A.OWN_SIGN_IN, A.CHOOSE_EMAILS})
OWNS = (
    SEES
    | OWN
    | {
        A.OPERATE,
        A.DECIDE_CONSENT,
        A.MANAGE_CREDENTIALS,
        A.PRIVACY,
        A.MANAGE_TOKENS,
        A.MANAGE_PEOPLE,
        A.MANAGE_WEBHOOKS,
    }
)
ALLOWED: dict[Role, frozenset[Action]] = {
    Role.OWNER: OWNS,
    Role.MEMBER: SEES - {A.SEE_CREDENTIALS} | OWN | {A.OPERATE},
    Role.AUDITOR: SEES | OWN | {A.SEE_ALL_CUSTOMERS},
    Role.OPERATOR: SEES | OWN | {A.OPERATE, A.SEE_ALL_CUSTOMERS, A.DECIDE_CHANGES, A.RETRY_FOR_CUSTOMERS},
    Role.ADMIN: frozenset(Action),
}
# What is not here no token can do, whatever it was made with: tokens make no tokens, no people and no sign-in.
NEEDED: dict[Action, Scope] = {
    A.WATCH: Scope.READ,
    A.SEE_CONSENTS: Scope.READ,
    A.SEE_CREDENTIALS: Scope.READ,
    A.READ_AUDIT: Scope.AUDIT,
    A.OPERATE: Scope.OPERATE,
    A.DECIDE_CONSENT: Scope.CONSENT,
    A.MANAGE_CREDENTIALS: Scope.CREDENTIALS,
    A.MANAGE_WEBHOOKS: Scope.CREDENTIALS,
    A.PRIVACY: Scope.PRIVACY,
    A.SEE_ALL_CUSTOMERS: Scope.STAFF,
    A.DECIDE_CHANGES: Scope.STAFF,
    A.RETRY_FOR_CUSTOMERS: Scope.STAFF,
}


class NotAllowed(Refused):
    """You may not do this."""

    code: ClassVar[str] = "not_allowed"

    def __init__(self, action: Action, because: str) -> None:
        super().__init__(because)
        self.action = action


class ScopeMissing(NotAllowed):
    """This token is not good for that."""

    code: ClassVar[str] = "scope_missing"


def authorize(visitor: Visitor, action: Action, *instead: Action) -> None:
    """Return if they may do this, or one of `instead`, of which it is a part.

    Raises NotAllowed for their role, or ScopeMissing for their token.
    """
    if any(may(visitor, other) for other in instead):
        return
    if action not in ALLOWED.get(visitor.role, frozenset()):
        raise NotAllowed(action, because=f"As {visitor.role.words} one can't {action.value}.")
    if visitor.scopes is not None and NEEDED.get(action) not in visitor.scopes:
        scope = NEEDED.get(action)
        needed = f"It needs the scope “{scope.value}”" if scope else "No token is: sign in, in a browser"
        raise ScopeMissing(action, because=f"{needed}, to {action.value}.")


def may(visitor: Visitor, action: Action) -> bool:
    """Whether they may: for pages that show what can be done, and nothing else."""
    try:
        authorize(visitor, action)
    except NotAllowed:
        return False
    return True
