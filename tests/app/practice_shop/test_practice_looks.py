"""The practice shop can be shown to others: every page fits a wide screen and a phone, and no script of it fails."""

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import FORM, KEYS, SETTINGS, sign_in_by_hand

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUTSIDE = ("/", "/product/sampler-twelve-teas/", "/nope", "/wp-login.php", "/wp-login.php?action=lostpassword")
INSIDE = (
    "/wp-admin/",
    "/wp-admin/edit.php?post_type=product",
    "/wp-admin/users.php",
    "/wp-admin/options-general.php",
    "/wp-admin/admin.php?page=wc-admin",
    "/wp-admin/admin.php?page=wc-status",
    "/wp-admin/admin.php?page=nope",
    "/wp-login.php?action=confirm_admin_email",
    SETTINGS,
    f"{SETTINGS}&tab=advanced",
    KEYS,
    FORM,
    f"{KEYS}&edit-key=1",
)
SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


async def see(page: Page, places: tuple[str, ...]) -> list[str]:
    """Those of the places that are wider than the screen, or have no heading and no notice."""
    wrong = []
    for place in places:
        await page.goto(place)
        fits = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        says = await page.locator(
            "h1:visible, h2:visible, .notice:visible, .wp-die-message:visible, .logo:visible"
        ).count()
        if not (fits and says):
            wrong.append(place)
    return wrong


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_fits(chromium: Browser, shop: PracticeShop, size: str) -> None:
    shop.make_key("Till in the shop, which also prints the labels for the parcels", "manager", "read_write")
    broken: list[str] = []
    async with serve(shop) as address:
        context = await chromium.new_context(base_url=address, viewport=SIZES[size])
        page = await context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        assert await see(page, OUTSIDE) == []
        await sign_in_by_hand(page, shop)
        assert await see(page, INSIDE) == []
        shop.switch([Fault.RENAMED_LABELS])
        assert await see(page, (KEYS, FORM)) == []
        await context.close()
    assert broken == []


async def test_on_a_phone_the_settings_are_in_reach(chromium: Browser, shop: PracticeShop) -> None:
    async with serve(shop) as address:
        context = await chromium.new_context(base_url=address, viewport=SIZES["phone"], has_touch=True)
        page = await context.new_page()
        await sign_in_by_hand(page, shop)
        await page.locator("#adminmenu").get_by_role("link", name="WooCommerce").tap()
        await page.locator("#toplevel_page_woocommerce").get_by_role("link", name="Settings").tap()
        await page.get_by_role("link", name="Advanced").tap()
        await page.get_by_role("link", name="REST API keys").tap()
        await page.get_by_role("link", name="Add key").tap()
        await page.locator("#key_description").fill("Till")
        await page.get_by_role("button", name="Generate API key").tap()
        await page.locator("#keys-qrcode").wait_for()
        await context.close()
    assert [key.description for key in shop.keys] == ["Till"]
