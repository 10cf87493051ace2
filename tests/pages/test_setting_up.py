"""What a customer does from the shop's address to the products: refusals, consent, stopping. How it is watched is in test_live_view, how it fails in test_journeys."""

import re

from playwright.sync_api import Locator, Page, expect

from app.practice_shop.shop import WOOCOMMERCE, WORDPRESS
from tests.pages.conftest import keep
from tests.pages.served import Demo
from tests.pages.test_screens import ready

BY_THE_AGENT = "/set-up?service=woocommerce&operation=api_key_generation"
SHOP_PASSWORD = "practice-tea-4711"


def fill_in(page: Page, running: Demo, password: str = SHOP_PASSWORD) -> None:
    ready(page, BY_THE_AGENT)
    page.get_by_label("Shop address").fill(running.shop)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Set up WooCommerce").click()


def allow(page: Page) -> None:
    page.get_by_role("dialog").get_by_label("Keep the sign-in").check()
    page.get_by_role("dialog").get_by_label("Keep the pictures").check()
    page.get_by_role("button", name="Allow for 30 days").click()
    expect(page.get_by_role("heading", name="Setting up WooCommerce")).to_be_visible()


def weights(buttons: Locator) -> set[str]:
    """What makes each of these buttons look more or less important."""
    found: list[str] = buttons.evaluate_all(
        "all => all.map(e => { const s = getComputedStyle(e), r = e.getBoundingClientRect();"
        " return `${r.width.toFixed()} ${r.height.toFixed()} ${s.color} ${s.backgroundColor} ${s.borderColor} ${s.fontWeight}` })"
    )
    assert len(found) == 2
    return set(found)


def test_whoever_has_chosen_a_service_goes_on_in_its_first_field(screen: Page) -> None:
    ready(screen, "/set-up")
    screen.get_by_role("navigation", name="Services").get_by_role("link").first.click()
    expect(screen.get_by_label("Shop address")).to_be_focused()


def test_a_shop_that_cannot_be_is_told_while_typing_and_loses_nothing(screen: Page, running: Demo) -> None:
    ready(screen, BY_THE_AGENT)
    address = screen.get_by_label("Shop address")
    address.fill(running.shop)
    screen.get_by_label("User name").fill("admin")
    address.fill("https://10.0.0.1")
    expect(screen.get_by_role("status")).to_contain_text("use the shop's domain")
    expect(screen.get_by_label("User name")).to_be_hidden()
    address.fill(running.shop)
    expect(screen.get_by_label("User name")).to_have_value("admin")


def test_the_service_is_chosen_first_and_can_be_changed(screen: Page, running: Demo) -> None:
    ready(screen, f"/set-up?store={running.shop}")
    for card in ("WooCommerce", "WordPress", "pretix"):
        expect(screen.get_by_role("link", name=card)).to_contain_text("It needs: ")
    expect(screen.locator("[aria-current=step]")).to_contain_text("Service")
    screen.get_by_role("link", name="WooCommerce").click()
    expect(screen.get_by_label("Shop address")).to_have_value(running.shop)
    screen.get_by_role("link", name="change").click()
    screen.get_by_role("link", name="WordPress").click()
    expect(screen.get_by_label("Site address")).to_have_value(running.shop)


def test_what_runs_at_the_address_is_told_while_it_is_typed_and_opens_the_next_step(
    screen: Page, running: Demo
) -> None:
    ready(screen, "/set-up?service=woocommerce")
    expect(screen.get_by_role("button", name="Set up WooCommerce")).to_be_hidden()
    screen.get_by_label("Shop address").press_sequentially(running.shop)
    found = screen.get_by_role("status")
    for told in (f"{running.shop.partition('://')[2]} answers", f"WordPress {WORDPRESS}", f"WooCommerce {WOOCOMMERCE}"):
        expect(found).to_contain_text(told)
    expect(screen.get_by_role("button", name="Set up WooCommerce")).to_be_visible()
    screen.reload()  # the address of the page has learnt the shop's
    expect(screen.get_by_label("Shop address")).to_have_value(running.shop)
    expect(screen.get_by_role("button", name="Set up WooCommerce")).to_be_visible()


def test_a_shop_that_did_not_answer_can_be_looked_at_again(screen: Page, running: Demo) -> None:
    ready(screen, "/set-up?service=woocommerce")
    address = screen.get_by_label("Shop address")
    address.fill("http://127.0.0.1:9")
    expect(screen.get_by_role("button", name="Look again")).to_be_visible()
    screen.get_by_role("button", name="Look again").click()
    expect(screen.get_by_role("button", name="Look again")).to_be_visible()
    address.fill(running.shop)
    expect(screen.get_by_role("button", name="Look again")).to_have_count(0)


def test_a_page_that_is_loaded_anew_knows_the_way_that_was_taken(screen: Page, running: Demo) -> None:
    ready(screen, f"/set-up?service=woocommerce&store={running.shop}")
    expect(screen.get_by_role("radio", name="Approve in your shop")).to_be_checked()
    screen.get_by_role("radio", name="Let the agent do it").check()
    expect(screen).to_have_url(re.compile("operation=api_key_generation"))
    screen.reload()
    expect(screen.get_by_role("radio", name="Let the agent do it")).to_be_checked()
    expect(screen.get_by_label("Shop address")).to_have_value(running.shop)


def test_a_page_that_is_loaded_anew_knows_the_newer_address_though_that_does_not_answer(
    screen: Page, running: Demo
) -> None:
    ready(screen, f"/set-up?service=woocommerce&store={running.shop}")
    expect(screen.get_by_role("status")).to_contain_text("answers")
    screen.get_by_label("Shop address").fill("http://127.0.0.1:9")
    expect(screen.get_by_role("button", name="Look again")).to_be_visible()
    screen.reload()
    expect(screen.get_by_label("Shop address")).to_have_value("http://127.0.0.1:9")
    ready(screen, "/set-up?service=woocommerce&store=http://127.0.0.1:9")  # as a link does, to a shop that is away now
    expect(screen.get_by_role("button", name="Look again")).to_be_visible()
    screen.evaluate("sessionStorage.clear()")
    screen.reload()
    expect(screen.get_by_label("Shop address")).to_have_value("http://127.0.0.1:9")


def test_a_shop_that_is_there_is_found_and_an_empty_password_is_told(screen: Page, running: Demo) -> None:
    fill_in(screen, running, password="")
    expect(screen.get_by_role("alert")).to_contain_text("“Password” is empty")
    expect(screen.get_by_role("dialog")).to_have_count(0)


def test_the_consent_can_be_refused_as_easily_as_given(screen: Page, running: Demo) -> None:
    fill_in(screen, running)
    sheet = screen.get_by_role("dialog")
    expect(
        sheet.get_by_role("heading", name=f"Let Autopilot do this on {running.shop.partition('://')[2]}?")
    ).to_be_visible()
    for part in ("It will", "It will not", "Kept"):
        expect(sheet.get_by_role("heading", name=part, exact=True)).to_be_visible()
    assert len(weights(sheet.locator(".choice button"))) == 1
    boxes = sheet.get_by_role("checkbox")
    expect(boxes).to_have_count(3)  # a wider key; the sign-in and the pictures are consents of their own
    assert boxes.evaluate_all("all => all.some(box => box.checked)") is False
    keep(screen, "consent")

    sheet.get_by_role("button", name="Allow for 30 days").click()
    expect(sheet.get_by_role("alert")).to_contain_text("so it has to keep the sign-in until it is over")
    for shown in (
        sheet.get_by_label("Keep the sign-in"),
        sheet.get_by_role("alert"),
        *sheet.locator(".choice button").all(),
    ):
        expect(shown).to_be_in_viewport(ratio=1)  # though the sheet is higher than the window by now
    expect(screen.locator("button.start")).to_have_text("It waits for your answer …")
    keep(screen, "consent-refusal")

    sheet.get_by_role("button", name="Don't allow").click()
    expect(sheet).to_have_count(0)
    expect(screen.locator("button.start")).to_have_text("Set up WooCommerce")
    ready(screen, "/settings/credentials")
    expect(screen.get_by_text("Admin password")).to_have_count(0)


def test_pictures_are_gone_through_with_the_keys(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}")
    every = screen.locator(".thumb").count()
    screen.get_by_role("button", name="Generate the key").click()
    at = int(screen.get_by_text(re.compile(rf"\d+ of {every} · Generate the key")).inner_text().split()[0])
    screen.keyboard.press("ArrowRight")
    expect(screen.get_by_text(f"{at + 1} of {every} · Read the consumer key")).to_be_visible()
    screen.keyboard.press("ArrowLeft")
    expect(screen.get_by_text(f"{at} of {every} · Generate the key")).to_be_visible()
    screen.keyboard.press("Escape")
    expect(screen.get_by_role("dialog")).to_be_hidden()


def test_what_was_asked_for_by_a_program_waits_on_its_page(screen: Page, running: Demo) -> None:
    asked = {
        "service": "woocommerce",
        "operation": "api_key_generation",
        "permissions": ["update_products"],
        "metadata": {"storeUrl": running.shop},
    }
    answer = screen.request.post("/api/autonomous/initiate", data=asked, headers={"Origin": running.dashboard}).json()
    assert answer["status"] == "awaiting_consent"
    ready(screen, f"/operations/{answer['operationId']}")
    screen.get_by_label("User name").fill("admin")
    screen.get_by_label("Password", exact=True).fill(SHOP_PASSWORD)
    screen.get_by_role("button", name="Read what it will do").click()
    sheet = screen.get_by_role("dialog")
    expect(sheet).to_contain_text("Make the key able to change products")
    expect(sheet.get_by_role("checkbox")).to_have_count(2)  # all it asks to do, or nothing of it
    sheet.get_by_role("button", name="Don't allow").click()
    expect(screen.get_by_text("Needs your consent")).to_be_visible()

    screen.get_by_role("button", name="Stop").click()
    screen.get_by_role("dialog").get_by_role("button", name="Go on").click()
    expect(screen.get_by_role("dialog")).to_have_count(0)
    expect(screen.get_by_text("Needs your consent")).to_be_visible()
    screen.get_by_role("button", name="Stop").click()
    screen.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(screen.get_by_role("heading", name="It was stopped")).to_be_visible()


def test_a_consent_is_withdrawn_by_a_click_and_a_yes(screen: Page) -> None:
    ready(screen, "/consents")
    in_force = screen.locator(".badge.completed").count()
    screen.get_by_role("button", name="Withdraw").first.click()
    screen.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(screen.get_by_role("dialog")).to_have_count(0)
    expect(screen.locator(".badge.completed")).to_have_count(in_force)
    screen.get_by_role("button", name="Withdraw").first.click()
    screen.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(screen.locator(".badge.completed")).to_have_count(in_force - 1)
