"""What was typed outlives a lost connection, and the page that comes after one that was too long, for its person alone; no secret is kept."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from core.agents.person import QuestionKind
from tests.pages.asking import asking
from tests.pages.conftest import somebody
from tests.pages.served import Demo, opened
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready
from tests.pages.test_setting_up import allow, fill_in
from tests.pages.test_visitor import sign_out

KEPT = "JSON.stringify(sessionStorage)"
FORM = "/set-up?service=woocommerce&operation=api_key_generation"
OTHER = "Coffee Shop"
COLLEAGUE = "colleague@tea.example"  # with the demo's password, as all of its people


def typed(screen: Page, running: Demo) -> None:
    ready(screen, FORM)
    screen.get_by_label("Shop address").fill(running.shop)
    screen.get_by_label("User name").fill("somebody")
    screen.get_by_label("Password", exact=True).fill("correct horse canary")


def test_what_was_typed_is_put_back_into_the_page_that_is_loaded_anew_but_no_secret(
    screen: Page, running: Demo
) -> None:
    typed(screen, running)
    screen.get_by_label("Password", exact=True).focus()
    screen.keyboard.press("Tab")
    screen.keyboard.press("Enter")
    expect(screen.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    screen.get_by_label("Password", exact=True).press("End")
    screen.get_by_label("Password", exact=True).press_sequentially("!")  # while it is shown, it looks like any text
    screen.reload()
    expect(screen.get_by_label("User name")).to_have_value("somebody")
    expect(screen.get_by_label("Shop address")).to_have_value(running.shop)
    expect(screen.get_by_label("Password", exact=True)).to_have_value("")
    assert "canary" not in screen.evaluate(KEPT)
    screen.get_by_label("Password", exact=True).fill("practice")
    screen.get_by_role("button", name="Set up WooCommerce").click()  # so the server knows of what was put back
    expect(screen.get_by_role("dialog")).to_be_visible()


def test_a_short_loss_of_the_connection_loses_nothing(screen: Page, running: Demo) -> None:
    typed(screen, running)
    screen.context.set_offline(True)
    screen.evaluate("window.socket.disconnect()")
    expect(screen.get_by_text(re.compile("Connection lost", re.IGNORECASE))).to_be_visible()
    screen.get_by_label("User name").press("End")
    screen.get_by_label("User name").press_sequentially(" else")
    screen.context.set_offline(False)
    screen.evaluate("window.socket.connect()")
    expect(screen.get_by_text(re.compile("Connection lost", re.IGNORECASE))).to_be_hidden()
    expect(screen.get_by_label("User name")).to_have_value("somebody else")
    expect(screen.get_by_label("Password", exact=True)).to_have_value("correct horse canary")
    screen.get_by_role("button", name="Set up WooCommerce").click()
    expect(screen.get_by_role("dialog")).to_be_visible()


def test_no_field_that_is_secret_or_asked_for_once_is_kept(screen: Page, running: Demo) -> None:
    typed(screen, running)
    assert screen.locator("[data-keep][type=password], [data-keep][autocomplete=one-time-code]").count() == 0
    assert screen.locator("[data-keep]").count() == 2
    with asking(running, QuestionKind.CODE) as asked:
        ready(screen, f"/operations/{asked.operation_id}")
        screen.get_by_label("Code").fill("123456")
        assert "123456" not in screen.evaluate(KEPT)


def test_nothing_is_kept_of_another_page(screen: Page, running: Demo) -> None:
    typed(screen, running)
    ready(screen, f"/set-up?service=woocommerce&operation=revoke_keys&store={running.shop}")
    kept = screen.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('typed:'))")
    (key,) = kept
    assert re.fullmatch(r"typed:[0-9a-f]{16}:/set-up", key)
    ready(screen, "/products")
    expect(screen.get_by_label("Ask about your products")).to_have_value("")


@pytest.fixture
def own(chromium: Browser, running: Demo) -> Iterator[Page]:
    """A tab of a session that this test ends."""
    with somebody(chromium, running) as page:
        yield page


def become_a_colleague(page: Page, running: Demo) -> None:
    """Somebody else of the company signs in, in the same tab."""
    with closing(opened(running.database)) as database, database:
        if not database.execute("SELECT 1 FROM users WHERE email = ?", (COLLEAGUE,)).fetchone():
            copy(database, "users", {"email": COLLEAGUE}, "email LIKE 'demo@%'")
    page.get_by_label("E-mail").fill(COLLEAGUE)
    page.get_by_label("Password").fill(running.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Account")).to_contain_text(COLLEAGUE)


def test_who_signs_in_after_somebody_has_signed_out_finds_nothing_of_theirs(own: Page, running: Demo) -> None:
    typed(own, running)
    sign_out(own)
    assert "typed:" not in own.evaluate(KEPT)
    assert own.url.endswith("/sign-in")  # and is led to nothing of theirs either
    become_a_colleague(own, running)
    ready(own, f"{FORM}&store={running.shop}")
    expect(own.get_by_label("User name")).to_be_visible()
    expect(own.get_by_label("User name")).to_have_value("")


def test_who_comes_after_a_session_that_has_ended_finds_nothing_of_anothers_but_its_own_person_does(
    own: Page, running: Demo
) -> None:
    typed(own, running)
    own.request.post("/auth/sign-out", headers={"Origin": running.dashboard})
    own.wait_for_url("**/sign-in?next=*")
    own.get_by_label("E-mail").fill("demo@tea.example")
    own.get_by_label("Password").fill(running.password)
    own.get_by_role("button", name="Sign in").click()
    expect(own.get_by_label("User name")).to_have_value("somebody")
    own.request.post("/auth/sign-out", headers={"Origin": running.dashboard})
    own.wait_for_url("**/sign-in?next=*")
    become_a_colleague(own, running)
    expect(own.get_by_label("Shop address")).to_have_value("")
    own.get_by_label("Shop address").fill(running.shop)
    expect(own.get_by_label("User name")).to_be_visible()
    expect(own.get_by_label("User name")).to_have_value("")
    assert "somebody" not in own.evaluate(KEPT)


def test_what_was_typed_for_a_setup_that_has_begun_is_forgotten(screen: Page, running: Demo) -> None:
    fill_in(screen, running)
    assert "admin" in screen.evaluate(KEPT)
    allow(screen)
    assert "admin" not in screen.evaluate(KEPT)
    screen.get_by_role("button", name="Stop").click()
    screen.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(screen.get_by_role("heading", name="It was stopped")).to_be_visible()


@pytest.mark.parametrize("kind", [QuestionKind.CAPTCHA, QuestionKind.TEXT])
def test_an_answer_that_is_half_typed_is_kept_until_it_is_sent(screen: Page, running: Demo, kind: QuestionKind) -> None:
    with asking(running, kind) as asked:
        ready(screen, f"/operations/{asked.operation_id}")
        box = screen.locator(".asked input")
        box.fill("half of i")
        screen.reload()
        expect(box).to_have_value("half of i")
        box.press_sequentially("t")
        screen.get_by_role("button", name="Send it").click()
        expect(screen.locator(".asked")).to_have_count(0)
        assert "half of it" not in screen.evaluate(KEPT)


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/settings/notifications", "Address of the webhook"),
        ("/settings/security", "What the token is for"),
        ("/people", "E-mail"),
    ],
)
def test_what_is_half_typed_into_a_form_is_kept(screen: Page, address: str, label: str) -> None:
    ready(screen, address)
    screen.get_by_label(label, exact=True).fill("https://half.ex")
    screen.reload()
    expect(screen.get_by_label(label, exact=True)).to_have_value("https://half.ex")


def test_a_reason_that_is_half_typed_is_there_again_once_its_dialog_is(screen: Page, running: Demo) -> None:
    with closing(opened(running.database)) as database, database:
        if not database.execute("SELECT 1 FROM customers WHERE name = ?", (OTHER,)).fetchone():
            copy(database, "customers", {"name": OTHER})
    ready(screen, "/customers")
    look, why = screen.get_by_role("button", name=f"Look at {OTHER}'s data"), screen.get_by_label("Why")
    look.click()
    why.fill("Ticket 4711: half of")
    screen.reload()
    screen.wait_for_function("window.did_handshake === true")
    look.click()
    expect(why).to_have_value("Ticket 4711: half of")
    screen.get_by_role("button", name="Leave it").click()  # what is let be is not put back
    expect(why).to_have_count(0)
    assert "4711" not in screen.evaluate(KEPT)
