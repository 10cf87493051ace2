"""What healed steps propose, for staff: what was looked for, what was found, why it is the same, and a decision."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from core.database.states import ChangeState
from core.operations.change_views import ChangeView
from core.security.people.authorize import Action
from core.security.people.people import Visitor
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.marks import HEIGHT, SMALLEST_TOUCHED, WIDTH
from pages.parts.timeline import UNUSUAL
from pages.parts.times import day, minute
from pages.parts.words import button, count, heading, paragraph, shop_of, words
from pages.visitor import acting, allowed, errors_shown, visitor

SLOT = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
DECIDED = {ChangeState.ACCEPTED: "completed", ChangeState.SHARED: "completed", ChangeState.REFUSED: "cancelled"}
NOT_AGAIN = "It is not proposed again; where the learnt place is missing, the step is found anew each time, as now."

Decide = Callable[[Visitor], Awaitable[None]]


class ChangeList:
    """The changes of every customer, drawn anew after each decision."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @ui.refreshable_method
    async def draw(self) -> None:
        """Those to decide on, then what was decided."""
        changes = await self._services.changes.list(visitor())
        undecided = [one for one in changes if one.state is ChangeState.PROPOSED]
        decided = [one for one in changes if one.state is not ChangeState.PROPOSED]
        with ui.element("div").classes("stack"):
            heading("Proposed changes", 2)
            paragraph(_summary(len(undecided)))
        for change in undecided:
            self._card(change)
        if decided:
            heading("Decided", 2)
            with ui.element("div").classes("card rows decided"):
                for change in decided:
                    self._line(change)

    def _card(self, change: ChangeView) -> None:
        with ui.element("div").classes("card proposal"):
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    heading(readable(change.intent), 3)
                    if change.rung:
                        words(UNUSUAL.get(change.rung, change.rung), classes="badge unusual")
                paragraph(f"Step {change.step_order} of “{change.workflow.rstrip('.')}”", "second small")
                _draw_before_and_after(change)
                _draw_evidence(change)
            if change.has_picture:
                _draw_picture(change)
            if allowed(Action.DECIDE_CHANGES):
                self._draw_decisions(change)

    def _draw_decisions(self, change: ChangeView) -> None:
        with ui.element("div").classes("row decide"):
            if change.holds:
                button(f"Accept for {change.customer}", lambda: self._ask_to_accept(change), "accent")
                button("Accept for all", lambda: self._ask_to_share(change))
            button("Refuse", lambda: self._ask_to_refuse(change), "danger")

    def _line(self, change: ChangeView) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    words(readable(change.intent), classes="strong")
                    words(_standing(change), classes=f"badge {DECIDED[change.state]}")
                paragraph(f"{change.looked_for} → {change.found}", "second small")
                paragraph(f"on {day(change.decided_at)} by {change.decided_by or 'somebody who left'}", "second small")
            if change.state in {ChangeState.ACCEPTED, ChangeState.SHARED} and allowed(Action.DECIDE_CHANGES):
                with ui.element("div").classes("row"):
                    if change.state is ChangeState.ACCEPTED and change.holds:
                        button("Accept for all", lambda: self._ask_to_share(change))
                    button("Withdraw", lambda: self._ask_to_withdraw(change), "danger")

    async def _ask_to_accept(self, change: ChangeView) -> None:
        question, follows = f"Accept it for {change.customer}?", f"{_next_place(change)} No other customer's setups do."
        if await confirmed(question, follows, "Accept", "Go back"):
            await self._decide(lambda who: self._services.changes.accept(who, change.id))

    async def _ask_to_share(self, change: ChangeView) -> None:
        told = f"Nothing of {change.customer} goes along: only the step, and {change.found}."
        follows = f"Every customer's setups then look there when they do not find the learnt place.\n{told}"
        if await confirmed("Accept it for all?", follows, "Accept for all", "Go back"):
            await self._decide(lambda who: self._services.changes.share(who, change.id))

    async def _ask_to_refuse(self, change: ChangeView) -> None:
        if await confirmed("Refuse it?", NOT_AGAIN, "Refuse", "Go back"):
            because = "refused under Workflows"
            await self._decide(lambda who: self._services.changes.refuse(who, change.id, because))

    async def _ask_to_withdraw(self, change: ChangeView) -> None:
        if await confirmed("Withdraw it?", f"Setups no longer look there.\n{NOT_AGAIN}", "Withdraw", "Keep it"):
            because = "withdrawn under Workflows"
            await self._decide(lambda who: self._services.changes.withdraw(who, change.id, because))

    async def _decide(self, decide: Decide) -> None:
        with errors_shown():
            await decide(await acting(self._services))
        self.draw.refresh()


def readable(text: str) -> str:
    """A learnt sentence with its slots in plain words."""
    return SLOT.sub(lambda slot: f"[{slot[1].rpartition('.')[2].replace('_', ' ')}]", text)


def _summary(undecided: int) -> str:
    if not undecided:
        return "None. A step that is found on another element than it names proposes one here."
    waiting = f"{count(undecided, 'change')} to decide on."
    return f"{waiting} What you accept is one more place to look; the learnt one stays first."


def _next_place(change: ChangeView) -> str:
    return f"When setups of {change.customer} do not find the learnt place, they look for {change.found}."


def _standing(change: ChangeView) -> str:
    """What was decided, and whether it still counts."""
    served = {ChangeState.ACCEPTED: f"accepted for {change.customer}", ChangeState.SHARED: "accepted for all"}
    said = served.get(change.state, "refused")
    return said if change.holds or change.state is ChangeState.REFUSED else f"{said}, void since"


def _draw_before_and_after(change: ChangeView) -> None:
    with ui.element("dl").classes("facts"):
        for name, said in (("Learnt", change.looked_for), ("Found", change.found)):
            words(name, "dt")
            words(readable(said), "dd", "strong")
        words("Seen", "dt")
        with ui.element("dd"):
            words(f"{shop_of(change.store_url)} ({change.customer}), {minute(change.created_at)}")
    if not change.holds:
        paragraph("The step was learnt anew since: this change would serve nobody.", "refusal")


def _draw_evidence(change: ChangeView) -> None:
    if change.evidence:
        paragraph(f"Why it is the same: {_told(change.evidence)}", "second small num")
    with ui.element("details").classes("second small"):
        words("Exactly", "summary")
        for locator in (change.before, change.after):
            if locator:
                words(json.dumps(locator.to_json(), ensure_ascii=False), "p", "mono")


def _told(evidence: Mapping[str, Any]) -> str:
    """Evidence in words; how its parts are called is up to the rung that gave it."""
    return " · ".join(
        f"{_plain(name)} {_told_one(value)}" for name, value in evidence.items() if value not in (None, "")
    )


def _told_one(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, Mapping):
        return f"({_told(value)})"
    if isinstance(value, list | tuple):
        return ", ".join(f"“{one}”" if isinstance(one, str) else _told_one(one) for one in value)
    return str(value)


def _plain(name: str) -> str:
    """A name in the code's or JSON's spelling as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).lower()


def _draw_picture(change: ChangeView) -> None:
    with ui.element("div").classes("picture"):
        image = ui.element("img").props(f"loading=lazy width={WIDTH} height={HEIGHT}")
        image.props["src"] = f"/api/autonomous/workflows/changes/{change.id}/picture"
        image.props["alt"] = f"The shop at that moment: {readable(change.intent)}"
        if change.touched and min(change.touched[2:]) >= SMALLEST_TOUCHED:
            x, y, width, height = change.touched
            place = {"left": x / WIDTH, "top": y / HEIGHT, "width": width / WIDTH, "height": height / HEIGHT}
            outline = "; ".join(f"{side}: {100 * part:.2f}%" for side, part in place.items())
            ui.element("div").classes("touched").style(outline)
