"""A person's API tokens: made for some scopes, shown once, revoked."""

from datetime import timedelta

from nicegui import ui

from core.security.people.tokens import EVERY_SCOPE, TokenView
from core.security.people.visitor import Scope
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.own_password import own_password
from pages.parts.times import day, minute
from pages.parts.words import button, heading, paragraph, words
from pages.visitor import acting, errors_shown, visitor

TOKEN_DAYS = 90
TICKED = "(event) => emit(event.target.checked)"
SCOPES = {
    Scope.READ: "read",
    Scope.OPERATE: "ask for, answer and stop setups",
    Scope.CONSENT: "give and withdraw consent",
    Scope.CREDENTIALS: "store and delete credentials, see to webhooks",
    Scope.AUDIT: "read the audit",
    Scope.PRIVACY: "take out and delete data",
    Scope.STAFF: "what staff may",
}


class TokenList:
    """A person's API tokens, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ticked: set[Scope] = set()

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list, and a field to make one."""
        now = self._services.clock.now()
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading("API tokens", 2)
                paragraph(f"For programs that use the REST API in your name, for {TOKEN_DAYS} days. Shown once.")
            for token in await self._services.tokens.list(visitor()):
                if token.revoked_at is None and token.expires_at > now:
                    self._line(token)
            with ui.element("form").classes("row").on("submit.prevent", lambda _: self._make()):
                with ui.element("div").classes("field grow"):
                    self._name = ui.input().props("outlined dense hide-bottom-space maxlength=100")
                    self._name.props('placeholder="What it is for" aria-label="What the token is for"')
                with ui.element("button").classes("button").props("type=submit"):
                    words("Make a token")
                self._draw_scopes()

    def _draw_scopes(self) -> None:
        """What it is to be good for; to read is ticked, the rest is asked for."""
        offered = [scope for scope in Scope if scope is not Scope.STAFF or visitor().is_staff]
        self._ticked = {Scope.READ}
        with ui.element("fieldset").classes("ticks").props('aria-label="What the token may do"'):
            for scope in offered:
                self._draw_scope(scope)

    def _draw_scope(self, scope: Scope) -> None:
        with ui.element("label"):
            box = ui.element("input").props(f"type=checkbox{' checked' if scope in self._ticked else ''}")
            words(SCOPES[scope])
        box.on("change", lambda event: self._tick(scope, ticked=bool(event.args)), js_handler=TICKED)

    def _tick(self, scope: Scope, *, ticked: bool) -> None:
        self._ticked = self._ticked | {scope} if ticked else self._ticked - {scope}

    def _line(self, token: TokenView) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack"):
                words(token.name, "p", "strong")
                used = f"last used {minute(token.last_used_at)}" if token.last_used_at else "not used yet"
                paragraph(_good_for(token), "second small")
                paragraph(f"made {day(token.created_at)} · until {day(token.expires_at)} · {used}", "second small")
            button("Revoke", lambda: self._ask_to_revoke(token), "danger")

    async def _make(self) -> None:
        with errors_shown():
            name = (self._name.value or "").strip() or "dashboard"
            scopes = [scope for scope in Scope if scope in self._ticked]
            proof = await own_password("Make a token?", "It is good without your password from then on.", "Make it")
            if proof is None:
                return
            who = await acting(self._services)
            text = await self._services.tokens.add(who, name, timedelta(days=TOKEN_DAYS), scopes, proof)
            await _show_once(text)
            self.draw.refresh()

    async def _ask_to_revoke(self, token: TokenView) -> None:
        follows = "Programs that use it are refused from now on."
        if await confirmed(f"Revoke “{token.name}”?", follows, "Revoke", "Keep it"):
            with errors_shown():
                await self._services.tokens.revoke(await acting(self._services), token.id)
            self.draw.refresh()


async def _show_once(text: str) -> None:
    dialog = ui.dialog().props('persistent transition-duration=0 aria-label="Your token"')
    with dialog, ui.element("div").classes("sheet"):
        heading("Your token, shown this once", 2)
        words(text, "p", "mono")
        with ui.element("div").classes("choice"):
            button("Copy", lambda: ui.clipboard.write(text))
            button("I have kept it", lambda: dialog.submit(True))
    await dialog
    dialog.delete()


def _good_for(token: TokenView) -> str:
    if token.scopes == EVERY_SCOPE:
        return "good for everything you may do"
    return f"good to {', '.join(SCOPES[scope] for scope in Scope if scope in token.scopes)}"
