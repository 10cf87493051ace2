"""What a run asks the person who watches it: the question, the page it comes from, and a form that fits the answer."""

from functools import partial

from nicegui import ui

from core.agents.person import QuestionKind
from core.errors import CoreError
from core.operations.answers import Given, WrongAnswer
from core.operations.views import OperationView, QuestionView
from core.security.people.authorize import Action
from core.security.secret import Secret
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.marks import HEIGHT, WIDTH
from pages.parts.sign_in_fields import labelled_input
from pages.parts.times import time_of_day
from pages.parts.typed import KEEP, forget_typed
from pages.parts.words import button, heading, paragraph, sentence, words
from pages.texts import later, t
from pages.visitor import acting, allowed, below

TITLES = {
    QuestionKind.CODE: later("It needs a code from you"),
    QuestionKind.CAPTCHA: later("It needs you to read a picture"),
    QuestionKind.TEXT: later("It needs to know something from you"),
    QuestionKind.CHOICE: later("It needs you to choose"),
    QuestionKind.APPROVAL: later("It needs your approval"),
}
LABELS = {
    QuestionKind.CODE: later("Code"),
    QuestionKind.CAPTCHA: later("What the picture says"),
    QuestionKind.TEXT: later("Answer"),
}
HOW_TYPED = {
    QuestionKind.CODE: "inputmode=numeric autocomplete=one-time-code maxlength=64",
    QuestionKind.CAPTCHA: "autocomplete=off autocapitalize=none spellcheck=false maxlength=500",
    QuestionKind.TEXT: "autocomplete=off maxlength=500",
}
WITHOUT_IT = later("The agent can't go on without it. It leaves at once, and removes what it has made.")


class QuestionCard:
    """One question. It is gone as soon as it is answered, by whomever."""

    def __init__(self, services: Services, view: OperationView, question: QuestionView) -> None:
        self._services = services
        self._view = view
        self._question = question
        self._box: ui.input | None = None
        self._chosen: int | None = None

    def draw(self) -> None:
        """The card: words and form, and beside them the page at that moment."""
        asked = self._question
        with ui.element("section").classes("card asked"):
            with ui.element("div").classes("stack"):
                self._draw_words()
                if allowed(Action.OPERATE):
                    self._draw_answers()
                self._refusal = words("", "p", "refusal").props("role=alert")
                until = time_of_day(asked.expires_at)
                paragraph(t("It waits for you until {time}; then it ends.", time=until), "second small")
            self._draw_picture()

    def _draw_answers(self) -> None:
        if self._question.kind is QuestionKind.APPROVAL:
            self._draw_yes_and_no()
        else:
            self._draw_form()

    def _draw_words(self) -> None:
        asked = self._question
        with ui.element("div").classes("titled"):
            ui.icon("pan_tool_alt").props("aria-hidden=true")
            heading(t(TITLES[asked.kind]), 2)
        words(asked.words, "p", "strong")
        if asked.page_url:
            sentence(t("On the page `{address}`"), "p", address=asked.page_url).classes("second small")

    def _draw_form(self) -> None:
        asked = self._question
        with ui.element("form").classes("form").props("novalidate").on("submit.prevent", lambda _: self._send()):
            if asked.kind is QuestionKind.CHOICE:
                self._draw_options()
            else:
                name = f"answer-{asked.id.hex[:8]}"  # of this question: no other is answered by what was begun here
                self._box = labelled_input(name, t(LABELS[asked.kind])).props(HOW_TYPED[asked.kind])
                if asked.kind is QuestionKind.CODE:
                    self._box.classes("short num")
                else:
                    self._box.props(KEEP)
            with ui.element("div").classes("row"):
                with ui.element("button").classes("button full").props("type=submit"):
                    words(t("Send it"))
                button(t("I can't"), self._decline)

    def _draw_options(self) -> None:
        with ui.element("fieldset").classes("ways"):
            words(self._question.words, "legend", "unseen")
            for number, option in enumerate(self._question.options):
                with ui.element("label"):
                    dot = ui.element("input").props("type=radio name=option")
                    words(option)
                dot.on("change", partial(self._choose, number))

    def _draw_yes_and_no(self) -> None:
        with ui.element("div").classes("choice"):
            button(t("Don't do it"), partial(self._act, None))
            button(t("Do it"), partial(self._act, Given(yes=True)))

    def _draw_picture(self) -> None:
        if self._question.picture_id is None:
            return
        address = f"/pictures/{self._question.picture_id}/full"
        with ui.link(target=address, new_tab=True).classes("picture"):
            image = ui.element("img").props(f"width={WIDTH} height={HEIGHT}")
            image.props["src"] = below(image.client, address)
            image.props["alt"] = t("The page at this moment; opens larger")

    def _choose(self, number: int) -> None:
        self._chosen = number

    async def _send(self) -> None:
        if self._box is None:
            await self._act(Given(chosen=self._chosen))
            return
        await self._act(Given(typed=Secret(self._box.value or "")))

    async def _decline(self) -> None:
        if await confirmed(t("End it here?"), t(WITHOUT_IT), t("End it"), t("Go back")):
            await self._act(None)

    async def _act(self, given: Given | None) -> None:
        """Answer, or say no; what is wrong with it is told here, and the question stays."""
        self._refusal.set_text("")
        desk, operation_id, question_id = self._services.questions, self._view.id, self._question.id
        try:
            who = await acting(self._services)
            if given is None:
                await desk.decline(who, operation_id, question_id)
            else:
                await desk.answer(who, operation_id, question_id, given)
            forget_typed()
        except WrongAnswer as error:
            self._refusal.set_text(error.because)
        except CoreError as error:
            self._refusal.set_text(error.sentence)
