"""The browsers that somebody is signed in with, and the way to sign out of each that is not this one."""

from nicegui import ui

from core.security.people.sessions import SignedInBrowser
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.redrawn import redrawn
from pages.parts.times import minute
from pages.parts.words import button, heading, paragraph, words
from pages.texts import t
from pages.visitor import acting, errors_shown, visitor


class OwnSessions:
    """The card, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @redrawn
    async def draw(self) -> None:
        """The list, this browser first."""
        found = await self._services.sessions.list(visitor())
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading(t("Signed-in browsers"), 2)
                paragraph(t("One that you do not know: sign it out, and choose another password."))
            for one in sorted(found, key=lambda one: not one.is_this):
                self._line(one)
            if any(not one.is_this for one in found):
                with ui.element("div").classes("row"):
                    button(t("Sign out everywhere else"), self._ask_to_end_others, "danger")

    def _line(self, one: SignedInBrowser) -> None:
        name = one.seen_from.browser or t("A browser that does not say what it is")
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack"):
                words(t("{browser}, this one", browser=name) if one.is_this else name, "p", "strong")
                paragraph(_where(one), "second small")
                paragraph(
                    t("since {since} · last used {used}", since=minute(one.since), used=minute(one.last_used_at)),
                    "second small",
                )
            if not one.is_this:
                made = button(t("Sign out"), lambda: self._end(one), "danger")
                made.props["aria-label"] = t("Sign out {browser}", browser=name)

    async def _end(self, one: SignedInBrowser) -> None:
        with errors_shown():
            await self._services.sessions.end_one(await acting(self._services), one.id)
        self.draw.refresh()

    async def _ask_to_end_others(self) -> None:
        follows = t("Every other browser of yours has to sign in anew. API tokens stay.")
        if await confirmed(t("Sign out everywhere else?"), follows, t("Sign out"), t("Leave it")):
            with errors_shown():
                await self._services.sessions.end_others(await acting(self._services))
            self.draw.refresh()


def _where(one: SignedInBrowser) -> str:
    network = one.seen_from.network
    told = t("from {network}", network=network) if network else t("from where is not known")
    return told if one.is_whole else t("{where} · the second step is not done", where=told)
