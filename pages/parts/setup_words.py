"""What happens when a service is set up or a key is taken back, in a few lines each."""

from typing import TypeAlias

from nicegui import ui

from core.agents.integration import Integration
from pages.parts.words import heading, words
from pages.texts import later, t

Lines: TypeAlias = tuple[tuple[str, str], ...]  # an icon and a sentence each

IN_TWO_MINUTES = later("Two hours of clicking become two minutes of watching, with proof of what was done.")
GONE_AFTERWARDS = later("It is revoked where it was made, and then forgotten here, with proof of what was done.")
SAY_WHERE = ("storefront", later("You say where it is, and who signs in there."))
READ = ("fact_check", later("You read exactly what will be done, and allow it or not."))
WATCH = ("visibility", later("You watch every step and its picture. You can stop it at any moment."))
WITH_THE_AGENT: Lines = (
    SAY_WHERE,
    READ,
    WATCH,
    ("key", later("What you sign in with is deleted when it is over. The key is kept encrypted.")),
)
WHEN_TAKEN_BACK: Lines = (
    SAY_WHERE,
    READ,
    WATCH,
    (
        "key_off",
        later("The key is revoked there, shown to be refused, and forgotten here. What you sign in with is deleted."),
    ),
)
WHEN_APPROVED: Lines = (
    ("storefront", later("You say where it is.")),
    READ,
    ("how_to_reg", later("Your shop asks you, in your own browser. You approve there, and come back.")),
    ("key", later("No password is shared. The key is kept encrypted.")),
)


def what_happens(way: Integration) -> Lines:
    """The lines of this way."""
    if way.ends:
        return WHEN_TAKEN_BACK
    return WHEN_APPROVED if way.approval else WITH_THE_AGENT


def draw_what_happens(lines: Lines) -> None:
    """What comes one after the other."""
    heading(t("What happens"), 2)
    with ui.element("ol").classes("what-happens"):
        for icon, told in lines:
            with ui.element("li"):
                ui.icon(icon).props("aria-hidden=true")
                words(t(told))
