"""The practice shop's key form in a real browser: selects that are drawn, keys shown once, and a form that minds being left."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Dialog, Page, Route, expect

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import FORM, KEYS, sign_in_by_hand

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Keeps what is on top in the middle of the screen just after the keys have appeared.
WATCH_FOR_THE_RESULT = """() => { window.onTopOfTheResult = new Promise(done => new MutationObserver((_, observer) => {
  if (!document.querySelector("#key_consumer_key")) return;
  observer.disconnect();
  setTimeout(() => done(document.elementFromPoint(innerWidth / 2, innerHeight / 2).className));
}).observe(document.body, { childList: true, subtree: true })); }"""


@pytest_asyncio.fixture(loop_scope="module")
async def form(chromium: Browser, shop: PracticeShop) -> AsyncIterator[Page]:
    """The key form, opened by somebody signed in, no script of which may fail; not called `page`, which pytest-playwright has."""
    broken: list[str] = []
    async with serve(shop) as address:
        context = await chromium.new_context(base_url=address)
        page = await context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        await sign_in_by_hand(page, shop, FORM)
        yield page
        await context.close()
    assert broken == []


async def generate(form: Page, description: str = "Till") -> None:
    await form.locator("#key_description").fill(description)
    await form.get_by_role("button", name="Generate API key").click()
    await expect(form.locator(".wc-api-message")).to_be_visible()


def answering(form: Page, leave: bool) -> list[str]:
    """Answer each dialog of this page; the kinds of those there were."""
    kinds: list[str] = []

    async def answer(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        await (dialog.accept() if leave else dialog.dismiss())

    form.on("dialog", answer)
    return kinds


async def test_fields_have_the_names_of_the_real_form(form: Page) -> None:
    description = form.get_by_role("textbox", name="Description Friendly name for identifying this key.", exact=True)
    await expect(description).to_have_id("key_description")
    await expect(form.locator("#key_permissions")).to_have_value("read")
    assert await form.locator("#key_permissions option").all_inner_texts() == ["Read", "Write", "Read/Write"]


async def test_a_drawn_select_is_named_by_its_value_and_chosen_by_a_click(form: Page) -> None:
    await expect(form.get_by_role("combobox", name="Permissions")).to_have_count(0)
    await form.get_by_role("combobox", name="Read", exact=True).click()
    await form.get_by_role("option", name="Read/Write").click()
    await expect(form.get_by_role("combobox", name="Read/Write")).to_be_visible()
    await expect(form.get_by_role("option")).to_have_count(0)
    await expect(form.locator("#key_permissions")).to_have_value("read_write")


async def test_the_hidden_select_works_too_and_the_drawn_one_follows(form: Page, shop: PracticeShop) -> None:
    await form.locator("#key_permissions").select_option("write")
    await expect(form.get_by_role("combobox", name="Write", exact=True)).to_be_visible()
    await generate(form)
    assert [key.permission for key in shop.keys] == ["write"]


async def test_a_drawn_select_works_by_the_keyboard_and_closes_by_escape(form: Page) -> None:
    drawn = form.get_by_role("combobox", name="Read", exact=True)
    await drawn.press("ArrowDown")
    await form.keyboard.press("ArrowDown")
    await form.keyboard.press("Enter")
    await expect(form.locator("#key_permissions")).to_have_value("write")
    await form.get_by_role("combobox", name="Write", exact=True).press("Enter")
    await expect(form.get_by_role("option")).to_have_count(3)
    await form.keyboard.press("Escape")
    await expect(form.get_by_role("option")).to_have_count(0)


async def test_the_user_picker_needs_a_character(form: Page, shop: PracticeShop) -> None:
    await form.get_by_role("combobox", name="admin (#1").click()
    await expect(form.get_by_text("Please enter 1 or more characters")).to_be_visible()
    await expect(form.get_by_role("option")).to_have_count(0)
    await form.get_by_label("Search for a user…").press_sequentially("zz")
    await expect(form.get_by_text("No matches found")).to_be_visible()
    await form.get_by_label("Search for a user…").fill("")
    await form.get_by_label("Search for a user…").press_sequentially("mana")
    await form.get_by_role("option", name="manager (#2").click()
    await expect(form.get_by_role("combobox", name="manager (#2")).to_be_visible()
    await generate(form)
    assert [key.login for key in shop.keys] == ["manager"]


async def test_keys_are_shown_once_without_names_and_the_address_stays(form: Page, shop: PracticeShop) -> None:
    before = form.url
    await generate(form)
    await expect(form.locator(".wc-api-message.updated")).to_contain_text("API Key generated successfully.")
    assert form.url == before
    for field, start in (("#key_consumer_key", "ck_"), ("#key_consumer_secret", "cs_")):
        await expect(form.locator(field)).to_have_value(re.compile(f"^{start}[0-9a-f]{{40}}$"))
        await expect(form.locator(field)).to_have_accessible_name("")
        await expect(form.locator(field)).not_to_be_editable()
    assert (await form.locator("#key_consumer_key").input_value())[-7:] == shop.keys[0].truncated
    await expect(form.get_by_role("row", name="Consumer secret").get_by_role("button", name="Copy")).to_have_class(
        re.compile("copy-secret")
    )
    await expect(form.get_by_role("row", name="Consumer key").get_by_role("button", name="Copy")).to_have_class(
        re.compile("copy-key")
    )
    await expect(form.locator("#key_description")).to_have_count(0)
    await form.reload()
    await expect(form.locator("#key_consumer_key")).to_have_count(0)


async def test_the_code_stands_beside_the_keys_and_is_drawn(form: Page) -> None:
    await generate(form)
    picture = form.locator("#keys-qrcode img")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


async def test_a_cover_lies_over_the_result_and_goes_away(form: Page) -> None:
    await form.locator("#key_description").fill("Till")
    await form.evaluate(WATCH_FOR_THE_RESULT)
    await form.get_by_role("button", name="Generate API key").click()
    assert "blockUI" in await form.evaluate("() => window.onTopOfTheResult")
    await expect(form.locator(".blockUI")).to_have_count(0)
    await form.get_by_role("link", name="Revoke key").click()
    await expect(form.get_by_text("1 API key permanently revoked.")).to_be_visible()


async def test_the_form_is_never_there_without_its_script(form: Page, shop: PracticeShop) -> None:
    let_go = asyncio.Event()

    async def hold(route: Route) -> None:
        await let_go.wait()
        await route.continue_()

    await form.route("**/keys.js", hold)
    await form.goto(FORM, wait_until="commit")
    await expect(form.locator("#wpadminbar")).to_be_visible()
    await expect(form.locator("#key_description")).to_have_count(0)
    let_go.set()
    await generate(form)
    assert len(shop.keys) == 1


async def test_what_is_missing_is_said_and_nothing_typed_is_lost(form: Page, shop: PracticeShop) -> None:
    await form.locator("#key_permissions").select_option("write")
    await generate(form, "")
    await expect(form.locator(".wc-api-message.error")).to_have_text("Description is missing.")
    await expect(form.locator("#key_permissions")).to_have_value("write")
    await expect(form.locator(".blockUI")).to_have_count(0)
    assert shop.keys == ()


async def test_leaving_a_dirty_form_is_asked_about(form: Page) -> None:
    kinds = answering(form, leave=False)
    await form.locator("#key_description").press_sequentially("Till")
    async with form.expect_event("dialog"):
        await form.get_by_role("link", name="Webhooks").click(no_wait_after=True)
    await expect(form.locator("#key_description")).to_have_value("Till")
    assert kinds == ["beforeunload"]
    assert "create-key" in form.url


async def test_leaving_an_untouched_form_or_a_result_is_not(form: Page) -> None:
    kinds = answering(form, leave=True)
    await form.get_by_role("link", name="Webhooks").click()
    await expect(form.get_by_role("heading", name="Webhooks")).to_be_visible()
    await form.goto(FORM)
    await generate(form)
    await form.get_by_role("link", name="Webhooks").click()
    await expect(form.get_by_role("heading", name="Webhooks")).to_be_visible()
    assert kinds == []


async def test_row_actions_appear_when_pointed_at(form: Page, shop: PracticeShop) -> None:
    shop.make_key("Till", "admin", "read")
    await form.goto(KEYS)
    revoke = form.get_by_role("link", name="Revoke API key")
    await expect(revoke).not_to_be_in_viewport()
    await form.locator("#the-list tr").hover()
    await expect(revoke).to_be_in_viewport()
    await revoke.click()
    await expect(form.get_by_text("1 API key permanently revoked.")).to_be_visible()
    assert shop.keys == ()


async def test_revoking_in_bulk_is_asked_about(form: Page, shop: PracticeShop) -> None:
    kinds = answering(form, leave=True)
    for name in ("one", "two"):
        shop.make_key(name, "admin", "read")
    await form.goto(KEYS)
    await form.get_by_label("Select All").check()
    await form.get_by_label("Select bulk action").select_option("revoke")
    await form.get_by_role("button", name="Apply").click()
    await expect(form.get_by_text("2 API keys permanently revoked.")).to_be_visible()
    assert (kinds, shop.keys) == (["beforeunload"], ())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.EXPIRED_NONCE, "The link you followed has expired."),
        (Fault.ERROR_500, "There has been a critical error on this website."),
        (Fault.KEY_LIMIT, "You have reached the maximum number of API keys for this account."),
    ],
)
async def test_a_refusal_is_shown_on_the_form(form: Page, shop: PracticeShop, fault: Fault, words: str) -> None:
    shop.switch([fault])
    await generate(form)
    await expect(form.locator(".wc-api-message.error")).to_contain_text(words)
    await expect(form.locator("#key_description")).to_have_value("Till")


async def test_after_an_expired_form_the_way_out_leads_to_a_good_one(form: Page, shop: PracticeShop) -> None:
    answering(form, leave=True)
    shop.switch([Fault.EXPIRED_NONCE])
    await generate(form)
    await form.get_by_role("link", name="Please try again.").click()
    await expect(form.locator(".wc-api-message")).to_have_count(0)
    await generate(form)
    await expect(form.locator(".wc-api-message.updated")).to_be_visible()
    assert len(shop.keys) == 1


async def test_the_dialog_opens_while_the_settings_load(form: Page, shop: PracticeShop) -> None:
    kinds = answering(form, leave=True)
    shop.switch([Fault.DIALOG])
    await form.goto(KEYS)
    assert kinds == ["alert"]
