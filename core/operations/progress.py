"""Tells who watches that an operation has changed; what has changed, they read from the table."""

from collections.abc import Callable
from functools import partial
from typing import Protocol
from uuid import UUID

from core.database.session import CustomerSession

Watcher = Callable[[UUID], None]


class ProgressBus(Protocol):
    """Carries the news that an operation has changed from who wrote it to who shows it."""

    def subscribe(self, customer_id: UUID, watcher: Watcher) -> Callable[[], None]:
        """Call this with an operation's id after each committed change; returns what ends the subscription."""
        ...

    def publish(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        """Say that it has changed, once the caller's transaction is committed, and never if it is not."""
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

    @property
    def watched(self) -> tuple[UUID, ...]:
        """The customers of whom somebody watches an operation here."""
        return tuple(self._watchers)

    def publish(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        """Say that it has changed, once this is committed."""
        session.after_commit(partial(self.tell, customer_id, operation_id))

    def tell(self, customer_id: UUID, operation_id: UUID) -> None:
        """Tell the watchers of this process. Called on the event loop."""
        for watcher in tuple(self._watchers.get(customer_id, ())):
            watcher(operation_id)
