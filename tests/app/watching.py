"""Waits for an operation by its own news, and never by the clock."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from core.operations.views import OperationView
from core.security.people.people import Visitor
from core.services import Services

LONGEST = 90  # seconds


async def until(
    services: Services, visitor: Visitor, operation_id: UUID, fits: Callable[[OperationView], bool]
) -> OperationView:
    """The operation, once it fits. Raises TimeoutError."""
    changed = asyncio.Event()
    unsubscribe = services.progress.subscribe(visitor.customer_id, lambda _: changed.set())
    try:
        async with asyncio.timeout(LONGEST):
            while True:
                changed.clear()
                view = await services.operations.status(visitor, operation_id)
                if fits(view):
                    return view
                await changed.wait()
    finally:
        unsubscribe()
