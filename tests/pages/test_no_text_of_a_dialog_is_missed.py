"""Every text of every dialog is told, too: where each that is told stands in ⟦brackets⟧, no other has a letter but data and core's."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.agents.person import QuestionKind
from core.security.one_time_codes import OneTimeCodes
from core.security.secret import Secret
from tests.pages.asking import asking
from tests.pages.conftest import a_context, let_in, somebody
from tests.pages.reading import OTHER, consent_texts, known_texts, untold_on
from tests.pages.served import Demo, opened
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready
from tests.pages.test_workflows import NEW_KEY, OWN, propose

MEMBERS = ("buyer@tea.example", "keeper@tea.example")  # of the demo's company, with the demo's password
ABSENT = "absent@tea.example"  # the first of them all, and given another
PRESSED = {  # by which buttons of which screen each is opened
    "/consents": ("Withdraw",),
    "/shops": ("Forget", "Switch on.*Bring products over", "Switch on.*Check the connection"),
    "/demo": ("Reset the demo", "Run it"),
    "/settings/security": ("Make a token", "Sign out everywhere else"),
    "/settings/credentials": ("Set an end", "Delete"),
    "/settings/privacy": ("Delete all data",),
    "/people": ("Disable", "New password"),
    "/customers": (f"Look at {OTHER}'s data",),
    "/workflows": ("Accept for Tea Shop", "Accept for all", "Refuse"),
}
SET_UPS = ("woocommerce", "woocommerce&operation=api_key_generation", "woocommerce&operation=revoke_keys")
DIALOG = "[role=dialog]"


@pytest.fixture(scope="module")
def bracketed(chromium: Browser, in_brackets: Demo) -> Iterator[tuple[Page, Demo]]:
    """The demo in brackets, with another customer, another person, changes to decide on, and another browser signed in."""
    with closing(opened(in_brackets.database)) as database, database:
        copy(database, "customers", {"name": OTHER})
        for email in (ABSENT, *MEMBERS):
            copy(database, "users", {"email": email, "role": "member"}, "email LIKE 'demo@%'")
        propose(database, "Name the key", [{"label": "What is this key for?"}])
        propose(database, "Begin a new key", NEW_KEY)
        propose(database, "Generate the key", OWN)
    with a_context(chromium, in_brackets) as elsewhere, somebody(chromium, in_brackets) as page:
        let_in(elsewhere, in_brackets)
        yield page, in_brackets


@pytest.fixture(scope="module")
def known(bracketed: tuple[Page, Demo]) -> frozenset[str]:
    """What the demo's shop holds, what core tells, and what was put beside it here."""
    return known_texts() | consent_texts(bracketed[1].shop)


def press(page: Page, name: str) -> Locator:
    """Press the first button of this name; the dialog that it opens."""
    page.get_by_role("button", name=re.compile(name)).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def all_told(page: Page, known: frozenset[str]) -> None:
    """Nothing in the dialog was told by nobody; what it is called is the first of it."""
    page.locator(DIALOG).wait_for()
    assert not (left := untold_on(page, known, DIALOG)), "\n".join(left)


def prove(page: Page, shown: Demo, yes: str) -> None:
    """Type one's own password, and go on; the dialog that follows."""
    page.get_by_role("dialog").get_by_label("Your password").fill(shown.password)
    page.get_by_role("dialog").get_by_role("button", name=yes).click()
    expect(page.get_by_role("dialog").get_by_label("Your password")).to_have_count(0)


def done(page: Page, name: str) -> None:
    """Answer the dialog; it is gone."""
    page.get_by_role("dialog").get_by_role("button", name=name).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("address", PRESSED)
def test_no_text_of_a_dialog_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str], address: str) -> None:
    page, _ = bracketed
    ready(page, address)
    for button in PRESSED[address]:
        press(page, button)
        all_told(page, known)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("way", SET_UPS)
def test_no_text_of_a_consent_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str], way: str) -> None:
    page, shown = bracketed
    ready(page, f"/set-up?service={way}&store={shown.shop}")
    start = page.get_by_role("button", name=re.compile("⟦(Set up|Revoke at) "))
    expect(start).to_be_visible()
    for label in ("User name", "Password"):
        if (box := page.get_by_label(label, exact=True)).is_visible():
            box.fill("4711")
    dialog = press(page, "⟦(Set up|Revoke at) ")
    if dialog.get_by_label("Keep the sign-in").count():
        dialog.get_by_role("button", name="Allow for 30 days").click()
        expect(dialog.get_by_role("alert")).not_to_be_empty()
    all_told(page, known)


@pytest.mark.parametrize("button", ["⟦Stop⟧", "I can't"])
def test_no_text_of_ending_a_run_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str], button: str) -> None:
    page, shown = bracketed
    with asking(shown, QuestionKind.CODE) as asked:
        ready(page, f"/operations/{asked.operation_id}")
        press(page, button)
        all_told(page, known)


def test_no_text_of_what_a_run_that_is_over_opens_is_missed(
    bracketed: tuple[Page, Demo], known: frozenset[str]
) -> None:
    page, shown = bracketed
    ready(page, f"/operations/{shown.operation}")
    press(page, "⟦revoke⟧")
    all_told(page, known)
    done(page, "Keep it")
    page.locator(".thumb").first.click()
    all_told(page, known)


def test_no_text_of_giving_the_approval_up_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str]) -> None:
    page, shown = bracketed
    ready(page, f"/set-up?service=woocommerce&store={shown.shop}")
    press(page, "⟦Set up ").get_by_role("button", name="Allow for 30 days").click()
    expect(page.get_by_role("heading", name="It waits for you to approve it")).to_be_visible()
    press(page, "Let the agent do it")
    all_told(page, known)
    done(page, "Go back")
    press(page, "⟦Stop⟧")
    all_told(page, known)
    done(page, "Stop it")


def test_no_text_of_a_token_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str]) -> None:
    page, shown = bracketed
    ready(page, "/settings/security")
    press(page, "Make a token")
    prove(page, shown, "Make it")
    token = page.locator(f"{DIALOG} .mono").inner_text()
    all_told(page, known | {token})
    done(page, "I have kept it")
    press(page, "⟦Revoke⟧")
    all_told(page, known)


def test_no_text_of_a_webhook_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str]) -> None:
    page, shown = bracketed
    ready(page, "/settings/notifications")
    page.get_by_label("Address of the webhook").fill(f"{shown.shop}/wp-login.php")
    press(page, "Add a webhook")
    all_told(page, known)
    prove(page, shown, "Add it")
    secret = page.locator(f"{DIALOG} .mono").inner_text()
    all_told(page, known | {secret})
    done(page, "I have kept it")
    press(page, "⟦Remove ")
    all_told(page, known)


def test_no_text_of_a_password_that_is_shown_once_is_missed(
    bracketed: tuple[Page, Demo], known: frozenset[str]
) -> None:
    page, _ = bracketed
    ready(page, "/people")
    press(page, "New password").get_by_role("button", name="Make it").click()
    shown_once = page.locator(f"{DIALOG} .mono")
    all_told(page, known | {shown_once.inner_text()})
    done(page, "I have kept it")


def test_no_text_of_the_last_step_of_a_deletion_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str]) -> None:
    page, shown = bracketed
    ready(page, "/settings/privacy")
    press(page, "Delete all data")
    prove(page, shown, "Go on")
    expect(page.get_by_role("heading", name="This can't be undone")).to_be_visible()
    all_told(page, known)


def test_no_text_of_taking_a_change_back_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str]) -> None:
    page, _ = bracketed
    ready(page, "/workflows")
    press(page, "Accept for Tea Shop")
    done(page, "Accept")
    press(page, "⟦Withdraw⟧")
    all_told(page, known)


@pytest.mark.parametrize("whose", ["all", "own"])
def test_no_text_of_trying_several_again_is_missed(
    chromium: Browser, bracketed: tuple[Page, Demo], known: frozenset[str], whose: str
) -> None:
    _, shown = bracketed
    email = "demo@tea.example" if whose == "all" else MEMBERS[0]
    with asking(shown, QuestionKind.CODE) as asked, somebody(chromium, shown, email) as page:
        with closing(opened(shown.database)) as database, database:
            failed = "UPDATE autonomous_operations SET status = 'failed', failure_code = ?, finished_at = created_at WHERE id = ?"
            database.execute(failed, ("wrong_password", asked.operation_id.hex))
        ready(page, "/operations")
        page.get_by_role("button", name="Tick this page").click()
        dialog = press(page, "⟦Try 1 again⟧")
        if whose == "all":
            dialog.get_by_role("button", name="Try again").click()
            expect(dialog.get_by_role("alert")).not_to_be_empty()
        all_told(page, known)


def test_no_text_of_recovery_codes_is_missed(
    chromium: Browser, bracketed: tuple[Page, Demo], known: frozenset[str]
) -> None:
    _, shown = bracketed
    with somebody(chromium, shown, MEMBERS[1]) as page:
        ready(page, "/second-factor")
        page.get_by_text("Or type the key").click()
        codes = OneTimeCodes.of(Secret(page.locator(".mono").inner_text()))
        page.get_by_label("Code").fill(codes.at(datetime.now(UTC)).reveal())
        page.get_by_label("Your password").fill(shown.password)
        page.get_by_role("button", name="Turn it on").click()
        press(page, "Make recovery codes")
        all_told(page, known)
        prove(page, shown, "Make them")
        expect(page.locator(f"{DIALOG} .mono")).not_to_have_count(0)
        all_told(page, known | set(page.locator(f"{DIALOG} .mono").all_inner_texts()))


def test_no_text_of_what_follows_a_withdrawal_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str]) -> None:
    page, _ = bracketed
    ready(page, "/consents")
    press(page, "Withdraw").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("heading", name="The key is still there")).to_be_visible()
    all_told(page, known)
    page.get_by_role("dialog").get_by_role("button", name="Revoke it there").click()
    expect(page.get_by_role("heading", name="Take a key back")).to_be_visible()
