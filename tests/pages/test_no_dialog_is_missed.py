"""Every text of every dialog is told, too: where each that is told stands in ⟦brackets⟧, no other has a letter but data and core's."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.agents.person import QuestionKind
from core.security.one_time_codes import OneTimeCodes
from core.security.secret import Secret
from tests.pages.asking import asking
from tests.pages.conftest import WIDE, ZONE, sign_in
from tests.pages.reading import bracketed_page, consent_texts, known_texts, untold_on
from tests.pages.served import Demo, opened
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready
from tests.pages.test_workflows import NEW_KEY, OWN, propose

OTHER = "Coffee Shop"
MEMBERS = ("buyer@tea.example", "keeper@tea.example")  # of the demo's company, with the demo's password
ABSENT = "absent@tea.example"  # the first of them all, and given another
PRESSED = {  # by which button of which screen each is opened
    "withdraw a consent": ("/consents", "Withdraw"),
    "forget a shop": ("/shops", "Forget"),
    "switch on bringing products over": ("/shops", "Switch on.*Bring products over"),
    "switch on checking": ("/shops", "Switch on.*Check the connection"),
    "reset the demo": ("/demo", "Reset the demo"),
    "run the demo": ("/demo", "Run it"),
    "make a token": ("/settings/security", "Make a token"),
    "sign out everywhere else": ("/settings/security", "Sign out everywhere else"),
    "set an end": ("/settings/credentials", "Set an end"),
    "delete a secret": ("/settings/credentials", "Delete"),
    "delete own data": ("/settings/privacy", "Delete all data"),
    "disable somebody": ("/people", "Disable"),
    "make a new password": ("/people", "New password"),
    "look at a customer": ("/customers", f"Look at {OTHER}'s data"),
    "accept a change": ("/workflows", "Accept for Tea Shop"),
    "accept a change for all": ("/workflows", "Accept for all"),
    "refuse a change": ("/workflows", "Refuse"),
}
SET_UPS = ("woocommerce", "woocommerce&operation=api_key_generation", "woocommerce&operation=revoke_keys")
DIALOG = "[role=dialog]"


@pytest.fixture(scope="module")
def bracketed(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Demo]]:
    """The demo in brackets, with another customer, another person, changes to decide on, and another browser signed in."""
    with bracketed_page(chromium, tmp_path_factory.mktemp("dialogs")) as (page, shown):
        with closing(opened(shown.database)) as database, database:
            copy(database, "customers", {"name": OTHER})
            for email in (ABSENT, *MEMBERS):
                copy(database, "users", {"email": email, "role": "member"}, "email LIKE 'demo@%'")
            propose(database, "Name the key", [{"label": "What is this key for?"}])
            propose(database, "Begin a new key", NEW_KEY)
            propose(database, "Generate the key", OWN)
        with chromium.new_context(base_url=shown.dashboard, timezone_id=ZONE) as elsewhere:
            sign_in(elsewhere.new_page(), shown)
        yield page, shown


@pytest.fixture(scope="module")
def known(bracketed: tuple[Page, Demo]) -> frozenset[str]:
    """What the demo's shop holds, what core tells, and what was put beside it here."""
    return known_texts() | consent_texts(bracketed[1].shop) | {OTHER}


@contextmanager
def signed_in_as(chromium: Browser, shown: Demo, email: str) -> Iterator[Page]:
    """A page of somebody who has the demo's password."""
    with chromium.new_context(viewport=WIDE, base_url=shown.dashboard, timezone_id=ZONE) as context:
        page = context.new_page()
        page.goto("/consents")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(shown.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Consents")).to_be_visible()
        yield page


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


@pytest.mark.parametrize("name", PRESSED)
def test_no_text_of_a_dialog_is_missed(bracketed: tuple[Page, Demo], known: frozenset[str], name: str) -> None:
    page, _ = bracketed
    address, button = PRESSED[name]
    ready(page, address)
    press(page, button)
    all_told(page, known)


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
    with asking(shown, QuestionKind.CODE) as asked, signed_in_as(chromium, shown, email) as page:
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
    with signed_in_as(chromium, shown, MEMBERS[1]) as page:
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
