"""Autopilot with every text of its screens in ⟦brackets⟧, so that a text that is told by nobody stands out.

Run as `autopilot` is: with its command and options.
"""

from gettext import NullTranslations

from app.cli import main
from pages.texts import use
from tests.pages.program import spare


class Bracketed(NullTranslations):
    """Translations into English, marked at both ends."""

    def gettext(self, message: str) -> str:
        """A text, in brackets."""
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The text for this number, in brackets."""
        return f"⟦{super().ngettext(msgid1, msgid2, n)}⟧"


if __name__ == "__main__":
    use(Bracketed())
    spare()
    main()
