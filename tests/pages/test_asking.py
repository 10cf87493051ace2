"""What a run asks is shown where it is watched, and answered there: a card in words, with a form that fits."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from core.agents.person import QuestionKind
from core.browser.redaction import forms_of
from core.database.states import QuestionEnding
from tests.app.secret_scan import places_holding
from tests.pages.asking import SHOP, WORDS, Asking, asking
from tests.pages.conftest import keep, somebody
from tests.pages.served import Demo
from tests.pages.test_screens import ready

OPTIONS = ("Continue as admin", "Continue as manager")
CODE = "731942-canary"


def shown(page: Page, asked: Asking) -> None:
    """Open the operation; the question stands there."""
    ready(page, f"/operations/{asked.operation_id}")
    expect(page.get_by_text("Needs you", exact=True)).to_be_visible()
    expect(page.locator(".asked")).to_be_visible()


def test_a_code_is_asked_for_in_words_and_sent(screen: Page, running: Demo) -> None:
    with asking(running, QuestionKind.CODE) as asked:
        shown(screen, asked)
        card = screen.locator(".asked")
        expect(card.get_by_role("heading", name="It needs a code from you")).to_be_visible()
        expect(card).to_contain_text(WORDS[QuestionKind.CODE])
        expect(card).to_contain_text(f"{SHOP}/wp-login.php")
        expect(card).to_contain_text(re.compile(r"It waits for you until \d\d:\d\d;"))
        expect(card.get_by_role("img", name="The page at this moment")).to_have_js_property("naturalWidth", 1280)
        asked_model = "the model was asked 3 times ($0.012 of $0.50)"
        expect(screen.get_by_text(f"Step 2 of 4 · it waits for you · {asked_model}")).to_be_visible()
        box = card.get_by_label("Code")
        expect(box).to_have_attribute("autocomplete", "one-time-code")
        expect(box).to_have_attribute("inputmode", "numeric")
        keep(screen, "question-code")
        card.get_by_role("button", name="Send it").click()
        expect(card.get_by_role("alert")).to_have_text("It is empty.")
        box.fill(CODE)
        box.press("Enter")
        expect(card).to_have_count(0)
        assert (asked.answers(), asked.question().ended_at) == (1, None)
        assert re.fullmatch(r"user:[0-9a-f-]{36}", asked.question().answered_by or "")
        assert places_holding(running.database.parent, forms_of(CODE)) == []


@pytest.mark.parametrize(
    ("kind", "title", "label"),
    [
        (QuestionKind.CAPTCHA, "It needs you to read a picture", "What the picture says"),
        (QuestionKind.TEXT, "It needs to know something from you", "Answer"),
    ],
)
def test_a_text_is_typed(screen: Page, running: Demo, kind: QuestionKind, title: str, label: str) -> None:
    with asking(running, kind) as asked:
        shown(screen, asked)
        expect(screen.get_by_role("heading", name=title)).to_be_visible()
        screen.get_by_label(label).fill("Tea Shop")
        screen.get_by_role("button", name="Send it").click()
        expect(screen.locator(".asked")).to_have_count(0)
        assert asked.answers() == 1


def test_one_of_the_options_is_chosen(screen: Page, running: Demo) -> None:
    with asking(running, QuestionKind.CHOICE, OPTIONS) as asked:
        shown(screen, asked)
        keep(screen, "question-choice")
        screen.get_by_role("button", name="Send it").click()
        expect(screen.locator(".asked").get_by_role("alert")).to_have_text("It asks for one of its options.")
        screen.get_by_role("radio", name=OPTIONS[1]).check()
        screen.get_by_role("button", name="Send it").click()
        expect(screen.locator(".asked")).to_have_count(0)
        assert asked.question().chosen == 1


@pytest.mark.parametrize(("button", "ending"), [("Do it", None), ("Don't do it", QuestionEnding.DECLINED)])
def test_an_approval_says_what_will_be_done_and_both_answers_weigh_the_same(
    screen: Page, running: Demo, button: str, ending: QuestionEnding | None
) -> None:
    with asking(running, QuestionKind.APPROVAL) as asked:
        shown(screen, asked)
        expect(screen.locator(".asked")).to_contain_text(WORDS[QuestionKind.APPROVAL])
        keep(screen, "question-approval")
        yes, no = (screen.get_by_role("button", name=name, exact=True) for name in ("Do it", "Don't do it"))
        assert [one.get_attribute("class") for one in (yes, no)] == ["button"] * 2
        sizes = [box for one in (yes, no) if (box := one.bounding_box())]
        assert (sizes[0]["width"], sizes[0]["height"]) == (sizes[1]["width"], sizes[1]["height"])
        screen.get_by_role("button", name=button, exact=True).click()
        expect(screen.locator(".asked")).to_have_count(0)
        row = asked.question()
        assert (row.ending, row.answered_by is not None) == (ending, ending is None)


def test_who_can_not_answer_says_so_and_is_told_what_follows(screen: Page, running: Demo) -> None:
    with asking(running, QuestionKind.CODE) as asked:
        shown(screen, asked)
        screen.get_by_role("button", name="I can't").click()
        dialog = screen.get_by_role("dialog")
        expect(dialog).to_contain_text("The agent can't go on without it.")
        dialog.get_by_role("button", name="Go back").click()
        expect(dialog).to_have_count(0)
        assert asked.question().ending is None
        screen.get_by_role("button", name="I can't").click()
        dialog.get_by_role("button", name="End it").click()
        expect(screen.locator(".asked")).to_have_count(0)
        assert asked.question().ending == QuestionEnding.DECLINED


def test_the_second_of_two_tabs_is_told_that_it_is_answered(screen: Page, running: Demo) -> None:
    with asking(running, QuestionKind.CHOICE, OPTIONS) as asked:
        shown(screen, asked)
        asked.answer_elsewhere()
        screen.get_by_role("radio", name=OPTIONS[0]).check()
        screen.get_by_role("button", name="Send it").click()
        expect(screen.locator(".asked").get_by_role("alert")).to_contain_text("Somebody has answered this already.")
        assert asked.question().chosen == 1


def test_who_signed_out_answers_nothing(chromium: Browser, running: Demo) -> None:
    with asking(running, QuestionKind.CODE) as asked, somebody(chromium, running) as page:
        shown(page, asked)
        page.request.post("/auth/sign-out", headers={"Origin": running.dashboard})
        page.wait_for_url("**/sign-in?next=*")  # the page is closed with its session: see test_visitor
        assert (asked.answers(), asked.question().answered_by) == (0, None)


def test_the_key_of_an_authenticator_may_be_given_and_need_not(screen: Page, running: Demo) -> None:
    ready(screen, f"/set-up?service=woocommerce&operation=revoke_keys&store={running.shop}")
    box = screen.get_by_label("Authenticator key (optional)")
    expect(box).to_have_attribute("type", "password")
    expect(box).to_have_accessible_description(re.compile("Without it, you are asked for the code"))
    keep(screen, "authenticator-key")
