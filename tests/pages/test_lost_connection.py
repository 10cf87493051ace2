"""What was typed outlives a lost connection, and the page that comes after one that was too long; a secret is never kept."""

import re

from playwright.sync_api import Page, expect

from core.agents.person import QuestionKind
from tests.pages.asking import asking
from tests.pages.served import Demo
from tests.pages.test_screens import ready

KEPT = "JSON.stringify(sessionStorage)"


def typed(screen: Page, running: Demo) -> None:
    ready(screen, "/set-up?service=woocommerce&operation=api_key_generation")
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
    assert kept == ["typed:/set-up"]
    ready(screen, "/products")
    expect(screen.get_by_label("Ask about your products")).to_have_value("")
