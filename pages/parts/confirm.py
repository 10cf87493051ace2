"""Asks once more before something is stopped, taken back or deleted."""

from nicegui import ui

from pages.parts.words import button, heading, paragraph


async def confirmed(question: str, what_follows: str, yes: str, no: str) -> bool:
    """Whether the person means it; Escape is a no. Each line of what follows is a paragraph."""
    with ui.dialog().props("no-backdrop-dismiss transition-duration=0") as dialog:
        dialog.props["aria-label"] = question
        with ui.element("div").classes("sheet"):
            heading(question, 2)
            for line in what_follows.splitlines():
                paragraph(line)
            with ui.element("div").classes("choice"):
                button(no, lambda: dialog.submit(False))
                button(yes, lambda: dialog.submit(True), "danger")
    answer = await dialog
    dialog.delete()
    return bool(answer)
