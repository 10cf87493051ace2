"""How setups went: four figures, the days, why they fail, and the same by service, workflow version and who decided."""

from dataclasses import replace

from nicegui import ui

from core.planner.planner import Rung
from core.security.audit.chain_watch import ChainsStanding
from core.security.people.authorize import Action, may
from core.security.people.visitor import Visitor
from core.services import Services
from core.statistics.asked import LONGEST_LOOK_BACK, Asked
from core.statistics.by_hand import by_hand
from core.statistics.summary import Part, Summary
from pages.layout import frame
from pages.parts.charts import draw_chart, durations_by_day, outcomes_by_day, success_of
from pages.parts.parts_table import between, dollars, draw_parts, hours, percent, took
from pages.parts.screen import screen
from pages.parts.times import minute
from pages.parts.words import address_of, grouped, heading, link, paragraph, side_by_side, whole_number, words
from pages.texts import later, t, tn
from pages.visitor import below, visitor

PERIODS = (7, 30, 90, 365)  # days
USUAL_PERIOD = 30  # days
CSV = "/api/autonomous/statistics.csv"
NOT_RECORDED = later("before it was recorded")
RUNGS = {
    Rung.RECORDED: later("as recorded"),
    Rung.ALTERNATIVE: later("recorded alternative"),
    Rung.ACCEPTED: later("accepted by staff"),
    Rung.LIKENESS: later("likeness"),
    Rung.MODEL: later("model"),
    Rung.PERSON: later("a person"),
    Rung.CODE: later("code, without a page"),
}


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/statistics")
    async def statistics_page(days: str = "", service: str = "", customer: str = "") -> None:
        who = visitor()
        period = whole_number(days, LONGEST_LOOK_BACK)
        wanted = Asked(USUAL_PERIOD if period is None else period, service[:50], customer[:200])
        summary = await services.statistics.summary(who, wanted)
        sees_all = may(who, Action.SEE_ALL_CUSTOMERS)
        chains = await services.chains.standing() if sees_all else None
        with frame(t("Statistics"), "/statistics"):
            Screen(services, summary, sees_all=sees_all).draw(who, chains)


class Screen:
    """The screen of one summary."""

    def __init__(self, services: Services, summary: Summary, *, sees_all: bool) -> None:
        self._summary = summary
        self._asked = summary.asked
        self._titles = {one.service: one.title for one in services.integrations.all()}
        self._workflows = {one.id: one.title.rstrip(".") for one in services.workflows.list()}
        self._sees_all = sees_all

    def draw(self, who: Visitor, chains: ChainsStanding | None) -> None:
        """Everything, the answer first."""
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading(t("Statistics"))
                self._draw_asked(who)
            self._draw_periods()
        self._draw_filters()
        if chains:
            _draw_chains(chains)
        _draw_figures(self._summary)
        if not self._summary.finished:
            paragraph(t("Nothing has finished in this time."))
            return
        _draw_saved(self._summary)
        with ui.element("div").classes("halves"):
            _draw_days(self._summary)
            self._draw_failures()
        self._draw_lengths()
        self._draw_parts()

    def _draw_asked(self, who: Visitor) -> None:
        service = self._titles.get(self._asked.service, self._asked.service) or t("all services")
        told = tn(
            "Last {number} day · {service} · {whose}",
            "Last {number} days · {service} · {whose}",
            self._asked.days,
            service=service,
            whose=self._whose(who),
        )
        with ui.element("p").classes("second"):
            words(told)
            words(" · ")
            csv = link(t("CSV"), _address(CSV, self._asked)).props("download")
            csv.props["aria-label"] = t("CSV of these figures")

    def _whose(self, who: Visitor) -> str:
        if self._sees_all:
            return self._asked.customer or t("all customers")
        return t("this customer's setups") if who.is_staff else t("your setups")

    def _draw_periods(self) -> None:
        with ui.element("nav").classes("row") as nav:
            nav.props["aria-label"] = t("Period")
            for period in PERIODS:
                address = _address("/statistics", replace(self._asked, days=period))
                chip = link(tn("{number} day", "{number} days", period), address, "chip")
                if period == self._asked.days:
                    chip.props("aria-current=true")

    def _draw_filters(self) -> None:
        form = ui.element("form").classes("row filters").props("method=get role=search")
        form.props["aria-label"] = t("Filters")
        form.props["action"] = below(ui.context.client, "/statistics")
        with form:
            ui.element("input").props(f"type=hidden name=days value={self._asked.days}")
            with ui.element("label").classes("field"):
                words(t("Service"))
                with ui.element("select").props("name=service"):
                    for service, title in {"": t("All services"), **self._titles}.items():
                        option = words(title, "option")
                        option.props["value"] = service
                        if service == self._asked.service:
                            option.props("selected")
            if self._sees_all:
                with ui.element("label").classes("field"):
                    words(t("Customer"))
                    box = ui.element("input").props("name=customer type=search maxlength=200")
                    box.props["value"], box.props["placeholder"] = self._asked.customer, t("All customers")
            with ui.element("button").props("type=submit").classes("button"):
                words(t("Show"))

    def _draw_failures(self) -> None:
        reasons = self._summary.by_failure
        most = max((reason.runs for reason in reasons), default=1)
        with ui.element("div").classes("card"):
            heading(t("Why setups fail"), 2)
            if not reasons:
                paragraph(t("None has failed."))
                return
            with ui.element("table").classes("list"):
                with ui.element("thead"), ui.element("tr"):
                    for column in (t("Reason"), t("Runs"), ""):
                        words(column, "th")
                with ui.element("tbody"):
                    for reason in reasons:
                        with ui.element("tr"):
                            with ui.element("td"):
                                link(t(reason.words), self._failed_like(reason.code))
                            words(grouped(reason.runs), "td", "num tight")
                            with ui.element("td").classes("share"):
                                _draw_bar(reason.runs, most)

    def _failed_like(self, code: str) -> str:
        """Where the operations are that failed for this reason, with the same filters."""
        query = {"failure": code, "status": "failed", "days": str(self._asked.days)}
        return address_of("/operations", **query, **_narrowed(self._asked))

    def _draw_lengths(self) -> None:
        with ui.element("div").classes("halves"):
            with ui.element("div").classes("card"):
                heading(t("How long setups take, in seconds"), 2)
                draw_chart(durations_by_day(self._summary.by_day))
            if len(self._summary.by_service) > 1:
                with ui.element("div").classes("card"):
                    heading(t("How many of a hundred succeed"), 2)
                    parts = self._summary.by_service
                    draw_chart(success_of(parts, [self._title(one) for one in parts]))

    def _draw_parts(self) -> None:
        summary = self._summary
        draw_parts(t("By service"), t("Service"), summary.by_service, self._title)
        remark = t("The version is a digest of what was learnt; what staff accept is laid over it, and does not count.")
        draw_parts(t("By workflow version"), t("Workflow"), summary.by_version, self._workflow, remark)
        draw_parts(t("By who had to decide"), t("Decided"), summary.by_rung, _rung, _deciders(summary))

    def _title(self, part: Part) -> str:
        return self._titles.get(part.name or "", part.name or "")

    def _workflow(self, part: Part) -> str:
        if part.name is None:
            return t(NOT_RECORDED)
        return side_by_side(self._workflows.get(part.name, part.name), part.version or t(NOT_RECORDED))


def _narrowed(asked: Asked) -> dict[str, str]:
    """The filters that are set, beside the days."""
    return {name: value for name, value in (("service", asked.service), ("customer", asked.customer)) if value}


def _address(path: str, asked: Asked) -> str:
    return address_of(path, days=str(asked.days), **_narrowed(asked))


def _draw_chains(chains: ChainsStanding) -> None:
    """Whether the customers' audit chains are whole, for staff: one that is not is the first thing to look at."""
    named = tn("{number} audit chain", "{number} audit chains", chains.broken or chains.chains)
    if chains.broken:
        told = t("{named} of {all} not whole: run autopilot audit verify.", named=named, all=grouped(chains.chains))
        words(told, "p", "refusal").props("role=alert")
        return
    new = t(", {number} not verified yet", number=grouped(chains.never_verified)) if chains.never_verified else ""
    since = t("; each was verified since {moment}", moment=minute(chains.oldest)) if chains.oldest else ""
    late = (
        t("; none can be vouched for now: verification is late or failed, look for ALERT in the log")
        if chains.is_late
        else ""
    )
    paragraph(t("{named}: none broken{new}{since}{late}.", named=named, new=new, since=since, late=late))


def _draw_figures(summary: Summary) -> None:
    against = t("by hand {hours}", hours=hours(by_hand(summary.asked.service)))
    slow = t("p95 {time}", time=took(summary.p95_seconds)) if summary.p95_seconds is not None else ""
    asked = tn(
        "{asked} of {number} step needed it",
        "{asked} of {number} steps needed it",
        summary.steps,
        asked=grouped(summary.steps_of(Rung.MODEL)),
    )
    interval = (
        t("{interval} (95 %)", interval=between(summary.interval)) if summary.interval else t("nothing finished yet")
    )
    with ui.element("div").classes("tiles"):
        _draw_figure(t("Finished setups"), f"{summary.finished:,}", _against_before(summary))
        _draw_figure(t("Succeeded"), percent(summary.success_rate), interval)
        _draw_figure(t("Typical time"), took(summary.median_seconds), side_by_side(slow, against))
        _draw_figure(t("Model cost"), dollars(summary.millionths), asked)


def _against_before(summary: Summary) -> str:
    if not summary.finished_before:
        return tn("none in the day before", "none in the {number} days before", summary.days)
    change = 100 * (summary.finished / summary.finished_before - 1)
    told = format(change, "+.0f")
    return tn("{change} % on the day before", "{change} % on the {number} days before", summary.days, change=told)


def _draw_figure(name: str, figure: str, context: str) -> None:
    with ui.element("div").classes("card"):
        paragraph(name, "second small")
        words(figure, "p", "figure")
        paragraph(context, "second small num")


def _draw_saved(summary: Summary) -> None:
    """How it is reckoned stands beside the figure, so that nobody has to believe it."""
    with ui.element("p").classes("second"):
        words(t("{hours} saved", hours=hours(summary.saved_seconds)), "b", "num")
        words(
            tn(
                ": what a setup takes by hand ({by_hand}), less what it took.",
                ": {number} times what a setup takes by hand ({by_hand}), less what they took.",
                summary.succeeded,
                by_hand=hours(by_hand(summary.asked.service)),
            )
        )


def _draw_days(summary: Summary) -> None:
    with ui.element("div").classes("card"):
        heading(t("By day"), 2)
        draw_chart(outcomes_by_day(summary.by_day))


def _draw_bar(value: int, most: int) -> None:
    bar = ui.element("progress").classes("bar-of").props("aria-hidden=true")
    bar.props["value"], bar.props["max"] = value, most


def _rung(part: Part) -> str:
    """The furthest that a setup had to climb."""
    return t(RUNGS[Rung(part.name)]) if part.name in set(Rung) else t(NOT_RECORDED)


def _deciders(summary: Summary) -> str:
    told = " · ".join(f"{t(RUNGS[Rung(rung)])} {100 * share:.1f} %" for rung, share in summary.deciders)
    return t("Who decided a setup's most doubtful step. Of all steps: {shares}", shares=told)
