"""Tells who watches that an operation has changed; what has changed, they read from the table."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

Watcher = Callable[[UUID], None]


class ProgressBus(Protocol):
    """Carries the news that an operation has changed from who wrote it to who shows it."""

    def subscribe(self, customer_id: UUID, watcher: Watcher) -> Callable[[], None]:
        """Call this with an operation's id after each committed change; returns what ends the subscription."""
        ...

    def publish(self, customer_id: UUID, operation_id: UUID) -> None:
        """Say that it has changed. Called on the event loop."""
        ...


class InProcessProgress:
    """The bus of a single process."""

    def __init__(self) -> None:
        self._watchers: dict[UUID, set[Watcher]] = {}

    def subscribe(self, customer_id: UUID, watcher: Watcher) -> Callable[[], None]:
        """Call this with an operation's id after each committed change; returns what ends the subscription."""
        watchers = self._watchers.setdefault(customer_id, set())
        watchers.add(watcher)

        def unsubscribe() -> None:
            watchers.discard(watcher)
            if not watchers:
                self._watchers.pop(customer_id, None)

        return unsubscribe

    def publish(self, customer_id: UUID, operation_id: UUID) -> None:
        """Say that it has changed."""
        for watcher in tuple(self._watchers.get(customer_id, ())):
            watcher(operation_id)
