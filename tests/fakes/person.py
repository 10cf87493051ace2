"""A person who is asked: they give one answer after the other, and only such as the form for it would take."""

from collections.abc import Callable

from core.agents.person import TYPED, Answer, NobodyAnswered, PersonDeclined, Question, QuestionKind
from core.security.secret import Secret

YES = Answer()
NO = PersonDeclined(because="They would rather not.")


def types(text: str) -> Answer:
    """An answer that was typed."""
    return Answer(typed=Secret(text))


def chooses(number: int) -> Answer:
    """The option of this number, from 0."""
    return Answer(chosen=number)


class ScriptedPerson:
    """Gives its answers in their turn, or says no; who has none left does not answer.

    `asked` are the questions. `meanwhile` is what happens while the person thinks.
    """

    def __init__(self, *answers: Answer | PersonDeclined, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.asked: list[Question] = []
        self._answers = list(answers)
        self._meanwhile = meanwhile

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        self._meanwhile()
        if not self._answers:
            raise NobodyAnswered(because=f"It asked: {question.words}")
        answer = self._answers.pop(0)
        if isinstance(answer, PersonDeclined):
            raise answer
        assert _fits(answer, question), f"nobody can answer {question.kind} with {answer}"
        return answer


def _fits(answer: Answer, question: Question) -> bool:
    if question.kind in TYPED:
        return answer.typed is not None and answer.chosen is None
    if question.kind is QuestionKind.CHOICE:
        return answer.typed is None and answer.chosen in range(len(question.options))
    return bool(question.action) and answer == YES
