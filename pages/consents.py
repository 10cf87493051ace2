"""What was allowed, and one click to take it back."""

from nicegui import ui

from core.database.states import ConsentEnding
from core.operations.consent_view import ConsentView
from core.security.consent.agreement import Purpose
from core.security.people.authorize import Action
from core.services import Services
from pages.layout import frame
from pages.parts.confirm import asked_how, confirmed
from pages.parts.redrawn import redrawn
from pages.parts.screen import screen
from pages.parts.times import day, minute
from pages.parts.words import address_of, button, heading, link, paragraph, sentence, shop_of, words
from pages.texts import later, t, tn
from pages.visitor import acting, allowed, errors_shown, visitor

TITLES = {
    Purpose.ACT: "",
    Purpose.STORE_SIGN_IN: later("Keeping the sign-in"),
    Purpose.ASK_MODEL: later("Asking the model about pages"),
    Purpose.KEEP_PICTURES: later("Keeping the pictures"),
}
FOLLOWS = {
    Purpose.ACT: later("What runs under it stops at once. What was brought over stays until you delete it."),
    Purpose.STORE_SIGN_IN: later("The sign-in is deleted at once, and a setup that needs it stops."),
    Purpose.ASK_MODEL: later("From now on no page is sent to the model; a setup under way goes on without it."),
    Purpose.KEEP_PICTURES: later("The pictures are deleted within the hour."),
}
ENDED = {
    ConsentEnding.WITHDRAWN: later("withdrawn {moment}"),
    ConsentEnding.EXPIRED: later("expired {moment}"),
    ConsentEnding.SUPERSEDED: later("superseded {moment}"),
    ConsentEnding.INVALIDATED: later("invalidated {moment}"),
}


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/consents")
    async def consents_page() -> None:
        with frame(t("Consents"), "/consents"):
            await ConsentList(services).draw()


class ConsentList:
    """A customer's consents, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @redrawn
    async def draw(self) -> None:
        """The list."""
        given = await self._services.consents.list(visitor())
        in_force = [one for one in given if one.in_force]
        over = [one for one in given if not one.in_force]
        with ui.element("div").classes("stack"):
            heading(t("Consents"))
            paragraph(_summary(len(in_force)))
        if not given and allowed(Action.OPERATE):
            link(t("Set up a shop"), "/set-up", "button accent start")
        for consent in in_force:
            self._card(consent)
        if over:
            heading(t("Earlier"), 2)
            with ui.element("div").classes("card rows"):
                for consent in over:
                    _line(consent)

    def _card(self, consent: ConsentView) -> None:
        with ui.element("div").classes("card"):
            with ui.element("div").classes("head"):
                with ui.element("div"):
                    with ui.element("div").classes("row"):
                        heading(self._title(consent), 2)
                        words(t("until {day}", day=day(consent.expires_at)), classes="badge completed")
                    with ui.element("p").classes("second small"):
                        words(_given(consent))
                        words(" · ")
                        link(t("receipt"), receipt_of(consent))
                if allowed(Action.DECIDE_CONSENT):
                    button(t("Withdraw"), lambda: self._ask_to_revoke(consent), "danger")
            if consent.text_has_changed:
                paragraph(t("The text has changed since: nothing new is begun under it before you allow it anew."))
            self._sentences(consent)

    def _title(self, consent: ConsentView) -> str:
        what = t(TITLES[consent.purpose]) or self._service(consent)
        return t("{what} at {shop}", what=what, shop=shop_of(consent.store_url))

    def _service(self, consent: ConsentView) -> str:
        known = self._services.integrations.find(consent.service, consent.operation)
        return known.title if known else consent.service

    def _sentences(self, consent: ConsentView) -> None:
        known = self._services.integrations.find(consent.service, consent.operation)
        for permission in known.permissions if known else ():
            if permission.name in consent.permissions:
                sentence(permission.will, "p")

    async def _ask_to_revoke(self, consent: ConsentView) -> None:
        question = t("Withdraw it for {shop}?", shop=shop_of(consent.store_url))
        said = await asked_how(question, t(FOLLOWS[consent.purpose]), consent.purpose is Purpose.ACT)
        if said is None:
            return
        with errors_shown():
            who = await acting(self._services)
            await self._services.consents.revoke(
                who, consent.id, because="withdrawn under Consents", keep_credentials=said.keeps
            )
            ui.notify(t("Withdrawn. What was running under it has stopped."), position="top")
            await self._offer_to_take_back(consent)
        self.draw.refresh()

    async def _offer_to_take_back(self, consent: ConsentView) -> None:
        """A key that was made is still at the shop: say so, and lead to what revokes it there."""
        if consent.purpose is not Purpose.ACT:
            return
        connections = await self._services.connections.list(visitor())
        here = (one for one in connections if (one.service, one.store_url) == (consent.service, consent.store_url))
        connected = next((one for one in here if one.revoked_by), None)
        if connected is None or connected.revoked_by is None or connected.revoked_by == consent.operation:
            return
        told = t("The key ending in {hint} is still in the shop. Have it revoked there, too?", hint=connected.key_hint)
        if await confirmed(t("The key is still there"), told, t("Revoke it there"), t("Leave it")):
            query = {"service": consent.service, "operation": connected.revoked_by, "store": consent.store_url}
            ui.navigate.to(address_of("/set-up", **query))


def _summary(in_force: int) -> str:
    if not in_force:
        return t("None is in force. Each is for one shop, and is checked before every action.")
    return tn(
        "{number} consent in force. Each is for one shop, and is checked before every action.",
        "{number} consents in force. Each is for one shop, and is checked before every action.",
        in_force,
    )


def _given(consent: ConsentView) -> str:
    return t("Given {moment} · text {version}", moment=minute(consent.granted_at), version=consent.text_version)


def receipt_of(consent: ConsentView) -> str:
    """Where the receipt of a consent is."""
    return f"/api/autonomous/consent/{consent.id}/receipt"


def _line(consent: ConsentView) -> None:
    with ui.element("div").classes("item"):
        with ui.element("div").classes("stack"):
            words(shop_of(consent.store_url), "p", "strong")
            paragraph(_allowed(consent), "second small")
        ended = consent.ended_as or ConsentEnding.EXPIRED
        paragraph(t(ENDED[ended], moment=minute(consent.ended_at or consent.expires_at)), "second small")


def _allowed(consent: ConsentView) -> str:
    """What it was about, in words."""
    return t(TITLES[consent.purpose]) or ", ".join(one.replace("_", " ") for one in consent.permissions)
