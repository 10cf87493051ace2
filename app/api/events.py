"""An operation as server-sent events: told again whenever it has changed, for as long as the visitor may know."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import Request

from app.api.schemas import operation_out
from app.api.visitor import still_signed_in, visitor_of
from core.services import Services

OVER = "over"  # the id of the last event
QUIET_FOR = 15  # seconds without news after which a comment goes out, so that no proxy takes the line for dead


async def until_over(request: Request, services: Services, operation_id: UUID) -> AsyncIterator[str]:
    """The events of an operation.

    1. Subscribe, and only then read: no change falls between.
    2. Tell what is new, and end with what is over.
    3. Wait for a change, or at most QUIET_FOR.
    4. Ask anew whether the visitor is still signed in: the line may be open for longer than they are.
    """
    visitor, changed, told = visitor_of(request), asyncio.Event(), ""

    def on_change(changed_id: UUID) -> None:
        if changed_id == operation_id:
            changed.set()

    unsubscribe = services.progress.subscribe(visitor.customer_id, on_change)
    try:
        while await still_signed_in(request):
            changed.clear()
            view = await services.operations.status(visitor, operation_id)
            data = operation_out(view).model_dump_json(by_alias=True)
            if data != told:
                told = data
                yield _event(data, OVER if view.status.is_over else "")
            if view.status.is_over:
                return
            if not await _set_within(changed, QUIET_FOR):
                yield ": nothing new\n\n"
    finally:
        unsubscribe()


def _event(data: str, event_id: str) -> str:
    lines = [f"id: {event_id}"] if event_id else []
    return "\n".join([*lines, "event: status", f"data: {data}", "", ""])


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
