"""A person's API tokens: made for some scopes, shown once, revoked."""

from datetime import timedelta

from nicegui import ui

from core.security.people.tokens import EVERY_SCOPE, TokenView
from core.security.people.visitor import Scope
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.handlers import TICKED
from pages.parts.own_password import own_password
from pages.parts.redrawn import redrawn
from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.times import day, minute
from pages.parts.typed import KEEP, forget_typed
from pages.parts.words import button, heading, paragraph, side_by_side, words
from pages.texts import later, t
from pages.visitor import acting, errors_shown, visitor

TOKEN_DAYS = 90
SCOPES = {
    Scope.READ: later("read"),
    Scope.OPERATE: later("ask for, answer and stop setups"),
    Scope.CONSENT: later("give and withdraw consent"),
    Scope.CREDENTIALS: later("store and delete credentials, see to webhooks"),
    Scope.AUDIT: later("read the audit"),
    Scope.PRIVACY: later("take out and delete data"),
    Scope.STAFF: later("what staff may"),
}


class TokenList:
    """A person's API tokens, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ticked: set[Scope] = set()

    @redrawn
    async def draw(self) -> None:
        """The list, and a field to make one."""
        now = self._services.clock.now()
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading(t("API tokens"), 2)
                told = t(
                    "For programs that use the REST API in your name, for {days} days. Shown once.", days=TOKEN_DAYS
                )
                paragraph(told)
            for token in await self._services.tokens.list(visitor()):
                if token.revoked_at is None and token.expires_at > now:
                    self._line(token)
            with ui.element("form").classes("row").on("submit.prevent", lambda _: self._make()):
                with ui.element("div").classes("field grow"):
                    self._name = ui.input().props(f"outlined dense hide-bottom-space maxlength=100 for=token {KEEP}")
                    self._name.props["placeholder"] = t("What it is for")
                    self._name.props["aria-label"] = t("What the token is for")
                with ui.element("button").classes("button").props("type=submit"):
                    words(t("Make a token"))
                self._draw_scopes()

    def _draw_scopes(self) -> None:
        """What it is to be good for; to read is ticked, the rest is asked for."""
        offered = [scope for scope in Scope if scope is not Scope.STAFF or visitor().is_staff]
        self._ticked = {Scope.READ}
        with ui.element("fieldset").classes("ticks") as ticks:
            ticks.props["aria-label"] = t("What the token may do")
            for scope in offered:
                self._draw_scope(scope)

    def _draw_scope(self, scope: Scope) -> None:
        with ui.element("label"):
            box = ui.element("input").props(f"type=checkbox{' checked' if scope in self._ticked else ''}")
            words(t(SCOPES[scope]))
        box.on("change", lambda event: self._tick(scope, ticked=bool(event.args)), js_handler=TICKED)

    def _tick(self, scope: Scope, *, ticked: bool) -> None:
        self._ticked = self._ticked | {scope} if ticked else self._ticked - {scope}

    def _line(self, token: TokenView) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack"):
                words(token.name, "p", "strong")
                paragraph(_good_for(token), "second small")
                paragraph(_since_and_until(token), "second small")
            button(t("Revoke"), lambda: self._ask_to_revoke(token), "danger")

    async def _make(self) -> None:
        with errors_shown():
            name = (self._name.value or "").strip() or t("dashboard")
            scopes = [scope for scope in Scope if scope in self._ticked]
            proof = await own_password(
                t("Make a token?"), t("It is good without your password from then on."), t("Make it")
            )
            if proof is None:
                return
            who = await acting(self._services)
            text = await self._services.tokens.add(who, name, timedelta(days=TOKEN_DAYS), scopes, proof)
            forget_typed()
            await _show_once(text)
            self.draw.refresh()

    async def _ask_to_revoke(self, token: TokenView) -> None:
        follows = t("Programs that use it are refused from now on.")
        if await confirmed(t("Revoke “{token}”?", token=token.name), follows, t("Revoke"), t("Keep it")):
            with errors_shown():
                await self._services.tokens.revoke(await acting(self._services), token.id)
            self.draw.refresh()


async def _show_once(text: str) -> None:
    with sheet_for(t("Your token, shown this once"), name=t("Your token"), stays=True) as dialog:
        words(text, "p", "mono")
        with choice():
            button(t("Copy"), lambda: ui.clipboard.write(text))
            button(t("I have kept it"), lambda: dialog.submit(True))
    await answer_of(dialog)


def _good_for(token: TokenView) -> str:
    if token.scopes == EVERY_SCOPE:
        return t("good for everything you may do")
    return t("good to {what}", what=", ".join(t(SCOPES[scope]) for scope in Scope if scope in token.scopes))


def _since_and_until(token: TokenView) -> str:
    made, until = t("made {day}", day=day(token.created_at)), t("until {day}", day=day(token.expires_at))
    if token.last_used_at:
        return side_by_side(made, until, t("last used {moment}", moment=minute(token.last_used_at)))
    return side_by_side(made, until, t("not used yet"))
