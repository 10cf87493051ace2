"""One operation, live: watch its steps and pictures, stop it, see what came of it."""

from uuid import UUID

from nicegui import background_tasks, ui

from core.database.states import OperationStatus, StepState
from core.errors import NotFound
from core.operations.views import OperationView
from core.services import Services
from pages.layout import frame
from pages.parts.pictures import Pictures
from pages.parts.timeline import Timeline
from pages.parts.words import badge, heading, paragraph
from pages.visitor import acting, errors_shown, visitor


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/operations/{operation_id}", reconnect_timeout=20)
    async def operation_page(operation_id: UUID) -> None:
        try:
            view = await services.operations.status(visitor(), operation_id)
        except NotFound as error:
            ui.status_code(404)
            with frame("Not found", "/operations"):
                heading("There is no such operation")
                paragraph(error.sentence)
            return
        with frame("Operation", "/operations"):
            LiveOperation(services, view).watch()


class LiveOperation:
    """The screen of one operation; what has changed is changed in place."""

    def __init__(self, services: Services, view: OperationView) -> None:
        self._services = services
        self._visitor = visitor()
        self._id = view.id
        self._view = view
        self._reading = self._again = False
        title = services.integrations.get(view.service, view.operation).title
        with ui.element("div").classes("row between"):
            with ui.element("div"):
                with ui.element("div").classes("row"):
                    heading(f"Setting up {title}")
                    self._badge = badge(view.status)
                paragraph(f"{view.store_url.partition('://')[2]} · {_limits(view)}")
            self._stop = ui.element("button").classes("plain-button danger").on("click", self._ask_to_stop)
            with self._stop:
                ui.label("Stop")
        self._bar = Bar()
        self._outcome = ui.element("div").classes("grid").props("aria-live=polite")
        with ui.element("div").classes("grid live"):
            self._timeline = Timeline()
            self._pictures = Pictures()

    def watch(self) -> None:
        """Show how it stands, and every change from now on."""
        # Subscribed before it is read again, so that no change falls between.
        unsubscribe = self._services.progress.subscribe(self._visitor.customer_id, self._changed)
        ui.context.client.on_delete(unsubscribe)
        self._show(self._view)
        self._changed(self._id)

    def _changed(self, operation_id: UUID) -> None:
        if operation_id != self._id:
            return
        self._again = True
        if not self._reading:
            self._reading = True
            background_tasks.create(self._read(), name=f"watch {self._id}")

    async def _read(self) -> None:
        """Read and show until nothing has changed meanwhile."""
        try:
            while self._again:
                self._again = False
                self._show(await self._services.operations.status(self._visitor, self._id))
        finally:
            self._reading = False

    def _show(self, view: OperationView) -> None:
        changed = view.status != self._view.status or view is self._view
        self._view = view
        self._badge.set_text(view.status.words)
        self._badge.classes(replace=f"badge {view.status.value}")
        self._stop.set_visibility(not view.status.is_over)
        self._bar.show(view)
        self._timeline.show(view.steps)
        self._pictures.show(view.steps)
        if changed:
            self._outcome.clear()
            with self._outcome:
                self._draw_outcome(view)

    def _draw_outcome(self, view: OperationView) -> None:
        if view.status is OperationStatus.AWAITING_CONSENT:
            with ui.element("div").classes("card"):
                heading("It waits for your consent", 2)
                again = f"/?store={view.store_url}&operation={view.id}"
                ui.link("Read what it will do", again).classes("plain-button accent")
        elif view.result:
            _draw_result(view)
        elif view.failure:
            _draw_failure(view)

    async def _ask_to_stop(self) -> None:
        with ui.dialog() as dialog, ui.element("div").classes("card sheet"):
            heading("Stop this setup?", 2)
            paragraph("The agent leaves your shop at once, and removes the key if it has made one.")
            with ui.element("div").classes("choice"):
                ui.button("Go on", on_click=lambda: dialog.submit(False)).props("outline no-caps")
                ui.button("Stop it", on_click=lambda: dialog.submit(True)).props("outline no-caps color=negative")
        if await dialog:
            with errors_shown():
                who = await acting(self._services)
                await self._services.operations.cancel(who, self._id, because="You stopped it.")


class Bar:
    """How far it is."""

    def __init__(self) -> None:
        with ui.element("div"):
            with ui.element("div").classes("progress").props('role=progressbar aria-label="Progress"') as self._bar:
                self._done = ui.element("div")
            self._words = ui.label().classes("third small num")

    def show(self, view: OperationView) -> None:
        """Show how far this is."""
        counted = [step for step in view.steps if step.state is not StepState.SKIPPED]
        done = sum(step.state is StepState.DONE for step in counted)
        share = 1.0 if view.result else done / max(1, len(counted))
        self._done.style(replace=f"width: {100 * share:.0f}%")
        self._bar.props(f"aria-valuenow={100 * share:.0f} aria-valuemin=0 aria-valuemax=100")
        took = f" · {view.seconds:.1f} s" if view.seconds is not None else ""
        self._words.set_text(f"{done} of {len(counted)} steps{took}" if counted else view.status.words)


def _limits(view: OperationView) -> str:
    kind = "a key that can read and change products" if "update_products" in view.permissions else "a read-only key"
    return f"{kind}, then your products"


def _draw_result(view: OperationView) -> None:
    result = view.result
    if result is None:
        return
    with ui.element("div").classes("card"):
        heading(f"Done! {result.product_count} products synced.", 2)
        with ui.element("div").classes("row"):
            ui.label(result.api_key).classes("mono")
            ui.label(f"can {result.key_permission.replace('_', ' and ')} · in the vault, encrypted").classes(
                "second small"
            )
        with ui.element("form").props("method=get action=/products").classes("row"):
            with ui.element("div").classes("field grow"):
                box = ui.element("input").props('name=q aria-label="Ask about your products"')
                box.props["placeholder"] = "Show me your best sellers"
                box.props["value"] = "Show me your best sellers"
            ui.html('<button type="submit" class="plain-button accent">Ask</button>')


def _draw_failure(view: OperationView) -> None:
    failure = view.failure
    if failure is None:
        return
    failed = next((step for step in view.steps if step.state is StepState.FAILED), None)
    with ui.element("div").classes("card"):
        heading(view.status.words if view.status is OperationStatus.CANCELLED else "It could not be done", 2)
        ui.label(failure.sentence).classes("refusal" if view.status is OperationStatus.FAILED else "second")
        if failed:
            paragraph(f"The step: {failed.intent}", "small")
            paragraph(f"Expected: {failed.expected or 'that it can be done'}", "second small")
            paragraph(f"Seen: {failed.seen or 'something else'}", "second small")
        paragraph(failure.left_behind or "Nothing was left behind in your shop.", "small")
        with ui.element("div").classes("row"):
            ui.link("Try again", f"/?store={view.store_url}").classes("plain-button accent")
