"""A token is for programs: it opens no page, begins no session and changes no password, whatever it is good for."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from starlette.requests import Request
from starlette.routing import Route

from app.api import sign_in
from app.api.sign_in import _halfway
from core.database.roles import SignedIn
from core.errors import NotSignedIn
from core.security.people.sessions import Standing
from core.security.people.visitor import Scope, Visitor
from tests.app.api.calling import PASSWORD, Caller
from tests.attacks.matrix import FORMS, PAGES

KINDS = [frozenset({scope}) for scope in Scope] + [frozenset(Scope)]
SENT = {"code": "000000", "old": PASSWORD, "new": "quite another thing", "password": PASSWORD, "confirmation": "x"}


def names(kind: frozenset[Scope]) -> str:
    return "+".join(sorted(kind))


@pytest.mark.parametrize("kind", KINDS, ids=names)
async def test_a_token_opens_no_page_and_no_form(call: Caller, kind: frozenset[Scope]) -> None:
    token = await call.stage.services.tokens.add(call.stage.visitor, "x", timedelta(days=1), kind)
    headers = {"Authorization": f"Bearer {token}"}
    forms = {route.path for route in sign_in.router(call.stage.services).routes if isinstance(route, Route)}
    assert len(forms) >= 6
    tried = [("GET", path) for path in (*PAGES, f"/operations/{uuid4()}", "/sign-in/code", "/elsewhere")]
    for method, path in (*tried, *(("POST", path) for path in forms), *FORMS):
        answer = await call.anonymous.request(method, path, headers=headers, data=SENT if method == "POST" else None)
        assert (answer.status_code, urlsplit(answer.headers["location"]).path) in {
            (303, "/sign-in"),
            (303, "/first-admin"),
        }, path
        assert "set-cookie" not in answer.headers, path
    assert await call.stage.services.people.check_password(call.stage.visitor.email, PASSWORD)


async def test_no_token_takes_part_in_signing_in_wherever_it_came_through() -> None:
    """The forms hold it by themselves, too."""
    by_token = Visitor(uuid4(), uuid4(), "x@x.example", scopes=frozenset(Scope))
    state: Any = SimpleNamespace(standing=Standing(by_token, SignedIn.WHOLLY))
    with pytest.raises(NotSignedIn):
        _halfway(cast(Request, SimpleNamespace(state=state)), SignedIn.WHOLLY)
