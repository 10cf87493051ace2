"""Settings, a section a screen: who you are, how you sign in, what is stored, what you are told, and your data."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from core.security.people.authorize import Action, may
from core.services import Services
from pages.layout import frame
from pages.parts.email_choices import EmailChoices
from pages.parts.own_data import OwnData
from pages.parts.own_sessions import OwnSessions
from pages.parts.own_sign_in import draw_own_sign_in
from pages.parts.profile import draw_profile
from pages.parts.screen import screen
from pages.parts.stored_secrets import StoredSecrets
from pages.parts.tokens import TokenList
from pages.parts.webhooks import WebhookList
from pages.parts.words import address_of, heading, link, paragraph, words
from pages.texts import later, t
from pages.visitor import visitor

PROFILE, SECURITY, CREDENTIALS = "/settings", "/settings/security", "/settings/credentials"
NOTIFICATIONS, PRIVACY = "/settings/notifications", "/settings/privacy"
SECTIONS = {
    PROFILE: later("Profile"),
    SECURITY: later("Security"),
    CREDENTIALS: later("Credentials"),
    NOTIFICATIONS: later("Notifications"),
    PRIVACY: later("Privacy"),
}
CHANGED = {
    "password": later("Your password is changed. Every other browser is signed out; your API tokens are as they were."),
    "password-and-tokens": later(
        "Your password is changed. Every other browser is signed out, and your API tokens are revoked."
    ),
}


def register(services: Services) -> None:
    """Put the screens up."""

    @screen(PROFILE)
    async def profile_page(error: str = "", about: str = "", changed: str = "") -> None:
        _lead_on(error, about, changed)
        with _section(PROFILE):
            await draw_profile(services)

    @screen(SECURITY)
    async def security_page(error: str = "", changed: str = "") -> None:
        with _section(SECURITY):
            await _draw_security(services, error, changed)

    @screen(CREDENTIALS)
    async def credentials_page() -> None:
        with _section(CREDENTIALS):
            await _draw_credentials(services)

    @screen(NOTIFICATIONS)
    async def notifications_page() -> None:
        with _section(NOTIFICATIONS):
            await _draw_notifications(services)

    @screen(PRIVACY)
    async def privacy_page(error: str = "") -> None:
        with _section(PRIVACY):
            _draw_privacy(services, error)


def _lead_on(error: str, about: str, changed: str) -> None:
    """Until sections had addresses of their own, forms led back to the first of them."""
    if changed:
        ui.navigate.to(address_of(SECURITY, changed=changed))
    elif error:
        ui.navigate.to(address_of(PRIVACY if about else SECURITY, error=error))


@contextmanager
def _section(here: str) -> Iterator[None]:
    """One of the sections, beside the way to the others."""
    with frame(t(SECTIONS[here]), PROFILE), ui.element("div").classes("settings"):
        with ui.element("div").classes("stack aside"):
            heading(t("Settings"))
            paragraph(t("Signed in as {email}, {role}.", email=visitor().email, role=visitor().role.words))
            with ui.element("nav").classes("sections") as ways:
                ways.props["aria-label"] = t("Settings")
                for address, name in SECTIONS.items():
                    way = link(t(name), address)
                    if address == here:
                        way.props("aria-current=page")
        with ui.element("div").classes("section"):
            yield


async def _draw_security(services: Services, error: str, changed: str) -> None:
    """How one signs in, where one is signed in, and what programs sign in with."""
    if changed in CHANGED:
        words(t(CHANGED[changed]), "p", "well").props("role=status")
    await draw_own_sign_in(services, visitor(), error)
    await OwnSessions(services).draw()
    if may(visitor(), Action.MANAGE_TOKENS):
        await TokenList(services).draw()
    else:
        paragraph(t("An owner of your company makes API tokens."))


async def _draw_notifications(services: Services) -> None:
    """What one is told oneself, and which addresses are called."""
    await EmailChoices(services).draw()
    if may(visitor(), Action.MANAGE_WEBHOOKS):
        await WebhookList(services).draw()
    else:
        paragraph(t("An owner of your company sees to webhooks."))


def _draw_privacy(services: Services, error: str) -> None:
    """The company's own data, for those who may speak for it."""
    if may(visitor(), Action.PRIVACY):
        OwnData(services).draw(error)
    else:
        paragraph(t("An owner of your company takes out or deletes its data."))


async def _draw_credentials(services: Services) -> None:
    """What the vault holds, for those who may see to it."""
    if may(visitor(), Action.SEE_CREDENTIALS):
        await StoredSecrets(services).draw()
    else:
        paragraph(t("An owner of your company sees to credentials."))
