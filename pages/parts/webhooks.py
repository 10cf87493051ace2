"""The company's webhooks: added with a secret that is shown once, tried out, and removed."""

from nicegui import ui

from core.database.states import NotificationEvent
from core.notifications.desk import CHOOSABLE, Webhook
from core.security.secret import Secret
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.own_password import own_password
from pages.parts.picks import draw_picks, draw_undelivered, picks_in_words
from pages.parts.redrawn import redrawn
from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.times import day, minute
from pages.parts.typed import KEEP, forget_typed
from pages.parts.words import button, heading, paragraph, words
from pages.texts import t
from pages.visitor import acting, errors_shown, visitor


class WebhookList:
    """The card, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ticked: set[NotificationEvent] = set(CHOOSABLE)

    @redrawn
    async def draw(self) -> None:
        """The list, and a form to add one."""
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading(t("By webhook"), 2)
                paragraph(
                    t(
                        "An address of yours that is called for every operation of your company: over https, signed by "
                        "the Standard Webhooks scheme. What is sent holds no key, no product and no password."
                    )
                )
            for one in await self._services.notifications.webhooks(visitor()):
                self._line(one)
            self._draw_form()

    def _line(self, one: Webhook) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack grow"):
                words(one.url, "p", "strong breaks")
                paragraph(
                    t("{events} · added {day}", events=picks_in_words(one.events), day=day(one.created_at)),
                    "second small",
                )
                _draw_last(one)
                draw_undelivered(one.undelivered)
            with ui.element("div").classes("row"):
                test = button(t("Send a test"), lambda: self._test(one))
                test.props["aria-label"] = t("Send a test to {url}", url=one.url)
                gone = button(t("Remove"), lambda: self._ask_to_remove(one), "danger")
                gone.props["aria-label"] = t("Remove {url}", url=one.url)

    def _draw_form(self) -> None:
        self._ticked = set(CHOOSABLE)
        with ui.element("form").classes("form").on("submit.prevent", lambda _: self._add()):
            with ui.element("div").classes("field"):
                self._url = ui.input().props(
                    f"outlined dense hide-bottom-space maxlength=500 type=url for=webhook {KEEP}"
                )
                self._url.props('placeholder="https://hooks.company.example/autopilot"')
                self._url.props["aria-label"] = t("Address of the webhook")
            draw_picks(t("What the webhook is told"), self._ticked, self._tick)
            with ui.element("div").classes("row"), ui.element("button").classes("button").props("type=submit"):
                words(t("Add a webhook"))

    def _tick(self, event: NotificationEvent, ticked: bool) -> None:
        self._ticked = self._ticked | {event} if ticked else self._ticked - {event}

    async def _add(self) -> None:
        with errors_shown():
            url, events = self._url.value or "", frozenset(self._ticked)
            proof = await own_password(
                t("Add a webhook?"), t("It is told of your company's operations from now on."), t("Add it")
            )
            if proof is None:
                return
            who = await acting(self._services)
            added = await self._services.notifications.add_webhook(who, url, events, proof)
            forget_typed()
            await _show_once(added.secret)
            self.draw.refresh()

    async def _test(self, one: Webhook) -> None:
        with errors_shown():
            found = await self._services.notifications.test_webhook(await acting(self._services), one.id)
            if found.last_failure is None:
                ui.notify(t("The test has arrived."), type="positive", position="top")
        self.draw.refresh()

    async def _ask_to_remove(self, one: Webhook) -> None:
        follows = t("It is called no more, also for what is on its way. Its signing secret is destroyed.")
        if await confirmed(t("Remove this webhook?"), "\n".join([one.url, follows]), t("Remove"), t("Keep it")):
            with errors_shown():
                await self._services.notifications.remove_webhook(await acting(self._services), one.id)
            self.draw.refresh()


def _draw_last(one: Webhook) -> None:
    """What came of the newest call."""
    if one.last_at is None:
        paragraph(t("not called yet"), "second small")
    elif one.last_failure is None:
        paragraph(t("last called {when}: it arrived", when=minute(one.last_at)), "second small")
    else:
        told = t("last called {when}: it did not arrive. {because}", when=minute(one.last_at), because=one.last_failure)
        words(told, "p", "out small").props("role=status")


async def _show_once(secret: Secret) -> None:
    with sheet_for(t("The signing secret, shown this once"), stays=True) as dialog:
        paragraph(t("Whoever receives a call checks with it that it is from here."))
        words(secret.reveal(), "p", "mono")
        with choice():
            button(t("Copy"), lambda: ui.clipboard.write(secret.reveal()))
            button(t("I have kept it"), lambda: dialog.submit(True))
    await answer_of(dialog)
