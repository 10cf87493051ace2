"""Draws a part of a page anew, once for each time it is asked to, however many ask for it at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from nicegui import ui

_drawing: WeakKeyDictionary[ui.element, asyncio.Lock] = WeakKeyDictionary()


def redrawn(draw: Callable[[Any], Awaitable[None]]) -> Any:
    """NiceGUI's `refreshable_method` for a part that asks before it draws.

    NiceGUI clears the place and begins to draw: two who do so at once would both find it empty, and each draw all of it.
    """

    @wraps(draw)
    async def alone(self: Any) -> None:
        slot = ui.context.slot.parent
        async with _drawing.setdefault(slot, asyncio.Lock()):
            slot.clear()
            await draw(self)

    return ui.refreshable_method(alone)
