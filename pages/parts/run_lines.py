"""Lines of a list of operations, a customer's own or all customers'; what has changed is changed in place."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from nicegui import ui

from core.database.states import OperationStatus
from core.operations.runs import CustomerRun
from core.operations.views import OperationView
from pages.parts.again import will_try
from pages.parts.retry_many import RetryMany, address_for
from pages.parts.times import minute
from pages.parts.words import badge, link, paragraph, seconds, shop_of, words
from pages.texts import t

R = TypeVar("R", OperationView, CustomerRun)
Title = Callable[[str, str], str]  # of a service and an operation


class RunLines(Generic[R]):
    """The lines of a list, in the order of what is shown."""

    def __init__(self, title: Title, many: RetryMany | None, story: Callable[[R], str]) -> None:
        self._title = title
        self._many = many
        self._story: Callable[[R], str] = story
        self._lines: dict[UUID, RunLine[R]] = {}
        self._list = ui.element("div").classes("card rows")

    def show(self, runs: Sequence[R]) -> None:
        """Show these, and no others."""
        self._list.set_visibility(bool(runs))
        for gone in self._lines.keys() - {run.id for run in runs}:
            self._lines.pop(gone).delete()
            if self._many:
                self._many.forget(gone)
        for place, run in enumerate(runs):
            if run.id not in self._lines:
                name = t(
                    "{title} at {shop}", title=self._title(run.service, run.operation), shop=shop_of(run.store_url)
                )
                with self._list:
                    self._lines[run.id] = RunLine(name, run, place, self._many)
            self._lines[run.id].show(run, self._story(run))


class RunLine(Generic[R]):
    """One operation: which shop, how it stands, how far it is or what came of it; for staff, whose."""

    def __init__(self, name: str, run: R, place: int, many: RetryMany | None) -> None:
        self._shown: R | None = None
        self._many = many
        with ui.element("div").classes("item") as self._item:
            self._tick = many.draw_box(run.id, name) if many else None
            with ui.element("div").classes("stack grow"):
                with ui.element("div").classes("row"):
                    link(name, address_for(_whose(run), run.id), "strong")
                    self._badge = badge(run.status)
                    if isinstance(run, CustomerRun):
                        words(run.customer, classes="second small")
                self._told = paragraph("")
                self._again = link(t("See that try"), "", "small")
            paragraph(minute(run.created_at), "third small num")
        self._item.move(target_index=place)

    def show(self, run: R, story: str) -> None:
        """Change what has changed."""
        if run == self._shown:
            return
        self._shown = run
        self._badge.set_text(run.status.words)
        self._badge.classes(replace=f"badge {run.status.value}")
        self._told.set_text(story)
        self._again.set_visibility(run.retried_by is not None)
        if run.retried_by:
            self._again.props["href"] = address_for(_whose(run), run.retried_by)
        if self._many and self._tick:
            tried = run.status is not OperationStatus.FAILED or run.retried_by is not None
            self._many.offer(run.id, self._tick, can_be_tried=not tried)

    def delete(self) -> None:
        """Take it off the list."""
        self._item.delete()


def _whose(run: OperationView | CustomerRun) -> UUID | None:
    return run.customer_id if isinstance(run, CustomerRun) else None


def story_of(view: OperationView) -> str:
    """How far a customer's own is, or what came of it."""
    if view.result:
        return t("{said} It took {seconds}.", said=view.result.said, seconds=seconds(view.seconds or 0))
    return _failed(view, view.failure.sentence) if view.failure else _so_far(view)


def story_for_staff(run: CustomerRun) -> str:
    """The same, without what came of it at another company: that may tell what is in a shop."""
    if run.status is OperationStatus.COMPLETED:
        return t("{said} It took {seconds}.", said=run.said, seconds=seconds(run.seconds or 0)).lstrip()
    return _failed(run, run.failure_sentence) if run.failure_sentence else _so_far(run)


def _failed(run: OperationView | CustomerRun, sentence: str) -> str:
    if run.retry_needs_consent:
        return t("{sentence} Another try waits for consent.", sentence=sentence)
    if run.retried_by:
        return t("{sentence} It was tried once more.", sentence=sentence)
    if isinstance(run, CustomerRun) and run.seconds is not None:
        return t("{sentence} It took {seconds}.", sentence=sentence, seconds=seconds(run.seconds))
    return sentence


def _so_far(run: OperationView | CustomerRun) -> str:
    if run.waits_until:
        return f"{will_try(run)}."
    if run.counted.every:
        return t("Step {at} of {all}", at=run.counted.at, all=run.counted.every)
    return t("Not begun")
