"""Who may do what stands in two tables, and what stands in neither is refused."""

from uuid import uuid4

import pytest

from core.database.roles import STAFF, Role
from core.security.people import authorize as room
from core.security.people.authorize import ALLOWED, NEEDED, Action, NotAllowed, ScopeMissing, authorize, may
from core.security.people.visitor import Scope, Visitor

# Written out once more, by hand: a slip in the table is to be seen here.
OWN = {Action.OWN_SIGN_IN, Action.CHOOSE_EMAILS}
MAY = {
    Role.OWNER: set(Action)
    - {Action.SEE_ALL_CUSTOMERS, Action.DECIDE_CHANGES, Action.RETRY_FOR_CUSTOMERS, Action.MANAGE_STAFF},
    Role.MEMBER: {Action.WATCH, Action.SEE_CONSENTS, Action.READ_AUDIT, Action.OPERATE, *OWN},
    Role.OPERATOR: {
        Action.WATCH,
        Action.SEE_CONSENTS,
        Action.SEE_CREDENTIALS,
        Action.READ_AUDIT,
        Action.OPERATE,
        Action.SEE_ALL_CUSTOMERS,
        Action.DECIDE_CHANGES,
        Action.RETRY_FOR_CUSTOMERS,
        *OWN,
    },
    Role.AUDITOR: {
        Action.WATCH,
        Action.SEE_CONSENTS,
        Action.SEE_CREDENTIALS,
        Action.READ_AUDIT,
        Action.SEE_ALL_CUSTOMERS,
        *OWN,
    },
    Role.ADMIN: set(Action),
}
BY_NO_TOKEN = {Action.MANAGE_TOKENS, Action.MANAGE_PEOPLE, Action.MANAGE_STAFF, *OWN}


def somebody(role: Role, *scopes: Scope, by_token: bool = False) -> Visitor:
    return Visitor(uuid4(), uuid4(), "x@tea.example", role, frozenset(scopes) if by_token else None)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_each_role_may_what_it_says(role: Role, action: Action) -> None:
    assert may(somebody(role), action) is (action in MAY[role])


@pytest.mark.parametrize("action", Action)
def test_a_token_may_what_its_scope_says_and_no_more(action: Action) -> None:
    for scope in Scope:
        allowed = NEEDED.get(action) is scope
        assert may(somebody(Role.ADMIN, scope, by_token=True), action) is allowed
    assert not may(somebody(Role.ADMIN, by_token=True), action)


def test_no_token_makes_tokens_or_people_whatever_it_was_made_with() -> None:
    every = somebody(Role.ADMIN, *Scope, by_token=True)
    assert {action for action in Action if not may(every, action)} == BY_NO_TOKEN


def test_a_scope_gives_nobody_more_than_their_role() -> None:
    member = somebody(Role.MEMBER, *Scope, by_token=True)
    assert {action for action in Action if may(member, action)} == MAY[Role.MEMBER] - BY_NO_TOKEN


def test_what_is_in_no_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ALLOWED", {})
    with pytest.raises(NotAllowed):
        authorize(somebody(Role.ADMIN), Action.WATCH)


def test_a_part_of_something_else_is_allowed_with_it_and_refused_without_either() -> None:
    """Whoever gives consent may see to what."""
    giver = somebody(Role.OWNER, Scope.CONSENT, by_token=True)
    authorize(giver, Action.WATCH, Action.OPERATE, Action.DECIDE_CONSENT)
    with pytest.raises(ScopeMissing, match="“read”"):
        authorize(giver, Action.WATCH, Action.OPERATE)


def test_a_refusal_says_which_right_or_scope_is_missing() -> None:
    with pytest.raises(NotAllowed) as by_role:
        authorize(somebody(Role.MEMBER), Action.DECIDE_CONSENT)
    assert by_role.value.sentence == "You may not do this. As member one can't give and withdraw consent."
    with pytest.raises(ScopeMissing) as by_scope:
        authorize(somebody(Role.OWNER, Scope.READ, by_token=True), Action.DECIDE_CONSENT)
    assert "“consent”" in by_scope.value.sentence


def test_auditors_change_nothing() -> None:
    changes = {Action.OPERATE, Action.DECIDE_CONSENT, Action.MANAGE_CREDENTIALS, Action.DECIDE_CHANGES} | BY_NO_TOKEN
    assert ALLOWED[Role.AUDITOR] & changes == OWN


def test_staff_are_these() -> None:
    assert {role for role in Role if role.is_staff} == STAFF == {Role.OPERATOR, Role.AUDITOR, Role.ADMIN}
