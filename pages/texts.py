"""The one door of every text that a screen shows: the sentence as it stands in the code is its name in the catalogue.

The catalogue is GNU gettext's, `data/texts/`; docs/decisions/0015 says why. What is kept beside the screens as a constant is
marked with `later` and told with `t` where it is drawn.
"""

from gettext import NullTranslations


class Catalogue:
    """Where texts are looked up; English needs none, its sentences are themselves."""

    translations = NullTranslations()


def use(translations: NullTranslations) -> None:
    """Tell every text of this process by these translations from now on."""
    Catalogue.translations = translations


def t(text: str, /, **values: object) -> str:
    """A text in the viewer's language; `{name}` in it becomes that value, whatever is in it."""
    told = Catalogue.translations.gettext(text) if text else ""  # under no text at all, gettext keeps its header
    return told.format(**values) if values else told


def tn(one: str, many: str, number: int, /, **values: object) -> str:
    """A text that depends on a number; `{number}` in it becomes that number, with its thousands parted."""
    return Catalogue.translations.ngettext(one, many, number).format(number=f"{number:,}", **values)


def later(text: str) -> str:
    """Marks a text that is told later, so that the catalogue has it."""
    return text
