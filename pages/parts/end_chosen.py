"""Asks until when something stored may be used."""

from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.times import zone
from pages.parts.words import button, paragraph, words
from pages.texts import t


@dataclass(frozen=True)
class Chosen:
    """From when on it is not used any more; None for no such moment."""

    until: datetime | None


async def end_chosen(question: str, what_follows: str, now_set: datetime | None) -> Chosen | None:
    """What a person chose: the start of a day where they are, or no end; None if they left it as it is."""
    with sheet_for(question) as dialog:
        paragraph(what_follows)
        with ui.element("div").classes("field"):
            words(t("Not used from"), "label").props("for=end-day")
            box = ui.input(value=f"{now_set.astimezone(zone()):%Y-%m-%d}" if now_set else "")
            box.props("outlined dense hide-bottom-space type=date for=end-day")
        refusal = words("", "p", "refusal").props("role=alert")

        def choose() -> None:
            until = _start_of(str(box.value or ""))
            refusal.set_text("" if until else t("Choose a day."))
            if until:
                dialog.submit(Chosen(until))

        with choice():
            button(t("Leave it"), lambda: dialog.submit(None))
            button(t("No end"), lambda: dialog.submit(Chosen(None)))
            button(t("Set"), choose, "accent")
    answer = await answer_of(dialog)
    return answer if isinstance(answer, Chosen) else None


def _start_of(day: str) -> datetime | None:
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=zone())
    except ValueError:
        return None
