"""The customer who watches a run: they know what their shop's new fields want, and nothing about where things are.

So they answer what a form asks for, and decline to say which element is meant: that would be healing by a person.
"""

from core.agents.person import Answer, PersonDeclined, Question, QuestionKind
from core.security.secret import Secret

ABOUT_A_FIELD = "The shop asks for something that it did not ask before"


class Customer:
    """Takes the first choice, allows a tick, and types a word."""

    async def ask(self, question: Question) -> Answer:
        """The answer. Raises PersonDeclined for anything but a new field."""
        if not question.words.startswith(ABOUT_A_FIELD):
            raise PersonDeclined(because=f"“{question.words}” is not for the customer to answer.")
        if question.kind is QuestionKind.CHOICE:
            return Answer(chosen=0)
        return Answer(typed=Secret("as before")) if question.kind is QuestionKind.TEXT else Answer()
