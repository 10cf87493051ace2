"""No event reaches a page whose session has ended, whether or not its handler asks."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from nicegui import Client, core

from core.security.people.visitor import Visitor
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
