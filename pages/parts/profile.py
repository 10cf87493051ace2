"""Who somebody is here."""

from nicegui import ui

from core.services import Services
from pages.parts.times import zone_name
from pages.parts.words import heading, paragraph, words
from pages.texts import t
from pages.visitor import visitor


async def draw_profile(services: Services) -> None:
    """The card: nothing in it is changed here."""
    who = visitor()
    facts = (
        (t("E-mail"), who.email),
        (t("Company"), await services.members.own_company(who)),
        (t("Role"), who.role.words),
        (t("Time zone"), t("{zone}, as your browser tells", zone=zone_name())),
    )
    with ui.element("div").classes("card"):
        heading(t("Profile"), 2)
        with ui.element("dl").classes("facts"):
            for name, value in facts:
                words(name, "dt")
                words(value, "dd")
        paragraph(t("Your role is given by an owner of your company. Times are shown in this zone."), "second small")
