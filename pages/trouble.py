"""What is shown when a screen breaks: a neutral page, and nothing of the error."""

from nicegui import app as nicegui_app
from nicegui import ui

from pages.layout import dress
from pages.parts.words import heading, paragraph


def register() -> None:
    """Put the page up."""

    @nicegui_app.on_page_exception
    def trouble(error: Exception) -> None:
        dress("Something went wrong")
        with ui.element("div").classes("content"), ui.element("div").classes("card narrow"):
            heading("Something went wrong")
            paragraph("It is on our side, and it was logged. Nothing was changed in your shop.")
            ui.link("Back to the start", "/").classes("plain-button")
