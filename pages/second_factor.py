"""Two-step sign-in: enrol an authenticator app, and keep the recovery codes."""

import io
from base64 import b64encode

import segno
from nicegui import ui

from core.errors import NotSignedIn
from core.security.people.second_factor import AlreadyEnrolled, Enrolment
from core.security.people.sessions import Standing
from core.security.secret import Secret
from core.services import Services
from pages.layout import bare
from pages.parts.own_password import own_password
from pages.parts.plain_form import field, form, refusal
from pages.parts.screen import screen
from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.words import button, heading, link, paragraph, words
from pages.texts import later, t
from pages.visitor import acting, errors_shown, standing

MANDATORY = later("Staff sign in with a second step.")
OF_NO_USE = later("With a second step a password alone is no use.")


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/second-factor")
    async def second_factor(error: str = "") -> None:
        found = standing()
        if found is None:
            raise NotSignedIn
        with bare(t("Two-step sign-in")), ui.element("div").classes("card narrow"):
            if found.is_whole and await services.second_factors.is_on(found.visitor):
                _draw_enrolled(services)
                return
            try:
                enrolment = await services.second_factors.begin(found.visitor)
            except AlreadyEnrolled as refused:  # they have to sign in with its code
                paragraph(refused.sentence)
                link(t("Sign in"), "/sign-in", "button full")
                return
            _draw_enrolment(services, enrolment, error, found)


def _draw_enrolment(services: Services, enrolment: Enrolment, error: str, found: Standing) -> None:
    is_mandatory = services.second_factors.is_mandatory(found.visitor)
    with ui.element("div").classes("stack"):
        paragraph("OmniOps Autopilot", "third")
        heading(t("Two-step sign-in"))
        because = t(MANDATORY if is_mandatory else OF_NO_USE)
        paragraph(" ".join([because, t("Scan this with an authenticator app, and type the code that it shows.")]))
    refusal(error)
    _draw_picture(enrolment.address)
    with ui.element("details"):
        words(t("Or type the key"), "summary")
        words(enrolment.seed.reveal(), "p", "mono")
    with form("/auth/second-factor", t("Turn it on")):
        field(t("Code"), "code", "text", "one-time-code")
        if found.is_whole:
            field(t("Your password"), "password", "password", "current-password")


def _draw_picture(address: Secret) -> None:
    """The QR code, as a picture of its own: so no markup is put into the page."""
    picture = io.BytesIO()
    segno.make(address.reveal(), error="m").save(picture, kind="svg", scale=4, border=4, dark="#16202e", light="#fff")
    shown = ui.element("img").props("width=220 height=220").classes("centred")
    shown.props["alt"] = t("QR code of your key")
    shown.props["src"] = _data_address(picture.getvalue())


def _data_address(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"


def _draw_enrolled(services: Services) -> None:
    with ui.element("div").classes("stack"):
        heading(t("Two-step sign-in is on"))
        paragraph(
            t(
                "Keep recovery codes somewhere safe: each signs you in once, without your app. New ones void those before."
            )
        )
    button(t("Make recovery codes"), lambda: _show_codes(services), "full")
    link(t("Go on"), "/", "button accent full")


async def _show_codes(services: Services) -> None:
    with errors_shown():
        proof = await own_password(t("Make recovery codes?"), t("Those before are worthless then."), t("Make them"))
        if proof is None:
            return
        codes = await services.second_factors.recovery_codes(await acting(services), proof)
        with sheet_for(t("Your recovery codes, shown this once"), name=t("Your recovery codes"), stays=True) as dialog:
            for code in codes:
                words(code.reveal(), "p", "mono")
            with choice():
                button(t("I have kept them"), lambda: dialog.submit(True))
        await answer_of(dialog)
