"""A screen is told of every change, and of none that is not for it any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import nicegui
import pytest
from nicegui import Client, background_tasks, ui
from starlette.requests import Request

from core.database.session import Database
from core.operations.progress import InProcessProgress
from core.security.people.people import Visitor
from core.security.people.sessions import COOKIE, IDLE, Sessions
from core.services import Services
from pages.parts.watch import Watch, any_of_them
from tests.core.operations.house import visitor
from tests.fakes.clock import MovedClock

HERE = "/operations/one?two=3"


@dataclass
class Screen:
    """An open page of somebody who is signed in; `looks` are the visitors it was drawn for."""

    client: Client
    visitor: Visitor
    token: str
    sessions: Sessions
    progress: InProcessProgress = field(default_factory=InProcessProgress)
    looks: list[Visitor] = field(default_factory=list)
    looked: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self, concerns: Callable[[UUID], bool] = any_of_them) -> None:
        services = SimpleNamespace(sessions=self.sessions, progress=self.progress)
        with self.client:
            Watch(cast(Services, services), self.look, concerns)

    async def look(self, who: Visitor) -> None:
        self.looks.append(who)
        self.looked.set()

    async def change(self, operation_id: UUID | None = None) -> None:
        """Something happens, and whatever follows from it."""
        self.progress.tell(self.visitor.customer_id, operation_id or uuid4())
        await self.settled()

    async def settled(self) -> None:
        while tasks := {one for one in background_tasks.running_tasks if one.get_name() == "watch operations"}:
            await asyncio.wait(tasks)

    @property
    def led_to(self) -> list[str]:
        """Where the browser was sent."""
        return [message[2]["path"] for message in self.client.outbox.messages if message[1] == "open"]

    @property
    def is_subscribed(self) -> bool:
        return bool(self.progress._watchers)


@pytest.fixture
async def opened(
    sqlite_database: Database, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Screen]:
    monkeypatch.setattr(nicegui.core, "loop", asyncio.get_running_loop())
    sessions, who = Sessions(sqlite_database, clock), await visitor(sqlite_database, clock)
    token = await sessions.begin(who)
    path, _, query = HERE.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "server": ("us.example", 80),
        "path": path,
    }
    scope |= {"query_string": query.encode(), "headers": [(b"cookie", f"{COOKIE}={token}".encode())]}
    client = Client(ui.page(""), request=Request(scope | {"state": {"visitor": who}}))
    yield Screen(client, who, token, sessions)
    if not client.is_deleted:
        client.delete()


async def test_it_looks_at_once_and_after_every_change(opened: Screen) -> None:
    opened.watch()
    await opened.settled()
    assert opened.looks == [opened.visitor]
    for changes in (2, 3):
        await opened.change()
        assert len(opened.looks) == changes


async def test_many_changes_during_a_look_are_one_more_look(opened: Screen) -> None:
    opened.watch()
    for _ in range(5):
        opened.progress.tell(opened.visitor.customer_id, uuid4())
    await opened.settled()
    assert len(opened.looks) <= 2


async def test_what_changes_while_a_page_rests_is_one_more_look(opened: Screen) -> None:
    """A step's end and the next one's beginning are told of one after the other, within a few milliseconds."""
    opened.watch()
    await opened.looked.wait()
    for _ in range(5):
        opened.progress.tell(opened.visitor.customer_id, uuid4())
        await asyncio.sleep(0)
        assert len(opened.looks) == 1
    await opened.settled()
    assert len(opened.looks) == 2


async def test_one_operation_is_watched_alone(opened: Screen) -> None:
    operation_id = uuid4()
    opened.watch(concerns=operation_id.__eq__)
    await opened.settled()
    await opened.change()
    assert len(opened.looks) == 1
    await opened.change(operation_id)
    assert len(opened.looks) == 2


@pytest.mark.parametrize("how", ["signed out", "idle too long"])
async def test_who_is_signed_in_no_longer_is_shown_nothing_more(opened: Screen, clock: MovedClock, how: str) -> None:
    opened.watch()
    await opened.settled()
    if how == "signed out":
        await opened.sessions.end(opened.token)
    else:
        clock.move(IDLE + timedelta(seconds=1))
    for _ in range(2):
        await opened.change()
    assert len(opened.looks) == 1
    assert opened.led_to == ["/sign-in?next=%2Foperations%2Fone%3Ftwo%3D3"]
    assert not opened.is_subscribed


async def test_a_page_that_was_closed_is_told_nothing(opened: Screen) -> None:
    opened.watch()
    await opened.settled()
    assert opened.is_subscribed
    opened.client.delete()
    assert not opened.is_subscribed
    await opened.change()
    assert len(opened.looks) == 1
