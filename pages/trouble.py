"""What is shown where there is no screen, and where one breaks: neutral pages, and nothing of the error."""

from http import HTTPStatus

from fastapi import Request, Response
from nicegui import Client, ui
from nicegui import app as nicegui_app

from core.security.people.visitor import Visitor
from pages.layout import bare
from pages.parts.words import heading, link, paragraph
from pages.texts import t


def register() -> None:
    """Put the pages up."""
    answer_routes = nicegui_app.exception_handlers[HTTPStatus.NOT_FOUND]

    @nicegui_app.on_page_exception
    def broken(error: Exception) -> None:
        _say(t("Something went wrong"), t("It is on our side, and it was logged. Nothing was changed in your shop."))

    @nicegui_app.exception_handler(HTTPStatus.NOT_FOUND)
    async def nothing_here(request: Request, error: Exception) -> Response:
        if request.scope.get("endpoint") is not None:  # a route that found nothing answers in its own way
            answer: Response = await answer_routes(request, error)  # type: ignore[misc]  # NiceGUI's is a coroutine
            return answer
        with Client(ui.page(""), request=request) as client:
            not_found(t("There is nothing at this address"), t("It may have been mistyped, or moved."))
        return client.build_response(request, HTTPStatus.NOT_FOUND)


def not_found(title: str, sentence: str) -> None:
    """A page that says that there is nothing; the caller sets the status."""
    _say(title, sentence)


def refused(title: str, sentence: str) -> None:
    """A page that says that its visitor may not see it."""
    ui.status_code(HTTPStatus.FORBIDDEN)
    _say(title, sentence)


def _say(title: str, sentence: str) -> None:
    signed_in = isinstance(getattr(ui.context.client.request.state, "visitor", None), Visitor)
    with bare(title, bar="" if signed_in else None), ui.element("div").classes("card empty"):
        heading(title)
        paragraph(sentence)
        link(t("Back to the start"), "/", "button")
