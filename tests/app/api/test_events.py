"""An operation told as it goes: at once, after each change, and no longer than it may be."""

import asyncio
import json
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from fastapi import Request

from app.api import events
from app.api.visitor import AskAgain
from core.operations.progress import InProcessProgress, Watcher
from core.security.people.people import Visitor
from tests.app.api.calling import API, Caller, problem

WITHIN = 20  # seconds


def data_of(event: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(event.partition("data: ")[2])
    return told


async def following(call: Caller, operation: str, headers: dict[str, str]) -> AsyncGenerator[str]:
    """Each event or comment as it comes."""
    address = f"{API}/operations/{operation}/events"
    async with asyncio.timeout(WITHIN), call.anonymous.stream("GET", address, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        event = ""
        async for line in stream.aiter_lines():
            event += f"{line}\n"
            if not line:
                yield event
                event = ""


async def test_each_change_is_told_and_the_last_ends_it(call: Caller) -> None:
    operation = await call.initiate()
    told = following(call, operation, await call.cookie())
    first = await anext(told)
    assert first.startswith("event: status\n")
    assert data_of(first) == (await call.client.get(f"{API}/status/{operation}")).json()

    await call.client.post(f"{API}/operations/{operation}/cancel")
    last = [event async for event in told]
    assert len(last) == 1
    assert last[0].startswith("id: over\n")
    assert data_of(last[0])["status"] == "cancelled"


async def test_a_browser_that_comes_back_for_more_is_told_to_stay_away(call: Caller) -> None:
    operation = await call.initiate()
    address = f"{API}/operations/{operation}/events"
    await call.client.post(f"{API}/operations/{operation}/cancel")
    assert "cancelled" in (await call.client.get(address)).text
    assert (await call.client.get(address, headers={"Last-Event-ID": "over"})).status_code == 204


async def test_it_ends_with_the_session(call: Caller) -> None:
    operation, cookie = await call.initiate(), await call.cookie()
    told = following(call, operation, cookie)
    await anext(told)
    await call.anonymous.post("/auth/sign-out", headers=cookie | {"Sec-Fetch-Site": "same-origin"})
    await call.client.post(f"{API}/operations/{operation}/cancel")
    assert [event async for event in told] == []


async def test_quiet_lines_are_kept_open(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "QUIET_FOR", 0.01)
    operation = await call.initiate()
    told = following(call, operation, await call.cookie())
    assert [(await anext(told))[:6] for _ in range(3)] == ["event:", ": noth", ": noth"]
    await told.aclose()


async def test_news_of_another_operation_is_no_news(call: Caller) -> None:
    operation = await call.initiate()
    told = following(call, operation, await call.cookie())
    await anext(told)
    customer_id, progress = call.stage.visitor.customer_id, call.stage.services.progress
    for one in (UUID(int=0), UUID(operation)):  # nothing has changed about the second, either
        await call.stage.services.database.run(
            customer_id, partial(progress.publish, customer_id=customer_id, operation_id=one)
        )
    await call.client.post(f"{API}/operations/{operation}/cancel")
    assert [data_of(event)["status"] for event in [event async for event in told]] == ["cancelled"]


async def test_what_is_not_there_is_told_before_anything_streams(call: Caller) -> None:
    answer = await call.client.get(f"{API}/operations/{UUID(int=0)}/events")
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


async def test_whoever_leaves_is_forgotten(call: Caller) -> None:
    operation = UUID(await call.initiate())
    watched: set[Watcher] = set()
    visitor = call.stage.visitor

    class Counting(InProcessProgress):
        def subscribe(self, customer_id: UUID, watcher: Watcher) -> Any:
            watched.add(watcher)
            return lambda: watched.discard(watcher)

    async def same() -> Visitor | None:
        return visitor

    ask_again: AskAgain = same
    request = Request({"type": "http", "headers": [], "state": {"visitor": visitor, "ask_again": ask_again}})
    services = call.stage.services
    told = events.until_over(request, type(services)(**vars(services) | {"progress": Counting()}), operation)
    await anext(told)
    assert len(watched) == 1
    await told.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert watched == set()
