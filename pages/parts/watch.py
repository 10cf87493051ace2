"""Keeps a screen up to date while operations change: told of each change, one look at a time, signed in or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from math import ceil
from uuid import UUID

from nicegui import background_tasks, ui

from core.errors import NotSignedIn
from core.security.people.people import Visitor
from core.services import Services
from pages.visitor import acting, visitor

Look = Callable[[Visitor], Awaitable[None]]

# Seconds. A step's end and the next one's beginning are told of within a few milliseconds: between two looks a page rests,
# and while it does the first of both reaches the screens of all. Every page goes on at the same beat of the loop's clock, so
# that what many ask is asked together.
REST, BEAT = 0.04, 0.02


def any_of_them(_: UUID) -> bool:
    """The change of any operation counts."""
    return True


class Watch:
    """From now on calls `look`, once and after every change, while the page is open and its visitor signed in.

    Only a change of an operation that `concerns` it counts. Before each look the visitor is asked for again, because the
    page outlives their sign-out: then the watch ends, and the page leads to sign-in.
    """

    def __init__(self, services: Services, look: Look, concerns: Callable[[UUID], bool] = any_of_them) -> None:
        self._services = services
        self._look = look
        self._concerns = concerns
        self._client = ui.context.client
        self._looking = self._again = False
        # Subscribed before the first look, so that no change falls between.
        self._unsubscribe = services.progress.subscribe(visitor().customer_id, self._changed)
        self._client.on_delete(self._unsubscribe)
        self._look_again()

    def _changed(self, operation_id: UUID) -> None:
        if self._concerns(operation_id):
            self._look_again()

    def _look_again(self) -> None:
        self._again = True
        if not self._looking:
            self._looking = True
            background_tasks.create(self._until_nothing_changes(), name="watch operations")

    async def _until_nothing_changes(self) -> None:
        """Look until nothing has changed meanwhile."""
        try:
            while self._again and not self._client.is_deleted:
                self._again = False
                with self._client:
                    await self._look(await acting(self._services))
                await self._rest()
        except NotSignedIn:
            self._unsubscribe()
        finally:
            self._looking = False

    async def _rest(self) -> None:
        """Until the next beat that is not too soon; what changes meanwhile is one more look."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(ceil((now + REST) / BEAT) * BEAT - now)
