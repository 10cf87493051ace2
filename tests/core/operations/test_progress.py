"""Who watches a customer's operations is told of each change, and of nobody else's."""

from uuid import UUID, uuid4

from core.operations.progress import InProcessProgress


def test_watchers_are_told_of_their_own_customers_operations() -> None:
    progress, ours, theirs = InProcessProgress(), uuid4(), uuid4()
    told: list[UUID] = []
    progress.subscribe(ours, told.append)
    first, second = uuid4(), uuid4()
    progress.tell(ours, first)
    progress.tell(theirs, second)
    assert told == [first]


def test_who_has_gone_is_told_nothing_also_while_the_news_goes_round() -> None:
    progress, customer = InProcessProgress(), uuid4()
    told: list[UUID] = []

    def leave(operation_id: UUID) -> None:
        told.append(operation_id)
        stop()
        stop()

    stop = progress.subscribe(customer, leave)
    progress.tell(customer, uuid4())
    progress.tell(customer, uuid4())
    assert len(told) == 1
