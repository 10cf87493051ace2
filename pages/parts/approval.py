"""An operation that waits for the owner of a shop: lead them there, or have the agent do it instead."""

from nicegui import ui

from core.operations.approvals import VALID_FOR
from core.operations.views import OperationView
from core.security.people.authorize import Action
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.ways import AGENT, APPROVE
from pages.parts.words import address_of, button, heading, paragraph
from pages.texts import later, t
from pages.visitor import acting, allowed, errors_shown

THERE = later(
    "Your shop opens in this window, and asks you to sign in there if need be. Press “Approve”, and you come back here."
)
SAID_NO = later("Nothing was made in your shop. You can approve it after all, have the agent do it, or stop it.")
MINUTES = VALID_FOR.seconds // 60


class ApprovalCard:
    """What is asked of the owner; `declined`, if they have just come back from the shop without approving."""

    def __init__(self, services: Services, view: OperationView, *, declined: bool) -> None:
        self._services = services
        self._view = view
        self._declined = declined

    def draw(self) -> None:
        """The card."""
        one = self._services.integrations.get(self._view.service, self._view.operation)
        if one.approval is None:
            return
        with ui.element("div").classes("card"):
            heading(t("You did not approve it") if self._declined else t("It waits for you to approve it"), 2)
            paragraph(t(SAID_NO if self._declined else THERE))
            paragraph(one.approval.hint)
            if not allowed(Action.OPERATE):
                return
            told = t("The way there is open for {minutes} minutes; the button opens it anew.", minutes=MINUTES)
            paragraph(told, "second small")
            with ui.element("div").classes("row"):
                button(t(APPROVE), self._approve, "full")
                button(t(AGENT), self._ask_for_the_agent)

    async def _approve(self) -> None:
        """Go to the shop, by a fresh address."""
        with errors_shown():
            who = await acting(self._services)
            ui.navigate.to((await self._services.approvals.begin(who, self._view.id)).url)

    async def _ask_for_the_agent(self) -> None:
        """Stop this, and lead to the form of the other way."""
        view = self._view
        follows = t(
            "This setup is stopped. The agent asks for a user name and a password, and for a consent of its own."
        )
        if await confirmed(t("Let the agent do it instead?"), follows, t(AGENT), t("Go back")):
            with errors_shown():
                who = await acting(self._services)
                await self._services.operations.cancel(who, view.id, because="The agent is to do it instead.")
                agent = self._services.integrations.of_service(view.service)
                form = address_of("/set-up", service=view.service, operation=agent.operation, store=view.store_url)
                ui.navigate.to(form)
