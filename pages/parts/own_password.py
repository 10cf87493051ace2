"""Asks for somebody's password once more, before what outlasts their session is made."""

from nicegui import ui

from core.security.people.proof import Proof
from core.security.secret import Secret
from pages.parts.handlers import TYPED
from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.words import button, paragraph, words
from pages.texts import t
from pages.visitor import where_from


async def own_password(question: str, because: str, yes: str) -> Proof | None:
    """What was typed, to be checked where it is used; None if they left it."""
    typed = [""]
    with sheet_for(question) as dialog:
        paragraph(because)
        with ui.element("div").classes("field"):
            words(t("Your password"), "label").props("for=own-password")
            box = ui.element("input").props("id=own-password type=password autocomplete=current-password")
            box.on(
                "input",
                lambda event: typed.__setitem__(0, str(event.args)),
                js_handler=TYPED,
            )
        with choice():
            button(t("Leave it"), lambda: dialog.submit(False))
            button(yes, lambda: dialog.submit(True), "accent")
    answer = await answer_of(dialog)
    return Proof(Secret(typed[0]), where_from()) if answer else None
