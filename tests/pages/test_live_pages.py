"""No event reaches a page whose session has ended, whether or not its handler asks."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from nicegui import Client, core

from core.database.roles import Role
from core.security.people.sessions import Endings
from core.security.people.visitor import Visitor
from core.services import Services
from pages import live
from pages.live import LiveEvents

OWNER = Visitor(uuid4(), uuid4(), "owner@tea.example", session_id=uuid4())


class OpenPage:
    """As much of a page as events need."""

    id, has_socket_connection, is_deleted = "page", True, False

    def __init__(self, visitor: Visitor | None) -> None:
        self.events: list[Any] = []
        self.cleared = 0
        self._request = self.request = SimpleNamespace(state=SimpleNamespace(visitor=visitor), cookies={})
        self.content = SimpleNamespace(clear=self.clear)

    def clear(self) -> None:
        self.cleared += 1

    def handle_event(self, message: Any) -> None:
        self.events.append(message)


@pytest.mark.parametrize(
    ("opened_by", "now", "room", "arrives"),
    [(OWNER, OWNER, "page", 1), (OWNER, None, "page", 0), (OWNER, OWNER, "other", 0), (None, None, "page", 1)],
)
async def test_an_event_arrives_only_for_who_is_still_signed_in(
    monkeypatch: pytest.MonkeyPatch, opened_by: Visitor | None, now: Visitor | None, room: str, arrives: int
) -> None:
    page = OpenPage(opened_by)
    monkeypatch.setitem(Client.instances, "page", page)
    monkeypatch.setattr(core, "sio", SimpleNamespace(rooms=lambda sid: [room]))
    monkeypatch.setattr(live, "lead_away", lambda client: None)

    async def asked(client: Client) -> Visitor | None:
        return now

    await LiveEvents(asked).take("sid", {"client_id": "page"})
    assert len(page.events) == arrives
    assert page.cleared == (1 if opened_by and now is None else 0)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """The owner's, which is open."""
    page = OpenPage(OWNER)
    monkeypatch.setattr(Client, "instances", {"page": page})
    connections = {"/": {"connect": None, "handshake": None}}
    sio = SimpleNamespace(rooms=lambda sid: ["page"], on=lambda name, handler: None, handlers=connections)
    monkeypatch.setattr(core, "sio", sio)
    monkeypatch.setattr(live, "lead_away", lambda client: None)
    return page


async def sent_while(page: OpenPage, signed_in: Visitor) -> None:
    """An event of this page, from a browser in which by now this person is signed in."""

    async def asked(client: Client) -> Visitor | None:
        return signed_in

    await LiveEvents(asked).take("sid", {"client_id": "page"})


async def test_an_event_of_a_browser_in_which_somebody_else_is_signed_in_by_now_does_not_arrive(page: OpenPage) -> None:
    """The page shows what was the other's."""
    await sent_while(page, replace(OWNER, user_id=uuid4()))
    assert (page.events, page.cleared) == ([], 1)


async def test_a_page_knows_its_person_as_they_are_now(page: OpenPage) -> None:
    """Who is a member by now acts as one, and in the session that is on."""
    now = replace(OWNER, role=Role.MEMBER, session_id=uuid4())
    await sent_while(page, now)
    assert len(page.events) == 1
    assert page.request.state.visitor is now


def test_pages_of_a_session_that_ends_are_cleared_at_once_and_no_others(page: OpenPage) -> None:
    endings = Endings()
    sessions = SimpleNamespace(visitor_of=None, endings=endings)
    live.register(cast(Services, SimpleNamespace(sessions=sessions, staff_access=SimpleNamespace(endings=Endings()))))
    endings.publish(frozenset({uuid4()}))
    assert page.cleared == 0
    assert OWNER.session_id
    endings.publish(frozenset({OWNER.session_id}))
    assert page.cleared == 1
