"""The consent dialog: what it will do, what it will not, what is kept; two answers of equal weight."""

from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from core.operations.consents import NAMES_OF_PURPOSES, ConsentBox, ConsentLine, ConsentSheet
from core.security.consent.agreement import Purpose
from pages.parts.handlers import TICKED
from pages.parts.sheets import Unanswered, answer_of, choice, sheet_for
from pages.parts.words import button, heading, paragraph, sentence, words
from pages.texts import t

WILL, WILL_NOT, KEPT = "task_alt", "block", "lock"  # icons


@dataclass(frozen=True)
class Answer:
    """What somebody said to a consent: yes or no, the permissions and purposes that were ticked, and since when they read."""

    allowed: bool
    ticked: tuple[str, ...]
    shown_at: datetime

    @property
    def permissions(self) -> tuple[str, ...]:
        """The optional permissions of the consent to act."""
        return tuple(one for one in self.ticked if one not in NAMES_OF_PURPOSES)

    @property
    def apart(self) -> tuple[Purpose, ...]:
        """The consents of their own, but for the sign-in, which is agreed to as it is stored."""
        ticked = (Purpose(one) for one in self.ticked if one in NAMES_OF_PURPOSES)
        return tuple(one for one in ticked if one is not Purpose.STORE_SIGN_IN)

    def refused(self, sheet: ConsentSheet) -> tuple[Purpose, ...]:
        """What was asked and not allowed."""
        return tuple(box.purpose for box in sheet.boxes if box.purpose.value not in self.ticked)


class ConsentDialog:
    """Asks for consent, with every box unticked. Without the box that is needed there is no yes."""

    def __init__(self, sheet: ConsentSheet, shown_at: datetime) -> None:
        self._sheet = sheet
        self._shown_at = shown_at
        self._ticked: set[str] = set()
        with sheet_for(sheet.heading) as self._dialog:
            paragraph(sheet.intro)
            self._will(sheet.will)
            _lines(t("It will not"), WILL_NOT, sheet.will_not)
            _lines(t("Kept"), KEPT, sheet.kept)
            self._boxes(sheet.boxes)
            self._missing = words("", "p", "refusal").props("role=alert")
            with choice():
                button(t("Don't allow"), lambda: self._dialog.submit(False)).props("id=consent-refuse")
                button(t("Allow for {days} days", days=sheet.days), self._allow).props("id=consent-allow")
            paragraph(
                t(
                    "Text {version} · {digest} · you get a signed receipt · withdraw under Consents",
                    version=sheet.version,
                    digest=sheet.sha256[:12],
                ),
                "third small",
            )

    async def ask(self) -> Answer | None:
        """What was said; to close it is a no. None if the page went away before anything was: that is neither yes nor no."""
        allowed = await answer_of(self._dialog)
        if allowed is Unanswered.WENT_AWAY:
            return None
        return Answer(bool(allowed), tuple(sorted(self._ticked)), self._shown_at)

    def _allow(self) -> None:
        for box in self._sheet.boxes:
            if box.needed and box.purpose.value not in self._ticked:
                self._missing.set_text(box.needed)
                return
        self._dialog.submit(True)

    def _boxes(self, boxes: tuple[ConsentBox, ...]) -> None:
        """Each is a consent of its own."""
        if not boxes:
            return
        with ui.element("ul").classes("boxes"):
            for box in boxes:
                self._box(box.purpose.value, box.sentence, "" if box.needed else t("Optional."))

    def _will(self, lines: tuple[ConsentLine, ...]) -> None:
        heading(t("It will"), 3)
        with ui.element("ul"):
            for line in lines:
                if not line.optional:
                    _line(WILL, line.sentence)
            for line in lines:
                if line.optional:
                    self._optional(line)

    def _optional(self, line: ConsentLine) -> None:
        self._box(line.permission, line.sentence, t("Optional."))

    def _box(self, name: str, told: str, after: str) -> None:
        with ui.element("li"), ui.element("label").classes("line"):
            box = ui.element("input").props("type=checkbox")
            with sentence(told):
                if after:
                    words(" ")
                    words(after, classes="second")
        box.on("change", lambda event: self._tick(name, bool(event.args)), js_handler=TICKED)

    def _tick(self, permission: str, ticked: bool) -> None:
        self._ticked = self._ticked | {permission} if ticked else self._ticked - {permission}


def _lines(title: str, icon: str, sentences: tuple[str, ...]) -> None:
    heading(title, 3)
    with ui.element("ul"):
        for one in sentences:
            _line(icon, one)


def _line(icon: str, text: str) -> None:
    with ui.element("li").classes("line"):
        ui.icon(icon).props("aria-hidden=true")
        sentence(text)
