"""What a company may ask for of its own data: all of it, or that it is forgotten. Plain forms: only an answer is a download."""

from nicegui import ui

from core.privacy.desk import AskedDeletion
from core.security.people.proof import Proof
from core.security.secret import Secret
from core.services import Services
from pages.parts.handlers import TYPED
from pages.parts.plain_form import field, form, hidden, refusal
from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.words import button, heading, paragraph, words
from pages.texts import later, t
from pages.visitor import acting, errors_shown, where_from

GOES = (
    later(
        "Everybody of your company, shops, credentials, consents, operations, pictures and products are deleted, and the keys "
        "that sealed them destroyed."
    ),
    later("What runs is stopped at once. Keys that were made at your shops stay there until you revoke them."),
    later(
        "The audit trail stays, without any detail, so that it can still be verified. You get a signed certificate, and everybody "
        "is signed out."
    ),
)


class OwnData:
    """The card: take all along, or have it deleted."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._password = ""

    def draw(self, error: str) -> None:
        """Draw it, with why the last request was not taken."""
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading(t("Your company's data"), 2)
                paragraph(
                    t(
                        "All that is known of your company, as a zip: people, consents, operations, pictures, and the audit trail "
                        "with a program that verifies it. No password and no key is in it."
                    )
                )
            refusal(error)
            with form("/privacy/export", t("Export all data")):
                field(t("Your password"), "password", "password", "current-password")
            with ui.element("div").classes("stack"):
                paragraph(t("Or have all of it deleted, for good."), "second")
            button(t("Delete all data"), self._ask, "danger").style("align-self: flex-start")

    async def _ask(self) -> None:
        """The first step: who asks shows that it is they."""
        with sheet_for(t("Delete all data of your company?")) as dialog:
            for line in GOES:
                paragraph(t(line))
            with ui.element("div").classes("field"):
                words(t("Your password"), "label").props("for=deletion-password")
                typed = ui.element("input").props("id=deletion-password type=password autocomplete=current-password")
                typed.on("input", lambda event: self._typed(event.args), js_handler=TYPED)
            with choice():
                button(t("Keep it"), lambda: dialog.submit(None))
                button(t("Go on"), lambda: self._go_on(dialog), "danger")
        await answer_of(dialog)

    def _typed(self, text: object) -> None:
        self._password = str(text)

    async def _go_on(self, dialog: ui.dialog) -> None:
        """The second step: nothing is deleted before it."""
        password, self._password = self._password, ""
        with errors_shown():
            who = await acting(self._services)
            asked = await self._services.privacy.ask_to_delete(who, Proof(Secret(password), where_from()))
            (drawn,) = dialog.default_slot.children
            drawn.clear()
            with drawn:
                self._confirm(asked, dialog)

    def _confirm(self, asked: AskedDeletion, dialog: ui.dialog) -> None:
        heading(t("This can't be undone"), 2)
        paragraph(
            t(
                "The certificate is downloaded as it is done. Keep it: it is the proof, and there is no other copy for you."
            )
        )
        with form("/privacy/delete", t("Delete everything now")):
            hidden("confirmation", asked.confirmation)
        button(t("Keep it"), lambda: dialog.submit(None))
