"""The people of a company, and what each may do; for admins, of another while they have an access there."""

from uuid import UUID

from nicegui import ui

from core.database.roles import Role
from core.errors import Refused
from core.security.people.authorize import Action, may
from core.security.people.members import Member
from core.services import Services
from pages.layout import frame
from pages.parts.confirm import confirmed
from pages.parts.redrawn import redrawn
from pages.parts.screen import screen
from pages.parts.sheets import answer_of, choice, sheet_for
from pages.parts.times import day
from pages.parts.typed import KEEP, forget_typed
from pages.parts.words import button, heading, paragraph, side_by_side, words
from pages.texts import later, t, tn
from pages.trouble import refused
from pages.visitor import acting, errors_shown, visitor

ROLES = {
    Role.OWNER: later("Owner: everything, consent and credentials included"),
    Role.MEMBER: later("Member: asks for setups, answers and stops them"),
    Role.OPERATOR: later("Operator (staff): decides on changes of workflows"),
    Role.AUDITOR: later("Auditor (staff): sees everything, changes nothing"),
    Role.ADMIN: later("Admin (staff): everything, and everybody's access"),
}

LEAST = (Role.MEMBER, Role.AUDITOR)  # what is offered first: of those who may be let in, who may do least


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/people")
    async def people_page(customer: str = "") -> None:
        who, company = visitor(), _id(customer)
        if not may(who, Action.MANAGE_PEOPLE):
            refused(t("Owners see to people"), t("Ask an owner of your company."))
            return
        if company is not None and company != who.customer_id:
            try:
                await services.staff_access.as_seen_by(who, company)
            except Refused as error:
                refused(t("These are another company's people"), error.sentence)
                return
        with frame(t("People"), "/people"):
            await PeopleList(services, company).draw()


class PeopleList:
    """Everybody of a company, drawn anew after each action."""

    def __init__(self, services: Services, customer_id: UUID | None) -> None:
        self._services = services
        self._company = customer_id
        self._roles: tuple[Role, ...] = ()  # what whoever looks may make of somebody here

    @redrawn
    async def draw(self) -> None:
        """The list, and a form to let somebody in."""
        who = visitor()
        people = await self._services.members.list(who, self._company)
        self._roles = await self._services.members.roles(who, self._company)
        with ui.element("div").classes("stack"):
            heading(t("People"))
            enabled = [one for one in people if one.disabled_at is None]
            paragraph(
                tn(
                    "{number} person may sign in for this company.",
                    "{number} people may sign in for this company.",
                    len(enabled),
                )
            )
        with ui.element("div").classes("card rows"):
            for one in people:
                self._line(one, is_self=one.id == who.user_id)
        if self._roles:
            self._draw_form()

    def _line(self, one: Member, *, is_self: bool) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                words(one.email, "p", "strong")
                since = t("since {day}", day=day(one.created_at))
                state = t("disabled {day}", day=day(one.disabled_at)) if one.disabled_at else since
                paragraph(side_by_side(one.role.words, state), "second small")
            if is_self:
                paragraph(t("you"), "third small")
                return
            with ui.element("div").classes("row"):
                self._draw_role(one)
                button(t("New password"), lambda: self._ask_to_reset(one))
                if one.disabled_at:
                    button(t("Let in again"), lambda: self._enable(one))
                else:
                    button(t("Disable"), lambda: self._ask_to_disable(one), "danger")

    def _draw_role(self, one: Member) -> None:
        roles = {role.value: role.words for role in self._roles}
        if one.role.value in roles:
            box = ui.select(roles, value=one.role.value).props("dense outlined")
            box.props["aria-label"] = t("Role of {email}", email=one.email)
            box.on_value_change(lambda event: self._change_role(one, Role(event.value)))

    def _draw_form(self) -> None:
        with ui.element("div").classes("card"):
            heading(t("Let somebody in"), 2)
            with ui.element("form").classes("row").on("submit.prevent", lambda _: self._add()):
                with ui.element("div").classes("field grow"):
                    self._email = ui.input().props(
                        f"outlined dense hide-bottom-space maxlength=254 for=new-person {KEEP}"
                    )
                    self._email.props["placeholder"] = self._email.props["aria-label"] = t("E-mail")
                offered = {role.value: t(ROLES[role]) for role in self._roles}
                least = next(role for role in LEAST if role in self._roles)
                self._role = ui.select(offered, value=least.value)
                self._role.props("dense outlined").classes("grow")
                self._role.props["aria-label"] = t("Role")
                with ui.element("button").classes("button").props("type=submit"):
                    words(t("Let in"))

    async def _add(self) -> None:
        with errors_shown():
            who, email = await acting(self._services), self._email.value or ""
            password = await self._services.members.add(who, email, Role(self._role.value), self._company)
            forget_typed()
            await _show_once(email.strip(), password)
            self.draw.refresh()

    async def _change_role(self, one: Member, role: Role) -> None:
        with errors_shown():
            await self._services.members.change_role(await acting(self._services), one.id, role, self._company)
            told = t("{email} is {role} now, and has to sign in anew.", email=one.email, role=role.words)
            ui.notify(told, position="top")
        self.draw.refresh()

    async def _enable(self, one: Member) -> None:
        with errors_shown():
            await self._services.members.enable(await acting(self._services), one.id, self._company)
        self.draw.refresh()

    async def _ask_to_disable(self, one: Member) -> None:
        follows = t("Their browsers are signed out at once, and their API tokens are worthless.")
        if await confirmed(t("Disable {email}?", email=one.email), follows, t("Disable"), t("Leave it")):
            with errors_shown():
                await self._services.members.disable(await acting(self._services), one.id, self._company)
            self.draw.refresh()

    async def _ask_to_reset(self, one: Member) -> None:
        follows = t(
            "The one they have is of no use any more, their browsers are signed out, and their API tokens are worthless."
        )
        question = t("Make a new password for {email}?", email=one.email)
        if await confirmed(question, follows, t("Make it"), t("Leave it")):
            with errors_shown():
                who = await acting(self._services)
                password = await self._services.members.reset_password(who, one.id, self._company)
                await _show_once(one.email, password)


async def _show_once(email: str, password: str) -> None:
    question, name = t("Password of {email}, shown this once", email=email), t("Password of {email}", email=email)
    with sheet_for(question, name=name, stays=True) as dialog:
        words(password, "p", "mono")
        with choice():
            button(t("I have kept it"), lambda: dialog.submit(True))
    await answer_of(dialog)


def _id(text: str) -> UUID | None:
    """A company's id from the address; one that is none means one's own."""
    try:
        return UUID(text)
    except ValueError:
        return None
