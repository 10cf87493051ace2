"""Asks once more before something is stopped, taken back or deleted."""

from dataclasses import dataclass

from nicegui import ui

from pages.parts.handlers import TICKED
from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.words import button, paragraph, words
from pages.texts import t


async def confirmed(question: str, what_follows: str, yes: str, no: str) -> bool:
    """Whether the person means it; Escape is a no. Each line of what follows is a paragraph."""
    with sheet_for(question) as dialog:
        for line in what_follows.splitlines():
            paragraph(line)
        with choice():
            button(no, lambda: dialog.submit(False))
            button(yes, lambda: dialog.submit(True), "danger")
    answer = await answer_of(dialog)
    return bool(answer)


@dataclass(frozen=True)
class Withdrawal:
    """That somebody means it, and whether what is stored for it is to be kept, unused, until they allow it anew."""

    keeps: bool


async def asked_how(question: str, what_follows: str, asks_to_keep: bool) -> Withdrawal | None:
    """Ask once more before a consent is withdrawn; what is in the vault is deleted, unless its box is ticked."""
    keeps = [False]
    with sheet_for(question) as dialog:
        paragraph(what_follows)
        if asks_to_keep:
            paragraph(t("The sign-in and the key that are stored here for it are deleted."))
            with ui.element("label").classes("line"):
                box = ui.element("input").props("type=checkbox")
                words(t("Keep them instead. They can't be used until you allow it anew."))
            box.on("change", lambda event: keeps.__setitem__(0, bool(event.args)), js_handler=TICKED)
        with choice():
            button(t("Keep it"), lambda: dialog.submit(False))
            button(t("Withdraw"), lambda: dialog.submit(True), "danger")
    answer = await answer_of(dialog)
    return Withdrawal(keeps[0]) if answer else None
