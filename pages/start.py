"""Set up: choose a service, say which shop and who signs in there, read what will be done, allow it or not."""

from nicegui import ui

from core.agents.integration import Integration
from core.errors import CoreError
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.security.secret import Secret
from core.services import Services
from pages.layout import frame
from pages.parts.consent_sheet import ConsentDialog
from pages.parts.words import heading, paragraph
from pages.visitor import acting, visitor


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/")
    async def start_page(store: str = "") -> None:
        connections = await services.catalog.connections(visitor())
        with frame("Set up", "/"):
            heading("Set up a shop")
            if connections:
                shops = ", ".join(one.store_url.partition("://")[2] for one in connections)
                paragraph(f"Connected: {shops}. Two hours of clicking become two minutes of watching.")
            else:
                paragraph("Two hours of clicking become two minutes of watching, with proof of what was done.")
            for integration in services.integrations.all():
                SetupForm(services, integration, store)


class SetupForm:
    """The form of one service."""

    def __init__(self, services: Services, integration: Integration, store: str) -> None:
        self._services = services
        self._integration = integration
        with ui.element("div").classes("card"):
            heading(integration.title, 2)
            paragraph(integration.summary)
            paragraph(f"It needs: {integration.needs}", "third small")
            self._store = ui.input("Shop address", value=store, placeholder="https://your-shop.example").classes(
                "w-full"
            )
            self._store.props("outlined autocomplete=url")
            self._fields = {
                field.name: ui.input(field.label, password=field.secret)
                .classes("w-full")
                .props("outlined autocomplete=off")
                for field in integration.sign_in
            }
            self._refusal = ui.label().classes("refusal").props("role=alert")
            self._refusal.set_visibility(False)
            with ui.element("div").classes("row"):
                self._button = ui.button(f"Set up {integration.title}", on_click=self._go).props("unelevated no-caps")
                paragraph("You will see exactly what will be done, and can still say no.", "third small")

    async def _go(self) -> None:
        """Check the shop, ask for consent, and start; what was typed stays if anything is refused."""
        self._refusal.set_visibility(False)
        self._button.props("loading")
        try:
            await self._check_ask_and_start()
        except CoreError as error:
            self._refusal.set_text(error.sentence)
            self._refusal.set_visibility(True)
        finally:
            self._button.props(remove="loading")

    async def _check_ask_and_start(self) -> None:
        who, one = await acting(self._services), self._integration
        origin = await self._services.operations.check_shop(who, one.service, self._store.value or "")
        store = str(origin)
        sheet = self._services.consents.sheet(ConsentRequest(one.service, one.operation, store))
        permissions = await ConsentDialog(sheet).ask()
        if permissions is None:
            return
        who = await acting(self._services)
        typed = {name: Secret(box.value or "") for name, box in self._fields.items()}
        await self._services.credentials.store(who, one.service, store, typed)
        await self._services.consents.grant(who, ConsentRequest(one.service, one.operation, store, permissions))
        wanted = NewOperation(one.service, one.operation, store, permissions)
        operation = await self._services.operations.initiate(who, wanted)
        ui.navigate.to(f"/operations/{operation.id}")
