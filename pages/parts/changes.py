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
from pages.parts.redrawn import redrawn
from pages.parts.timeline import UNUSUAL
from pages.parts.times import day, minute
from pages.parts.words import button, heading, paragraph, shop_of, side_by_side, words
from pages.texts import later, t, tn
from pages.visitor import acting, allowed, errors_shown, visitor

SLOT = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
DECIDED = {ChangeState.ACCEPTED: "completed", ChangeState.SHARED: "completed", ChangeState.REFUSED: "cancelled"}
NOT_AGAIN = later(
    "It is not proposed again; where the learnt place is missing, the step is found anew each time, as now."
)

Decide = Callable[[Visitor], Awaitable[None]]


class ChangeList:
    """The changes of every customer, drawn anew after each decision."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @redrawn
    async def draw(self) -> None:
        """Those to decide on, then what was decided."""
        changes = await self._services.changes.list(visitor())
        undecided = [one for one in changes if one.state is ChangeState.PROPOSED]
        decided = [one for one in changes if one.state is not ChangeState.PROPOSED]
        with ui.element("div").classes("stack"):
            heading(t("Proposed changes"), 2)
            paragraph(_summary(len(undecided)))
        for change in undecided:
            self._card(change)
        if decided:
            heading(t("Decided"), 2)
            with ui.element("div").classes("card rows decided"):
                for change in decided:
                    self._line(change)

    def _card(self, change: ChangeView) -> None:
        with ui.element("div").classes("card proposal"):
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    heading(readable(change.intent), 3)
                    if change.rung:
                        words(t(UNUSUAL.get(change.rung, change.rung)), classes="badge unusual")
                paragraph(
                    t(
                        "Step {number} of “{workflow}”",
                        number=change.step_order,
                        workflow=change.workflow.rstrip("."),
                    ),
                    "second small",
                )
                _draw_before_and_after(change)
                _draw_evidence(change)
            if change.has_picture:
                _draw_picture(change)
            if allowed(Action.DECIDE_CHANGES):
                self._draw_decisions(change)

    def _draw_decisions(self, change: ChangeView) -> None:
        with ui.element("div").classes("row decide"):
            if change.holds:
                for_one = t("Accept for {customer}", customer=change.customer)
                button(for_one, lambda: self._ask_to_accept(change), "accent")
                button(t("Accept for all"), lambda: self._ask_to_share(change))
            button(t("Refuse"), lambda: self._ask_to_refuse(change), "danger")

    def _line(self, change: ChangeView) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    words(readable(change.intent), classes="strong")
                    words(_standing(change), classes=f"badge {DECIDED[change.state]}")
                paragraph(" → ".join([change.looked_for, change.found]), "second small")
                who = change.decided_by or t("somebody who left")
                paragraph(t("on {day} by {who}", day=day(change.decided_at), who=who), "second small")
            if change.state in {ChangeState.ACCEPTED, ChangeState.SHARED} and allowed(Action.DECIDE_CHANGES):
                with ui.element("div").classes("row"):
                    if change.state is ChangeState.ACCEPTED and change.holds:
                        button(t("Accept for all"), lambda: self._ask_to_share(change))
                    button(t("Withdraw"), lambda: self._ask_to_withdraw(change), "danger")

    async def _ask_to_accept(self, change: ChangeView) -> None:
        question = t("Accept it for {customer}?", customer=change.customer)
        if await confirmed(question, _next_place(change), t("Accept"), t("Go back")):
            await self._decide(lambda who: self._services.changes.accept(who, change.id))

    async def _ask_to_share(self, change: ChangeView) -> None:
        follows = "\n".join(
            [
                t("Every customer's setups then look there when they do not find the learnt place."),
                t(
                    "Nothing of {customer} goes along: only the step, and {found}.",
                    customer=change.customer,
                    found=change.found,
                ),
            ]
        )
        if await confirmed(t("Accept it for all?"), follows, t("Accept for all"), t("Go back")):
            await self._decide(lambda who: self._services.changes.share(who, change.id))

    async def _ask_to_refuse(self, change: ChangeView) -> None:
        if await confirmed(t("Refuse it?"), t(NOT_AGAIN), t("Refuse"), t("Go back")):
            desk = self._services.changes
            await self._decide(lambda who: desk.refuse(who, change.id, because="refused under Workflows"))

    async def _ask_to_withdraw(self, change: ChangeView) -> None:
        follows = "\n".join([t("Setups no longer look there."), t(NOT_AGAIN)])
        if await confirmed(t("Withdraw it?"), follows, t("Withdraw"), t("Keep it")):
            desk = self._services.changes
            await self._decide(lambda who: desk.withdraw(who, change.id, because="withdrawn under Workflows"))

    async def _decide(self, decide: Decide) -> None:
        with errors_shown():
            await decide(await acting(self._services))
        self.draw.refresh()


def readable(text: str) -> str:
    """A learnt sentence with its slots in plain words."""
    return SLOT.sub(lambda slot: f"[{slot[1].rpartition('.')[2].replace('_', ' ')}]", text)


def _summary(undecided: int) -> str:
    if not undecided:
        return t("None. A step that is found on another element than it names proposes one here.")
    return tn(
        "{number} change to decide on. What you accept is one more place to look; the learnt one stays first.",
        "{number} changes to decide on. What you accept is one more place to look; the learnt one stays first.",
        undecided,
    )


def _next_place(change: ChangeView) -> str:
    return t(
        "When setups of {customer} do not find the learnt place, they look for {found}. No other customer's setups do.",
        customer=change.customer,
        found=change.found,
    )


def _standing(change: ChangeView) -> str:
    """What was decided, and whether it still counts."""
    if change.state is ChangeState.ACCEPTED:
        told = t("accepted for {customer}") if change.holds else t("accepted for {customer}, void since")
        return told.format(customer=change.customer)
    if change.state is ChangeState.SHARED:
        return t("accepted for all") if change.holds else t("accepted for all, void since")
    return t("refused")


def _draw_before_and_after(change: ChangeView) -> None:
    with ui.element("dl").classes("facts"):
        for name, said in ((t("Learnt"), change.looked_for), (t("Found"), change.found)):
            words(name, "dt")
            words(readable(said), "dd", "strong")
        words(t("Seen"), "dt")
        with ui.element("dd"):
            shop, moment = shop_of(change.store_url), minute(change.created_at)
            words(t("{shop} ({customer}), {moment}", shop=shop, customer=change.customer, moment=moment))
    if not change.holds:
        paragraph(t("The step was learnt anew since: this change would serve nobody."), "refusal")


def _draw_evidence(change: ChangeView) -> None:
    if change.evidence:
        paragraph(t("Why it is the same: {evidence}", evidence=_told(change.evidence)), "second small num")
    with ui.element("details").classes("second small"):
        words(t("Exactly"), "summary")
        for locator in (change.before, change.after):
            if locator:
                words(json.dumps(locator.to_json(), ensure_ascii=False), "p", "mono")


def _told(evidence: Mapping[str, Any]) -> str:
    """Evidence in words; how its parts are called is up to the rung that gave it."""
    return side_by_side(
        *(f"{_plain(name)} {_told_one(value)}" for name, value in evidence.items() if value not in (None, ""))
    )


def _told_one(value: Any) -> str:
    if isinstance(value, bool):
        return t("yes") if value else t("no")
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
        image.props["alt"] = t("The shop at that moment: {step}", step=readable(change.intent))
        if change.touched and min(change.touched[2:]) >= SMALLEST_TOUCHED:
            x, y, width, height = change.touched
            place = {"left": x / WIDTH, "top": y / HEIGHT, "width": width / WIDTH, "height": height / HEIGHT}
            outline = "; ".join(f"{side}: {100 * part:.2f}%" for side, part in place.items())
            ui.element("div").classes("touched").style(outline)
