"""What came of an operation: the result, or the failure and what to do about it."""

from nicegui import ui

from core.database.states import OperationStatus, StepState
from core.operations.views import Failure, OperationResult, OperationView
from pages.parts.words import heading, paragraph, words
from pages.texts import later, t
from pages.visitor import below

FIRST_QUESTION = later("Show me your best sellers")
ADVICE = {
    "wrong_password": later(
        "Sign in to its admin pages yourself once, then try again with the same user name and password."
    ),
    "no_rights": later("Try again with the sign-in of somebody who may do this there."),
    "key_limit": later("Revoke an API key you no longer need in your shop, then try again."),
    "shop_error": later("Wait a few minutes, then try again. If it stays, its host can read the cause in its log."),
    "page_not_recognised": later(
        "Look at the picture: if a notice or a plugin covers the page, close it, then try again."
    ),
    "key_too_wide": later("Narrow what it may do there, or allow more, then try again."),
    "key_too_narrow": later("Widen what it may do there, or allow less, then try again."),
    "approval_missing": later("Start again, and approve it in your shop."),
    "credentials_missing": later("Start again and enter the user name and password."),
    "api_unreachable": later("Check that the shop can be reached from outside, then try again."),
    "api_busy": later("The shop is overloaded. Try again in a few minutes."),
    "run_stopped": later("The browser ended in the middle of it. Try again."),
    "gave_up": later(
        "Look at the pictures of the last steps: what is in the way there can be cleared by hand, then try again."
    ),
    "person_declined": later(
        "Nothing more was done. Start again when you can answer it, or do this step by hand first."
    ),
    "nobody_answered": later("Start again, and stay here while it runs: it asks within a minute or two."),
    "only_there": later(
        "Switch it off for this sign-in, or use one that is not asked; for WooCommerce you can approve a key instead."
    ),
    "approved_something_else": later("The page changed after you had allowed it. Start again; you are asked anew."),
    "refused_by_policy": later(
        "It may only do what was learnt, in this shop. Look at the picture, and tell us what has changed."
    ),
    "took_too_long": later("Try again when the shop is less busy."),
    "pictures_unavailable": later(
        "It stops where it can't be shown what was done. Try again later; whoever operates this has to look."
    ),
}
NOTHING_LEFT = later("Nothing was left behind there.")


def draw_outcome(view: OperationView) -> ui.element:
    """What came of it, once it is over; gives the card, for what can be done then."""
    if view.result:
        return _draw_result(view.result)
    if view.failure and view.status is OperationStatus.CANCELLED:
        return _draw_stopped(view.failure)
    if view.failure:
        return _draw_failure(view, view.failure)
    return ui.element("div")


def question_form(question: str) -> None:
    """A field to ask about the products; the answer is a screen of its own."""
    with ui.element("form").props("method=get").classes("row") as form:
        form.props["action"] = below(form.client, "/products")
        with ui.element("div").classes("field grow"):
            box = ui.element("input").props("name=q type=search")
            box.props["aria-label"] = t("Ask about your products")
            box.props["value"], box.props["placeholder"] = question, t(FIRST_QUESTION)
        with ui.element("button").props("type=submit").classes("button accent"):
            words(t("Ask"))


def _titled(icon: str, title: str) -> None:
    with ui.element("div").classes("titled"):
        ui.icon(icon).props("aria-hidden=true")
        heading(title, 2)


def _draw_result(result: OperationResult) -> ui.element:
    with ui.element("div").classes("card result") as card:
        _titled("check_circle", t("Done! {what}", what=result.said))
        if result.api_key:
            with ui.element("div").classes("row"):
                words(result.api_key, classes="mono")
                words(t("it can {what} · encrypted in the vault", what=result.key_can), classes="second")
        if result.left_behind:
            paragraph(t("Of your earlier setup: {what}", what=result.left_behind), "second")
        if result.product_count:
            question_form(t(FIRST_QUESTION))
    return card


def _draw_stopped(failure: Failure) -> ui.element:
    with ui.element("div").classes("card") as card:
        heading(t("It was stopped"), 2)
        paragraph(failure.sentence)
        paragraph(failure.left_behind or t(NOTHING_LEFT))
    return card


def _draw_failure(view: OperationView, failure: Failure) -> ui.element:
    failed = next((step for step in view.steps if step.state is StepState.FAILED), None)
    with ui.element("div").classes("card failure") as card:
        _titled("error", t("It could not be done"))
        words(failure.sentence, "p", "strong")
        with ui.element("dl").classes("facts"):
            if failed:
                _fact(t("The step"), failed.intent)
                _fact(t("Expected"), failed.expected or t("that it can be done"))
                _fact(t("Seen"), failed.seen or t("something else"))
            if failure.code in ADVICE:
                _fact(t("What to do now"), t(ADVICE[failure.code]))
            _fact(t("Left behind"), failure.left_behind or t(NOTHING_LEFT))
    return card


def _fact(name: str, told: str) -> None:
    words(name, "dt")
    words(told, "dd")
