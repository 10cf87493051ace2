"""Plain forms, where an answer has to set a cookie, and why the last one was not taken."""

from nicegui import ui

from pages.parts.words import heading, paragraph, words
from pages.texts import later, t

REFUSALS = {
    "wrong_sign_in": later("E-mail or password is not right. Try again."),
    "too_many_tries": later("There were too many tries. Wait a minute, and try again."),
    "needs_https": later(
        "Over plain http a browser keeps no sign-in. Open this site with https://, or on its own machine."
    ),
    "wrong_code": later("This code is not right, or was used already. Wait for the next one, and try again."),
    "wrong_first_code": later(
        "This code makes nobody an admin. Start the server anew: it prints another, good for 15 minutes."
    ),
    "weak_password": later(
        "This password is too short or too easy to guess. Take four words that do not belong together."
    ),
    "email_taken": later("Somebody signs in with this e-mail address already."),
    "not_confirmed": later("This does not confirm the deletion any more. Ask for it anew; nothing was deleted."),
    "no_ledger": later("The deletion can't be recorded now, so nothing was deleted. Tell whoever runs this."),
    "bad_input": later("This is not an e-mail address."),
    "already_enrolled": later("Your sign-in has a second step already."),
}
SIGN_IN_AGAIN = later("Please sign in again.")


def form(action: str, submit: str) -> ui.element:
    """A plain form with its button; what is put into it stands above the button."""
    made = ui.element("form").classes("form")
    made.props["method"], made.props["action"] = "post", action
    with made:
        fields = ui.element("div").classes("form")
        with ui.element("button").props("type=submit").classes("button full"):
            words(submit)
    return fields


def field(label: str, name: str, kind: str, autocomplete: str) -> None:
    """A field of a plain form."""
    with ui.element("div").classes("field"):
        words(label, "label").props(f"for={name}")
        ui.element("input").props(f"id={name} name={name} type={kind} autocomplete={autocomplete} required")


def tick(label: str, name: str, value: str) -> None:
    """A box that sends its value along if it is ticked."""
    with ui.element("label").classes("line"):
        ui.element("input").props(f"type=checkbox name={name} value={value}")
        words(label)


def hidden(name: str, value: str) -> None:
    """What a form sends along."""
    box = ui.element("input").props(f"type=hidden name={name}")
    box.props["value"] = value


def refusal(code: str) -> None:
    """Why not, if there is a reason; the words are ours, whatever stands in the address."""
    if code:
        words(t(REFUSALS.get(code, SIGN_IN_AGAIN)), "p", "refusal").props("role=alert")


def title_of(title: str, told: str) -> None:
    """What a card on a screen for anybody is headed with."""
    with ui.element("div").classes("stack"):
        paragraph("OmniOps Autopilot", "third")
        heading(title)
        paragraph(told)
