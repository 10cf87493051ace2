"""What a shop asks for in between is answered: a one-time code by itself, whatever only a person knows by asking."""

import pytest

from core.agents.budget import MOST_ALIKE
from core.agents.person import Answer, QuestionKind
from core.browser.actions import Action, Click, FillOnce, FillSecret, Key, Press
from core.browser.page import ActionFailed, Performed
from core.browser.snapshot import Snapshot
from core.planner.planner import Rung
from core.security.secret import Secret
from core.workflows.locator import Locator
from core.workflows.step import ActionKind
from tests.core.agents.climbed import SHOP, Climb, element_of, leads_to, page_of, there
from tests.core.agents.learnt import css, learnt, shows
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.person import NO, ScriptedPerson, chooses, types

SIGN_IN = learnt("Sign in", ActionKind.CLICK, "#sign-in", checks=shows("#menu"))
MENU = Screen("/admin", "Dashboard", elements=[FakeElement((css("#menu"),))])


def shop(*asks: FakeElement) -> FakePage:
    """A shop that, after the sign-in, asks for something first."""
    between = Screen("/between", "One more thing", elements=list(asks))
    return page_of(there("#sign-in", "Log in", does=leads_to("/between")), more=(between, MENU))


def asks_for_code(*right: str, name: str = "One-time code") -> FakePage:
    """A shop that goes on once one of these codes was entered; else it asks again, and its field is empty."""

    def look(page: FakePage) -> None:
        field = element_of(page, "#code")
        if field.value in right:
            page.go("/admin")
        field.value = ""

    return shop(there("#code", name, "textbox", look))


def fill(code: str) -> FillOnce:
    return FillOnce(css("#code"), Secret(code))


ENTER, SENT = FillSecret(css("#code"), "one_time_code"), Press(css("#code"), Key.ENTER)


async def test_a_code_is_made_by_the_authenticator_and_nobody_is_asked() -> None:
    page, person = asks_for_code("(one_time_code)"), ScriptedPerson()
    climb = Climb(page, person=person, makes_codes=True)
    assert (await climb.take(SIGN_IN)).outcome.done
    assert (page.done, person.asked) == ([Click(css("#sign-in")), ENTER, SENT], [])
    entered = ("Enter the one-time code", Rung.CODE)
    assert climb.way == [("Sign in", Rung.RECORDED), entered, entered]  # typed, and sent


async def test_one_that_is_not_taken_is_asked_of_the_person() -> None:
    page, person = asks_for_code("123456"), ScriptedPerson(types("123456"))
    climb = Climb(page, person=person, makes_codes=True)
    assert (await climb.take(SIGN_IN)).outcome.done
    assert page.done[1:] == [ENTER, SENT, fill("123456"), SENT]
    by_code, by_person = (("Enter the one-time code", rung) for rung in (Rung.CODE, Rung.PERSON))
    assert climb.way[1:] == [by_code, by_code, by_person, by_person]


async def test_a_field_that_refuses_the_made_code_is_answered_by_the_person() -> None:
    class Refuses(FakePage):
        async def perform(self, action: Action) -> Performed:
            if isinstance(action, FillSecret):
                raise ActionFailed(because="It is not the kind of field it belongs in.")
            return await super().perform(action)

    page, person = Refuses(SHOP, *asks_for_code("123456").screens.values()), ScriptedPerson(types("123456"))
    page.go("/settings")
    climb = Climb(page, person=person, makes_codes=True)
    assert (await climb.take(SIGN_IN)).outcome.done
    assert (page.done, len(person.asked)) == ([Click(css("#sign-in")), fill("123456"), SENT], 1)


async def test_who_was_let_in_by_the_made_code_is_not_asked_for_another() -> None:
    class SendsItself(FakePage):
        async def perform(self, action: Action) -> Performed:
            performed = await super().perform(action)
            if isinstance(action, FillSecret):
                self.go("/admin")
            return performed

        async def present(self, locator: Locator) -> int:
            if self.screen.path == "/admin" and locator == css("#code"):
                raise ActionFailed(because="It took too long.")
            return await super().present(locator)

    page, person = SendsItself(SHOP, *asks_for_code("123456").screens.values()), ScriptedPerson(types("123456"))
    page.go("/settings")
    taken = await Climb(page, person=person, makes_codes=True).take(SIGN_IN)
    assert (person.asked, taken.outcome.done) == ([], False)
    assert "It took too long." in taken.outcome.seen


async def test_without_an_authenticator_the_person_is_asked_at_once() -> None:
    page, person = asks_for_code("123456"), ScriptedPerson(types("123456"))
    assert (await Climb(page, person=person).take(SIGN_IN)).outcome.done
    [asked] = person.asked
    assert (asked.kind, asked.page_url) == (QuestionKind.CODE, f"{SHOP}/between")
    assert "“One-time code”" in asked.words
    assert asked.picture is not None


async def test_a_wrong_code_is_asked_for_again() -> None:
    page, person = asks_for_code("123456"), ScriptedPerson(types("654321"), types("123456"))
    assert (await Climb(page, person=person).take(SIGN_IN)).outcome.done
    assert len(person.asked) == 2


async def test_but_not_for_ever() -> None:
    page, person = asks_for_code(), ScriptedPerson(*[types("654321")] * 9)
    taken = await Climb(page, person=person).take(SIGN_IN)
    assert (taken.outcome.done, taken.outcome.code) == (False, "gave_up")
    assert "The page has looked the same 3 times" in taken.outcome.seen
    assert len(person.asked) == MOST_ALIKE == 3


async def test_a_code_is_in_no_note_of_the_run() -> None:
    page, person = asks_for_code("123456"), ScriptedPerson(types("654321"), types("123456"))
    climb = Climb(page, person=person)
    taken = await climb.take(SIGN_IN)
    noted = repr((taken, climb.log.intended, climb.log.outcomes, climb.log.happened, page.done, person.asked))
    assert "123456" not in noted
    assert "654321" not in noted
    assert "said=•••" in repr(fill("123456"))


async def test_an_answer_counts_as_something_that_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.agents.budget.MOST_ACTIONS", 1)
    page = asks_for_code("(one_time_code)")
    taken = await Climb(page, makes_codes=True).take(SIGN_IN)
    assert (taken.outcome.code, page.done) == ("gave_up", [Click(css("#sign-in"))])


async def test_a_form_that_sends_itself_is_not_sent_twice() -> None:
    page = asks_for_code()
    once = SendsItself(page)
    assert (await Climb(once, person=ScriptedPerson(types("123456"))).take(SIGN_IN)).outcome.done
    assert once.done == [Click(css("#sign-in")), fill("123456")]


class SendsItself(FakePage):
    """A page that goes on when the code is there."""

    def __init__(self, page: FakePage) -> None:
        super().__init__(page.origin, *page.screens.values())
        self.go("/settings")

    async def perform(self, action: Action) -> Performed:
        performed = await super().perform(action)
        if isinstance(action, FillOnce):
            self.go("/admin")
        return performed


async def test_what_a_captcha_shows_is_typed_by_the_person() -> None:
    page = shop(there("#letters", "Type the letters you see", "textbox", leads_to("/admin"), words=("captcha",)))
    person = ScriptedPerson(types("xk7f"))
    climb = Climb(page, person=person, makes_codes=True)
    assert (await climb.take(SIGN_IN)).outcome.done
    assert person.asked[0].kind is QuestionKind.CAPTCHA
    assert climb.way[-1] == ("Enter what the picture says", Rung.PERSON)


@pytest.mark.parametrize("makes_codes", [True, False])
async def test_a_captcha_that_is_not_typed_can_only_be_solved_there(makes_codes: bool) -> None:
    page = shop(there("#robot", "I'm not a robot", "checkbox", kind="checkbox"))
    person = ScriptedPerson()
    taken = await Climb(page, person=person, makes_codes=makes_codes).take(SIGN_IN)
    assert (taken.outcome.done, taken.outcome.code, person.asked) == (False, "only_there", [])
    assert "approve a key in the shop" in taken.outcome.seen
    assert page.done == [Click(css("#sign-in"))]


async def test_without_a_person_a_code_can_only_be_entered_there() -> None:
    taken = await Climb(asks_for_code("123456")).take(SIGN_IN)
    assert (taken.outcome.code, taken.outcome.seen.endswith("There is nobody to ask.")) == ("only_there", True)


async def test_it_goes_on_with_the_account_that_was_chosen() -> None:
    page = shop(there("#a", "Continue as admin"), there("#m", "Continue as manager", does=leads_to("/admin")))
    person = ScriptedPerson(chooses(1))
    climb = Climb(page, person=person)
    assert (await climb.take(SIGN_IN)).outcome.done
    assert person.asked[0].options == ("Continue as admin", "Continue as manager")
    assert page.done[-1] == Click(css("#m"))
    assert climb.way[-1] == ("Go on with the account that was chosen", Rung.PERSON)


async def test_a_no_ends_the_step() -> None:
    page = asks_for_code("123456")
    taken = await Climb(page, person=ScriptedPerson(NO)).take(SIGN_IN)
    assert (taken.outcome.done, taken.outcome.code) == (False, "person_declined")
    assert page.done == [Click(css("#sign-in"))]


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        (asks_for_code("123456"), types("123456")),
        (shop(there("#a", "Continue as admin"), there("#m", "Continue as manager")), chooses(1)),
    ],
    ids=["a code", "an account"],
)
async def test_an_answer_to_what_is_not_asked_any_more_is_an_outcome(page: FakePage, answer: Answer) -> None:
    person = ScriptedPerson(answer, meanwhile=page.screens["/between"].elements.clear)
    taken = await Climb(page, person=person).take(SIGN_IN)
    assert (taken.outcome.done, page.done) == (False, [Click(css("#sign-in"))])
    assert "The page changed before it was answered." in taken.outcome.seen


async def test_what_stands_before_an_element_is_answered_too_and_then_the_step_is_done() -> None:
    page = asks_for_code("123456")
    page.screens["/admin"] = Screen("/admin", elements=[there("#keys", does=leads_to("/keys"))])
    page.screens["/keys"] = Screen("/keys", elements=[FakeElement((css("#list"),))])
    page.go("/between")
    step = learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows("#list"))
    assert (await Climb(page, person=ScriptedPerson(types("123456"))).take(step)).outcome.done
    assert page.done == [fill("123456"), SENT, Click(css("#keys"))]


async def test_what_stands_before_something_that_is_only_to_be_seen_is_answered_or_is_an_outcome() -> None:
    see = learnt("See the menu", ActionKind.ASSERT, checks=shows("#menu"))
    for person, code in ((ScriptedPerson(types("123456")), ""), (None, "only_there")):
        page = asks_for_code("123456")
        page.go("/between")
        climb = Climb(page, person=person)
        taken = await climb.take(see)
        assert (taken.outcome.done, taken.outcome.code) == (not code, code)
        assert climb.log.outcomes == [(1, taken.outcome)]


async def test_a_page_that_cannot_be_looked_at_asks_for_nothing() -> None:
    class Busy(FakePage):
        async def snapshot(self) -> Snapshot:
            raise ActionFailed(because="The page is too busy to answer.")

    page = Busy(SHOP, *asks_for_code().screens.values())
    page.go("/settings")
    person = ScriptedPerson()
    taken = await Climb(page, person=person).take(SIGN_IN)
    assert taken.outcome.seen.startswith("the page “One more thing”")
    assert (taken.outcome.done, person.asked) == (False, [])


async def always(seen: str) -> bool:
    """A service that says no whatever is done."""
    return True


@pytest.mark.parametrize(("kind", "asked"), [("password", 0), ("text", 1)])
async def test_a_no_beside_a_field_for_a_password_is_about_that_and_nothing_is_answered(kind: str, asked: int) -> None:
    page, person = asks_for_code("123456"), ScriptedPerson(types("123456"))
    page.screens["/between"].elements.append(there("#other", "Another", "textbox", kind=kind))
    taken = await Climb(page, person=person, says_no=always).take(SIGN_IN)
    assert (taken.outcome.done, len(person.asked)) == (bool(asked), asked)
